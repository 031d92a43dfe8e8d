package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Stream;
import maskfeat.nn.Init;
import maskfeat.nn.RoiAlign;
import maskfeat.torch.Arrays;
import maskfeat.torch.Flops;
import maskfeat.torch.Generators;
import maskfeat.torch.Precision;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks that are computed a second time in the backward pass, against blocks that are not: every bit. */
class RecomputationTest {
    private static final int B = 3;
    private static final ClipSize CLIP = ClipSize.square(4, 32);
    private static final ClipSize IMAGE = ClipSize.image(32);
    private static final Vit.Config VIT = new Vit.Config(8, 2, 16, 4, 2, 4, 0.5);
    private static final Vit.Config PLAIN_VIT = new Vit.Config(8, 2, 16, 4, 2, 4, 0);
    private static final Vit.Config VIDEO_MAE =
            new Vit.Config(8, 2, 16, 3, 2, 4, 0.5, false, Vit.PositionKind.SINUSOID, 1e-6);
    private static final Mvit.Config MVIT = new Mvit.Config(8, 2, List.of(1, 2, 2), 4, true, false, true, 4, 0.5);
    private static final Mvit.Config PLAIN_MVIT = new Mvit.Config(8, 2, List.of(1, 2, 2), 4, false, true, false, 4, 0);

    /**
     * A network and the loss of a batch.
     *
     * @param microBatches of a step; contrastive learning has one
     */
    private record Case(
            String name, Function<Init, Network> network, Function<Network, Tensor> loss, int microBatches) {
        Case(String name, Function<Init, Network> network, Function<Network, Tensor> loss) {
            this(name, network, loss, 2);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** What a step leaves behind. */
    private record Step(Map<String, int[]> gradients, int loss, byte[] generator) {}

    private static Stream<Arguments> cases() {
        Stream<Case> clips = Stream.of(VIT, PLAIN_VIT, VIDEO_MAE, MVIT, PLAIN_MVIT)
                .flatMap(config -> Stream.of(
                        new Case(
                                "classes, " + config,
                                init -> new Classifier(
                                        config.build(CLIP, init),
                                        new Classifier.Head(Classifier.Pooling.MEAN, 0.5),
                                        5,
                                        init),
                                network -> of(((Classifier) network).forward(frames(1, CLIP)))),
                        new Case(
                                "hidden tokens, " + config,
                                init -> new MaskFeat(config.build(CLIP, init), 6, init),
                                network -> of(((MaskFeat) network)
                                        .forward(frames(1, CLIP), hidden(network), List.of(rows()))
                                        .get(0))),
                        new Case(
                                "hidden tokens after three blocks, " + config,
                                init -> new MaskFeat(
                                        config.build(CLIP, init),
                                        List.of(
                                                new MaskFeat.Depth(0, 6),
                                                new MaskFeat.Depth(1, 4),
                                                new MaskFeat.Depth(2, 3),
                                                new MaskFeat.Depth(config.depth() - 1, 2)),
                                        init),
                                network -> ((MaskFeat) network)
                                                .forward(
                                                        frames(1, CLIP),
                                                        hidden(network),
                                                        List.of(rows(), rows(), rows(), rows()))
                                                .stream()
                                                .map(RecomputationTest::of)
                                                .reduce(Tensor::add)
                                                .orElseThrow()),
                        new Case(
                                "boxes, " + config,
                                init -> new Detector(config.build(CLIP, init), 0.5, 4, init),
                                network -> of(((Detector) network)
                                        .forward(
                                                frames(1, CLIP),
                                                List.of(
                                                        new RoiAlign.Region(0, 1, 2, 20, 30),
                                                        new RoiAlign.Region(2, 5, 5, 31, 17)))))));
        Case contrast = new Case(
                "contrast",
                init -> new Contrast(new Vit.Config(8, 1, 16, 3, 2, 4, 0.5), IMAGE, new Contrast.Widths(24, 8), init),
                network -> of(((Contrast) network).forward(frames(1, IMAGE)))
                        .add(of(((Contrast) network).forward(frames(2, IMAGE)))),
                1);
        return Stream.concat(clips, Stream.of(contrast))
                .flatMap(each -> Stream.of(Precision.FLOAT32, Precision.BFLOAT16)
                        .map(precision -> Arguments.of(each, precision)));
    }

    private static Tensor frames(long seed, ClipSize size) {
        return RandomTensors.normal(seed, B, 3, size.frames(), size.height(), size.width());
    }

    /** A third of the tokens. */
    private static Tensor hidden(Network network) {
        int tokens = network.backbone().config().embedGrid(CLIP).size();
        boolean[] hidden = new boolean[B * tokens];
        for (int i = 0; i < hidden.length; i += 3) {
            hidden[i] = true;
        }
        return Arrays.tensor(hidden, B, tokens).to(ScalarType.Bool);
    }

    /** Of any grid here, the smallest of which has 2 tokens a clip. */
    private static Tensor rows() {
        return Arrays.tensor(new long[] {0, 2, 3, 5}, 4);
    }

    /** A loss whose gradient is another one at each number. */
    private static Tensor of(Tensor output) {
        return output.mul(RandomTensors.normal(7, output.shape()))
                .sum()
                .add(output.mul(output).mean());
    }

    private static int[] bits(Tensor tensor) {
        float[] values = Arrays.floats(tensor);
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(values[i]);
        }
        return bits;
    }

    private static Network network(Case each, Precision precision, boolean recompute) {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(4)) {
            Network network = each.network.apply(init);
            RandomTensors.addNoise(network.parameters(), 0.3, 5);
            network.backbone().compute(precision, Precision.FLOAT32);
            network.backbone().recompute(recompute);
            return network;
        }
    }

    private static Step step(Case each, Precision precision, boolean recompute) {
        Generators.seed(11);
        try (Network network = network(each, precision, recompute)) {
            int loss = 0;
            for (int micro = 0; micro < each.microBatches; micro++) {
                try (PointerScope scope = new PointerScope()) {
                    Tensor value = each.loss.apply(network);
                    value.backward();
                    loss = bits(value)[0];
                }
            }
            try (PointerScope scope = new PointerScope()) {
                Map<String, int[]> gradients = new LinkedHashMap<>();
                network.parameters().forEach((name, parameter) -> {
                    if (parameter.requires_grad()) {
                        gradients.put(name, bits(parameter.grad()));
                    }
                });
                return new Step(gradients, loss, Generators.state());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyGradientHasTheSameBits(Case each, Precision precision) {
        Step plain = step(each, precision, false);
        Step recomputed = step(each, precision, true);
        assertThat(plain.gradients).hasSizeGreaterThan(20);
        plain.gradients.forEach((name, gradient) -> {
            assertThat(gradient).as(name).isNotEqualTo(new int[gradient.length]);
            assertThat(recomputed.gradients.get(name)).as(name).isEqualTo(gradient);
        });
        assertThat(recomputed.loss).isEqualTo(plain.loss);
        assertThat(recomputed.generator).isEqualTo(plain.generator);
    }

    /** They say what training costs, not how it is done. */
    @ParameterizedTest
    @MethodSource("cases")
    void operationsAreCountedOnce(Case each, Precision precision) {
        double[] flops = new double[2];
        for (int i = 0; i < 2; i++) {
            try (Network network = network(each, precision, i == 1);
                    PointerScope scope = new PointerScope()) {
                flops[i] = Flops.of(() -> {
                    Object unused = each.loss.apply(network);
                });
            }
        }
        assertThat(flops[1]).isEqualTo(flops[0]).isPositive();
    }

    /** The graph then reaches back from the output to the network's input alone. */
    @Test
    void noBlockIsRecordedBeforeTheBackwardPass() {
        Case each = (Case) cases().findFirst().orElseThrow().get()[0];
        try (Network network = network(each, Precision.FLOAT32, true);
                PointerScope scope = new PointerScope()) {
            Backbone backbone = network.backbone();
            Tensor output = backbone.encode(backbone.embed(frames(1, CLIP))).x();
            assertThat(output.requires_grad()).isTrue();
            Tensor norm = requireNonNull(network.parameters().get("blocks.1.norm1.weight"));
            assertThat(norm.grad().defined()).isFalse();
            of(output).backward();
            assertThat(norm.grad().defined()).isTrue();
        }
    }

    /** As on a card: its backward pass runs on a thread of its own, and what nobody holds there is collected. */
    @Test
    void aThreadWithoutAScopeMayGoBack() throws Exception {
        Case each = (Case) cases().findFirst().orElseThrow().get()[0];
        Map<String, float[]> expected = Map.of();
        for (boolean recompute : new boolean[] {false, true}) {
            try (Network network = network(each, Precision.FLOAT32, recompute);
                    PointerScope scope = new PointerScope()) {
                Generators.seed(3);
                Tensor loss = each.loss.apply(network);
                AtomicReference<Throwable> failure = new AtomicReference<>();
                Thread other = new Thread(loss::backward);
                other.setUncaughtExceptionHandler((thread, error) -> failure.set(error));
                other.start();
                while (other.isAlive()) {
                    System.gc();
                    other.join(1);
                }
                assertThat(failure.get()).isNull();
                Map<String, float[]> gradients = new LinkedHashMap<>();
                network.parameters().forEach((name, value) -> gradients.put(name, Arrays.floats(value.grad())));
                if (recompute) {
                    assertThat(gradients).usingRecursiveComparison().isEqualTo(expected);
                }
                expected = gradients;
            }
        }
    }

    @Test
    void inUseNothingIsDifferent() {
        Case each = (Case) cases().findFirst().orElseThrow().get()[0];
        try (Network network = network(each, Precision.FLOAT32, true);
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            int[] with = network.inUse(() -> bits(each.loss.apply(network)));
            network.backbone().recompute(false);
            assertThat(network.inUse(() -> bits(each.loss.apply(network)))).isEqualTo(with);
        }
    }
}
