package maskfeat.train;

import org.jspecify.annotations.Nullable;

/**
 * The mean loss over all steps of an epoch that were finite.
 *
 * @param epoch counted from 1
 * @param loss mean over its steps
 * @param baseline the same of the best constant prediction; null of a task without one
 * @param spread how far single steps are from it; null of a task without a baseline, of a single step, and where not all steps are
 *     known, as in part of what an older version trained
 */
public record EpochLoss(
        int epoch,
        double loss,
        @Nullable Double baseline,
        @Nullable Spread spread) {
    private static final double Z = 1.959963984540054;

    /**
     * Of single steps about the mean.
     *
     * @param steps at least 2
     * @param deviation of what a step's loss is over the share of the epoch in its own baseline, as a share of the mean baseline.
     *     Loss and baseline are of the same samples and rise and fall together; this varies much less than either
     */
    public record Spread(long steps, double deviation) {
        boolean makesSense() {
            return steps >= 2 && deviation >= 0 && Double.isFinite(deviation);
        }
    }

    /** A mean of which the spread is not known. */
    public EpochLoss(int epoch, double loss, @Nullable Double baseline) {
        this(epoch, loss, baseline, null);
    }

    /** The loss as a share of that of the best constant prediction; NaN where there is none. */
    public double share() {
        return baseline == null ? Double.NaN : loss / baseline;
    }

    /** Half the width of the 95 % interval of the share, in which another such epoch may well be; NaN if it is not known. */
    public double margin() {
        return spread == null ? Double.NaN : Z * spread.deviation / Math.sqrt(spread.steps);
    }

    boolean makesSense() {
        return epoch >= 1 && Double.isFinite(loss) && (spread == null || baseline != null && spread.makesSense());
    }
}
