package maskfeat.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import maskfeat.torch.Arrays;
import maskfeat.torch.Generators;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropPathTest {
    @Test
    void leavesEverythingAloneOutsideTrainingAndDrawsNothing() {
        try (PointerScope scope = new PointerScope();
                DropPath dropPath = new DropPath(0.7)) {
            dropPath.train(false);
            byte[] before = Generators.state();
            Tensor x = RandomTensors.normal(1, 4, 3, 2);
            assertThat(dropPath.identity()).isTrue();
            assertThat(Arrays.floats(dropPath.forward(x))).isEqualTo(Arrays.floats(x));
            assertThat(Generators.state()).isEqualTo(before);
        }
    }

    @Test
    void aRateOfZeroDrawsNothingInTrainingEither() {
        try (PointerScope scope = new PointerScope();
                DropPath dropPath = new DropPath(0)) {
            byte[] before = Generators.state();
            Tensor x = RandomTensors.normal(1, 4, 3, 2);
            assertThat(Arrays.floats(dropPath.forward(x))).isEqualTo(Arrays.floats(x));
            assertThat(Generators.state()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.4, 0.9})
    void dropsWholeSamplesAndKeepsTheMean(double rate) {
        int samples = 20_000;
        int each = 6;
        Generators.seed(3);
        try (PointerScope scope = new PointerScope();
                DropPath dropPath = new DropPath(rate)) {
            float[] ones = new float[samples * each];
            java.util.Arrays.fill(ones, 1);
            float[] scaled = Arrays.floats(dropPath.forward(Arrays.tensor(ones, samples, 3, 2)));
            int dropped = 0;
            for (int sample = 0; sample < samples; sample++) {
                float factor = scaled[sample * each];
                for (int i = 0; i < each; i++) {
                    assertThat(scaled[sample * each + i]).isEqualTo(factor);
                }
                dropped += factor == 0 ? 1 : 0;
                if (factor != 0) {
                    assertThat(factor).isCloseTo((float) (1 / (1 - rate)), within((float) (1e-6 / (1 - rate))));
                }
            }
            // Five deviations of a share; so the mean, (1 - share) / (1 - rate), is 1 but for chance.
            assertThat((double) dropped / samples).isCloseTo(rate, within(5 * Math.sqrt(rate * (1 - rate) / samples)));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void aRateThatIsNoneIsRefused(double rate) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DropPath(rate))
                .withMessageContaining("drop path rate " + rate);
    }
}
