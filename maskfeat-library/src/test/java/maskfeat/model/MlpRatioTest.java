package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import maskfeat.nn.Init;
import maskfeat.nn.MultiscaleBlock;
import maskfeat.torch.Arrays;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks whose MLPs are not four times as wide as their tokens. */
class MlpRatioTest {
    private static final int SIDE = 12;
    private static final int PATCH = 4;
    private static final int DIM = 12;
    private static final int HEADS = 3;
    private static final int DEPTH = 2;

    private static Vit vit(double ratio) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Init init = new Init(1)) {
            Vit vit = (Vit) new Vit.Config(PATCH, 1, DIM, DEPTH, HEADS, ratio, 0).build(ClipSize.image(SIDE), init);
            RandomTensors.addNoise(vit.parameters(), 0.3, 3);
            return vit;
        }
    }

    private static Map<String, double[]> doubles(Map<String, Tensor> parameters) {
        Map<String, double[]> doubles = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> doubles.put(name, doubles(Arrays.floats(parameter))));
        return doubles;
    }

    private static double[] doubles(float[] floats) {
        double[] doubles = new double[floats.length];
        for (int i = 0; i < floats.length; i++) {
            doubles[i] = floats[i];
        }
        return doubles;
    }

    /** A weighing of all that comes out. */
    private static double weighed(Map<String, double[]> weights, double[] image, double[] by) {
        double[][] tokens = new PlainVit(PATCH, HEADS, DEPTH, weights).encode(image, SIDE);
        double sum = 0;
        for (int i = 0; i < by.length; i++) {
            sum += tokens[i / DIM][i % DIM] * by[i];
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(doubles = {3, 2.6, 0.25, 4})
    void aVitComputesWhatThePlainOneDoes(double ratio) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Vit vit = vit(ratio)) {
            Map<String, double[]> weights = doubles(vit.parameters());
            vit.parameters().values().forEach(parameter -> parameter.set_data(parameter.to(ScalarType.Double)));
            Tensor frames = RandomTensors.normal(2, 1, 3, 1, SIDE, SIDE);
            double[][] wanted = new PlainVit(PATCH, HEADS, DEPTH, weights).encode(doubles(Arrays.floats(frames)), SIDE);

            Tensor tokens = vit.encode(vit.embed(frames.to(ScalarType.Double))).x();

            assertThat(tokens.shape()).containsExactly(1, wanted.length, DIM);
            for (int n = 0; n < wanted.length; n++) {
                for (int c = 0; c < DIM; c++) {
                    double value = tokens.select(0, 0).select(0, n).select(0, c).item_double();
                    assertThat(value).as("token " + n + ", channel " + c).isCloseTo(wanted[n][c], within(1e-10));
                }
            }
        }
    }

    /** Against central differences of the plain one: some elements of each parameter. */
    @Test
    void aVitsGradientsAreTheSlopesOfThePlainOne() {
        double step = 1e-5;
        Random random = new Random(4);
        try (PointerScope scope = new PointerScope();
                Vit vit = vit(3)) {
            Map<String, double[]> weights = doubles(vit.parameters());
            try (NoGradGuard guard = new NoGradGuard()) {
                vit.parameters().values().forEach(parameter -> parameter.set_data(parameter.to(ScalarType.Double)));
            }
            Tensor frames = RandomTensors.normal(2, 1, 3, 1, SIDE, SIDE);
            double[] image = doubles(Arrays.floats(frames));
            Tensor tokens = vit.encode(vit.embed(frames.to(ScalarType.Double))).x();
            Tensor by = RandomTensors.normal(5, tokens.shape());
            tokens.mul(by.to(ScalarType.Double)).sum().backward();
            double[] weighing = doubles(Arrays.floats(by));

            vit.parameters().forEach((name, parameter) -> {
                double[] values = requireNonNull(weights.get(name));
                for (int draw = 0; draw < 3; draw++) {
                    int i = random.nextInt(values.length);
                    double value = values[i];
                    values[i] = value + step;
                    double above = weighed(weights, image, weighing);
                    values[i] = value - step;
                    double below = weighed(weights, image, weighing);
                    values[i] = value;
                    double slope = (above - below) / (2 * step);
                    // The curve over a step of 1e-5 bends by 1e-10, and 1e-13 is rounded off numbers of size 100.
                    assertThat(parameter.grad().flatten().select(0, i).item_double())
                            .as("gradient of " + name + "[" + i + "]")
                            .isCloseTo(slope, within(1e-6 * Math.max(1, Math.abs(slope))));
                }
            });
        }
    }

    /** As {@code int(dim * mlp_ratio)}: 12 * 2.6 is 31.2. */
    @ParameterizedTest
    @CsvSource({"3, 36", "2.6, 31", "0.25, 3", "4, 48"})
    void theHiddenWidthIsTheMultipleRoundedDown(double ratio, int hidden) {
        Vit.Config config = new Vit.Config(PATCH, 1, DIM, DEPTH, HEADS, ratio, 0);
        assertThat(config.hiddenDim()).isEqualTo(hidden);
        try (Vit vit = vit(ratio)) {
            Map<String, Tensor> parameters = vit.parameters();
            for (int i = 0; i < DEPTH; i++) {
                String mlp = "blocks." + i + ".mlp.";
                assertThat(requireNonNull(parameters.get(mlp + "fc1.weight")).shape())
                        .containsExactly(hidden, DIM);
                assertThat(requireNonNull(parameters.get(mlp + "fc1.bias")).shape())
                        .containsExactly(hidden);
                assertThat(requireNonNull(parameters.get(mlp + "fc2.weight")).shape())
                        .containsExactly(DIM, hidden);
            }
        }
    }

    /** Of the width in attention: 5, then 10 and 20; that of the stage before where the width grows in the MLP. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMultiscaleBlocksHiddenWidthIsAMultipleOfItsOwnWidth(boolean widenInAttention) {
        Mvit.Config config = new Mvit.Config(5, 1, List.of(1, 2, 1), 4, false, widenInAttention, true, 2.5, 0);
        assertThat(config.shapes(ClipSize.square(2, 32)))
                .extracting(MultiscaleBlock.Sizes::hiddenDim)
                .containsExactly(12, 25, 25, 50);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 0.1, 1e12, Double.NaN, Double.POSITIVE_INFINITY})
    void aRatioThatMakesNoLayerIsRefused(double ratio) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Vit.Config(4, 1, 8, 1, 1, ratio, 0))
                .withMessageContaining("mlp-ratio " + ratio + " must be above 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Mvit.Config(8, 1, List.of(1), 8, false, false, true, ratio, 0))
                .withMessageContaining("from a width of 8");
    }

    @Test
    void aNetworkKeepsItsRatioInFineTuningAndForClips() {
        Vit.Config vit = new Vit.Config(16, 1, 48, 4, 3, 3, 0);
        Mvit.Config mvit = new Mvit.Config(20, 2, List.of(1, 1), 8, false, false, true, 3, 0);
        assertThat(vit.ofVideo().mlpRatio()).isEqualTo(3);
        assertThat(vit.likeForFineTuning(Vit.Config.base()).mlpRatio()).isEqualTo(3);
        assertThat(mvit.forFineTuning(0.1).mlpRatio()).isEqualTo(3);
        assertThat(mvit.likeForFineTuning(Mvit.Config.small()).mlpRatio()).isEqualTo(3);
    }
}
