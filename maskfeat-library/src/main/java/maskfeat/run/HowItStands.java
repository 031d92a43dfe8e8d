package maskfeat.run;

import java.util.Optional;
import maskfeat.train.EpochLoss;
import maskfeat.train.GoalReached;
import maskfeat.train.Listener;
import maskfeat.train.StepReport;
import org.jspecify.annotations.Nullable;

/** Keeps what was told last of a training, for the report and the result. */
final class HowItStands implements Listener {
    private @Nullable StepReport since;
    private @Nullable EpochLoss epoch;
    private @Nullable GoalReached goal;

    @Override
    public void stopped(StepReport steps) {
        since = steps;
    }

    @Override
    public void epochLoss(EpochLoss mean) {
        epoch = mean;
    }

    @Override
    public void reached(GoalReached reached) {
        goal = reached;
    }

    /** What was made since the last report when training was stopped; empty if it was not. */
    Optional<StepReport> since() {
        return Optional.ofNullable(since);
    }

    /** The last whole epoch; empty before the first. */
    Optional<EpochLoss> epoch() {
        return Optional.ofNullable(epoch);
    }

    /** Where the loss came down to {@code train.until}; empty if it has not. */
    Optional<GoalReached> goal() {
        return Optional.ofNullable(goal);
    }
}
