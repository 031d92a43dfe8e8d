package maskfeat.data;

import java.util.List;

/**
 * Samples that go through the network together.
 *
 * @param step optimizer step that they are for, counted from 0
 * @param samples in the order of the epoch
 */
public record Batch(long step, List<Sample> samples) {
    public Batch {
        samples = List.copyOf(samples);
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
