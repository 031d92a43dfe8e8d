package maskfeat.nn;

import java.util.stream.IntStream;
import maskfeat.mask.Grid;

/**
 * The tokens that a pooling reads. With a window of 3 and a stride of 4 or more, no output depends on some rows and
 * columns, so these need no keys and values. The others, packed together, are pooled with stride 3.
 *
 * @param grid of the tokens that are read
 * @param stride of the pooling on that grid
 * @param tokens their indices on the whole grid, ascending
 */
@SuppressWarnings("ArrayRecordComponent") // becomes a tensor; nobody compares it with equals
record Reach(Grid grid, int stride, long[] tokens) {
    private static final int WINDOW = 3;

    static Reach of(Grid grid, int stride) {
        int[] rows = lines(grid.h(), stride);
        int[] columns = lines(grid.w(), stride);
        long[] tokens = IntStream.range(0, grid.t())
                .boxed()
                .flatMapToInt(t ->
                        IntStream.of(rows).flatMap(y -> IntStream.of(columns).map(x -> grid.index(t, y, x))))
                .asLongStream()
                .toArray();
        return new Reach(new Grid(grid.t(), rows.length, columns.length), Math.min(stride, WINDOW), tokens);
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
