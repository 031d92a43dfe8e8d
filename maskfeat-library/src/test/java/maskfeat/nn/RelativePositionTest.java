package maskfeat.nn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code MvitTest} cannot tell from the outside: which vector is used for which distance. */
class RelativePositionTest {
    /** In fractions: i * max(k/q, 1) - j * max(q/k, 1) + (k - 1) * max(q/k, 1), truncated. */
    private static long exact(int i, int j, int q, int k) {
        return q >= k ? ((long) i * k + (k - 1L - j) * q) / k : ((long) i * k + (k - 1L - j) * q) / q;
    }

    /** As counted in the official code: in float32 some distances fall just short of a whole number. */
    @ParameterizedTest
    @CsvSource({"78, 10, 103", "39, 10, 38", "56, 7, 0", "14, 7, 0", "14, 14, 0", "88, 11, 0", "20, 10, 0", "7, 14, 0"})
    void distancesRoundAsTheOfficialOnes(int q, int k, int differing) {
        long[] distances = RelativePosition.distances(q, k);
        int count = 0;
        for (int i = 0; i < q; i++) {
            for (int j = 0; j < k; j++) {
                count += distances[i * k + j] == exact(i, j, q, k) ? 0 : 1;
                assertThat(distances[i * k + j]).isBetween(0L, 2L * Math.max(q, k) - 2);
            }
        }
        assertThat(count).isEqualTo(differing);
    }

    @Test
    void oneThatFallsShort() {
        int i = 0, j = 4, q = 78, k = 10;
        assertThat(exact(i, j, q, k)).isEqualTo(39);
        assertThat(RelativePosition.distances(q, k)[i * k + j]).isEqualTo(38);
    }
}
