package maskfeat.data;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.random.RandomGenerator;
import maskfeat.augment.Augment;
import maskfeat.data.Seeds.Purpose;
import maskfeat.mask.Grid;
import maskfeat.mask.MaskStrategy;
import maskfeat.media.Frames;

/**
 * From an item to a sample: decode, augment, hide, compute what to predict. A pure function of (seed, epoch, position),
 * so any thread may do any part of an epoch.
 *
 * <p>An item that cannot be read is reported and replaced by another, drawn by (seed, epoch, position, attempt).
 */
public final class Samples {
    /** What to predict for the hidden tokens, where that is a function of the pixels. Called on loader threads. */
    public interface Target {
        /**
         * The features of the hidden tokens.
         *
         * @param hidden on the grid that masks are drawn on, true = hidden from the network
         * @return for each depth that predicts [hidden tokens of its grid, numbers a token]
         */
        List<float[]> of(Frames frames, boolean[] hidden);
    }

    private static final int ATTEMPTS = 100; // with half the files bad, chance never gets here

    private final Dataset dataset;
    private final Seeds seeds;
    private final Augment augment;
    private final MaskStrategy mask;
    private final Grid grid;
    private final Target target;
    private final BadFiles badFiles;

    public Samples(
            Dataset dataset,
            Seeds seeds,
            Augment augment,
            MaskStrategy mask,
            Grid grid,
            Target target,
            BadFiles badFiles) {
        this.dataset = dataset;
        this.seeds = seeds;
        this.augment = augment;
        this.mask = mask;
        this.grid = grid;
        this.target = target;
        this.badFiles = badFiles;
    }

    /** Number of items. */
    public int size() {
        return dataset.size();
    }

    /** The grid of tokens that masks are drawn on. */
    public Grid grid() {
        return grid;
    }

    /**
     * The sample of an epoch that item {@code index} gives.
     *
     * @throws TooManyBadFiles if the share of files that cannot be read is past the limit
     * @throws CancellationException if the thread was interrupted while it read; no file is blamed for that
     */
    public Sample get(long epoch, int index) throws TooManyBadFiles {
        RandomGenerator replacements = seeds.of(Purpose.REPLACE, epoch, index);
        int chosen = index;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Item item = dataset.items().get(chosen);
            Frames whole;
            try {
                whole = dataset.read(item, seeds.of(Purpose.CLIP, epoch, index));
            } catch (IOException unreadable) {
                if (Thread.currentThread().isInterrupted()) {
                    // The loader was closed in the middle of reading: nothing is known against the file.
                    throw (CancellationException)
                            new CancellationException("reading was interrupted").initCause(unreadable);
                }
                badFiles.report(item, unreadable);
                chosen = replacements.nextInt(dataset.size());
                continue;
            }
            return make(epoch, index, chosen, whole);
        }
        throw new TooManyBadFiles(
                "no readable file in " + ATTEMPTS + " tries; " + badFiles.count() + " bad files so far");
    }

    // Clip, augmentation and mask hang on the position in the epoch, not on the file that fills it.
    private Sample make(long epoch, int index, int chosen, Frames whole) {
        Frames frames = augment.apply(whole, seeds.of(Purpose.AUGMENT, epoch, index));
        boolean[] hidden = mask.draw(grid, seeds.of(Purpose.MASK, epoch, index));
        int label = dataset.items().get(chosen).label();
        return new Sample(chosen, frames, hidden, target.of(frames, hidden), label);
    }
}
