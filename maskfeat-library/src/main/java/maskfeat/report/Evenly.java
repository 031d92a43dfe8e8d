package maskfeat.report;

import java.util.stream.IntStream;

/** A few of many. */
final class Evenly {
    private Evenly() {}

    /** At most {@code most} of the indices below {@code size}, the first and the last among them, in order. */
    static int[] chosen(int size, int most) {
        int count = Math.min(most, size);
        return IntStream.range(0, count)
                .map(i -> count == 1 ? 0 : i * (size - 1) / (count - 1))
                .toArray();
    }
}
