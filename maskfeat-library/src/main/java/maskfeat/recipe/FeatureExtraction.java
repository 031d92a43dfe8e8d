package maskfeat.recipe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.eval.Views;
import maskfeat.task.Embedding;

/**
 * Features of many images or videos from a frozen network: the mean over the patch tokens after a block, and over several
 * views of an item. Nothing is random; decoding runs on threads of its own.
 */
public final class FeatureExtraction {
    /** Takes the features of an item. */
    public interface Taker {
        /** @param features [blocks][C], those of each block that was asked for */
        void take(Item item, float[][] features);
    }

    /** Is told of an item that cannot be read. */
    public interface Unreadable {
        /** Leaves it out by returning, gives up by throwing. */
        void at(Item item, IOException why) throws IOException;
    }

    private final FrozenNetwork network;
    private final List<Integer> blocks;
    private final Finetune.Views views;
    private final int batch;
    private final int threads;

    /**
     * @param blocks after which features are taken, counted from 0, ascending
     * @param batch views that go through the network together
     * @param threads that decode
     * @throws IllegalArgumentException if there is no such block, or images shall have several views in time
     */
    public FeatureExtraction(
            FrozenNetwork network, List<Integer> blocks, Finetune.Views views, int batch, int threads) {
        network.check(blocks);
        views.check(network.input().clip());
        this.network = network;
        this.blocks = List.copyOf(blocks);
        this.views = views;
        this.batch = batch;
        this.threads = threads;
    }

    /**
     * Features of all items of a data set. One that cannot be read is an error that names it: a measure over the rest would
     * be another measure.
     *
     * @param stopRequested asked between batches; true gives up
     * @return for each block [N][C], in the order of the data set; empty if it was given up
     */
    public Optional<List<float[][]>> run(Dataset dataset, BooleanSupplier stopRequested, Scoring.Progress progress)
            throws IOException, InterruptedException {
        List<float[][]> all = new ArrayList<>();
        blocks.forEach(block -> all.add(new float[dataset.size()][]));
        int[] done = {0};
        boolean whole = run(
                dataset.items(),
                dataset::readView,
                stopRequested,
                (item, features) -> {
                    for (int b = 0; b < features.length; b++) {
                        all.get(b)[done[0]] = features[b];
                    }
                    progress.at(++done[0], dataset.size());
                },
                (item, why) -> {
                    throw why;
                });
        return whole ? Optional.of(all) : Optional.empty();
    }

    /**
     * Features of items, one after the other, in their order.
     *
     * @param source of the views
     * @param stopRequested asked between batches; true gives up
     * @return whether all were gone through
     */
    public boolean run(
            List<Item> items, ViewSource source, BooleanSupplier stopRequested, Taker taker, Unreadable unreadable)
            throws IOException, InterruptedException {
        Embedding embedding = network.embedding();
        return ReadAhead.ofViews(items, source, network.input(), views, batch, threads)
                .through(
                        seen -> embedding.of(seen, blocks),
                        (item, ofViews) -> taker.take(item, mean(ofViews)),
                        unreadable::at,
                        stopRequested);
    }

    private static float[][] mean(List<float[][]> ofViews) {
        float[][] mean = new float[ofViews.get(0).length][];
        for (int b = 0; b < mean.length; b++) {
            int block = b;
            mean[b] = Views.mean(ofViews.stream().map(view -> view[block]).toList());
        }
        return mean;
    }
}
