package maskfeat.data;

import java.util.List;

/**
 * Samples that go through the network together.
 *
 * @param step optimizer step that they are for, counted from 0
 * @param part of the step, counted from 0, where it goes through the network in several
 * @param samples in the order of the epoch
 */
public record Batch(long step, int part, List<Sample> samples) {
    public Batch {
        samples = List.copyOf(samples);
    }

    /** A whole step. */
    public Batch(long step, List<Sample> samples) {
        this(step, 0, samples);
    }

    /** Number of samples. */
    public int size() {
        return samples.size();
    }

    /** Number of hidden tokens of all samples. */
    public int hiddenCount() {
        return samples.stream().mapToInt(Sample::hiddenCount).sum();
    }
}
