package maskfeat.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalTest {
    /** Newcombe 1998, Statistics in Medicine 17, table I, method 3 (score): 81/263, 15/148, 0/20, 1/29. */
    @ParameterizedTest
    @CsvSource({"81, 263, 0.2553, 0.3662", "15, 148, 0.0624, 0.1605", "0, 20, 0, 0.1611", "1, 29, 0.0061, 0.1718"})
    void isWilsonsAsTabulated(long hits, long count, double low, double high) {
        Interval interval = Interval.wilson(hits, count);
        assertThat(interval.low()).isCloseTo(low, within(5e-5));
        assertThat(interval.high()).isCloseTo(high, within(5e-5));
    }

    /** What the formula solves, not the formula. */
    @Test
    void itsEndsAreTheSharesThatTheCountJustDoesNotContradict() {
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            long count = random.nextLong(1, 5000);
            long hits = random.nextLong(count + 1);
            Interval interval = Interval.wilson(hits, count);
            double share = (double) hits / count;
            assertThat(interval.low()).isLessThanOrEqualTo(share);
            assertThat(interval.high()).isGreaterThanOrEqualTo(share);
            for (double end : new double[] {interval.low(), interval.high()}) {
                if (end > 0 && end < 1) {
                    assertThat(Math.abs(share - end) / Math.sqrt(end * (1 - end) / count))
                            .isCloseTo(1.959964, within(1e-5));
                }
            }
        }
    }

    @Test
    void allOrNothingEndsAtOneOrNought() {
        for (long count = 1; count < 400; count++) {
            assertThat(Interval.wilson(0, count).low()).isZero();
            assertThat(Interval.wilson(0, count).high()).isStrictlyBetween(0.0, 1.0);
            assertThat(Interval.wilson(count, count).high()).isEqualTo(1);
            assertThat(Interval.wilson(count, count).low()).isStrictlyBetween(0.0, 1.0);
        }
    }

    @Test
    void refusesWhatIsNoShare() {
        assertThatThrownBy(() -> Interval.wilson(0, 0)).hasMessageContaining("0 of 0");
        assertThatThrownBy(() -> Interval.wilson(4, 3)).hasMessageContaining("4 of 3");
        assertThatThrownBy(() -> Interval.wilson(-1, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Interval(0.6, 0.5)).hasMessageContainingAll("0.6", "0.5");
        assertThatThrownBy(() -> new Interval(Double.NaN, 0.5)).isInstanceOf(IllegalArgumentException.class);
    }
}
