package maskfeat.mask;

/** Checks of the share of tokens to hide, for all rules. */
final class Ratio {
    private Ratio() {}

    static void check(double ratio) {
        if (!(ratio > 0 && ratio < 1)) {
            throw new IllegalArgumentException("mask ratio " + ratio + " must lie between 0 and 1, both excluded");
        }
    }

    /** N, the most tokens that the block rules hide; half a token rounds to even. */
    static int target(double ratio, Grid grid) {
        return neitherNoneNorAll((int) Math.rint(grid.size() * ratio), grid);
    }

    /** Limits the number: not 0, which has no loss, and not all, which shows nothing; a single token is hidden. */
    static int neitherNoneNorAll(int hidden, Grid grid) {
        return Math.max(1, Math.min(grid.size() - 1, hidden));
    }
}
