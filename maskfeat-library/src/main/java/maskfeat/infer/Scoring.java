package maskfeat.infer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import maskfeat.data.Dataset;
import maskfeat.data.TooManyBadFiles;
import maskfeat.eval.Mean;
import maskfeat.eval.Prediction;
import maskfeat.media.Frames;
import maskfeat.network.Input;
import maskfeat.torch.Ranks;

/**
 * Scores every item of a data set with a classifier, averaging over views (the official code sums, which gives the same
 * ranking). Nothing is random; background threads decode.
 */
public final class Scoring {
    private final Dataset dataset;
    private final Function<List<Frames>, List<float[]>> network;
    private final Input input;
    private final Batching batching;
    private LeftOut leftOut = LeftOut.NONE;
    private Ranks ranks = Ranks.ALONE;

    /**
     * @param network gives the class probabilities of square frames of its input size
     * @param input of the network
     * @throws IllegalArgumentException if images should have several clips
     */
    public Scoring(Dataset dataset, Function<List<Frames>, List<float[]>> network, Input input, Batching batching) {
        batching.views().check(input.clip());
        this.dataset = dataset;
        this.network = network;
        this.input = input;
        this.batching = batching;
    }

    /**
     * Leaves out unreadable items, up to a share of all. Each pass tries all items again, so that the result depends
     * only on the files.
     *
     * @param share of the items, 0 to 1
     * @param report receives each item left out and the reason, in every pass, on the caller's thread
     */
    public Scoring leavingOut(double share, BiConsumer<Path, String> report) {
        leftOut = new LeftOut(share, report);
        return this;
    }

    /** Shares the items with other ranks, each of which makes the same calls and is given the scores of all. */
    public Scoring among(Ranks others) {
        ranks = others;
        return this;
    }

    /**
     * Scores all items. Unreadable ones are an error unless {@link #leavingOut} permits them, because results over the
     * others are not comparable unless their number is reported.
     *
     * @param stopRequested checked between batches; true stops
     * @return predictions in the order of the data set, without items left out; empty if stopped
     * @throws TooManyBadFiles if more items are unreadable than may be left out, naming the last
     */
    public Optional<List<Prediction>> run(BooleanSupplier stopRequested, Progress progress)
            throws IOException, InterruptedException {
        List<Prediction> predictions = new ArrayList<>();
        int[] left = {0};
        boolean whole = ReadAhead.ofViews(dataset.items(), dataset::readView, input, batching)
                .through(
                        ranks,
                        SharedItems.Packing.FLOATS,
                        network,
                        (item, scores) -> {
                            predictions.add(new Prediction(dataset.name(item), item.label(), Mean.of(scores)));
                            progress.at(predictions.size() + left[0], dataset.size());
                        },
                        (item, why) -> {
                            leftOut.leave(dataset, item, why, ++left[0]);
                            progress.at(predictions.size() + left[0], dataset.size());
                        },
                        stopRequested);
        return whole ? Optional.of(predictions) : Optional.empty();
    }
}
