package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import maskfeat.torch.Generators;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClassifierTest {
    private static final int B = 2;
    private static final int CLASSES = 5;
    private static final ClipSize SIZE = ClipSize.square(4, 16);

    private static Classifier classifier(boolean classToken, Classifier.Head head) {
        Mvit.Config config = new Mvit.Config(8, 2, List.of(1, 1), 2, true, false, classToken, 4, 0);
        try (PointerScope scope = new PointerScope();
                Init init = new Init(4)) {
            return new Classifier(config.build(SIZE, init), head, CLASSES, init);
        }
    }

    private static Tensor frames() {
        return RandomTensors.normal(9, B, 3, SIZE.frames(), SIZE.height(), SIZE.width());
    }

    private static float[] weight(Classifier model, String name) {
        return Arrays.floats(requireNonNull(model.parameters().get(name)));
    }

    /** From the tokens that come out of the backbone, in double numbers. */
    @ParameterizedTest
    @CsvSource({"MEAN, true", "MEAN, false", "NORM_MEAN, true", "NORM_MEAN, false", "CLASS_TOKEN, true"})
    void poolsNormsAndProjects(Classifier.Pooling pooling, boolean classToken) {
        try (Classifier model = classifier(classToken, new Classifier.Head(pooling, 0));
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            RandomTensors.addNoise(model.parameters(), 0.3, 5);
            Features features = model.backbone().encode(model.backbone().embed(frames()));
            float[] x = Arrays.floats(features.x());
            int C = (int) features.x().size(2);
            int tokens = (int) features.x().size(1);
            int before = classToken ? 1 : 0;
            assertThat(tokens).isEqualTo(before + features.grid().size());
            float[] logits = Arrays.floats(model.forward(frames()));
            float[] weight = weight(model, "head.projection.weight");
            float[] bias = weight(model, "head.projection.bias");
            for (int b = 0; b < B; b++) {
                double[] mean = new double[C];
                double[] normedMean = new double[C];
                for (int n = before; n < tokens; n++) {
                    double[] token = row(x, b * tokens + n, C);
                    double[] normed = norm(model, token);
                    for (int c = 0; c < C; c++) {
                        mean[c] += token[c] / (tokens - before);
                        normedMean[c] += normed[c] / (tokens - before);
                    }
                }
                double[] feature = switch (pooling) {
                    case MEAN -> norm(model, mean);
                    case NORM_MEAN -> normedMean;
                    case CLASS_TOKEN -> norm(model, row(x, b * tokens, C));
                    case FIRST_PATCH -> norm(model, row(x, b * tokens + before, C));
                };
                for (int k = 0; k < CLASSES; k++) {
                    double logit = bias[k];
                    for (int c = 0; c < C; c++) {
                        logit += weight[k * C + c] * feature[c];
                    }
                    assertThat((double) logits[b * CLASSES + k]).isCloseTo(logit, within(2e-5));
                }
            }
        }
    }

    private static double[] row(float[] x, int row, int C) {
        double[] values = new double[C];
        for (int c = 0; c < C; c++) {
            values[c] = x[row * C + c];
        }
        return values;
    }

    private static double[] norm(Classifier model, double[] x) {
        float[] weight = weight(model, "norm.weight");
        float[] bias = weight(model, "norm.bias");
        double mean = java.util.Arrays.stream(x).average().orElseThrow();
        double variance = java.util.Arrays.stream(x)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow();
        double[] normed = new double[x.length];
        for (int c = 0; c < x.length; c++) {
            normed[c] = (x[c] - mean) / Math.sqrt(variance + 1e-6) * weight[c] + bias[c];
        }
        return normed;
    }

    @Test
    void aNetworkWithoutClassTokenHasNoneToPool() {
        try (Classifier model = classifier(false, new Classifier.Head(Classifier.Pooling.CLASS_TOKEN, 0));
                PointerScope scope = new PointerScope()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> model.forward(frames()))
                    .withMessage("this backbone has no class token");
        }
    }

    /** With a last layer that shows the feature's first numbers as they are. */
    @Test
    void inTrainingSomeNumbersOfTheFeatureAreDroppedAndTheOthersScaledUp() {
        double dropout = 0.75;
        try (Classifier model = classifier(true, new Classifier.Head(Classifier.Pooling.MEAN, dropout));
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor projection = requireNonNull(model.parameters().get("head.projection.weight"));
            projection.copy_(torch.eye(CLASSES, projection.size(1)));
            requireNonNull(model.parameters().get("head.projection.bias")).zero_();
            model.train(false);
            float[] feature = Arrays.floats(model.forward(frames()));
            assertThat(Arrays.floats(model.forward(frames()))).isEqualTo(feature);
            model.train(true);
            Generators.seed(1);
            int kept = 0;
            int draws = 20;
            for (int draw = 0; draw < draws; draw++) {
                float[] some = Arrays.floats(model.forward(frames()));
                for (int i = 0; i < some.length; i++) {
                    double whole = feature[i] / (1 - dropout);
                    assertThat((double) some[i]).isIn(0.0, (double) (float) whole);
                    kept += some[i] != 0 ? 1 : 0;
                }
            }
            int all = draws * B * CLASSES;
            assertThat((double) kept / all)
                    .isCloseTo(1 - dropout, within(5 * Math.sqrt(dropout * (1 - dropout) / all)));
        }
    }

    /** The official first values: a thousandth of other layers', and of their bias. */
    @Test
    void theClassifierBeginsSmall() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                Classifier model = new Classifier(
                        new Vit.Config(8, 1, 64, 1, 2, 4, 0).build(ClipSize.image(16), init),
                        Classifier.Head.mean(),
                        400,
                        init)) {
            float[] weight = weight(model, "head.projection.weight");
            double squares = 0;
            for (float w : weight) {
                squares += (double) w * w / weight.length;
            }
            assertThat(Math.sqrt(squares)).isCloseTo(2e-5, within(5 * 2e-5 / Math.sqrt(2.0 * weight.length)));
            assertThat(weight(model, "head.projection.bias")).containsOnly(2e-5f);
            assertThat(weight(model, "norm.weight")).containsOnly(1);
            assertThat(weight(model, "norm.bias")).containsOnly(0.02f);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void aDropoutThatIsNoneIsRefused(double dropout) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Classifier.Head(Classifier.Pooling.MEAN, dropout))
                .withMessage("dropout " + dropout + " must be at least 0 and below 1");
    }
}
