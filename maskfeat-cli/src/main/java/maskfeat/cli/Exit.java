package maskfeat.cli;

/** Exit codes: documented in docs/troubleshooting.md, and what schedulers go by. */
public final class Exit {
    public static final int OK = 0;
    /** An error that we did not foresee: a bug. */
    public static final int BUG = 1;
    /** The command line, a setting or the run folder is not right. */
    public static final int USAGE = 2;
    /** Input is missing or cannot be used: data, weights, a checkpoint. */
    public static final int INPUT = 3;
    /** More files are bad than {@code data.max-bad-share} allows. */
    public static final int BAD_FILES = 4;
    /** Loss or gradient is not finite, too often in a row. */
    public static final int DIVERGED = 5;
    /** Out of memory, of the host or of a device. */
    public static final int MEMORY = 6;
    /** What was compared differs. */
    public static final int DIFFERENT = 7;
    /** One of several processes that train together is gone. Commands that compare nothing have it. */
    public static final int RANK_LOST = 7;
    /** The disk is full or something cannot be written. */
    public static final int DISK = 8;
    /** Stopped on request after saving; EX_TEMPFAIL, so that a scheduler starts it again. */
    public static final int STOPPED = 75;
    /** Killed by the second interrupt: 128 + the signal's number. */
    public static final int SIGNALLED = 128;

    private Exit() {}

    /** Whether a process that ends with it has said, in words for a person, what is wrong. */
    static boolean isExplained(int code) {
        return code >= USAGE && code <= DISK;
    }
}
