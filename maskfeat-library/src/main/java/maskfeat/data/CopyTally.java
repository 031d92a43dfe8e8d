package maskfeat.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import maskfeat.data.FileCopies.Done;
import maskfeat.data.Preparation.Outcome;
import maskfeat.data.Preparation.Result;
import maskfeat.data.Preparation.Watcher;

/** Adds up what was done. */
final class CopyTally {
    /** How long to wait before it is said how far the work is. */
    static final long WAIT_MILLIS = 500;

    private final FileCopies copies;
    private final int[] counts = new int[Result.values().length];
    private long before;
    private long after;
    private int unknown;
    private int moving;

    CopyTally(FileCopies copies) {
        this.copies = copies;
    }

    void add(Done each, Watcher watcher) {
        counts[each.result().ordinal()]++;
        before += each.before();
        after += Math.max(0, each.after());
        unknown += each.isSizeUnknown() ? 1 : 0;
        moving += each.result() == Result.MADE && copies.isMovingPicture(each.file()) ? 1 : 0;
        if (each.why() != null) {
            watcher.unreadable(each.file(), each.why());
        }
    }

    Outcome outcome() {
        return new Outcome(Arrays.stream(counts).boxed().toList(), before, after, unknown, moving, List.of(), false, 0);
    }

    /** Waits for a copy, and throws what has failed as it was thrown. */
    static Done result(Future<Done> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof IOException io) {
                throw io;
            }
            if (cause instanceof UncheckedIOException io) {
                throw io.getCause();
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("preparing a file failed: " + cause, cause);
        }
    }
}
