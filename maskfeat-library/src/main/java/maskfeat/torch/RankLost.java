package maskfeat.torch;

/** One of the processes that train together is gone, so that the others cannot go on. */
public final class RankLost extends RuntimeException {
    private final int rank;

    RankLost(int rank, String message) {
        super(message);
        this.rank = rank;
    }

    /** Which one. */
    public int rank() {
        return rank;
    }
}
