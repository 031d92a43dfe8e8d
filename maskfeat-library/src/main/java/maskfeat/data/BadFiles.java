package maskfeat.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Keeps count of the files that could not be used, each once, and says when they are too many. Safe for any number of
 * threads.
 */
public final class BadFiles {
    /** So many may be bad in a small data set too, where a share of it is less than one file. */
    private static final int A_FEW = 3;

    private final int total;
    private final double maxShare;
    private final BiConsumer<Path, String> onNew;
    private final Map<Path, String> reasons = new HashMap<>();
    private BiConsumer<Path, String> onOwn = (file, reason) -> {};

    /**
     * @param total files in the data set
     * @param maxShare largest share of them, 0 to 1, that may be bad; see {@link #allowed}
     * @param known found bad by an earlier part of the same run; not reported again
     * @param onNew takes each new bad file with the reason, one call at a time
     */
    public BadFiles(int total, double maxShare, Collection<Path> known, BiConsumer<Path, String> onNew) {
        this.total = total;
        this.maxShare = maxShare;
        this.onNew = onNew;
        known.forEach(file -> reasons.put(file, ""));
    }

    /**
     * How many files may be bad: the share of them, but three at least where these are not half of all or more; none where
     * the share is 0.
     *
     * @param total files
     * @param maxShare largest share, 0 to 1
     */
    public static int allowed(int total, double maxShare) {
        int few = maxShare == 0 ? 0 : Math.min(A_FEW, Math.max(0, (total - 1) / 2));
        return Math.max((int) Math.floor(maxShare * total), few);
    }

    /** Number of different bad files. */
    public synchronized int count() {
        return reasons.size();
    }

    /** Who is told, besides, of each new bad file that this process has met itself, one call at a time. */
    public synchronized void tellOwn(BiConsumer<Path, String> who) {
        onOwn = who;
    }

    synchronized void report(Item item, IOException why) throws TooManyBadFiles {
        String reason = why.getMessage() == null ? why.toString() : why.getMessage();
        if (!reasons.containsKey(item.file())) {
            onOwn.accept(item.file(), reason);
        }
        add(item.file(), reason);
    }

    /**
     * Counts a file that another process could not use.
     *
     * @throws TooManyBadFiles if it is one too many
     */
    public synchronized void add(Path file, String reason) throws TooManyBadFiles {
        if (reasons.putIfAbsent(file, reason) != null) {
            return;
        }
        onNew.accept(file, reason);
        if (reasons.size() > allowed(total, maxShare)) {
            throw new TooManyBadFiles(String.format(
                    java.util.Locale.ROOT,
                    "%d of %d files cannot be read, more than the %d that data.max-bad-share %s allows; the last: %s;"
                            + " 'maskfeat data scan' names all of them: mend or move them, or set data.max-bad-share higher",
                    reasons.size(),
                    total,
                    allowed(total, maxShare),
                    maxShare,
                    reason));
        }
    }
}
