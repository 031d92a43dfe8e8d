package maskfeat.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import tools.jackson.core.io.JsonStringEncoder;

/** The charts of the report and the figures beside them, from the rows of the metrics file. */
final class ReportCurves {
    /** More points than pixels show nothing more. */
    private static final int MOST_POINTS = 1500;

    private record Series(String label, String tag) {}

    private record Chart(String title, String format, boolean wide, List<Series> series) {}

    private static final List<Chart> CHARTS = List.of(
            new Chart(
                    "Loss",
                    "loss",
                    true,
                    List.of(
                            new Series("loss", Scalars.LOSS),
                            new Series("best constant prediction", Scalars.BASELINE))),
            new Chart(
                    "Learning rate", "scientific", false, List.of(new Series("learning rate", Scalars.LEARNING_RATE))),
            new Chart(
                    "Gradient norm before clipping",
                    "number",
                    false,
                    List.of(new Series("gradient norm", Scalars.GRAD_NORM))),
            new Chart(
                    "Samples per second",
                    "number",
                    false,
                    List.of(new Series("samples/s", Scalars.SAMPLES_PER_SECOND))),
            new Chart(
                    "Share of time waiting for data",
                    "percent",
                    false,
                    List.of(new Series("waiting for data", Scalars.DATA_SHARE))));

    /** What the charts above show in other words. */
    private static final Set<String> NOT_CHARTED =
            Set.of(Scalars.EPOCH, Scalars.LOSS_VS_BASELINE, Scalars.STEP_SECONDS, Scalars.DATA_SECONDS);

    private final List<MetricsRow> rows;
    private final Set<String> tags = new LinkedHashSet<>();

    private ReportCurves(List<MetricsRow> rows) {
        this.rows = rows;
        rows.forEach(row -> row.values().forEach((tag, value) -> {
            if (Double.isFinite(value)) {
                tags.add(tag);
            }
        }));
    }

    static ReportCurves of(List<MetricsRow> rows) {
        return new ReportCurves(rows);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Rows that a point of a curve is the mean of. */
    int rowsPerPoint() {
        return together(rows);
    }

    private static int together(List<MetricsRow> rows) {
        return (rows.size() + MOST_POINTS - 1) / MOST_POINTS;
    }

    /** How it ended, in two or three figures. */
    List<HtmlReport.Fact> tiles() {
        List<HtmlReport.Fact> tiles = new ArrayList<>();
        Map<String, Double> last = latest();
        if (last.containsKey(Scalars.LOSS)) {
            tiles.add(new HtmlReport.Fact("final loss", Numbers.loss(last.get(Scalars.LOSS))));
        }
        if (last.containsKey(Scalars.LOSS_VS_BASELINE)) {
            tiles.add(new HtmlReport.Fact(
                    "of the best constant prediction", Numbers.format("%.2fx", last.get(Scalars.LOSS_VS_BASELINE))));
        }
        if (!rows.isEmpty()) {
            tiles.add(new HtmlReport.Fact(
                    "steps", Numbers.format("%,d", rows.get(rows.size() - 1).step())));
        }
        return tiles;
    }

    /** For a reader without scripts. */
    List<HtmlReport.Fact> lastValues() {
        List<HtmlReport.Fact> values = new ArrayList<>();
        latest().forEach((tag, value) -> values.add(new HtmlReport.Fact(tag, Numbers.shortest(value))));
        return values;
    }

    private Map<String, Double> latest() {
        Map<String, Double> latest = new LinkedHashMap<>();
        tags.forEach(tag -> rows.forEach(row -> {
            double value = row.values().getOrDefault(tag, Double.NaN);
            if (Double.isFinite(value)) {
                latest.put(tag, value);
            }
        }));
        return latest;
    }

    /** Safe inside a script element. */
    String json() {
        List<Chart> charts = new ArrayList<>(CHARTS);
        Set<String> known = new LinkedHashSet<>(NOT_CHARTED);
        CHARTS.forEach(chart -> chart.series().forEach(series -> known.add(series.tag())));
        for (String tag : tags) {
            if (!known.contains(tag)) {
                charts.add(new Chart(tag, "number", false, List.of(new Series(tag, tag))));
            }
        }
        StringBuilder json = new StringBuilder("[");
        for (Chart chart : charts) {
            List<Series> series = chart.series().stream()
                    .filter(one -> tags.contains(one.tag()))
                    .toList();
            if (!series.isEmpty()) {
                json.append(json.length() == 1 ? "" : ",\n");
                append(json, chart, series);
            }
        }
        return json.append(']').toString().replace("<", "\\u003c");
    }

    private void append(StringBuilder json, Chart chart, List<Series> series) {
        json.append("{\"title\":").append(quoted(chart.title()));
        json.append(",\"format\":").append(quoted(chart.format()));
        json.append(",\"wide\":").append(chart.wide());
        json.append(",\"series\":[");
        for (int i = 0; i < series.size(); i++) {
            json.append(i == 0 ? "" : ",").append(quoted(series.get(i).label()));
        }
        List<MetricsRow> used = rows.stream()
                .filter(row -> series.stream().anyMatch(one -> row.values().containsKey(one.tag())))
                .toList();
        json.append("],\"data\":[");
        steps(json, used);
        for (Series one : series) {
            json.append(',');
            points(json, used, row -> row.values().getOrDefault(one.tag(), Double.NaN));
        }
        json.append("]}");
    }

    /** The step of a point is that of its last row. */
    private static void steps(StringBuilder json, List<MetricsRow> used) {
        int together = together(used);
        json.append('[');
        for (int from = 0; from < used.size(); from += together) {
            MetricsRow last = used.get(Math.min(used.size(), from + together) - 1);
            json.append(from == 0 ? "" : ",").append(last.step());
        }
        json.append(']');
    }

    /** The value of a point is the mean of those of its rows that are numbers. */
    private static void points(StringBuilder json, List<MetricsRow> used, ToDoubleFunction<MetricsRow> value) {
        int together = together(used);
        json.append('[');
        for (int from = 0; from < used.size(); from += together) {
            List<MetricsRow> bucket = used.subList(from, Math.min(used.size(), from + together));
            double mean = bucket.stream()
                    .mapToDouble(value)
                    .filter(Double::isFinite)
                    .average()
                    .orElse(Double.NaN);
            json.append(from == 0 ? "" : ",").append(Numbers.shortest(mean));
        }
        json.append(']');
    }

    private static String quoted(String text) {
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
    }
}
