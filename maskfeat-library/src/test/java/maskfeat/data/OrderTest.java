package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OrderTest {
    private static final Seeds SEEDS = new Seeds(3);

    static LongStream cases() {
        return LongStream.range(0, 200);
    }

    /** Labels of 1 to 40 items in 1 to 6 classes, of which some may have none. */
    private static int[] labels(RandomGenerator random) {
        int classes = random.nextInt(1, 7);
        double skew = random.nextDouble(1, 4);
        return IntStream.range(0, random.nextInt(1, 41))
                .map(i -> (int) (classes * Math.pow(random.nextDouble(), skew)))
                .toArray();
    }

    @Test
    void theShuffledOrderIsThatOfPreTraining() {
        Order order = Order.shuffled(SEEDS, 50);
        for (long epoch = 0; epoch < 5; epoch++) {
            assertThat(order.of(epoch)).isEqualTo(Epoch.order(SEEDS, epoch, 50));
        }
        // As runs of before had it, so that one that was interrupted goes on alike.
        assertThat(Order.shuffled(new Seeds(0), 8).of(0)).containsExactly(2, 0, 7, 5, 4, 3, 6, 1);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void classesComeEquallyOftenAndTakeTurnsInOneMore(long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        int[] labels = labels(random);
        int classes = (int) Arrays.stream(labels).distinct().count();
        Order order = Order.balanced(new Seeds(seed), labels);
        Map<Integer, Integer> all = new HashMap<>();
        for (int epoch = 0; epoch < 2 * classes; epoch++) {
            Map<Integer, Integer> counts = new HashMap<>();
            int[] items = order.of(epoch);
            assertThat(items).hasSameSizeAs(labels);
            for (int item : items) {
                counts.merge(labels[item], 1, Integer::sum);
                all.merge(labels[item], 1, Integer::sum);
            }
            for (int label : labels) {
                assertThat(counts.getOrDefault(label, 0))
                        .isBetween(labels.length / classes, (labels.length + classes - 1) / classes);
            }
        }
        assertThat(all.values()).containsOnly(2 * labels.length);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void noItemComesAgainBeforeAllOfItsClassHave(long seed) {
        int[] labels = labels(new SplittableRandom(seed));
        Order order = Order.balanced(new Seeds(seed), labels);
        int[] counts = new int[labels.length];
        for (int epoch = 0; epoch < 30; epoch++) {
            // Positions in an epoch are shuffled, so rounds show where epochs end.
            Arrays.stream(order.of(epoch)).forEach(item -> counts[item]++);
            for (int label : labels) {
                int[] ofClass = IntStream.range(0, labels.length)
                        .filter(i -> labels[i] == label)
                        .map(i -> counts[i])
                        .toArray();
                assertThat(Arrays.stream(ofClass).max().orElseThrow()
                                - Arrays.stream(ofClass).min().orElseThrow())
                        .isLessThanOrEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theBalancedOrderDependsOnSeedAndEpochAlone(long seed) {
        int[] labels = labels(new SplittableRandom(seed));
        Order order = Order.balanced(new Seeds(seed), labels);
        int[] seventh = order.of(7);
        order.of(0);
        assertThat(order.of(7)).isEqualTo(seventh);
        assertThat(Order.balanced(new Seeds(seed), labels.clone()).of(7)).isEqualTo(seventh);
    }

    @Test
    void anotherSeedOrEpochIsAnotherOrder() {
        int[] labels = IntStream.range(0, 100).map(i -> i % 3).toArray();
        int[] order = Order.balanced(SEEDS, labels).of(4);
        assertThat(Order.balanced(SEEDS, labels).of(5)).isNotEqualTo(order);
        assertThat(Order.balanced(new Seeds(4), labels).of(4)).isNotEqualTo(order);
    }

    @Test
    void labelsOfACallerMayChangeLater() {
        int[] labels = {0, 0, 0, 1};
        Order order = Order.balanced(SEEDS, labels);
        int[] before = order.of(1);
        labels[3] = 0;
        assertThat(order.of(1)).isEqualTo(before);
    }

    @Test
    void everyPositionIsAsLikelyForEveryClass() {
        int[] labels = {0, 0, 0, 0, 0, 0, 1, 1};
        Order order = Order.balanced(SEEDS, labels);
        int epochs = 4000;
        int[] rare = new int[labels.length];
        for (int epoch = 0; epoch < epochs; epoch++) {
            int[] items = order.of(epoch);
            for (int i = 0; i < items.length; i++) {
                rare[i] += labels[items[i]];
            }
        }
        int fiveDeviations = (int) (5 * Math.sqrt(epochs / 4.0));
        assertThat(rare).satisfies(counts -> {
            for (int count : counts) {
                assertThat(count).isCloseTo(epochs / 2, within(fiveDeviations));
            }
        });
    }

    @Test
    void everyOrderOfARoundIsAsLikely() {
        int[] labels = {0, 0, 0};
        Map<List<Integer>, Integer> counts = new HashMap<>();
        int epochs = 6000;
        for (int epoch = 0; epoch < epochs; epoch++) {
            int[] items = Order.balanced(SEEDS, labels).of(epoch);
            counts.merge(Arrays.stream(items).boxed().toList(), 1, Integer::sum);
        }
        assertThat(counts).hasSize(6);
        assertThat(Collections.max(counts.values())).isCloseTo(1000, within(5 * 29));
    }

    @Test
    void noItemsHaveNoOrder() {
        assertThat(Order.balanced(SEEDS, new int[0]).of(0)).isEmpty();
    }

    @Test
    void unlabelledItemsCannotBeBalanced() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Order.balanced(SEEDS, new int[] {0, 1, Item.UNLABELLED}))
                .withMessage("item 2 has the label -1; only labelled items can be balanced by class");
    }
}
