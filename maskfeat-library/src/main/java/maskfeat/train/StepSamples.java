package maskfeat.train;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import maskfeat.data.Batch;
import maskfeat.data.Loader;
import maskfeat.data.Sample;

/**
 * The samples of one optimizer step, which are taken one micro-batch after the other. Of those that were taken, it remembers
 * nothing but which they were.
 */
final class StepSamples<S> {
    private final Loader<S> loader;
    private final long step;
    private final Deque<Batch<S>> here = new ArrayDeque<>();
    private final List<Integer> indices = new ArrayList<>();
    private final double weight;
    private int toCome;

    private StepSamples(Loader<S> loader, Task<S> task) throws IOException, InterruptedException {
        this.loader = loader;
        this.toCome = loader.microBatches();
        receive();
        this.step = first().step();
        if (loader.stepWeight().isPresent()) {
            weight = loader.stepWeight().getAsDouble();
        } else {
            while (toCome > 0) {
                receive();
            }
            weight = here.stream()
                    .flatMap(batch -> batch.contents().stream())
                    .mapToDouble(task::weight)
                    .sum();
        }
    }

    /** The next step; waits for its first micro-batch, and for all where their weights are not known without them. */
    static <S> StepSamples<S> next(Loader<S> loader, Task<S> task) throws IOException, InterruptedException {
        return new StepSamples<>(loader, task);
    }

    private void receive() throws IOException, InterruptedException {
        Batch<S> batch = loader.next();
        toCome--;
        batch.samples().stream().map(Sample::index).forEach(indices::add);
        here.add(batch);
    }

    /** Which step, counted from 0. */
    long step() {
        return step;
    }

    /** The sum of {@link Task#weight} over all samples of the step. */
    double weight() {
        return weight;
    }

    /** The micro-batch that {@link #take} gives next, where it is here already, as the first is. */
    Batch<S> first() {
        return here.element();
    }

    /** The next micro-batch; waits for it. */
    Batch<S> take() throws IOException, InterruptedException {
        if (here.isEmpty()) {
            receive();
        }
        return here.remove();
    }

    /** Of the items of all samples so far, in their order. */
    List<Integer> indices() {
        return indices;
    }

    /** Number of samples so far. */
    int size() {
        return indices.size();
    }
}
