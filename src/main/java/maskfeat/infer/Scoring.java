package maskfeat.infer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.data.TooManyBadFiles;
import maskfeat.eval.Mean;
import maskfeat.eval.Prediction;
import maskfeat.media.Frames;
import maskfeat.network.Input;

/**
 * Scores of a classifier for every item of a data set, each the mean over several views (official: their sum, which ranks
 * alike). Nothing is random; decoding runs on threads of its own.
 */
public final class Scoring {
    private final Dataset dataset;
    private final Function<List<Frames>, List<float[]>> network;
    private final Input input;
    private final Batching batching;
    private double maxBadShare;
    private BiConsumer<Path, String> onLeftOut = (file, reason) -> {};

    /**
     * @param network gives probabilities of the classes for each of some squares of the size that it reads
     * @param input what the network reads
     * @throws IllegalArgumentException if images are to have several clips
     */
    public Scoring(Dataset dataset, Function<List<Frames>, List<float[]>> network, Input input, Batching batching) {
        batching.views().check(input.clip());
        this.dataset = dataset;
        this.network = network;
        this.input = input;
        this.batching = batching;
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
        boolean whole = ReadAhead.ofViews(dataset.items(), dataset::readView, input, batching)
                .through(
                        network,
                        (item, scores) -> {
                            predictions.add(new Prediction(dataset.name(item), item.label(), Mean.of(scores)));
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
