package maskfeat.cli;

/** Exit codes: documented in docs/troubleshooting.md, and what schedulers go by. */
final class Exit {
    static final int OK = 0;
    /** An error that we did not foresee: a bug. */
    static final int BUG = 1;
    /** The command line, a setting or the run folder is not right. */
    static final int USAGE = 2;
    /** Input is missing or cannot be used: data, weights, a checkpoint. */
    static final int INPUT = 3;
    /** More files are bad than {@code data.max-bad-share} allows. */
    static final int BAD_FILES = 4;
    /** Loss or gradient is not finite, too often in a row. */
    static final int DIVERGED = 5;
    /** Out of memory, of the host or of a device. */
    static final int MEMORY = 6;
    /** What was compared differs. */
    static final int DIFFERENT = 7;
    /** One of several processes that train together is gone. Commands that compare nothing have it. */
    static final int RANK_LOST = 7;
    /** The disk is full or something cannot be written. */
    static final int DISK = 8;
    /** Stopped on request after saving; EX_TEMPFAIL, so that a scheduler starts it again. */
    static final int STOPPED = 75;
    /** Killed by the second interrupt: 128 + the signal's number. */
    static final int SIGNALLED = 128;

    private Exit() {}
}
