package maskfeat.data;

import java.io.IOException;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;
import java.util.random.RandomGenerator;
import maskfeat.data.Seeds.Purpose;
import maskfeat.media.Frames;

/**
 * From an item to a sample: decode, then what the {@link SampleMaker} does. A pure function of (seed, epoch, position),
 * so any thread may do any part of an epoch.
 *
 * <p>An item that cannot be read is reported and replaced by another, drawn by (seed, epoch, position, attempt).
 *
 * @param <S> type of the samples' content
 */
public final class Samples<S> {
    private static final int ATTEMPTS = 100; // if half the files are bad, chance never comes this far

    private final Dataset dataset;
    private final Seeds seeds;
    private final SampleMaker<S> maker;
    private final BadFiles badFiles;

    public Samples(Dataset dataset, Seeds seeds, SampleMaker<S> maker, BadFiles badFiles) {
        this.dataset = dataset;
        this.seeds = seeds;
        this.maker = maker;
        this.badFiles = badFiles;
    }

    /** Number of items. */
    public int size() {
        return dataset.size();
    }

    /** What the sample counts in the mean loss of its step, without making it; empty if only the sample tells. */
    OptionalDouble weight(long epoch, int index, int copy) {
        return maker.weight(seeds.of(epoch, index, copy));
    }

    /** The first, or only, sample of an epoch that item {@code index} gives. */
    public Sample<S> get(long epoch, int index) throws TooManyBadFiles {
        return get(epoch, index, 0);
    }

    /**
     * The sample of an epoch that item {@code index} gives.
     *
     * @param copy which of several samples of the item in the same epoch, counted from 0
     * @throws TooManyBadFiles if the share of files that cannot be read is past the limit
     * @throws CancellationException if the thread was interrupted while it read; no file is reported for that
     */
    public Sample<S> get(long epoch, int index, int copy) throws TooManyBadFiles {
        Seeds.Draws draws = seeds.of(epoch, index, copy);
        RandomGenerator replacements = draws.of(Purpose.REPLACE);
        int chosen = index;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Item item = dataset.items().get(chosen);
            try {
                Frames whole = dataset.read(item, draws.of(Purpose.CLIP));
                // Clip, augmentation and mask depend on the position in the epoch, not on the file that fills it.
                return new Sample<>(chosen, maker.make(item, whole, draws));
            } catch (IOException unreadable) {
                if (Thread.currentThread().isInterrupted()) {
                    // The loader was closed while this thread read: the file may be good.
                    throw (CancellationException)
                            new CancellationException("reading was interrupted").initCause(unreadable);
                }
                badFiles.report(item, unreadable);
                chosen = replacements.nextInt(dataset.size());
            }
        }
        throw new TooManyBadFiles(
                "no readable file in " + ATTEMPTS + " tries; " + badFiles.count() + " bad files so far");
    }
}
