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
import maskfeat.eval.Mean;
import maskfeat.media.Frames;
import maskfeat.network.Input;
import maskfeat.torch.Ranks;

/**
 * What a network makes of the items of a data set that can be read, with their labels.
 *
 * @param features [N][C], means over the views
 * @param labels [N]
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
public record LabelledFeatures(float[][] features, int[] labels) {
    /**
     * Reads all items.
     *
     * @param ranks that share the items: each makes the same call and is given the features of all
     * @param network gives the features of square frames of its input size, [C] each
     * @param input of the network
     * @param share of the items, 0 to 1, that may be left out
     * @param report receives each item left out and the reason, on the caller's thread
     * @param stopRequested asked after each batch
     * @return empty if a stop was requested
     * @throws maskfeat.data.TooManyBadFiles if more items are unreadable than may be left out, naming the last
     */
    public static Optional<LabelledFeatures> of(
            Dataset dataset,
            Ranks ranks,
            Function<List<Frames>, List<float[]>> network,
            Input input,
            Batching batching,
            double share,
            BiConsumer<Path, String> report,
            BooleanSupplier stopRequested,
            Progress progress)
            throws IOException, InterruptedException {
        LeftOut leftOut = new LeftOut(share, report);
        List<float[]> features = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        int[] left = {0};
        boolean whole = ReadAhead.ofViews(dataset.items(), dataset::readView, input, batching)
                .through(
                        ranks,
                        SharedItems.Packing.FLOATS,
                        network,
                        (item, views) -> {
                            features.add(Mean.of(views));
                            labels.add(item.label());
                            progress.at(features.size() + left[0], dataset.size());
                        },
                        (item, why) -> leftOut.leave(dataset, item, why, ++left[0]),
                        stopRequested);
        if (!whole) {
            return Optional.empty();
        }
        return Optional.of(new LabelledFeatures(
                features.toArray(float[][]::new),
                labels.stream().mapToInt(Integer::intValue).toArray()));
    }
}
