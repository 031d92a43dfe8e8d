package maskfeat.data;

import java.util.List;

/**
 * Samples that go through the network together: those of a whole optimizer step, or of one of its micro-batches.
 *
 * @param step optimizer step that they are for, counted from 0
 * @param microBatch which of the step's micro-batches this is, counted from 0
 * @param samples in the order of the epoch
 * @param <S> type of the samples' content
 */
public record Batch<S>(long step, int microBatch, List<Sample<S>> samples) {
    public Batch {
        samples = List.copyOf(samples);
    }

    /** A whole step. */
    public Batch(long step, List<Sample<S>> samples) {
        this(step, 0, samples);
    }

    /** Number of samples. */
    public int size() {
        return samples.size();
    }

    /** What the samples hold, in their order. */
    public List<S> contents() {
        return samples.stream().map(Sample::content).toList();
    }
}
