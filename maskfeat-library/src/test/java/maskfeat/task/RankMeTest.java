package maskfeat.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RankMeTest {
    @Test
    void directionsThatAreUsedAlikeAreCounted() {
        float[][] features = {{2, 0, 0, 0}, {0, -2, 0, 0}, {0, 0, 2, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}};
        assertThat(RankMe.of(features)).isCloseTo(3, within(1e-4));
    }

    /** Singular values 3 and 1: shares of 3/4 and 1/4. */
    @Test
    void directionsThatAreUsedLessCountLess() {
        double entropy = -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25);
        assertThat(RankMe.of(new float[][] {{3, 0}, {0, 1}})).isCloseTo(Math.exp(entropy), within(1e-4));
    }

    /** Where all items have one feature the network says nothing, however long the feature is. */
    @Test
    void oneDirectionIsOne() {
        assertThat(RankMe.of(new float[][] {{1, 2, 3}, {2, 4, 6}, {-1, -2, -3}}))
                .isCloseTo(1, within(1e-4));
        assertThat(RankMe.of(new float[2][3])).isNaN();
    }
}
