package maskfeat.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sums up the loss over each epoch, also over one that is trained in several parts. */
final class EpochMeans {
    private static final String LOSS_SQUARED = "loss^2";
    private static final String BASELINE_SQUARED = "baseline^2";
    private static final String PRODUCT = "loss*baseline";

    /** How many steps the squares are of: sums that an older version began have none of its steps. */
    private static final String SQUARED = "squared";

    private final Meter meter = new Meter();
    private int steps;
    private @Nullable EpochLoss last;
    private int markedSteps;
    private @Nullable EpochLoss markedLast;

    /**
     * What a checkpoint has of it.
     *
     * @param steps of the epoch so far
     * @param count those that were finite
     * @param sums over these, by tag
     * @param last the epoch before; null if none was whole
     */
    record Progress(
            int steps,
            long count,
            Map<String, Double> sums,
            @Nullable EpochLoss last) {
        /** Of a checkpoint from before they were kept: an epoch that is in part unknown has no mean. */
        static final Progress NONE = new Progress(0, 0, Map.of(), null);

        boolean makesSense() {
            return count >= 0
                    && steps >= count
                    && (Object) sums != null
                    && !sums.containsValue(null)
                    && (last == null || last.makesSense());
        }
    }

    /** Counts a step. */
    void add(StepResult result) {
        steps++;
        if (!result.isFinite()) {
            return;
        }
        Map<String, Double> values = new LinkedHashMap<>(result.values());
        values.keySet().retainAll(List.of(StepResult.LOSS, StepResult.BASELINE));
        Double loss = values.get(StepResult.LOSS);
        Double baseline = values.get(StepResult.BASELINE);
        if (loss != null && baseline != null && Double.isFinite(baseline)) {
            values.put(LOSS_SQUARED, loss * loss);
            values.put(BASELINE_SQUARED, baseline * baseline);
            values.put(PRODUCT, loss * baseline);
            values.put(SQUARED, 1.0);
        }
        meter.add(values);
    }

    /**
     * Ends an epoch, and begins the next.
     *
     * @param epoch that ended, counted from 1
     * @param stepsPerEpoch how many steps it has
     * @return its mean; empty if not all of its steps are known, or none was finite
     */
    Optional<EpochLoss> end(int epoch, int stepsPerEpoch) {
        double loss = meter.mean(StepResult.LOSS);
        double baseline = meter.mean(StepResult.BASELINE);
        last = steps == stepsPerEpoch && Double.isFinite(loss)
                ? new EpochLoss(epoch, loss, Double.isFinite(baseline) ? baseline : null, spread(loss, baseline))
                : null;
        meter.clear();
        steps = 0;
        return last();
    }

    private EpochLoss.@Nullable Spread spread(double loss, double baseline) {
        long count = meter.count();
        if (!(baseline > 0) || count < 2 || meter.mean(SQUARED) != 1) {
            return null;
        }
        double share = loss / baseline;
        double square = meter.mean(LOSS_SQUARED)
                - 2 * share * meter.mean(PRODUCT)
                + share * share * meter.mean(BASELINE_SQUARED);
        // Of steps that are all alike rounding may leave less than nothing.
        return new EpochLoss.Spread(count, Math.sqrt(Math.max(0, square) * count / (count - 1)) / baseline);
    }

    /** The mean of the last whole epoch; empty as by {@link #end}, and before the first. */
    Optional<EpochLoss> last() {
        return Optional.ofNullable(last);
    }

    Progress progress() {
        return new Progress(steps, meter.count(), meter.sums(), last);
    }

    void restore(Progress saved) {
        meter.restore(saved.sums, saved.count);
        steps = saved.steps;
        last = saved.last;
        mark();
    }

    /** Remembers how it stands, for {@link #rewind}. */
    void mark() {
        meter.mark();
        markedSteps = steps;
        markedLast = last;
    }

    /** Goes back to the last mark. */
    void rewind() {
        meter.rewind();
        steps = markedSteps;
        last = markedLast;
    }
}
