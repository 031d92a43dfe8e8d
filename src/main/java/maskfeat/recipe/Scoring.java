package maskfeat.recipe;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.eval.Prediction;
import maskfeat.eval.Views;
import maskfeat.media.Frames;
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
     * Scores all items. One that cannot be read is an error that names it: a measure over the rest would be another
     * measure.
     *
     * @param stopRequested asked between batches; true gives up
     * @return by item, in the order of the data set; empty if it was given up
     */
    public Optional<List<Prediction>> run(BooleanSupplier stopRequested, Progress progress)
            throws IOException, InterruptedException {
        ExecutorService pool = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "scoring");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Deque<Future<List<Frames>>> ahead = new ArrayDeque<>();
            List<Prediction> predictions = new ArrayList<>();
            List<Frames> waiting = new ArrayList<>();
            List<float[]> scores = new ArrayList<>();
            int submitted = 0;
            for (int taken = 0; taken < dataset.size(); taken++) {
                while (submitted < dataset.size() && ahead.size() < 2 * threads + itemsOfABatch()) {
                    Item item = dataset.items().get(submitted++);
                    ahead.add(pool.submit(() -> read(item)));
                }
                waiting.addAll(take(ahead.remove()));
                boolean last = taken == dataset.size() - 1;
                while (waiting.size() >= batch || last && !waiting.isEmpty()) {
                    if (stopRequested.getAsBoolean()) {
                        return Optional.empty();
                    }
                    List<Frames> part = waiting.subList(0, Math.min(batch, waiting.size()));
                    scores.addAll(task.scores(part));
                    part.clear();
                }
                while (scores.size() >= views.count()) {
                    List<float[]> own = scores.subList(0, views.count());
                    Item item = dataset.items().get(predictions.size());
                    predictions.add(new Prediction(dataset.name(item), item.label(), Views.mean(own)));
                    own.clear();
                    progress.at(predictions.size(), dataset.size());
                }
            }
            return Optional.of(predictions);
        } finally {
            pool.shutdownNow();
        }
    }

    private int itemsOfABatch() {
        return Math.max(1, batch / views.count());
    }

    private List<Frames> read(Item item) throws IOException {
        List<Frames> all = new ArrayList<>();
        for (int t = 0; t < views.temporal(); t++) {
            Frames clip = dataset.readView(item, t, views.temporal());
            for (int s = 0; s < views.spatial(); s++) {
                all.add(input.crop(views.spatial()).apply(clip, s));
            }
        }
        return all;
    }

    private static List<Frames> take(Future<List<Frames>> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException unreadable) {
                throw unreadable;
            }
            throw new IllegalStateException("reading a view failed: " + failed.getCause(), failed.getCause());
        }
    }
}
