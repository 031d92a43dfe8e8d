package maskfeat.torch;

/** One of the processes that train together is gone, so that the others cannot go on. */
public final class RankLost extends RuntimeException {
    private final int rank;
    private final boolean failed;

    RankLost(int rank, boolean failed, String message) {
        super(message);
        this.rank = rank;
        this.failed = failed;
    }

    /** Which one. */
    public int rank() {
        return rank;
    }

    /** Whether it ended in an error that it told the others, rather than without a word. */
    public boolean failed() {
        return failed;
    }
}
