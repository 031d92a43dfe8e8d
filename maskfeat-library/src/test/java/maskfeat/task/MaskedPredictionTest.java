package maskfeat.task;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.augment.Normalize;
import maskfeat.data.Batch;
import maskfeat.data.MaskedClip;
import maskfeat.feature.PixelTarget;
import maskfeat.feature.Target;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.model.ClipSize;
import maskfeat.model.MaskFeat;
import maskfeat.model.Vit;
import maskfeat.network.Targets;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.torch.Generators;
import maskfeat.torch.Handles;
import maskfeat.torch.RandomTensors;
import maskfeat.train.Task;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MaskedPredictionTest {
    private static final int SIDE = 16;
    private static final int TOKENS = 16;
    private static final int DIM = 27;

    private MaskFeat model;
    private MaskedPrediction task;
    private Batch<MaskedClip> batch;

    @BeforeEach
    void build() {
        try (Init init = new Init(1)) {
            model = new MaskFeat(new Vit.Config(4, 1, 8, 2, 2, 4, 0.5).build(ClipSize.image(SIDE), init), DIM, init);
        }
        RandomTensors.addNoise(model.parameters(), 0.2, 3);
        task = new MaskedPrediction(model, Normalize.IMAGENET, Samplings.targets(Grid.of(4, 4), 4), new Device("cpu"));
        List<MaskedClip> samples = new ArrayList<>();
        for (int seed = 0; seed < 4; seed++) {
            samples.add(Samplings.sample(SIDE, TOKENS, DIM, seed));
        }
        batch = Samplings.batch(samples);
    }

    private int hiddenCount() {
        return batch.contents().stream().mapToInt(MaskedClip::hiddenCount).sum();
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void theLossIsTheMeanSquaredErrorOfThePredictionsForHiddenTokens() {
        model.train(false);
        double squares = 0;
        int count = 0;
        List<float[]> predictions = task.predict(batch.contents());
        for (int b = 0; b < batch.size(); b++) {
            MaskedClip sample = batch.contents().get(b);
            int row = 0;
            for (int token = 0; token < TOKENS; token++) {
                if (sample.hidden()[token]) {
                    for (int i = 0; i < DIM; i++) {
                        double difference = predictions.get(b)[token * DIM + i]
                                - (double) sample.targets().get(0)[row * DIM + i];
                        squares += difference * difference;
                        count++;
                    }
                    row++;
                }
            }
        }
        try (PointerScope scope = new PointerScope()) {
            Task.Outcome outcome = task.loss(batch);
            assertThat(outcome.loss().dim()).isZero();
            assertThat((double) outcome.loss().item_float())
                    .isCloseTo(squares / count, within(1e-5 * squares / count)); // float32 in another order
            assertThat(outcome.extra()).hasSize(1);
            assertThat(outcome.extra().get("train/mask_ratio"))
                    .isEqualTo((double) hiddenCount() / (batch.size() * TOKENS));
        }
    }

    @Test
    void theLossesOfSeveralDepthsAreAdded() {
        Grid grid = Grid.of(4, 4);
        Target hog = Samplings.targets(grid, 4).last().target();
        Targets both = new Targets(grid, List.of(new Targets.Depth(0, grid, hog), new Targets.Depth(1, grid, hog)));
        List<MaskedClip> samples = new ArrayList<>();
        for (MaskedClip sample : batch.contents()) {
            float[] features = sample.targets().get(0);
            samples.add(new MaskedClip(sample.frames(), sample.hidden(), List.of(features, features)));
        }
        try (Init init = new Init(1);
                MaskFeat deep = new MaskFeat(
                        new Vit.Config(4, 1, 8, 2, 2, 4, 0).build(ClipSize.image(SIDE), init), both.heads(), init);
                PointerScope scope = new PointerScope()) {
            RandomTensors.addNoise(deep.parameters(), 0.2, 3);
            MaskedPrediction twice = new MaskedPrediction(deep, Normalize.IMAGENET, both, new Device("cpu"));
            Task.Outcome outcome = twice.loss(Samplings.batch(samples));
            double second = Reconstruction.of(twice, List.of(samples.get(0)))
                    .get(0)
                    .get(0)
                    .loss();
            assertThat(second).isPositive();
            assertThat(outcome.baseline()).isCloseTo(2 * task.loss(batch).baseline(), within(1e-9));
            outcome.loss().backward();
            deep.parameters()
                    .forEach((name, parameter) -> assertThat(
                                    parameter.grad().abs().sum().item_float())
                            .as(name)
                            .isPositive());
        }
    }

    @Test
    void theLossesOfSeveralTargetsOfABlockAreWeightedAndReportedApart() {
        Grid grid = Grid.of(4, 4);
        Target hog = Samplings.hog(4);
        Target pixels = new PixelTarget.Config(false).build(Normalize.IMAGENET, 4);
        Targets both =
                new Targets(grid, List.of(new Targets.Depth(1, grid, hog, 1), new Targets.Depth(1, grid, pixels, 0.5)));
        List<MaskedClip> samples = new ArrayList<>();
        for (MaskedClip sample : batch.contents()) {
            samples.add(new MaskedClip(sample.frames(), sample.hidden(), both.of(sample.frames(), sample.hidden())));
        }
        try (Init init = new Init(1);
                MaskFeat deep = new MaskFeat(
                        new Vit.Config(4, 1, 8, 2, 2, 4, 0).build(ClipSize.image(SIDE), init), both.heads(), init);
                PointerScope scope = new PointerScope()) {
            RandomTensors.addNoise(deep.parameters(), 0.2, 3);
            MaskedPrediction twice = new MaskedPrediction(deep, Normalize.IMAGENET, both, new Device("cpu"));
            Task.Outcome outcome = twice.loss(Samplings.batch(samples));
            Map<String, Double> extra = outcome.extra();
            assertThat(extra)
                    .containsOnlyKeys(
                            "train/mask_ratio",
                            "train/loss_hog",
                            "train/loss_pixels",
                            "train/baseline_hog",
                            "train/baseline_pixels");
            assertThat((double) outcome.loss().item_float())
                    .isCloseTo(
                            number(extra, "train/loss_hog") + 0.5 * number(extra, "train/loss_pixels"), within(1e-6));
            assertThat(outcome.baseline())
                    .isCloseTo(
                            number(extra, "train/baseline_hog") + 0.5 * number(extra, "train/baseline_pixels"),
                            within(1e-9));
            // Pictures of the last block show each target, as its own loss on one clip says.
            List<Reconstruction> drawn =
                    Reconstruction.of(twice, List.of(samples.get(0))).get(0);
            assertThat(drawn).extracting(Reconstruction::name).containsExactly("hog", "pixels");
            Map<String, Double> alone =
                    twice.loss(Samplings.batch(samples.subList(0, 1))).extra();
            assertThat(drawn.get(0).loss()).isCloseTo(number(alone, "train/loss_hog"), within(1e-5));
            assertThat(drawn.get(1).loss()).isCloseTo(number(alone, "train/loss_pixels"), within(1e-4));
            outcome.loss().backward();
            deep.parameters()
                    .forEach((name, parameter) -> assertThat(
                                    parameter.grad().abs().sum().item_float())
                            .as(name)
                            .isPositive());
        }
    }

    private static double number(Map<String, Double> values, String tag) {
        return requireNonNull(values.get(tag), tag);
    }

    @Test
    void theLossReachesEveryParameter() {
        model.train(false); // else drop path may cut one off
        try (PointerScope scope = new PointerScope()) {
            task.loss(batch).loss().backward();
            assertThat(task.parameters()).isEqualTo(model.parameters());
            task.parameters().forEach((name, parameter) -> {
                Tensor gradient = parameter.grad();
                assertThat(gradient.defined()).as(name).isTrue();
                assertThat(gradient.abs().sum().item_float()).as(name).isPositive();
            });
        }
    }

    @Test
    void theBaselineIsTheLossOfPredictingTheMeanOfTheBatch() {
        double[] mean = new double[DIM];
        for (MaskedClip sample : batch.contents()) {
            for (int i = 0; i < sample.targets().get(0).length; i++) {
                mean[i % DIM] += sample.targets().get(0)[i] / (double) hiddenCount();
            }
        }
        double squares = 0;
        for (MaskedClip sample : batch.contents()) {
            for (int i = 0; i < sample.targets().get(0).length; i++) {
                squares += Math.pow(sample.targets().get(0)[i] - mean[i % DIM], 2);
            }
        }
        try (PointerScope scope = new PointerScope()) {
            assertThat(task.loss(batch).baseline()).isCloseTo(squares / (hiddenCount() * DIM), within(1e-9));
        }
    }

    @Test
    void aSampleWeighsAsMuchAsItHides() {
        double sum = 0;
        for (MaskedClip sample : batch.contents()) {
            assertThat(task.weight(sample)).isEqualTo(sample.hiddenCount());
            sum += task.weight(sample);
        }
        assertThat(sum).isEqualTo(hiddenCount());
    }

    @Test
    void weightedLossesOfPartsAddUpToThatOfTheWhole() {
        model.train(false);
        try (PointerScope scope = new PointerScope()) {
            double whole = task.loss(batch).loss().item_float();
            double parts = 0;
            for (MaskedClip sample : batch.contents()) {
                parts += task.loss(Samplings.batch(List.of(sample))).loss().item_float()
                        * task.weight(sample)
                        / hiddenCount();
            }
            assertThat(parts).isCloseTo(whole, within(1e-6 * whole));
        }
    }

    @Test
    void predictingDropsNothingDrawsNothingAndLeavesTheModeAsItWas() {
        model.train(false);
        List<float[]> calm = task.predict(batch.contents());
        assertThat(model.training()).isFalse();
        model.train(true);
        byte[] generator = Generators.state();
        List<float[]> predictions = task.predict(batch.contents());
        assertThat(Generators.state()).isEqualTo(generator);
        assertThat(model.training()).isTrue();
        assertThat(model.backbone().training()).isTrue();
        assertThat(predictions).hasSize(batch.size());
        for (int b = 0; b < batch.size(); b++) {
            assertThat(predictions.get(b)).hasSize(TOKENS * DIM).isEqualTo(calm.get(b));
        }
        model.parameters()
                .values()
                .forEach(parameter -> assertThat(parameter.grad().defined()).isFalse());
    }

    @Test
    void theModeIsPutBackWhereAPredictionFails() {
        MaskedClip wrong = Samplings.sample(2 * SIDE, TOKENS, DIM, 1);
        assertThatIllegalArgumentException().isThrownBy(() -> task.predict(List.of(wrong)));
        assertThat(model.training()).isTrue();
    }

    @Test
    void predictingLeavesNothingBehind() throws InterruptedException {
        task.predict(batch.contents());
        long before = Handles.settled();
        for (int i = 0; i < 10; i++) {
            task.predict(batch.contents());
        }
        assertThat(Handles.now()).isLessThanOrEqualTo(before);
    }

    @Test
    void clipsOfDifferentSizeAreRefused() {
        MaskedClip small = new MaskedClip(Samplings.noise(8, 8, 1), new boolean[TOKENS], List.of(new float[0]));
        Batch<MaskedClip> mixed = Samplings.batch(List.of(batch.contents().get(0), small));
        try (PointerScope scope = new PointerScope()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> task.loss(mixed))
                    .withMessage("clips of a batch differ in size: 1 x 16 x 16, 1 x 8 x 8");
        }
    }

    /** What the network sees is what its targets are computed from: the same rounding, to the bit. */
    @Test
    void pixelsAreNormalisedAsTheTableSays() {
        byte[] rgb = new byte[256 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i / 3);
        }
        Frames ramp = Frames.image(16, 16, rgb);
        try (PointerScope scope = new PointerScope()) {
            Tensor seen = new Pixels(Normalize.IMAGENET, new Device("cpu")).of(List.of(ramp, ramp));
            assertThat(seen.shape()).containsExactly(2, 3, 1, 16, 16);
            float[] values = Arrays.floats(seen);
            float[][] table = Normalize.IMAGENET.table();
            for (int i = 0; i < values.length; i++) {
                assertThat(values[i]).isEqualTo(requireNonNull(table[i / 256 % 3])[i % 256]);
            }
        }
    }

    @Test
    void framesOfAClipStayInOrder() {
        byte[] rgb = new byte[2 * 2 * 3 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (7 * i);
        }
        Frames clip = new Frames(2, 2, 3, rgb);
        float[][] table = Normalize.IMAGENET.table();
        try (PointerScope scope = new PointerScope()) {
            float[] values = Arrays.floats(
                    new Pixels(Normalize.IMAGENET, new Device("cpu")).of(List.of(clip))); // [1, 3, 2, 2, 3]
            int at = 0;
            for (int c = 0; c < 3; c++) {
                for (int t = 0; t < 2; t++) {
                    for (int y = 0; y < 2; y++) {
                        for (int x = 0; x < 3; x++) {
                            assertThat(values[at++]).isEqualTo(table[c][rgb[clip.at(t, y, x) + c] & 0xff]);
                        }
                    }
                }
            }
        }
    }
}
