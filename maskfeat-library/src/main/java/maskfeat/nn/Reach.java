package maskfeat.nn;

import java.util.stream.IntStream;
import maskfeat.mask.Grid;

/**
 * The tokens that a pooling reads. With a window of 3 and a stride of 4 or more, no output depends on some rows and
 * columns, so these need no keys and values. The others, packed together, are pooled with stride 3.
 *
 * @param whole grid of all tokens
 * @param grid of the tokens that are read
 * @param wholeStride of the pooling on the whole grid
 */
record Reach(Grid whole, Grid grid, int wholeStride) {
    private static final int WINDOW = 3;

    static Reach of(Grid whole, int stride) {
        return new Reach(whole, new Grid(whole.t(), count(whole.h(), stride), count(whole.w(), stride)), stride);
    }

    /** Stride of the pooling on the grid of the tokens that are read. */
    int stride() {
        return Math.min(wholeStride, WINDOW);
    }

    /** Their numbers on the whole grid, ascending. */
    long[] tokens() {
        int[] rows = lines(whole.h(), wholeStride);
        int[] columns = lines(whole.w(), wholeStride);
        return IntStream.range(0, whole.t())
                .boxed()
                .flatMapToInt(t ->
                        IntStream.of(rows).flatMap(y -> IntStream.of(columns).map(x -> whole.index(t, y, x))))
                .asLongStream()
                .toArray();
    }

    private static int count(int side, int stride) {
        return lines(side, stride).length;
    }

    private static int[] lines(int side, int stride) {
        return IntStream.range(0, side)
                .filter(line -> stride <= WINDOW || isRead(line, side, stride))
                .toArray();
    }

    /** Whether a row or column is in a window: at most one from its middle. */
    private static boolean isRead(int line, int side, int stride) {
        int middle = (line + 1) / stride * stride;
        return middle < side && Math.abs(line - middle) <= 1;
    }
}
