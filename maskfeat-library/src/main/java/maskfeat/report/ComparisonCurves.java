package maskfeat.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.eval.Metric;
import maskfeat.eval.Metrics;
import org.jspecify.annotations.Nullable;

/** The charts of a comparison, each with a curve for every run. The x axis is epochs, because runs differ in steps. */
final class ComparisonCurves {
    /** Points of all runs together. More could not be distinguished, and the page should open quickly. */
    private static final int MOST_POINTS = 6000;

    private static final int LEAST_POINTS_OF_A_RUN = 100;

    private record Chart(String title, String format, String tag) {
        static Chart of(Metric metric) {
            String title = metric.fullTitle();
            return new Chart(
                    title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1),
                    new MetricFormat(metric).format(),
                    metric.tag());
        }
    }

    private static final List<Chart> OF_TRAINING = List.of(
            new Chart("Training loss", ChartJson.LOSS, Scalars.LOSS),
            new Chart(
                    "Training loss over that of the best constant prediction",
                    ChartJson.NUMBER,
                    Scalars.LOSS_VS_BASELINE),
            new Chart("Learning rate", ChartJson.SCIENTIFIC, Scalars.LEARNING_RATE));

    private static final List<Chart> CHARTS = Stream.concat(
                    Metrics.declared().stream()
                            .filter(metric -> metric.places().contains(Metric.Place.COMPARISON))
                            .map(Chart::of),
                    OF_TRAINING.stream())
            .toList();

    /**
     * A run in the charts.
     *
     * @param of the run
     * @param colour index of its colour
     * @param dash index of its line pattern among the runs of that colour
     * @param rows with a known epoch
     * @param epochs of the rows
     */
    private record Run(RunSummary of, int colour, int dash, List<MetricsRow> rows, List<Double> epochs) {
        String name() {
            return of.name();
        }

        boolean has(String tag) {
            return rows.stream().anyMatch(row -> Double.isFinite(row.value(tag)));
        }
    }

    private record Point(double epoch, double value) {}

    private final List<Run> runs = new ArrayList<>();

    private ComparisonCurves() {}

    static ComparisonCurves of(List<RunSummary> summaries) {
        ComparisonCurves curves = new ComparisonCurves();
        Map<String, Integer> colours = new HashMap<>();
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < summaries.size(); i++) {
            RunSummary summary = summaries.get(i);
            Run run = run(summary);
            if (!isCharted(run)) {
                curves.runs.add(run); // a colour that no chart shows would be missing elsewhere
                continue;
            }
            String key = summary.group().isEmpty() ? "run " + i : "group " + summary.group();
            int colour = colours.computeIfAbsent(key, another -> colours.size());
            int dash = seen.merge(key, 1, Integer::sum) - 1;
            curves.runs.add(new Run(summary, colour, dash, run.rows(), run.epochs()));
        }
        return curves;
    }

    private static Run run(RunSummary summary) {
        List<MetricsRow> rows = new ArrayList<>();
        List<Double> epochs = new ArrayList<>();
        List<MetricsRow> joined = MetricsRow.joined(MetricsRow.readIfThere(summary.metrics()));
        DoubleUnaryOperator epochOf = epochOfStep(joined);
        for (MetricsRow row : joined) {
            double own = row.value(Scalars.EPOCH);
            double epoch = Double.isFinite(own) ? own : epochOf.applyAsDouble(row.step());
            // The chart needs ascending x values.
            if (Double.isFinite(epoch) && (epochs.isEmpty() || epoch >= epochs.get(epochs.size() - 1))) {
                rows.add(row);
                epochs.add(epoch);
            }
        }
        return new Run(summary, 0, 0, rows, epochs);
    }

    /** Rows of scores may lack the epoch; all epochs of a run have the same number of steps. */
    private static DoubleUnaryOperator epochOfStep(List<MetricsRow> rows) {
        double epochsPerStep = rows.stream()
                .filter(row -> row.step() > 0 && Double.isFinite(row.value(Scalars.EPOCH)))
                .mapToDouble(row -> row.value(Scalars.EPOCH) / row.step())
                .findFirst()
                .orElse(Double.NaN);
        return step -> step * epochsPerStep;
    }

    boolean isEmpty() {
        return runs.stream().noneMatch(ComparisonCurves::isCharted);
    }

    private static boolean isCharted(Run run) {
        return CHARTS.stream().anyMatch(chart -> run.has(chart.tag()));
    }

    /** Names of the runs that no chart shows, in one text; empty if there are none. */
    List<String> without() {
        String names =
                runs.stream().filter(run -> !isCharted(run)).map(Run::name).collect(Collectors.joining(", "));
        return names.isEmpty() ? List.of() : List.of(names);
    }

    /** The charts as JSON, safe inside a script element. */
    String json() {
        List<Map<String, Object>> json = new ArrayList<>();
        for (Chart chart : CHARTS) {
            List<Yardstick.Alike<Run>> parts = parts(chart);
            for (Yardstick.Alike<Run> part : parts) {
                String title = parts.size() == 1 ? chart.title() : chart.title() + " (" + part.name() + ")";
                json.add(json(new Chart(title, chart.format(), chart.tag()), part.members(), json.isEmpty()));
            }
        }
        return ChartJson.inScript(json);
    }

    /** The runs of a chart, apart where they do not compare. */
    private List<Yardstick.Alike<Run>> parts(Chart chart) {
        return Yardstick.sorted(
                runs.stream().filter(run -> run.has(chart.tag())).toList(),
                run -> run.of().yardstick(chart.tag()));
    }

    /** Whether runs that do not compare have charts of their own. */
    boolean isSplit() {
        return CHARTS.stream().anyMatch(chart -> parts(chart).size() > 1);
    }

    private static Map<String, Object> json(Chart chart, List<Run> shown, boolean wide) {
        int most = Math.max(LEAST_POINTS_OF_A_RUN, MOST_POINTS / shown.size());
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("title", chart.title());
        json.put("format", chart.format());
        json.put("wide", wide);
        json.put("x", "epoch");
        json.put("series", shown.stream().map(Run::name).toList());
        json.put(
                "lines",
                shown.stream().map(run -> List.of(run.colour(), run.dash())).toList());
        json.put(
                "runs",
                shown.stream().map(run -> points(run, chart.tag(), most)).toList());
        return json;
    }

    /** Epochs and the values at them. */
    private static List<List<@Nullable BigDecimal>> points(Run run, String tag, int most) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < run.rows().size(); i++) {
            double value = run.rows().get(i).value(tag);
            if (Double.isFinite(value)) {
                points.add(new Point(run.epochs().get(i), value));
            }
        }
        int together = (points.size() + most - 1) / most;
        List<@Nullable BigDecimal> epochs = new ArrayList<>();
        List<@Nullable BigDecimal> values = new ArrayList<>();
        for (int from = 0; from < points.size(); from += together) {
            List<Point> bucket = points.subList(from, Math.min(points.size(), from + together));
            epochs.add(Numbers.json(bucket.get(bucket.size() - 1).epoch()));
            values.add(Numbers.json(
                    bucket.stream().mapToDouble(Point::value).average().orElseThrow()));
        }
        return List.of(epochs, values);
    }
}
