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
     * @param reached null until it is
     */
    record Progress(@Nullable GoalReached reached) {
        static final Progress NONE = new Progress(null);

        boolean makesSense() {
            return reached == null
                    || reached.epoch() >= 1 && reached.last() >= reached.epoch() && reached.most() >= reached.last();
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

    /**
     * Looks at an epoch that ended.
     *
     * @return what follows, if it was reached by this epoch
     */
    Optional<GoalReached> epochDone(EpochLoss ended) {
        double now = ended.share();
        if (progress.reached != null || !(now <= share) || ended.epoch() >= epochs) {
            return Optional.empty();
        }
        progress = new Progress(GoalReached.after(ended.epoch(), now, epochs));
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
