package maskfeat.eval;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import maskfeat.eval.Metric.Better;
import maskfeat.eval.Metric.Unit;

/**
 * The metrics of all evaluators. A new evaluator adds its list here; everything that shows metrics follows from it.
 */
public final class Metrics {
    private static final List<List<Metric>> EVALUATORS =
            List.of(ClassMetrics.METRICS, ActionMetrics.METRICS, FeatureMetrics.METRICS);

    private static final List<Metric> DECLARED =
            EVALUATORS.stream().flatMap(List::stream).toList();

    /** Names of numbers that are settings, sizes or counts. */
    private static final Set<String> NEITHER =
            Set.of("step", "steps", "epoch", "epochs", "lr", "grad_norm", "baseline", "parameters", "samples", "count");

    /** What figures that no evaluator gives are called. */
    private static final Map<String, String> TITLES = Map.of(
            "mask_ratio", "mask ratio",
            "loss_vs_baseline", "loss over baseline",
            "epoch_loss", "loss in the last epoch",
            "epoch_loss_vs_baseline", "loss over baseline in the last epoch",
            "cross_validated_top1", "cross-validated top-1");

    private static final Pattern COUNTED = Pattern.compile("(.*_)?top[0-9]+");

    private Metrics() {}

    /** All of them, in the order in which they are shown. */
    public static List<Metric> declared() {
        return DECLARED;
    }

    /**
     * The metric with this tag. One that no evaluator declares takes title, direction and unit from a declared metric of
     * the same name ({@code probe/top1} from {@code val/top1}), or else from its own name.
     */
    public static Metric of(String tag) {
        String name = tag.substring(tag.lastIndexOf('/') + 1);
        return find(metric -> metric.tag().equals(tag))
                .or(() -> find(metric -> metric.name().equals(name)).map(metric -> metric.tagged(tag)))
                .orElseGet(() -> undeclared(tag, name.toLowerCase(Locale.ROOT)));
    }

    /** Whether the figure with this tag is a share of items, each of which is right or wrong, in per cent. */
    public static boolean isCounted(String tag) {
        return COUNTED.matcher(tag.substring(tag.lastIndexOf('/') + 1)).matches();
    }

    private static Optional<Metric> find(Predicate<Metric> wanted) {
        return DECLARED.stream().filter(wanted).findFirst();
    }

    private static Metric undeclared(String tag, String name) {
        boolean loss = name.contains("loss");
        Better better = tag.startsWith("time/") || NEITHER.contains(name)
                ? Better.NEITHER
                : loss || name.contains("error") ? Better.LOWER : Better.HIGHER;
        Unit unit = COUNTED.matcher(name).matches() ? Unit.PER_CENT : loss ? Unit.LOSS : Unit.NUMBER;
        String title = TITLES.get(name);
        return title == null
                ? new Metric(tag, tag, tag, tag, better, unit, Set.of())
                : Metric.of(tag, title, better, unit);
    }
}
