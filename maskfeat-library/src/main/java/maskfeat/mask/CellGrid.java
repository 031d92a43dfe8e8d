package maskfeat.mask;

/** The coarse grid on which masks of clips are drawn: a few tokens side by side are hidden together. */
final class CellGrid {
    /**
     * Tokens a side under one cell. SlowFast (AUG.MASK_WINDOW_SIZE) draws masks of 14 x 14 tokens a step, of 16 x 16
     * pixels each, on 7 x 7.
     */
    static final int CELL = 2;

    private CellGrid() {}

    static void check(int cell) {
        if (cell < 1) {
            throw new IllegalArgumentException(
                    "cell " + cell + " must be a number of tokens a side, 1 or more; the published is " + CELL);
        }
    }

    /**
     * The grid in cells; time stays as it is. Where one cell would cover a whole step, there would be nothing to
     * choose: cells are then half the longer side.
     */
    static Grid of(Grid grid, int cell) {
        int longer = Math.max(grid.h(), grid.w());
        int side = cell < longer ? cell : ceilDiv(longer, 2);
        return new Grid(grid.t(), ceilDiv(grid.h(), side), ceilDiv(grid.w(), side));
    }

    private static int ceilDiv(int tokens, int side) {
        return (tokens + side - 1) / side;
    }
}
