package maskfeat.infer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import maskfeat.augment.Augment;
import maskfeat.augment.Augmented;
import maskfeat.augment.BoxRule;
import maskfeat.augment.Rectangle;
import maskfeat.data.FrameSize;
import maskfeat.data.Item;
import maskfeat.data.KeyBox;
import maskfeat.data.KeyFrameDataset;
import maskfeat.data.TooManyBadFiles;
import maskfeat.eval.ActionEvaluation;
import maskfeat.eval.ActionEvaluation.Gathering;
import maskfeat.eval.BoxProtocol;
import maskfeat.eval.Corners;
import maskfeat.media.Frames;
import maskfeat.torch.Ranks;

/**
 * Measures a detector of actions on key frames: with the boxes that are given, and with the true ones. Nothing is random;
 * background threads decode.
 *
 * @param dataset with boxes and truth
 * @param frame what the network sees of a clip: all of it, or the middle
 * @param rule where that takes boxes
 * @param protocol in whose coordinates boxes are gathered
 * @param batch clips computed together, where they have one size
 * @param threads that read
 * @param ranks that share the key frames: each makes the same calls and is given what all have found
 */
public record DetectionScoring(
        KeyFrameDataset dataset,
        Augment frame,
        BoxRule rule,
        BoxProtocol protocol,
        int batch,
        int threads,
        Ranks ranks) {
    /** A clip with the boxes that were given, and behind them the true ones, in its pixels. */
    private record View(Frames frames, List<Rectangle> boxes) {}

    /**
     * Measures all key frames. One without a given box counts with its truth; of it no clip is read unless it has true boxes.
     *
     * @param scores of the actions in the boxes of clips
     * @param share of the key frames, 0 to 1, that may be unreadable and are then left out
     * @param report receives each that is left out and the reason, on the caller's thread
     * @param into gathers what was found
     * @param stopRequested checked between batches; true stops
     * @return whether all were measured: false if stopped
     * @throws TooManyBadFiles if more are unreadable than may be left out, naming the last
     */
    public boolean run(
            BoxScores scores,
            double share,
            BiConsumer<Path, String> report,
            Gathering into,
            BooleanSupplier stopRequested,
            Progress progress)
            throws IOException, InterruptedException {
        LeftOut leftOut = new LeftOut(share, report);
        int[] done = {0};
        int[] left = {0};
        Function<List<View>, List<List<float[]>>> network = views -> scores.of(
                views.stream().map(View::frames).toList(),
                views.stream().map(View::boxes).toList());
        scores.refresh();
        return new ReadAhead<Item, View>(dataset.items(), (item, part) -> List.of(view(item)), 1, 1, batch, threads)
                .through(
                        ranks,
                        SharedItems.Packing.list(SharedItems.Packing.FLOATS),
                        network,
                        (item, found) -> {
                            gather(item, found.get(0), into);
                            progress.at(++done[0], dataset.size());
                        },
                        (item, why) -> {
                            leftOut.leave(dataset, item, why, ++left[0]);
                            progress.at(++done[0], dataset.size());
                        },
                        stopRequested);
    }

    private View view(Item item) throws IOException {
        KeyFrameDataset.Key key = dataset.key(item);
        Frames whole = dataset.readView(item, 0, 1);
        FrameSize size = dataset.size(key);
        Augmented seen = frame.apply(whole, new SplittableRandom(0)); // draws nothing
        List<Rectangle> boxes = new ArrayList<>();
        for (List<KeyBox> each : List.of(key.asked(), key.truth())) {
            for (KeyBox box : each) {
                boxes.add(
                        rule.apply(KeyFrameDataset.upright(box.fractions(size)), whole.height(), whole.width(), seen));
            }
        }
        return new View(seen.frames(), boxes);
    }

    private void gather(Item item, List<float[]> found, Gathering into) throws IOException {
        KeyFrameDataset.Key key = dataset.key(item);
        FrameSize size = dataset.size(key);
        List<Gathering.Scored> given = new ArrayList<>();
        for (int i = 0; i < key.asked().size(); i++) {
            given.add(new Gathering.Scored(place(key.asked().get(i), size), found.get(i)));
        }
        List<Gathering.True> truth = key.truth().stream()
                .map(box -> new Gathering.True(place(box, size), box.actions()))
                .toList();
        into.add(key.name(), given, truth, found.subList(given.size(), found.size()));
    }

    private Corners place(KeyBox box, FrameSize size) {
        return protocol.inPixels() ? box.pixels(size) : box.fractions(size);
    }

    /** As {@link #run}, to the figures of a threshold. */
    public Optional<ActionEvaluation> evaluate(
            BoxScores scores,
            double share,
            BiConsumer<Path, String> report,
            List<Integer> counted,
            double threshold,
            BooleanSupplier stopRequested,
            Progress progress)
            throws IOException, InterruptedException {
        Gathering gathering = new Gathering(dataset.classes(), counted, protocol, threshold);
        return run(scores, share, report, gathering, stopRequested, progress)
                ? Optional.of(gathering.evaluate())
                : Optional.empty();
    }
}
