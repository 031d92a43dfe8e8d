package maskfeat.recipe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.data.TooManyBadFiles;
import maskfeat.eval.Prediction;
import maskfeat.eval.Views;
import maskfeat.task.Classification;

/**
 * Scores of a classifier for every item of a data set, each the mean over several views (official: their sum, which ranks
 * alike). Nothing is random; decoding runs on threads of its own.
 */
public final class Scoring {
    /** Is told how far scoring is. */
    public interface Progress {
        /**
         * @param done items scored
         * @param of all items
         */
        void at(int done, int of);
    }

    private final Dataset dataset;
    private final Classification task;
    private final ClassifierBlueprint.Input input;
    private final Finetune.Views views;
    private final int batch;
    private final int threads;
    private double maxBadShare;
    private BiConsumer<Path, String> onLeftOut = (file, reason) -> {};

    /**
     * @param batch views that go through the network together
     * @param threads that decode
     */
    public Scoring(
            Dataset dataset,
            Classification task,
            ClassifierBlueprint.Input input,
            Finetune.Views views,
            int batch,
            int threads) {
        views.check(input.clip());
        this.dataset = dataset;
        this.task = task;
        this.input = input;
        this.views = views;
        this.batch = batch;
        this.threads = threads;
    }

    /**
     * Leaves out items that cannot be read, up to a share of all. Each pass tries all of them anew, so that what is left
     * out depends on the files alone.
     *
     * @param share of the items, 0 to 1
     * @param told takes each item that is left out, in every pass, with the reason, on the caller's thread
     */
    public Scoring leavingOut(double share, BiConsumer<Path, String> told) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("max-bad-share " + share + " must lie between 0 and 1");
        }
        maxBadShare = share;
        onLeftOut = told;
        return this;
    }

    /**
     * Scores all items. One that cannot be read ends it, unless some may be left out: a measure over the rest is another
     * measure, and how many were measured has to be said with it.
     *
     * @param stopRequested asked between batches; true gives up
     * @return by item, in the order of the data set, without those left out; empty if it was given up
     * @throws TooManyBadFiles naming the last, if more cannot be read than may be left out
     */
    public Optional<List<Prediction>> run(BooleanSupplier stopRequested, Progress progress)
            throws IOException, InterruptedException {
        List<Prediction> predictions = new ArrayList<>();
        int[] left = {0};
        boolean whole = ReadAhead.ofViews(dataset.items(), dataset::readView, input, views, batch, threads)
                .through(
                        task::scores,
                        (item, scores) -> {
                            predictions.add(new Prediction(dataset.name(item), item.label(), Views.mean(scores)));
                            progress.at(predictions.size() + left[0], dataset.size());
                        },
                        (item, why) -> {
                            leaveOut(item, why, ++left[0]);
                            progress.at(predictions.size() + left[0], dataset.size());
                        },
                        stopRequested);
        return whole ? Optional.of(predictions) : Optional.empty();
    }

    private void leaveOut(Item item, IOException why, int left) throws IOException {
        String reason = why.getMessage() == null ? why.toString() : why.getMessage();
        onLeftOut.accept(item.file(), reason);
        if (left > maxBadShare * dataset.size() || left == dataset.size()) {
            throw new TooManyBadFiles(String.format(
                    Locale.ROOT,
                    "%d of %d %s to measure on cannot be read, more than the share of %s that may be left out"
                            + " (max-bad-share); the last: %s",
                    left,
                    dataset.size(),
                    dataset.noun(),
                    maxBadShare,
                    reason));
        }
    }
}
