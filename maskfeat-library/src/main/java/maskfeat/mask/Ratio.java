package maskfeat.mask;

/** What all rules say about the share of tokens to hide. */
final class Ratio {
    private Ratio() {}

    static void check(double ratio) {
        if (!(ratio > 0 && ratio < 1)) {
            throw new IllegalArgumentException("mask ratio " + ratio + " must lie between 0 and 1, both excluded");
        }
    }

    /** N: how many tokens the rules of blocks hide, at most; half a token rounds to even. */
    static int target(double ratio, Grid grid) {
        return neitherNoneNorAll((int) Math.rint(grid.size() * ratio), grid);
    }

    /** Never none, which has no loss, and never all, which shows nothing; a single token is hidden. */
    static int neitherNoneNorAll(int hidden, Grid grid) {
        return Math.max(1, Math.min(grid.size() - 1, hidden));
    }
}
