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
    private final int total;
    private final double maxShare;
    private final BiConsumer<Path, String> onNew;
    private final Map<Path, String> reasons = new HashMap<>();

    /**
     * @param total files in the data set
     * @param maxShare largest share of them, 0 to 1, that may be bad
     * @param known found bad by an earlier part of the same run; not reported again
     * @param onNew takes each new bad file with the reason, one call at a time
     */
    public BadFiles(int total, double maxShare, Collection<Path> known, BiConsumer<Path, String> onNew) {
        this.total = total;
        this.maxShare = maxShare;
        this.onNew = onNew;
        known.forEach(file -> reasons.put(file, ""));
    }

    /** Number of different bad files. */
    public synchronized int count() {
        return reasons.size();
    }

    synchronized void report(Item item, IOException why) throws TooManyBadFiles {
        String reason = why.getMessage() == null ? why.toString() : why.getMessage();
        if (reasons.putIfAbsent(item.file(), reason) != null) {
            return;
        }
        onNew.accept(item.file(), reason);
        if (reasons.size() > maxShare * total) {
            throw new TooManyBadFiles(String.format(
                    java.util.Locale.ROOT,
                    "%d of %d files cannot be read, more than data.max-bad-share %s allows; the last: %s",
                    reasons.size(),
                    total,
                    maxShare,
                    reason));
        }
    }
}
