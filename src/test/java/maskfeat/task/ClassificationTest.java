package maskfeat.task;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import maskfeat.augment.Box;
import maskfeat.augment.Erased;
import maskfeat.augment.Mix;
import maskfeat.augment.Normalize;
import maskfeat.data.LabelledClip;
import maskfeat.data.Seeds;
import maskfeat.media.Frames;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.model.Vit;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.torch.Handles;
import maskfeat.torch.RandomTensors;
import maskfeat.train.Task;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClassificationTest {
    private static final int CLASSES = 5;
    private static final int T = 2;
    private static final int SIDE = 16;
    private static final int B = 4;
    private static final Seeds SEEDS = new Seeds(42);
    private static final Mix MIXUP = new Mix(0.8, 0, 0.5, 1, 0);
    private static final Mix CUTMIX = new Mix(0, 1, 0.5, 1, 0);
    private static final float[] WEIGHTS = {0.5f, 2, 0, 1.25f, 1};

    private Classifier model;

    @BeforeEach
    void build() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1)) {
            model = new Classifier(
                    new Vit.Config(8, 2, 8, 2, 2, 0.5).build(ClipSize.square(T, SIDE), init),
                    Classifier.Head.mean(),
                    CLASSES,
                    init);
        }
        RandomTensors.addNoise(model.parameters(), 0.3, 3);
        model.train(false); // else drop path draws
    }

    @AfterEach
    void close() {
        model.close();
    }

    private Classification task(Classification.Objective objective) {
        return new Classification(model, CLASSES, Normalize.IMAGENET, objective, SEEDS, new Device("cpu"));
    }

    /** Noise; every second one with a part erased, each another. */
    private static List<LabelledClip> samples(boolean erased) {
        List<LabelledClip> samples = new ArrayList<>();
        for (int b = 0; b < B; b++) {
            Random random = new Random(b);
            byte[] rgb = new byte[T * SIDE * SIDE * Frames.CHANNELS];
            random.nextBytes(rgb);
            Optional<Erased> hidden = Optional.empty();
            if (erased && b % 2 == 0) {
                Box box = new Box(1 + b, 2, 5, 9);
                float[] noise = new float[T * box.height() * box.width() * Frames.CHANNELS];
                for (int i = 0; i < noise.length; i++) {
                    noise[i] = (float) random.nextGaussian();
                }
                hidden = Optional.of(new Erased(box, noise));
            }
            samples.add(new LabelledClip(new Frames(T, SIDE, SIDE, rgb), (3 * b + 1) % CLASSES, hidden));
        }
        return samples;
    }

    /** What the network must see: [3, T, H, W], normalised, erased, not mixed. */
    private static double[] pixels(LabelledClip sample) {
        double[] pixels = new double[Frames.CHANNELS * T * SIDE * SIDE];
        for (int c = 0; c < Frames.CHANNELS; c++) {
            for (int t = 0; t < T; t++) {
                for (int y = 0; y < SIDE; y++) {
                    for (int x = 0; x < SIDE; x++) {
                        int value = sample.frames().rgb()[sample.frames().at(t, y, x) + c] & 0xFF;
                        pixels[at(c, t, y, x)] =
                                (value / 255.0 - Normalize.IMAGENET.mean().get(c))
                                        / Normalize.IMAGENET.std().get(c);
                    }
                }
            }
        }
        sample.erased().ifPresent(erased -> {
            Box box = erased.box();
            for (int i = 0; i < erased.noise().length; i++) { // [T, h, w, 3]
                int c = i % 3;
                int x = i / 3 % box.width();
                int y = i / 3 / box.width() % box.height();
                int t = i / 3 / box.width() / box.height();
                pixels[at(c, t, box.top() + y, box.left() + x)] = erased.noise()[i];
            }
        });
        return pixels;
    }

    private static int at(int c, int t, int y, int x) {
        return ((c * T + t) * SIDE + y) * SIDE + x;
    }

    private static Mix.Draw draw(Classification.Objective objective, long step, int microBatch) {
        return objective
                .mix()
                .map(mix -> mix.draw(SIDE, SIDE, SEEDS.of(Seeds.Purpose.MIX, step, microBatch)))
                .orElse(new Mix.Draw(1, Optional.empty()));
    }

    /** Logits, [B * classes], for pixels that are put together one by one. */
    private float[] logits(List<LabelledClip> samples, Mix.Draw draw) {
        int clip = Frames.CHANNELS * T * SIDE * SIDE;
        float[] all = new float[B * clip];
        for (int b = 0; b < B; b++) {
            double[] own = pixels(samples.get(b));
            double[] other = pixels(samples.get(B - 1 - b));
            for (int i = 0; i < clip; i++) {
                int x = i % SIDE;
                int y = i / SIDE % SIDE;
                double mixed = draw.share() * own[i] + (1 - draw.share()) * other[i];
                if (draw.box().isPresent()) {
                    Box box = draw.box().get();
                    boolean inside = y >= box.top()
                            && y < box.top() + box.height()
                            && x >= box.left()
                            && x < box.left() + box.width();
                    mixed = inside ? other[i] : own[i];
                }
                all[b * clip + i] = (float) mixed;
            }
        }
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            return Arrays.floats(model.forward(Arrays.tensor(all, B, Frames.CHANNELS, T, SIDE, SIDE)));
        }
    }

    private static double crossEntropy(
            float[] logits, List<LabelledClip> samples, Mix.Draw draw, Classification.Objective objective) {
        double loss = 0;
        for (int b = 0; b < B; b++) {
            double sum = 0;
            for (int c = 0; c < CLASSES; c++) {
                sum += Math.exp(logits[b * CLASSES + c]);
            }
            for (int c = 0; c < CLASSES; c++) {
                double own = samples.get(b).label() == c ? 1 : 0;
                double other = samples.get(B - 1 - b).label() == c ? 1 : 0;
                double hard = draw.share() * own + (1 - draw.share()) * other;
                double soft = (1 - objective.smoothing()) * hard + objective.smoothing() / CLASSES;
                double weight = objective.classWeights().isPresent()
                        ? objective.classWeights().get()[c]
                        : 1;
                loss -= soft * weight * (logits[b * CLASSES + c] - Math.log(sum)) / B;
            }
        }
        return loss;
    }

    static List<Classification.Objective> objectives() {
        Optional<float[]> weights = Optional.of(WEIGHTS);
        return List.of(
                Classification.Objective.plain(),
                new Classification.Objective(0.1, Optional.empty(), Optional.empty()),
                new Classification.Objective(0, weights, Optional.empty()),
                new Classification.Objective(0, Optional.empty(), Optional.of(MIXUP)),
                new Classification.Objective(0, Optional.empty(), Optional.of(CUTMIX)),
                new Classification.Objective(0.3, weights, Optional.of(MIXUP)),
                new Classification.Objective(0.1, Optional.empty(), Optional.of(Mix.OFFICIAL)));
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void theLossIsTheCrossEntropyOfMixedPixelsAndMixedSmoothedLabels(Classification.Objective objective) {
        Classification task = task(objective);
        boolean mixes = false;
        for (int step = 0; step < 4; step++) {
            List<LabelledClip> samples = samples(step % 2 == 1);
            Mix.Draw draw = draw(objective, step, 0);
            mixes |= draw.share() < 1;
            double expected = crossEntropy(logits(samples, draw), samples, draw, objective);
            try (PointerScope scope = new PointerScope()) {
                Task.Outcome outcome = task.loss(Samplings.batch(step, 0, samples));
                assertThat(outcome.loss().dim()).isZero();
                assertThat((double) outcome.loss().item_float())
                        .isCloseTo(expected, within(2e-5 * expected)); // a network in float32
                assertThat(outcome.baseline()).isNaN();
            }
        }
        assertThat(mixes).isEqualTo(objective.mix().isPresent());
    }

    @ParameterizedTest
    @MethodSource("objectives")
    void accuracyCountsBothLabelsOfAMixedSampleByTheirShare(Classification.Objective objective) {
        List<LabelledClip> samples = samples(false);
        for (int step = 0; step < 4; step++) {
            Mix.Draw draw = draw(objective, step, 0);
            float[] logits = logits(samples, draw);
            double hits = 0;
            for (int b = 0; b < B; b++) {
                int top = 0;
                for (int c = 1; c < CLASSES; c++) {
                    top = logits[b * CLASSES + c] > logits[b * CLASSES + top] ? c : top;
                }
                hits += samples.get(b).label() == top ? draw.share() : 0;
                hits += samples.get(B - 1 - b).label() == top ? 1 - draw.share() : 0;
            }
            try (PointerScope scope = new PointerScope()) {
                assertThat(task(objective)
                                .loss(Samplings.batch(step, 0, samples))
                                .extra()
                                .get("train/top1"))
                        .isCloseTo(100 * hits / B, within(1e-9));
            }
        }
    }

    /** So that micro-batches of another size change nothing. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void groupsAreMixedLikeMicroBatchesOfTheirSize(int group) {
        List<LabelledClip> samples = new ArrayList<>();
        while (samples.size() < 6) {
            samples.addAll(samples(true));
        }
        samples.subList(6, samples.size()).clear();
        Mix whole = Mix.OFFICIAL;
        Classification grouped =
                task(new Classification.Objective(0.1, Optional.empty(), Optional.of(whole.inGroupsOf(group))));
        Classification ungrouped = task(new Classification.Objective(0.1, Optional.empty(), Optional.of(whole)));
        int groups = 6 / group;
        for (int micro = 0; micro < 2; micro++) {
            try (PointerScope scope = new PointerScope()) {
                Task.Outcome together = grouped.loss(Samplings.batch(3, micro, samples));
                double loss = 0;
                double top1 = 0;
                for (int g = 0; g < groups; g++) {
                    Task.Outcome one = ungrouped.loss(
                            Samplings.batch(3, micro * groups + g, samples.subList(g * group, (g + 1) * group)));
                    loss += one.loss().item_float() / groups;
                    top1 += requireNonNull(one.extra().get("train/top1")) / groups;
                }
                assertThat((double) together.loss().item_float()).isCloseTo(loss, within(1e-5));
                assertThat(requireNonNull(together.extra().get("train/top1"))).isCloseTo(top1, within(1e-9));
            }
        }
    }

    @Test
    void mixingDependsOnStepAndMicroBatchAlone() {
        Classification task = task(new Classification.Objective(0, Optional.empty(), Optional.of(MIXUP)));
        float first = loss(task, 3, 0);
        assertThat(loss(task, 3, 0)).isEqualTo(first);
        assertThat(loss(task, 3, 1)).isNotEqualTo(first);
        assertThat(loss(task, 4, 0)).isNotEqualTo(first);
    }

    private static float loss(Classification task, long step, int microBatch) {
        try (PointerScope scope = new PointerScope()) {
            return task.loss(Samplings.batch(step, microBatch, samples(false)))
                    .loss()
                    .item_float();
        }
    }

    @Test
    void theLossReachesEveryParameter() {
        try (PointerScope scope = new PointerScope()) {
            Classification task = task(Classification.Objective.plain());
            task.loss(Samplings.batch(0, 0, samples(true))).loss().backward();
            assertThat(task.parameters()).isEqualTo(model.parameters());
            task.parameters()
                    .forEach((name, parameter) -> assertThat(
                                    parameter.grad().abs().sum().item_float())
                            .as(name)
                            .isPositive());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void scoresAreProbabilitiesWithoutDropPathAndLeaveTrainingAsItWas(boolean training) {
        List<LabelledClip> samples = samples(false);
        float[] logits = logits(samples, new Mix.Draw(1, Optional.empty()));
        model.train(training);
        List<float[]> scores = task(Classification.Objective.plain())
                .scores(samples.stream().map(LabelledClip::frames).toList());
        assertThat(model.training()).isEqualTo(training);
        assertThat(scores).hasSize(B);
        for (int b = 0; b < B; b++) {
            double sum = 0;
            for (int c = 0; c < CLASSES; c++) {
                sum += Math.exp(logits[b * CLASSES + c]);
            }
            assertThat(scores.get(b)).hasSize(CLASSES);
            for (int c = 0; c < CLASSES; c++) {
                assertThat((double) scores.get(b)[c]).isCloseTo(Math.exp(logits[b * CLASSES + c]) / sum, within(1e-5));
            }
        }
    }

    @Test
    void stepsAndScoresLeaveNoHandlesBehind() throws InterruptedException {
        Classification task = task(new Classification.Objective(0.1, Optional.of(WEIGHTS), Optional.of(Mix.OFFICIAL)));
        step(task, 0);
        long before = Handles.settled();
        for (int i = 0; i < 10; i++) {
            step(task, i);
        }
        assertThat(Handles.now()).isLessThanOrEqualTo(before);
    }

    private void step(Classification task, long step) {
        try (PointerScope scope = new PointerScope()) {
            task.loss(Samplings.batch(step, 0, samples(true))).loss().backward();
            model.parameters()
                    .values()
                    .forEach(parameter -> parameter.mutable_grad().reset());
        }
        task.scores(samples(false).stream().map(LabelledClip::frames).toList());
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void smoothingOutsideItsRangeIsRefused(double smoothing) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Classification.Objective(smoothing, Optional.empty(), Optional.empty()))
                .withMessage("smoothing " + smoothing + " must be at least 0 and below 1");
    }
}
