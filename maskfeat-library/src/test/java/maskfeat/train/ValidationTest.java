package maskfeat.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import maskfeat.eval.Metric;
import maskfeat.eval.Metric.Better;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValidationTest {
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aResultThatIsNotANumberIsNeverBetterThanOneThatIs(boolean smaller) {
        Metric metric = Metric.of("val/x", "x", smaller ? Better.LOWER : Better.HIGHER, Metric.Unit.NUMBER);
        Validation validation = new Validation(1, metric, 0, Path.of("best"), stop -> Optional.of(Map.of()));
        assertThat(validation.isBetter(1, Double.NaN)).isTrue();
        assertThat(validation.isBetter(Double.NaN, 1)).isFalse();
        assertThat(validation.isBetter(Double.NaN, Double.NaN)).isFalse();
        assertThat(validation.isBetter(1, 2)).isEqualTo(smaller);
        assertThat(validation.isBetter(2, 1)).isEqualTo(!smaller);
    }

    @Test
    void aMetricWithoutADirectionCannotDecide() {
        Metric count = Metric.of("val/count", "count", Better.NEITHER, Metric.Unit.NUMBER);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Validation(1, count, 0, Path.of("best"), stop -> Optional.of(Map.of())))
                .withMessageStartingWith("val/count cannot decide which weights are best");
    }
}
