package maskfeat.infer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.BiConsumer;
import maskfeat.data.BadFiles;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.data.TooManyBadFiles;

/**
 * What becomes of items that cannot be read where a data set is measured.
 *
 * @param share of the items, 0 to 1, that may be left out
 * @param report receives each item left out and the reason, on the caller's thread
 */
record LeftOut(double share, BiConsumer<Path, String> report) {
    /** None may be: results over the others are not comparable. */
    static final LeftOut NONE = new LeftOut(0, (file, reason) -> {});

    LeftOut {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("max-bad-share " + share + " must lie between 0 and 1");
        }
    }

    /**
     * Leaves an item out.
     *
     * @param left how many are now
     * @throws TooManyBadFiles if that is more than may be, naming this one
     */
    void leave(Dataset dataset, Item item, IOException why, int left) throws IOException {
        String reason = why.getMessage() == null ? why.toString() : why.getMessage();
        report.accept(item.file(), reason);
        if (left > BadFiles.allowed(dataset.size(), share) || left == dataset.size()) {
            throw new TooManyBadFiles(String.format(
                    Locale.ROOT,
                    "%d of %d %s to measure on cannot be read, more than the share of %s that may be left out"
                            + " (max-bad-share); the last: %s; 'maskfeat data scan' names all of them: mend or move them,"
                            + " or allow a larger share",
                    left,
                    dataset.size(),
                    dataset.noun(),
                    share,
                    reason));
        }
    }
}
