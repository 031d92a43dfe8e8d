package maskfeat.network;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.TimedClip;
import maskfeat.model.Backbone;
import maskfeat.model.ClipSize;
import maskfeat.model.Detector;
import maskfeat.model.Mvit;
import maskfeat.model.Positions;
import maskfeat.model.Vit;
import maskfeat.nn.RoiAlign;
import maskfeat.torch.Arrays;
import maskfeat.torch.Generators;
import maskfeat.torch.Precision;
import maskfeat.torch.Scopes;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One set of weights for clips of every size. */
class DetectorSizesTest {
    private static final List<RoiAlign.Region> BOXES = List.of(new RoiAlign.Region(0, 3, 4, 20, 28));

    private static NetworkSpec spec(String kind) {
        Backbone.Config config = kind.equals("vit")
                ? new Vit.Config(16, 2, 16, 2, 2, 4, 0)
                : new Mvit.Config(8, 1, List.of(1, 1), 2, true, false, true, 4, 0);
        Input input = new Input(new TimedClip(4, 2, 25), 32, 32, Resize.Filter.BILINEAR, Normalize.KINETICS);
        return new NetworkSpec(input, config, new ActionHead(0, List.of("walk", "run"), List.of(1, 2)));
    }

    private static Tensor clip(int height, int width) {
        return Generators.normal(Generators.seeded(3), 1, 1, 3, 4, height, width);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vit", "mvit"})
    void anotherSizeFollowsTheWeights(String kind) {
        NetworkSpec spec = spec(kind);
        Device cpu = new Device("cpu");
        ClipSize wide = new ClipSize(4, 32, 64);
        try (PointerScope scope = new PointerScope();
                Detector network = (Detector) spec.build(1, cpu);
                DetectorSizes sizes = new DetectorSizes(spec, network, 2, cpu)) {
            network.train(false);
            assertThat(sizes.at(spec.size())).isSameAs(network);
            float[] before = scores(sizes.at(wide), clip(32, 64));
            assertThat(before).hasSize(2).doesNotContain(Float.NaN);
            // In place, as an optimizer does.
            Scopes.withoutGradients(() -> {
                network.parameters().values().forEach(each -> each.mul_(new Scalar(1.5)));
                return before;
            });
            sizes.refresh();
            float[] after = scores(sizes.at(wide), clip(32, 64));
            assertThat(after).isNotEqualTo(before);
            try (DetectorSizes fresh = new DetectorSizes(spec, network, 2, cpu)) {
                assertThat(scores(fresh.at(wide), clip(32, 64))).containsExactly(after);
            }
        }
    }

    @Test
    void anotherSizeMultipliesInTheSamePrecision() {
        NetworkSpec spec = spec("mvit");
        Device cpu = new Device("cpu");
        ClipSize wide = new ClipSize(4, 32, 64);
        try (PointerScope scope = new PointerScope();
                Detector network = (Detector) spec.build(1, cpu);
                DetectorSizes sizes = new DetectorSizes(spec, network, 2, cpu)) {
            network.train(false);
            float[] float32 = scores(sizes.at(wide), clip(32, 64));
            network.backbone().compute(Precision.FLOAT32, Precision.BFLOAT16);
            assertThat(scores(sizes.at(wide), clip(32, 64))).isNotEqualTo(float32);
            network.backbone().compute(Precision.BFLOAT16, Precision.FLOAT32);
            assertThat(scores(sizes.at(wide), clip(32, 64))).isEqualTo(float32);
        }
    }

    /** Put together by hand: the same values but for positions, which are resized by the rules of {@code Positions}. */
    @ParameterizedTest
    @ValueSource(strings = {"vit", "mvit"})
    void anotherSizeIsTheNetworkOfThatSizeWithResizedPositions(String kind) {
        NetworkSpec spec = spec(kind);
        Device cpu = new Device("cpu");
        ClipSize wide = new ClipSize(4, 32, 64);
        try (PointerScope scope = new PointerScope();
                Detector network = (Detector) spec.build(1, cpu);
                DetectorSizes sizes = new DetectorSizes(spec, network, 2, cpu);
                Detector byHand = NetworkSpec.on(
                        cpu, 9, init -> new Detector(spec.backbone().build(wide, init), 0, 2, init))) {
            network.train(false);
            byHand.train(false);
            Scopes.withoutGradients(() -> {
                byHand.parameters().forEach((name, to) -> {
                    Tensor from = requireNonNull(network.parameters().get(name));
                    to.copy_(
                            name.equals("pos_embed")
                                    ? Positions.absolute(
                                            from,
                                            spec.backbone().embedGrid(spec.size()),
                                            spec.backbone().embedGrid(wide))
                                    : name.contains("rel_pos") ? Positions.relative(from, to.size(0)) : from);
                });
                return kind;
            });
            assertThat(scores(sizes.at(wide), clip(32, 64))).containsExactly(scores(byHand, clip(32, 64)));
        }
    }

    private static float[] scores(Detector network, Tensor clip) {
        return Scopes.withoutGradients(() -> Arrays.floats(network.forward(clip, BOXES)));
    }
}
