package maskfeat.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import maskfeat.disk.AtomicFile;
import maskfeat.torch.Arrays;
import maskfeat.torch.Handles;
import maskfeat.torch.RandomTensors;
import maskfeat.torch.Scopes;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdamWTest {
    private static final AdamW.Config PLAIN = new AdamW.Config(0.9, 0.999, 1e-8, 0.05, null);

    /** By name: of two axes and of one, more of each than one, so that lists have an order to keep. */
    private static final Map<String, long[]> SHAPES = new LinkedHashMap<>();

    static {
        SHAPES.put("a.weight", new long[] {7, 5});
        SHAPES.put("a.bias", new long[] {7});
        SHAPES.put("token", new long[] {1, 1, 3});
        SHAPES.put("b.norm", new long[] {40});
        SHAPES.put("b.weight", new long[] {2, 3, 4, 4});
    }

    private PointerScope scope;

    @BeforeEach
    void open() {
        scope = new PointerScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static Map<String, Tensor> parameters() {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        SHAPES.forEach((name, shape) -> {
            Tensor parameter = RandomTensors.normal(name.hashCode(), shape);
            parameter.set_requires_grad(true);
            parameters.put(name, parameter);
        });
        return parameters;
    }

    private static Tensor gradient(String name, int step) {
        return RandomTensors.normal(name.hashCode() * 1000L + step, requireNonNull(SHAPES.get(name)))
                .mul(new Scalar(Math.pow(3, step % 5 - 2))); // steps of very different size
    }

    /** Leaves gradients at the parameters, by the only way there is. */
    private static void differentiate(Map<String, Tensor> parameters, int step, UnaryOperator<Tensor> change) {
        parameters.forEach((name, parameter) ->
                parameter.mul(change.apply(gradient(name, step))).sum().backward());
    }

    private static void differentiate(Map<String, Tensor> parameters, int step) {
        differentiate(parameters, step, UnaryOperator.identity());
    }

    private static double rate(int step) {
        return 1e-2 * (1 + step % 7);
    }

    private static Map<String, float[]> values(Map<String, Tensor> tensors) {
        Map<String, float[]> values = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> values.put(name, Arrays.floats(tensor)));
        return values;
    }

    private static void assertSameBits(Map<String, Tensor> actual, Map<String, float[]> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        actual.forEach((name, tensor) ->
                assertThat(Arrays.floats(tensor)).as(name).isEqualTo(requireNonNull(expected.get(name))));
    }

    /** libtorch's own optimizer, one for those that decay and one for the others. */
    private static final class Reference {
        private final Map<String, Tensor> parameters = parameters();
        private final List<org.bytedeco.pytorch.AdamW> optimizers;

        Reference(AdamW.Config config) {
            optimizers = List.of(optimizer(config, true), optimizer(config, false));
        }

        private org.bytedeco.pytorch.AdamW optimizer(AdamW.Config config, boolean decays) {
            AdamWOptions options = new AdamWOptions(1);
            options.weight_decay().put(decays ? config.weightDecay() : 0);
            options.eps().put(config.eps());
            DoublePointer betas = options.betas(); // a std::tuple, which some compilers lay out backwards
            int first = betas.get(0) == 0.9 ? 0 : 1;
            betas.put(first, config.beta1()).put(1 - first, config.beta2());
            Tensor[] group = parameters.values().stream()
                    .filter(parameter -> parameter.dim() > 1 == decays)
                    .toArray(Tensor[]::new);
            return new org.bytedeco.pytorch.AdamW(new TensorVector(group), options);
        }

        void step(double learningRate) {
            for (org.bytedeco.pytorch.AdamW optimizer : optimizers) {
                optimizer.param_groups().get(0).options().set_lr(learningRate);
                optimizer.step();
                optimizer.zero_grad();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.9, 0.999, 1e-8, 0.05", "0.9, 0.95, 1e-6, 0.3", "0, 0.5, 1e-3, 0"})
    void equalsLibtorchsOwnOverFiftySteps(double beta1, double beta2, double eps, double decay) {
        AdamW.Config config = new AdamW.Config(beta1, beta2, eps, decay, null);
        Reference reference = new Reference(config);
        Map<String, Tensor> ours = parameters();
        try (AdamW optimizer = new AdamW(ours, config)) {
            for (int step = 0; step < 50; step++) {
                try (PointerScope inner = new PointerScope()) {
                    differentiate(ours, step);
                    optimizer.step(rate(step));
                    differentiate(reference.parameters, step);
                    reference.step(rate(step));
                }
            }
        }
        ours.forEach((name, parameter) -> {
            float[] expected = Arrays.floats(requireNonNull(reference.parameters.get(name)));
            // Fifty updates of numbers below 4, each rounded to 2^-23 of them in another order; a step moves by 1e-2.
            assertThat(Arrays.floats(parameter)).as(name).containsExactly(expected, within(5e-6f));
        });
    }

    @Test
    void givesTheNormBeforeClippingAndClearsTheGradients() {
        Map<String, Tensor> parameters = parameters();
        try (AdamW optimizer = new AdamW(parameters, new AdamW.Config(0.9, 0.999, 1e-8, 0, 0.02))) {
            differentiate(parameters, 3);
            double squares = 0;
            for (String name : SHAPES.keySet()) {
                for (float value : Arrays.floats(gradient(name, 3))) {
                    squares += (double) value * value;
                }
            }
            assertThat(optimizer.step(1e-3).item_float())
                    .isCloseTo((float) Math.sqrt(squares), within((float) (1e-6 * Math.sqrt(squares))));
        }
        parameters
                .values()
                .forEach(parameter -> assertThat(parameter.grad().defined()).isFalse());
    }

    @Test
    void clippingScalesAllGradientsByTheSameFactor() {
        double limit = 0.5;
        Map<String, Tensor> parameters = parameters();
        try (AdamW optimizer = new AdamW(parameters, new AdamW.Config(0.9, 0.999, 1e-8, 0, limit))) {
            differentiate(parameters, 2);
            double norm = optimizer.step(1e-3).item_float();
            assertThat(norm).isGreaterThan(2 * limit);
            double factor = limit / (norm + 1e-6);
            for (String name : SHAPES.keySet()) {
                float[] gradient = Arrays.floats(gradient(name, 2));
                float[] first = Arrays.floats(requireNonNull(optimizer.state().get("exp_avg." + name)));
                float[] second = Arrays.floats(requireNonNull(optimizer.state().get("exp_avg_sq." + name)));
                for (int i = 0; i < gradient.length; i++) {
                    double clipped = gradient[i] * factor;
                    assertThat((double) first[i]).isCloseTo(0.1 * clipped, within(1e-6 * Math.abs(clipped)));
                    assertThat((double) second[i])
                            .isCloseTo(0.001 * clipped * clipped, within(1e-8 * clipped * clipped));
                }
            }
        }
    }

    @Test
    void aNormBelowTheLimitIsNotTouched() {
        Map<String, Tensor> parameters = parameters();
        Map<String, Tensor> unclipped = parameters();
        try (AdamW optimizer = new AdamW(parameters, new AdamW.Config(0.9, 0.999, 1e-8, 0.05, 1e4));
                AdamW plain = new AdamW(unclipped, PLAIN)) {
            for (int step = 0; step < 3; step++) {
                differentiate(parameters, step);
                differentiate(unclipped, step);
                optimizer.step(1e-2);
                plain.step(1e-2);
            }
            assertSameBits(parameters, values(unclipped));
            assertSameBits(optimizer.state(), values(plain.state()));
        }
    }

    @Test
    void biasesAndOtherVectorsDoNotDecay() {
        Map<String, Tensor> parameters = parameters();
        Map<String, float[]> before = values(parameters);
        try (AdamW optimizer = new AdamW(parameters, PLAIN)) {
            differentiate(parameters, 0, gradient -> gradient.mul(new Scalar(0)));
            optimizer.step(0.5);
        }
        parameters.forEach((name, parameter) -> {
            float[] old = requireNonNull(before.get(name));
            float kept = parameter.dim() == 1 ? 1 : 1 - 0.5f * 0.05f;
            float[] expected = new float[old.length];
            for (int i = 0; i < old.length; i++) {
                expected[i] = old[i] * kept;
            }
            assertThat(Arrays.floats(parameter)).as(name).containsExactly(expected, within(1e-6f));
        });
    }

    @Test
    void groupsAreMadeOfWhatSharesItsSettings() {
        Map<String, Integer> axes = new LinkedHashMap<>();
        axes.put("cls_token", 3);
        axes.put("blocks.0.weight", 2);
        axes.put("blocks.0.bias", 1);
        axes.put("odd.bias", 2);
        axes.put("norm.weight", 1);
        axes.put("head.weight", 2);
        assertThat(AdamW.groups(axes, PLAIN, name -> name.startsWith("blocks") ? 0.5 : 1))
                .containsExactly(
                        new AdamW.Group(List.of("cls_token", "head.weight"), 1, 0.05),
                        new AdamW.Group(List.of("blocks.0.weight"), 0.5, 0.05),
                        new AdamW.Group(List.of("blocks.0.bias"), 0.5, 0),
                        new AdamW.Group(List.of("odd.bias", "norm.weight"), 1, 0));
    }

    @Test
    void aScaleMultipliesTheLearningRateOfItsParameters() {
        Map<String, Tensor> scaled = parameters();
        Map<String, Tensor> slow = parameters();
        Map<String, Tensor> fast = parameters();
        try (AdamW optimizer = new AdamW(scaled, PLAIN, name -> name.startsWith("a.") ? 0.25 : 1);
                AdamW atQuarter = new AdamW(slow, PLAIN);
                AdamW atWhole = new AdamW(fast, PLAIN)) {
            for (int step = 0; step < 3; step++) {
                differentiate(scaled, step);
                differentiate(slow, step);
                differentiate(fast, step);
                optimizer.step(0.04);
                atQuarter.step(0.01);
                atWhole.step(0.04);
            }
        }
        scaled.forEach((name, parameter) -> assertThat(Arrays.floats(parameter))
                .as(name)
                .isEqualTo(Arrays.floats(requireNonNull((name.startsWith("a.") ? slow : fast).get(name)))));
    }

    /** 1e30 is finite, its square is not. */
    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e30f})
    void aGradientThatIsNotFiniteChangesNothingNowOrLater(float bad) {
        Map<String, Tensor> parameters = parameters();
        Map<String, Tensor> twins = parameters();
        AdamW.Config config = new AdamW.Config(0.9, 0.999, 1e-8, 0.05, 0.02);
        try (AdamW optimizer = new AdamW(parameters, config);
                AdamW twin = new AdamW(twins, config)) {
            for (int step = 0; step < 3; step++) {
                differentiate(parameters, step);
                differentiate(twins, step);
                optimizer.step(rate(step));
                twin.step(rate(step));
            }
            Map<String, float[]> before = values(parameters);
            Map<String, float[]> state = values(optimizer.state());
            for (int time = 0; time < 2; time++) {
                differentiate(parameters, 7);
                Tensor one = requireNonNull(parameters.get("b.norm")).grad().narrow(0, 11, 1);
                one.fill_(new Scalar(bad));
                assertThat(optimizer.step(0.1).item_float()).isNotFinite();
                assertSameBits(parameters, before);
                assertSameBits(optimizer.state(), state);
                parameters
                        .values()
                        .forEach(parameter ->
                                assertThat(parameter.grad().defined()).isFalse());
            }
            for (int step = 3; step < 5; step++) {
                differentiate(parameters, step);
                differentiate(twins, step);
                optimizer.step(rate(step));
                twin.step(rate(step));
            }
            assertSameBits(parameters, values(twins));
            assertSameBits(optimizer.state(), values(twin.state()));
            assertThat(requireNonNull(optimizer.state().get("step")).item_float())
                    .isEqualTo(5);
        }
    }

    @Test
    void clearedGradientsAreGoneAndMissingOnesAreNamed() {
        Map<String, Tensor> parameters = parameters();
        try (AdamW optimizer = new AdamW(parameters, PLAIN)) {
            differentiate(parameters, 0);
            optimizer.clearGradients();
            parameters
                    .values()
                    .forEach(parameter -> assertThat(parameter.grad().defined()).isFalse());
            differentiate(parameters, 0);
            requireNonNull(parameters.get("token")).mutable_grad().reset();
            assertThatIllegalStateException()
                    .isThrownBy(() -> optimizer.step(0.1))
                    .withMessageContaining("parameter token has no gradient");
        }
    }

    @Test
    void aSavedStateGoesOnToTheSameBits(@TempDir Path temp) throws IOException {
        Map<String, Tensor> parameters = parameters();
        Path file = temp.resolve("optimizer.safetensors");
        Path weights = temp.resolve("model.safetensors");
        Map<String, float[]> end;
        Map<String, float[]> endState;
        try (AdamW optimizer = new AdamW(parameters, PLAIN)) {
            steps(parameters, optimizer, 0, 4);
            AtomicFile.write(file, TensorFile.content(Map.of(), optimizer.state()));
            AtomicFile.write(weights, TensorFile.content(Map.of(), parameters));
            steps(parameters, optimizer, 4, 8);
            end = values(parameters);
            endState = values(optimizer.state());
        }
        Map<String, Tensor> again = parameters();
        try (AdamW optimizer = new AdamW(again, PLAIN)) {
            steps(again, optimizer, 5, 7); // whatever was there before is gone
            TensorFile.load(weights, again);
            TensorFile.load(file, optimizer.state());
            steps(again, optimizer, 4, 8);
            assertSameBits(again, end);
            assertSameBits(optimizer.state(), endState);
        }
    }

    private static void steps(Map<String, Tensor> parameters, AdamW optimizer, int from, int to) {
        for (int step = from; step < to; step++) {
            differentiate(parameters, step);
            optimizer.step(rate(step));
        }
    }

    @Test
    void itsStateOutlivesScopesUntilItIsClosed() throws InterruptedException {
        Map<String, Tensor> parameters = parameters();
        long before = Handles.settled();
        AdamW optimizer;
        try (PointerScope inner = new PointerScope()) {
            optimizer = new AdamW(parameters, PLAIN);
        }
        try (PointerScope inner = new PointerScope()) {
            differentiate(parameters, 0);
            optimizer.step(0.1);
        }
        Tensor count = requireNonNull(optimizer.state().get("step"));
        try (PointerScope inner = new PointerScope()) {
            assertThat(Arrays.floats(count)).containsExactly(1);
        }
        optimizer.close();
        assertThat(count.isNull()).isTrue();
        assertThat(Handles.now()).isLessThanOrEqualTo(before);
        assertThat(Scopes.withoutGradients(() -> 1)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "-0.1, 0.9, 1e-8, 0, beta1 -0.1",
        "1, 0.9, 1e-8, 0, beta1 1.0",
        "0.9, 1, 1e-8, 0, beta2 1.0",
        "0.9, NaN, 1e-8, 0, beta2 NaN",
        "0.9, 0.9, 0, 0, eps 0.0",
        "0.9, 0.9, 1e-8, -1, weight-decay -1.0",
    })
    void settingsThatMakeNoSenseAreRefused(double beta1, double beta2, double eps, double decay, String named) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdamW.Config(beta1, beta2, eps, decay, null))
                .withMessageContaining(named);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN})
    void aClippingNormIsAboveZero(double norm) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdamW.Config(0.9, 0.9, 1e-8, 0, norm))
                .withMessageContaining("clip-norm " + norm);
    }
}
