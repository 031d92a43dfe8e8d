package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EpochTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 17, 1000})
    void everyItemComesOnce(int size) {
        for (int epoch = 0; epoch < 20; epoch++) {
            int[] order = Epoch.order(new Seeds(3), epoch, size);
            assertThat(order).containsExactlyInAnyOrder(IntStream.range(0, size).toArray());
        }
    }

    @Test
    void theOrderDependsOnSeedAndEpochAlone() {
        int[] order = Epoch.order(new Seeds(3), 4, 100);
        assertThat(Epoch.order(new Seeds(3), 4, 100)).isEqualTo(order);
        assertThat(Epoch.order(new Seeds(3), 5, 100)).isNotEqualTo(order);
        assertThat(Epoch.order(new Seeds(4), 4, 100)).isNotEqualTo(order);
    }

    @Test
    void everyOrderIsAsLikelyAsAnyOther() {
        int epochs = 24_000;
        Map<List<Integer>, Integer> counts = new HashMap<>();
        for (int epoch = 0; epoch < epochs; epoch++) {
            int[] order = Epoch.order(new Seeds(1), epoch, 4);
            counts.merge(Arrays.stream(order).boxed().toList(), 1, Integer::sum);
        }
        assertThat(counts).hasSize(24);
        int fiveDeviations = (int) (5 * Math.sqrt(epochs / 24.0 * 23 / 24));
        assertThat(counts.values())
                .allSatisfy(count -> assertThat(count).isCloseTo(epochs / 24, within(fiveDeviations)));
    }
}
