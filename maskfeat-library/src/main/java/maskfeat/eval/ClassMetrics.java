package maskfeat.eval;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.eval.Metric.Better;
import maskfeat.eval.Metric.Place;
import maskfeat.eval.Metric.Unit;

/** The metrics of classification. */
public final class ClassMetrics {
    public static final ClassMetric TOP1 = ClassMetric.evaluated(
            Metric.of("val/top1", "top-1", Better.HIGHER, Unit.PER_CENT)
                    .inChart("Accuracy")
                    .shownIn(Place.HEADLINE, Place.COMPARISON, Place.BEST),
            Evaluation::top1);
    public static final ClassMetric TOP5 = ClassMetric.evaluated(
            Metric.of("val/top5", "top-5", Better.HIGHER, Unit.PER_CENT)
                    .inChart("Accuracy")
                    .shownIn(Place.HEADLINE),
            Evaluation::top5);
    /** Of the batches of training, as the network was when it saw them. */
    public static final ClassMetric TRAINING_TOP1 = ClassMetric.ofTraining(
            Metric.of("train/top1", "top-1", Better.HIGHER, Unit.PER_CENT).inChart("Accuracy"));

    public static final ClassMetric MEAN_CLASS = ClassMetric.evaluated(
            Metric.of("val/mean_class", "mean of classes", Better.HIGHER, Unit.PER_CENT)
                    .inChart("Accuracy"),
            Evaluation::meanClassAccuracy);
    public static final ClassMetric LOSS = ClassMetric.evaluated(
            Metric.of("val/loss", "loss", Better.LOWER, Unit.LOSS)
                    .inChart("Loss")
                    .labelled("validation loss")
                    .shownIn(Place.HEADLINE, Place.COMPARISON),
            Evaluation::loss);
    public static final ClassMetric CALIBRATION_ERROR = ClassMetric.evaluated(
            Metric.of("val/ece", "calibration error", Better.LOWER, Unit.PER_CENT)
                    .inChart("Calibration error")
                    .labelled("expected calibration error, validation"),
            evaluation -> evaluation.calibration().expectedError());

    /** All of them, in the order in which they are shown. */
    public static final List<ClassMetric> ALL = List.of(TOP1, TOP5, TRAINING_TOP1, MEAN_CLASS, LOSS, CALIBRATION_ERROR);

    /** How they are named and shown, in this order. */
    public static final List<Metric> METRICS =
            ALL.stream().map(ClassMetric::metric).toList();

    private ClassMetrics() {}

    /** Those that are computed of an evaluation, in the order in which they are shown. */
    public static List<ClassMetric> evaluated() {
        return ALL.stream().filter(ClassMetric::isEvaluated).toList();
    }

    /**
     * All metrics of an evaluation by TensorBoard tag, for metric files: those of the headline first.
     *
     * @return shares in per cent, {@code val/loss} in nats
     */
    public static Map<String, Double> figures(Evaluation evaluation) {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (boolean headline : List.of(true, false)) {
            for (ClassMetric each : evaluated()) {
                if (each.metric().places().contains(Place.HEADLINE) == headline) {
                    figures.put(each.metric().tag(), each.figure(evaluation));
                }
            }
        }
        return Collections.unmodifiableMap(figures);
    }

    /**
     * As {@link #figures(Evaluation)}, and {@code val/count} if some items could not be evaluated: the number of those that
     * were. Results over different items cannot be compared.
     *
     * @param all items that there are
     */
    public static Map<String, Double> figures(Evaluation evaluation, int all) {
        Map<String, Double> figures = new LinkedHashMap<>(figures(evaluation));
        if (evaluation.count() < all) {
            figures.put("val/count", (double) evaluation.count());
        }
        return Collections.unmodifiableMap(figures);
    }
}
