package maskfeat.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.eval.Metric;
import maskfeat.eval.Metrics;
import maskfeat.train.EpochLoss;
import org.jspecify.annotations.Nullable;

/** The charts and figures of the report, from the rows of the metrics file. */
final class ReportCurves {
    /** More points than pixels would show nothing new. */
    private static final int MOST_POINTS = 1500;

    private record Series(String label, String tag) {}

    private record Chart(String title, String format, boolean wide, List<Series> series) {
        /** Adds a series; the chart of a headline metric is wide. */
        Chart with(Metric metric) {
            List<Series> more = new ArrayList<>(series);
            more.add(new Series(metric.label(), metric.tag()));
            return new Chart(title, format, wide || metric.places().contains(Metric.Place.HEADLINE), more);
        }
    }

    /** The losses of training; those of evaluators are added to the same chart. */
    private static final Chart LOSS = new Chart(
            "Loss",
            ChartJson.LOSS,
            true,
            List.of(new Series("loss", Scalars.LOSS), new Series("best constant prediction", Scalars.BASELINE)));

    /** Where it falls under the line, something was learned; so it comes first. */
    private static final Chart SHARE = new Chart(
            "Loss as a share of that of the best constant prediction",
            ChartJson.LOSS,
            true,
            List.of(new Series("share", Scalars.LOSS_VS_BASELINE)));

    private static final HtmlReport.Level LEARNED_NOTHING =
            new HtmlReport.Level(Scalars.LOSS_VS_BASELINE, "the best constant prediction", 1);

    private static final List<Chart> OF_TRAINING = List.of(
            new Chart(
                    "Learning rate",
                    ChartJson.SCIENTIFIC,
                    false,
                    List.of(new Series("learning rate", Scalars.LEARNING_RATE))),
            new Chart(
                    "Gradient norm before clipping",
                    ChartJson.NUMBER,
                    false,
                    List.of(new Series("gradient norm", Scalars.GRAD_NORM))),
            new Chart(
                    "Samples per second",
                    ChartJson.NUMBER,
                    false,
                    List.of(new Series("samples/s", Scalars.SAMPLES_PER_SECOND))),
            new Chart(
                    "Share of time waiting for data",
                    ChartJson.SHARE,
                    false,
                    List.of(new Series("waiting for data", Scalars.DATA_SHARE))),
            new Chart(
                    "Share of time in frozen networks",
                    ChartJson.SHARE,
                    false,
                    List.of(new Series("teachers", Scalars.TEACHER_SHARE))),
            new Chart(
                    "Share of time with other ranks",
                    ChartJson.SHARE,
                    false,
                    List.of(new Series("sums and waiting", Scalars.RANKS_SHARE))),
            new Chart(
                    "Share of the rate of a large product (MFU)",
                    ChartJson.SHARE,
                    false,
                    List.of(new Series("MFU", Scalars.MFU))));

    private static final List<Chart> CHARTS = charts();

    /** Charts of the declared metrics first, then those of training. */
    private static List<Chart> charts() {
        Map<String, Chart> charts = new LinkedHashMap<>();
        for (Metric metric : Metrics.declared()) {
            charts.putIfAbsent(
                    metric.chart(),
                    metric.chart().equals(LOSS.title())
                            ? LOSS
                            : new Chart(metric.chart(), new MetricFormat(metric).format(), false, List.of()));
            charts.computeIfPresent(metric.chart(), (title, chart) -> chart.with(metric));
        }
        charts.putIfAbsent(LOSS.title(), LOSS);
        return Stream.of(Stream.of(SHARE), charts.values().stream(), OF_TRAINING.stream())
                .flatMap(each -> each)
                .toList();
    }

    /** Tags that the charts above already show in another form. */
    private static final Set<String> NOT_CHARTED = Set.of(Scalars.EPOCH, Scalars.STEP_SECONDS, Scalars.DATA_SECONDS);

    private final List<MetricsRow> rows;
    private final Set<String> tags = new LinkedHashSet<>();

    private final List<HtmlReport.Level> levels;

    private final Optional<LossShare> atEnd;

    private ReportCurves(List<MetricsRow> written, List<HtmlReport.Level> levels, Optional<EpochLoss> epoch) {
        rows = MetricsRow.joined(written);
        atEnd = LossShare.of(rows, epoch);
        this.levels = Stream.concat(Stream.of(LEARNED_NOTHING), levels.stream()).toList();
        rows.forEach(row -> row.values().forEach((tag, value) -> {
            if (Double.isFinite(value)) {
                tags.add(tag);
            }
        }));
    }

    /**
     * @param levels to compare curves with, besides that of the best constant prediction
     * @param epoch the last whole one, where it is known
     */
    static ReportCurves of(List<MetricsRow> rows, List<HtmlReport.Level> levels, Optional<EpochLoss> epoch) {
        return new ReportCurves(rows, levels, epoch);
    }

    /** What the loss says, where it has a baseline. */
    Optional<HtmlReport.Verdict> verdict() {
        return atEnd.map(LossShare::verdict);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Number of rows that are averaged into a point. */
    int rowsPerPoint() {
        return together(rows);
    }

    private static int together(List<MetricsRow> rows) {
        return (rows.size() + MOST_POINTS - 1) / MOST_POINTS;
    }

    /** The final figures. */
    List<HtmlReport.Fact> tiles() {
        List<HtmlReport.Fact> tiles = new ArrayList<>();
        Map<String, Double> last = latest();
        for (Metric metric : headlines()) {
            tiles.add(new HtmlReport.Fact(
                    metric.fullTitle() + whenEarlier(metric),
                    new MetricFormat(metric).text(last.getOrDefault(metric.tag(), Double.NaN))));
            if (metric.places().contains(Metric.Place.BEST)) {
                best(metric).ifPresent(tiles::add);
            }
        }
        if (last.containsKey(Scalars.LOSS)) {
            tiles.add(new HtmlReport.Fact(
                    headlines().isEmpty() ? "final loss" : "training loss", Numbers.loss(last.get(Scalars.LOSS))));
        }
        atEnd.ifPresent(
                share -> tiles.add(new HtmlReport.Fact("of the best constant prediction, at the end", share.text())));
        if (!rows.isEmpty()) {
            tiles.add(new HtmlReport.Fact(
                    "steps", Numbers.format("%,d", rows.get(rows.size() - 1).step())));
        }
        return tiles;
    }

    /** Of which step it is, where more steps were made after it. */
    private String whenEarlier(Metric metric) {
        long last = rows.get(rows.size() - 1).step();
        long at = rows.stream()
                .filter(row -> Double.isFinite(row.value(metric.tag())))
                .mapToLong(MetricsRow::step)
                .max()
                .orElse(last);
        return at == last ? "" : Numbers.format(", at step %,d", at);
    }

    private List<Metric> headlines() {
        return Metrics.declared().stream()
                .filter(metric -> metric.places().contains(Metric.Place.HEADLINE) && tags.contains(metric.tag()))
                .toList();
    }

    /** The best evaluation, if the last was not the best. */
    private Optional<HtmlReport.Fact> best(Metric metric) {
        List<MetricsRow> scored = rows.stream()
                .filter(row -> Double.isFinite(row.value(metric.tag())))
                .toList();
        MetricsRow best = scored.get(0);
        for (MetricsRow row : scored) {
            if (metric.better().than(row.value(metric.tag()), best.value(metric.tag()))) {
                best = row;
            }
        }
        double last = scored.get(scored.size() - 1).value(metric.tag());
        return metric.better().than(best.value(metric.tag()), last)
                ? Optional.of(new HtmlReport.Fact(
                        Numbers.format("best %s, at step %,d", metric.title(), best.step()),
                        new MetricFormat(metric).text(best.value(metric.tag()))))
                : Optional.empty();
    }

    /** Explanations of less common figures. */
    List<HtmlReport.Fact> explanations() {
        return tags.contains(Scalars.BASELINE)
                ? List.of(new HtmlReport.Fact(
                        "constant prediction",
                        "the loss of saying the same of every sample: the mean of the targets or, where views are compared, that"
                                + " all are equally near; a network under it has learned something"))
                : List.of();
    }

    /** The latest values, for readers without scripts. */
    List<HtmlReport.Fact> lastValues() {
        List<HtmlReport.Fact> values = new ArrayList<>();
        latest().forEach((tag, value) -> values.add(new HtmlReport.Fact(tag, Numbers.shortest(value))));
        return values;
    }

    private Map<String, Double> latest() {
        Map<String, Double> latest = new LinkedHashMap<>();
        tags.forEach(tag -> rows.forEach(row -> {
            double value = row.value(tag);
            if (Double.isFinite(value)) {
                latest.put(tag, value);
            }
        }));
        return latest;
    }

    /** The charts as JSON, safe inside a script element. */
    String json() {
        List<Chart> charts = new ArrayList<>(CHARTS);
        Set<String> known = new LinkedHashSet<>(NOT_CHARTED);
        CHARTS.forEach(chart -> chart.series().forEach(series -> known.add(series.tag())));
        for (String tag : tags) {
            if (!known.contains(tag)) {
                String format = new MetricFormat(tag).perCent() ? ChartJson.PER_CENT : ChartJson.NUMBER;
                charts.add(new Chart(tag, format, false, List.of(new Series(tag, tag))));
            }
        }
        List<Map<String, Object>> json = new ArrayList<>();
        for (Chart chart : charts) {
            List<Series> series = chart.series().stream()
                    .filter(one -> tags.contains(one.tag()))
                    .toList();
            if (!series.isEmpty()) {
                json.add(json(chart, series));
            }
        }
        return ChartJson.inScript(json);
    }

    private Map<String, Object> json(Chart chart, List<Series> series) {
        List<MetricsRow> used = rows.stream()
                .filter(row -> series.stream().anyMatch(one -> row.values().containsKey(one.tag())))
                .toList();
        List<List<MetricsRow>> points = points(used);
        List<Object> data = new ArrayList<>();
        data.add(
                points.stream().map(point -> point.get(point.size() - 1).step()).toList());
        series.forEach(one -> data.add(
                points.stream().map(point -> mean(point, one.tag())).collect(Collectors.toCollection(ArrayList::new))));
        List<String> labels = series.stream().map(this::label).collect(Collectors.toCollection(ArrayList::new));
        for (HtmlReport.Level level : levels) {
            if (series.stream().anyMatch(one -> one.tag().equals(level.metric()))) {
                labels.add(level.label());
                data.add(Collections.nCopies(points.size(), Numbers.json(level.value())));
            }
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("title", chart.title());
        json.put("format", chart.format());
        json.put("wide", chart.wide());
        json.put("series", labels);
        json.put("data", data);
        return json;
    }

    /** Groups rows into points; a point has the step of its last row. */
    private static List<List<MetricsRow>> points(List<MetricsRow> used) {
        int together = together(used);
        List<List<MetricsRow>> points = new ArrayList<>();
        for (int from = 0; from < used.size(); from += together) {
            points.add(used.subList(from, Math.min(used.size(), from + together)));
        }
        return points;
    }

    /** The mean over a point's rows that have a value; null if none has. */
    private static @Nullable BigDecimal mean(List<MetricsRow> point, String tag) {
        return Numbers.json(point.stream()
                .mapToDouble(row -> row.value(tag))
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN));
    }

    /** The label of a series, with "training" added if the chart has another loss. */
    private String label(Series series) {
        boolean besideAnother = Metrics.declared().stream()
                .anyMatch(metric -> metric.chart().equals(LOSS.title()) && tags.contains(metric.tag()));
        return series.tag().equals(Scalars.LOSS) && besideAnother ? "training loss" : series.label();
    }
}
