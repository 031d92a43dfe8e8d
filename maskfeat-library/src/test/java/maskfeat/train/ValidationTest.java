package maskfeat.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValidationTest {
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFigureThatIsNoNumberIsNeverTheBestBesideOneThatIs(boolean smaller) {
        Validation validation =
                new Validation(1, "val/loss", smaller, 0, Path.of("best"), stop -> Optional.of(Map.of()));
        assertThat(validation.isBetter(1, Double.NaN)).isTrue();
        assertThat(validation.isBetter(Double.NaN, 1)).isFalse();
        assertThat(validation.isBetter(Double.NaN, Double.NaN)).isFalse();
        assertThat(validation.isBetter(1, 2)).isEqualTo(smaller);
    }
}
