package maskfeat.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import maskfeat.torch.Arrays;
import maskfeat.torch.Handles;
import maskfeat.torch.RandomTensors;
import maskfeat.torch.Scopes;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MovingAverageTest {
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();

    @BeforeEach
    void make() {
        try (PointerScope scope = new PointerScope()) {
            parameters.put("a", Scopes.keep(RandomTensors.normal(1, 2, 3).requires_grad_(true)));
            parameters.put("b", Scopes.keep(RandomTensors.normal(2, 4).requires_grad_(true)));
        }
    }

    @AfterEach
    void free() {
        parameters.values().forEach(Scopes::release);
    }

    private static void set(Tensor parameter, float[] values) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            parameter.copy_(Arrays.tensor(values, parameter.shape()));
        }
    }

    private static float[] values(Map<String, Tensor> of, String name) {
        return Arrays.floats(requireNonNull(of.get(name)));
    }

    /** Few steps, where the second term counts, and many, where the decay does. */
    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.9, 0.9999})
    void followsTheRecurrence(double decay) {
        Random random = new Random(7);
        Map<String, double[]> expected = new LinkedHashMap<>();
        try (MovingAverage average = new MovingAverage(parameters, decay)) {
            for (String name : parameters.keySet()) {
                float[] first = values(parameters, name);
                expected.put(name, new double[first.length]);
                for (int i = 0; i < first.length; i++) {
                    expected.get(name)[i] = first[i];
                }
            }
            for (int step = 1; step <= 200; step++) {
                double keep = Math.min(decay, (1.0 + step) / (10.0 + step));
                for (String name : parameters.keySet()) {
                    double[] mean = requireNonNull(expected.get(name));
                    float[] moved = new float[mean.length];
                    for (int i = 0; i < moved.length; i++) {
                        moved[i] = (float) random.nextGaussian();
                        mean[i] = keep * mean[i] + (1 - keep) * moved[i];
                    }
                    set(requireNonNull(parameters.get(name)), moved);
                }
                average.update(step);
            }
            expected.forEach((name, mean) -> {
                float[] actual = values(average.state(), name);
                for (int i = 0; i < mean.length; i++) {
                    assertThat((double) actual[i]).as(name + i).isCloseTo(mean[i], within(2e-6));
                }
            });
        }
    }

    @Test
    void beginsAtTheWeights() {
        try (MovingAverage average = new MovingAverage(parameters, 0.9)) {
            assertThat(average.state().keySet()).containsExactly("a", "b");
            assertThat(values(average.state(), "a")).isEqualTo(values(parameters, "a"));
            assertThat(requireNonNull(average.state().get("b")).shape()).containsExactly(4);
        }
    }

    @Test
    void swappingPutsTheAveragesInPlaceAndSwappingAgainRestores() {
        try (MovingAverage average = new MovingAverage(parameters, 0.9)) {
            float[] mean = values(parameters, "a");
            float[] moved = {1, 2, 3, 4, 5, 6};
            set(requireNonNull(parameters.get("a")), moved);
            average.swap();
            assertThat(values(parameters, "a")).isEqualTo(mean);
            assertThat(values(average.state(), "a")).isEqualTo(moved);
            average.swap();
            assertThat(values(parameters, "a")).isEqualTo(moved);
            assertThat(values(average.state(), "a")).isEqualTo(mean);
            assertThat(requireNonNull(parameters.get("a")).requires_grad()).isTrue();
        }
    }

    /** Resuming copies the state of a checkpoint into what this returns. */
    @Test
    void theStateIsTheAveragesThemselves() {
        try (MovingAverage average = new MovingAverage(parameters, 0.5)) {
            set(requireNonNull(average.state().get("b")), new float[] {5, 6, 7, 8});
            average.swap();
            assertThat(values(parameters, "b")).containsExactly(5, 6, 7, 8);
        }
    }

    @Test
    void stepsLeaveNoHandlesBehind() throws InterruptedException {
        try (MovingAverage warm = new MovingAverage(parameters, 0.9)) {
            warm.update(1);
            warm.swap();
        }
        long before = Handles.settled();
        try (MovingAverage average = new MovingAverage(parameters, 0.9)) {
            for (int step = 0; step < 20; step++) {
                average.update(step);
                average.swap();
            }
        }
        assertThat(Handles.now()).isLessThanOrEqualTo(before);
    }

    @Test
    void aParameterThatIsGoneIsNamed() {
        try (MovingAverage average = new MovingAverage(parameters, 0.9)) {
            Tensor gone = parameters.remove("b");
            assertThatIllegalStateException()
                    .isThrownBy(() -> average.update(1))
                    .withMessage("there is no parameter b any more");
            parameters.put("b", requireNonNull(gone));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -1, Double.NaN})
    void aDecayThatIsNoneIsRefused(double decay) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MovingAverage(parameters, decay))
                .withMessageContaining("the decay " + decay);
    }
}
