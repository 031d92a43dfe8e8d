package maskfeat.train;

import org.jspecify.annotations.Nullable;

/**
 * The mean loss over all steps of an epoch that were finite.
 *
 * @param epoch counted from 1
 * @param loss mean over its steps
 * @param baseline the same of the best constant prediction; null of a task without one
 */
public record EpochLoss(int epoch, double loss, @Nullable Double baseline) {
    /** The loss as a share of that of the best constant prediction; NaN where there is none. */
    public double share() {
        return baseline == null ? Double.NaN : loss / baseline;
    }
}
