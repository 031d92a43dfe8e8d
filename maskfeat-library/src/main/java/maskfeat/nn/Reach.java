package maskfeat.nn;

import java.util.stream.IntStream;
import maskfeat.mask.Grid;

/**
 * The tokens that a pooling reads. A window of 3 with a stride of 4 or more leaves rows and columns out that no output
 * depends on: they need no keys and values. What is left, packed together, is read with stride 3.
 *
 * @param grid of the tokens that are read
 * @param stride of the pooling on that grid
 * @param tokens their numbers on the whole grid, ascending
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

    /** Whether a line is at most one away from the middle of a window. */
    private static boolean isRead(int line, int side, int stride) {
        int middle = (line + 1) / stride * stride;
        return middle < side && Math.abs(line - middle) <= 1;
    }
}
