package maskfeat.mask;

/** The coarse grid on which masks of clips are drawn: the tokens of one cell are hidden together. */
final class CellGrid {
    /**
     * Published side of a cell in tokens. SlowFast (AUG.MASK_WINDOW_SIZE) draws masks for 14 x 14 tokens of 16 x 16 px
     * on 7 x 7 cells per step of time.
     */
    static final int CELL = 2;

    private CellGrid() {}

    static void check(int cell) {
        if (cell < 1) {
            throw new IllegalArgumentException(
                    "cell " + cell + " must be at least 1 token per side; the published value is " + CELL);
        }
    }

    /**
     * The grid in cells; time is unchanged. If one cell would cover a whole step, leaving no choice, cells are half the
     * longer side instead.
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
