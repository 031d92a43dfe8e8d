package maskfeat.eval;

import java.util.Optional;
import java.util.function.ToDoubleFunction;
import maskfeat.eval.Metric.Unit;

/**
 * A metric of classification: how it is shown and how it is computed. A new one is a file with its constant, and its name in
 * {@link ClassMetrics#ALL}.
 *
 * @param metric how it is named and shown
 * @param computation its value, a share of 0 to 1 where the unit is per cent; empty if training reports it, not an evaluation
 */
public record ClassMetric(Metric metric, Optional<ToDoubleFunction<Evaluation>> computation) {
    /** Computed of an evaluation. */
    public static ClassMetric evaluated(Metric metric, ToDoubleFunction<Evaluation> computation) {
        return new ClassMetric(metric, Optional.of(computation));
    }

    /** Reported by training, of its batches. */
    public static ClassMetric ofTraining(Metric metric) {
        return new ClassMetric(metric, Optional.empty());
    }

    /** Whether it is computed of an evaluation. */
    public boolean isEvaluated() {
        return computation.isPresent();
    }

    /**
     * Its value.
     *
     * @return a share of 0 to 1 where the unit is per cent
     */
    public double value(Evaluation evaluation) {
        return computation
                .orElseThrow(() -> new IllegalStateException(metric.tag() + " is not computed of an evaluation"))
                .applyAsDouble(evaluation);
    }

    /** Its value as metric files have it: per cent where that is the unit. */
    double figure(Evaluation evaluation) {
        return metric.unit() == Unit.PER_CENT ? 100 * value(evaluation) : value(evaluation);
    }
}
