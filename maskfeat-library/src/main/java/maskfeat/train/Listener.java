package maskfeat.train;

import java.nio.file.Path;
import java.util.Map;

/** Is told how training goes, on the training thread, between steps. */
public interface Listener {
    /** Training is about to start or to go on after {@code step} steps, of {@code steps}. */
    default void started(long step, long steps) {}

    /** Some steps were done; called each {@code train.log-every} steps. */
    default void step(StepReport report) {}

    /** The pass over the data with this number, counted from 1, is over. */
    default void epoch(int epoch, long step) {}

    /** The network was scored on held-out data. */
    default void scores(long step, Map<String, Double> values) {}

    /** A checkpoint was written and is safe. */
    default void saved(Path checkpoint, long step) {}

    /** Training is over or interrupted after {@code step} steps; nothing follows. */
    default void ended(long step, long steps) {}
}
