package maskfeat.recipe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import maskfeat.data.Dataset;
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
        List<Prediction> predictions = new ArrayList<>();
        boolean whole = ReadAhead.ofViews(dataset.items(), dataset::readView, input, views, batch, threads)
                .through(
                        task::scores,
                        (item, scores) -> {
                            predictions.add(new Prediction(dataset.name(item), item.label(), Views.mean(scores)));
                            progress.at(predictions.size(), dataset.size());
                        },
                        (item, why) -> {
                            throw why;
                        },
                        stopRequested);
        return whole ? Optional.of(predictions) : Optional.empty();
    }
}
