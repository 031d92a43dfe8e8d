package maskfeat.train;

import java.nio.file.Path;
import java.util.Map;

/** Receives events of training, on the training thread, between steps. */
public interface Listener {
    /** Training is about to start, or to continue after {@code step} of {@code steps} steps. */
    default void started(long step, long steps) {}

    /** The first samples of the step after {@code step} of {@code steps} are there, which has so many micro-batches. */
    default void stepBegins(long step, long steps, int microBatches) {}

    /** A micro-batch was computed; after {@code step} whole steps of {@code steps}, the {@code done}th of {@code count}. */
    default void microBatch(long step, long steps, int done, int count) {}

    /** How far a validation is, in items; at the last it is over. */
    default void validating(int done, int count) {}

    /** How far measuring what features are worth is, in items; at the last it is over. */
    default void measuringFeatures(int done, int count) {}

    /**
     * A step was made, the {@code step}th of {@code steps}.
     *
     * @param seconds that it took
     * @param waited seconds of these in which it waited for samples
     */
    default void stepMade(long step, long steps, double seconds, double waited) {}

    /** A report over the last {@code train.log-every} steps. */
    default void step(StepReport report) {}

    /** The epoch with this number, counted from 1, ended. */
    default void epoch(int epoch, long step) {}

    /**
     * The mean loss of an epoch, which is about to be reported. Told once more before {@link #started} where a run goes on after
     * that. Not told of an epoch without a finite step.
     */
    default void epochLoss(EpochLoss mean) {}

    /**
     * An epoch, which is about to be reported, has brought the loss down to where the run is to end. Told once more before
     * {@link #started} where a run goes on after that.
     */
    default void reached(GoalReached goal) {}

    /** The network was validated. */
    default void scores(long step, Map<String, Double> values) {}

    /** A checkpoint was written and is safe. */
    default void saved(Path checkpoint, long step) {}

    /**
     * Training was stopped on request, and what it has done is saved; {@link #ended} follows.
     *
     * @param since the last report, or the beginning; it counts for the next report too if the run goes on. Its means are NaN
     *     where no step was made since then
     */
    default void stopped(StepReport since) {}

    /** Training is over or interrupted after {@code step} steps; nothing follows. */
    default void ended(long step, long steps) {}
}
