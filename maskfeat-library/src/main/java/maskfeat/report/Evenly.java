package maskfeat.report;

import java.util.stream.IntStream;

/** Selects evenly spaced items. */
final class Evenly {
    private Evenly() {}

    /** At most {@code most} indices below {@code size}, in order, including the first and the last. */
    static int[] chosen(int size, int most) {
        int count = Math.min(most, size);
        return IntStream.range(0, count)
                .map(i -> count == 1 ? 0 : i * (size - 1) / (count - 1))
                .toArray();
    }
}
