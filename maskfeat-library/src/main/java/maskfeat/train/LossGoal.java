package maskfeat.train;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Watches for the first epoch whose loss is at or below a share of that of the best constant prediction. */
final class LossGoal {
    private final double share;
    private final int epochs;
    private Progress progress = Progress.NONE;
    private Progress marked = Progress.NONE;

    /**
     * What a checkpoint has of it.
     *
     * @param loss sum over the steps of the epoch so far
     * @param baseline the same of the best constant prediction
     * @param reached null until it is
     */
    record Progress(double loss, double baseline, @Nullable GoalReached reached) {
        static final Progress NONE = new Progress(0, 0, null);

        boolean makesSense() {
            return Double.isFinite(loss)
                    && Double.isFinite(baseline)
                    && (reached == null
                            || reached.epoch() >= 1
                                    && reached.last() >= reached.epoch()
                                    && reached.most() >= reached.last());
        }
    }

    /**
     * @param share above 0 and below 1
     * @param epochs of the plan
     */
    LossGoal(double share, int epochs) {
        this.share = share;
        this.epochs = epochs;
    }

    /** Counts a step. Steps that are not finite are not to be counted. */
    void add(StepResult result) {
        if (progress.reached == null) {
            progress = new Progress(progress.loss + result.loss(), progress.baseline + result.baseline(), null);
        }
    }

    /**
     * Looks at the epoch that ended, and begins the next.
     *
     * @return what follows, if it was reached by this epoch
     */
    Optional<GoalReached> epochDone(int epoch) {
        if (progress.reached != null) {
            return Optional.empty();
        }
        double now = progress.loss / progress.baseline;
        boolean reached = now <= share && epoch < epochs; // NaN of an epoch without a finite step is not
        progress = reached ? new Progress(0, 0, GoalReached.after(epoch, now, epochs)) : Progress.NONE;
        return reached();
    }

    /** What follows; empty until it is reached. */
    Optional<GoalReached> reached() {
        return Optional.ofNullable(progress.reached);
    }

    Progress progress() {
        return progress;
    }

    void restore(Progress saved) {
        progress = saved;
        mark();
    }

    /** Remembers how it stands, for {@link #rewind}. */
    void mark() {
        marked = progress;
    }

    /** Goes back to the last mark. */
    void rewind() {
        progress = marked;
    }
}
