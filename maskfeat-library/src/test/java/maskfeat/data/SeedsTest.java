package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import maskfeat.data.Seeds.Purpose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SeedsTest {
    @ParameterizedTest
    @EnumSource(Purpose.class)
    void theSameArgumentsGiveTheSameStream(Purpose purpose) {
        RandomGenerator one = new Seeds(7).of(purpose, 3, 11);
        RandomGenerator again = new Seeds(7).of(purpose, 3, 11);
        assertThat(one.longs(100).toArray()).isEqualTo(again.longs(100).toArray());
    }

    @Test
    void anyOtherSeedEpochIndexOrPurposeGivesAnotherStream() {
        Set<Long> first = new HashSet<>();
        int streams = 0;
        for (long seed : new long[] {0, 1, 2, -1, Long.MIN_VALUE}) {
            for (Purpose purpose : Purpose.values()) {
                for (long epoch = 0; epoch < 20; epoch++) {
                    for (long index = 0; index < 50; index++) {
                        first.add(new Seeds(seed).of(purpose, epoch, index).nextLong());
                        streams++;
                    }
                }
            }
        }
        assertThat(first).hasSize(streams); // a chance of 1e-11 that two of them begin alike
    }

    @Test
    void swappedArgumentsAreOtherArguments() {
        assertThat(new Seeds(1).of(Purpose.MASK, 2, 3).nextLong())
                .isNotEqualTo(new Seeds(1).of(Purpose.MASK, 3, 2).nextLong())
                .isNotEqualTo(new Seeds(2).of(Purpose.MASK, 1, 3).nextLong());
    }

    /** Samples of one epoch draw one number each: those numbers must be as good as a single stream's. */
    @ParameterizedTest
    @EnumSource(Purpose.class)
    void neighbouringStreamsAreIndependent(Purpose purpose) {
        int count = 20_000;
        double sum = 0;
        double products = 0;
        double previous = 0;
        for (int index = 0; index < count; index++) {
            double number = new Seeds(5).of(purpose, 0, index).nextDouble() - 0.5;
            sum += number;
            products += number * previous;
            previous = number;
        }
        // Five deviations: the variance of a number is 1/12, that of a product 1/144.
        assertThat(sum / count).isCloseTo(0, within(5 * Math.sqrt(1 / 12.0 / count)));
        assertThat(products / count).isCloseTo(0, within(5 / 12.0 / Math.sqrt(count)));
    }
}
