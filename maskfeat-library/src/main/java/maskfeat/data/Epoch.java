package maskfeat.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import maskfeat.data.Seeds.Purpose;

/** The order of one pass over the data. */
final class Epoch {
    private Epoch() {}

    /** A permutation of 0 to size - 1 that depends on seed and epoch alone. */
    static int[] order(Seeds seeds, long epoch, int size) {
        return permutation(seeds.of(Purpose.ORDER, epoch, 0), size);
    }

    /**
     * An order of as many items as there are in which the classes come equally often: {@link Order#balanced}.
     *
     * @param labels [size], from 0
     */
    static int[] balanced(Seeds seeds, long epoch, int[] labels) {
        List<int[]> classes = byClass(labels);
        int[] drawn = new int[labels.length];
        int count = 0;
        for (int rank = 0; rank < classes.size(); rank++) {
            int[] items = classes.get(rank);
            long first = drawsBefore(epoch, rank, labels.length, classes.size());
            long end = drawsBefore(epoch + 1, rank, labels.length, classes.size());
            int[] round = {};
            for (long draw = first; draw < end; draw++) {
                int place = (int) (draw % items.length);
                if (place == 0 || draw == first) {
                    // Stream 0 of the order is the shuffling of positions, in which the class plays no part.
                    round = permutation(
                            seeds.of(Purpose.ORDER, draw / items.length, 1L + labels[items[0]]), items.length);
                }
                drawn[count++] = items[round[place]];
            }
        }
        int[] order = order(seeds, epoch, labels.length);
        Arrays.setAll(order, i -> drawn[order[i]]);
        return order;
    }

    /**
     * How often a class has been drawn from when an epoch begins. The classes with one more are a window over a ring,
     * which each epoch begins where the last one's ended.
     */
    private static long drawsBefore(long epoch, int rank, int size, int classes) {
        long more = Math.multiplyExact(epoch, (long) (size % classes));
        return Math.multiplyExact(epoch, (long) (size / classes)) + more / classes + (rank < more % classes ? 1 : 0);
    }

    /** The items of each class that has any, by label. */
    private static List<int[]> byClass(int[] labels) {
        Map<Integer, List<Integer>> items = new TreeMap<>();
        for (int i = 0; i < labels.length; i++) {
            items.computeIfAbsent(labels[i], label -> new ArrayList<>()).add(i);
        }
        return items.values().stream()
                .map(of -> of.stream().mapToInt(Integer::intValue).toArray())
                .toList();
    }

    /** Fisher and Yates. */
    private static int[] permutation(RandomGenerator random, int size) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
