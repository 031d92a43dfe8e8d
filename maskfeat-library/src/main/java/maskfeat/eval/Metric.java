package maskfeat.eval;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A number that an evaluator measures, and everything that settings, progress line, charts and reports need to show it.
 *
 * <p>An evaluator declares its metrics as constants in the order in which they are shown, and {@link Metrics} names
 * the evaluator. Start from {@link #of} and change what differs.
 *
 * @param tag TensorBoard tag, such as {@code val/top1}
 * @param title in words, without what it was measured on, such as {@code top-1}
 * @param label in a chart with others, such as {@code top-1, validation}
 * @param chart title of the chart, which several metrics may share
 * @param better which of two values is better
 * @param unit what a value means and how it is written
 * @param places where it is shown beside table, progress line and chart, which show every metric
 */
public record Metric(
        String tag, String title, String label, String chart, Better better, Unit unit, Set<Place> places) {
    /** Which of two values is better. */
    public enum Better {
        HIGHER,
        LOWER,
        /** A setting, a size or a time: neither. */
        NEITHER;

        /** Whether {@code a} is better than {@code b}; never if either is not a number. */
        public boolean than(double a, double b) {
            return this == HIGHER ? a > b : this == LOWER && a < b;
        }
    }

    /** What a value means and how it is written. */
    public enum Unit {
        /** 0 to 100, with one digit after the point. */
        PER_CENT,
        /** With four digits after the point, small values in scientific form. */
        LOSS,
        /** Whole if it is whole, else like a loss. */
        NUMBER
    }

    /** Places that show only the most important metrics. */
    public enum Place {
        /** The figures on top of a run's report. */
        HEADLINE,
        /** A chart of its own where runs are compared. */
        COMPARISON,
        /** The best value so far, in the progress line and the report, beside the last. */
        BEST
    }

    private static final Map<String, String> SETS = Map.of(
            "train",
            "training",
            "val",
            "validation",
            "test",
            "test",
            "probe",
            "probe",
            "knn",
            "neighbours",
            "features",
            "features");

    public Metric {
        places = Set.copyOf(places);
    }

    /**
     * A metric with a chart of its own.
     *
     * @param tag TensorBoard tag
     * @param title in words
     */
    public static Metric of(String tag, String title, Better better, Unit unit) {
        String label = SETS.containsKey(set(tag)) ? title + ", " + SETS.get(set(tag)) : tag;
        return new Metric(tag, title, label, title, better, unit, EnumSet.noneOf(Place.class));
    }

    /** The same in a chart of this title. */
    public Metric inChart(String shared) {
        return new Metric(tag, title, label, shared, better, unit, places);
    }

    /** The same with another label in its chart. */
    public Metric labelled(String other) {
        return new Metric(tag, title, other, chart, better, unit, places);
    }

    /** The same, shown in these places too. */
    public Metric shownIn(Place... prominent) {
        return new Metric(tag, title, label, chart, better, unit, Set.of(prominent));
    }

    /** The same measured on something else, with a chart of its own. */
    Metric tagged(String other) {
        return of(other, title, better, unit);
    }

    /** What follows the last slash of the tag, such as {@code mean_class}. */
    public String name() {
        return tag.substring(tag.lastIndexOf('/') + 1);
    }

    /** Its name in settings, such as {@code mean-class}. */
    public String key() {
        return name().replace('_', '-');
    }

    /** Title and what it was measured on, such as {@code validation top-1}; the tag if that is not known. */
    public String fullTitle() {
        String set = SETS.get(set(tag));
        return set == null || title.equals(tag) ? tag : set + " " + title;
    }

    private static String set(String tag) {
        return tag.substring(0, Math.max(0, tag.lastIndexOf('/')));
    }

    /**
     * The validation metric with this name in settings.
     *
     * @param declared by the evaluator
     * @throws IllegalArgumentException if there is none, naming those that there are
     */
    public static Metric named(String name, List<Metric> declared) {
        List<Metric> deciding = declared.stream()
                .filter(metric -> metric.tag.startsWith("val/") && metric.better != Better.NEITHER)
                .toList();
        return deciding.stream()
                .filter(metric -> metric.key().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no metric '" + name + "'; it is one of "
                        + deciding.stream().map(Metric::key).collect(Collectors.joining(", "))));
    }
}
