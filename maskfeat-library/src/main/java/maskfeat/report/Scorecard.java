package maskfeat.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.disk.Plural;
import maskfeat.eval.Calibration;
import maskfeat.eval.ClassMetric;
import maskfeat.eval.ClassMetrics;
import maskfeat.eval.ClassScore;
import maskfeat.eval.Confusion;
import maskfeat.eval.ConfusionMatrix;
import maskfeat.eval.Evaluation;
import maskfeat.eval.Metric;
import maskfeat.eval.PredictionFiles;

/**
 * Presents an evaluation: on a page, in a terminal, in files.
 *
 * @param of the evaluation
 */
public record Scorecard(Evaluation of) {
    /** Widest line of text, in characters. */
    public static final int COLUMNS = 80;

    private static final int CONFUSIONS_ON_PAGE = 15;
    private static final int CONFUSIONS_IN_TERMINAL = 5;
    private static final String NONE = "-";

    /** Names of the classes by index. */
    public List<String> classes() {
        return of.confusion().classes();
    }

    /** The number of evaluated items, with the total if some could not be read. */
    public static String count(Evaluation evaluation, int all) {
        return evaluation.count() == all
                ? Integer.toString(all)
                : evaluation.count() + " of " + all + " (the others cannot be read)";
    }

    /** 95 % interval of the top-1 accuracy. */
    public String interval() {
        return String.format(
                Locale.ROOT,
                "%.1f to %.1f %%",
                100 * of.top1Interval().low(),
                100 * of.top1Interval().high());
    }

    /** A share, 0 to 1, in per cent; a dash for NaN. */
    public static String perCent(double share) {
        return Double.isNaN(share) ? NONE : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private String value(ClassMetric metric) {
        double value = metric.value(of);
        return metric.metric().unit() == Metric.Unit.PER_CENT
                ? perCent(value)
                : String.format(Locale.ROOT, "%.4f", value);
    }

    /** With fewer than five classes the top five are all there are. */
    private String title(ClassMetric metric) {
        return metric == ClassMetrics.TOP5
                ? "top-" + of.topCount()
                : metric.metric().title();
    }

    private String key(ClassMetric metric) {
        String tag = metric.metric().tag();
        return metric == ClassMetrics.TOP5 ? "top" + of.topCount() : tag.substring(tag.lastIndexOf('/') + 1);
    }

    /** Share of the items of the most frequent class, 0 to 1: what saying that class of every item gets right. */
    private double guess() {
        long most = of.perClass().stream().mapToLong(ClassScore::count).max().orElseThrow();
        return (double) most / of.count();
    }

    /** What top-1 says beside the same class for every item. */
    public HtmlReport.Verdict verdict() {
        double guess = guess();
        String measured = "top-1 is " + perCent(of.top1()) + " (95 % interval " + interval()
                + "), and the most frequent class for every item would get " + perCent(guess) + ".";
        if (guess == 1) {
            return new HtmlReport.Verdict(
                    false,
                    "All " + Plural.of(of.count(), "item") + " are of one class, so top-1 says nothing.",
                    "Measure on items of every class.");
        }
        if (of.top1Interval().low() > guess) {
            return new HtmlReport.Verdict(
                    true,
                    "It tells classes apart: " + measured,
                    "The interval speaks of the draw of these items alone; another seed may change as much again.");
        }
        String words = of.top1Interval().high() < guess ? "It does worse than guessing: " : "It may be guessing: ";
        return new HtmlReport.Verdict(
                false,
                words + measured,
                "To try: more passes (train.epochs), as few labels need many; weights of pre-training to begin with; more"
                        + " items to measure on, where the interval is wide. The tables below say which classes it has and"
                        + " which it mixes up.");
    }

    /** Figures for the top of a page. */
    public List<HtmlReport.Fact> tiles() {
        List<HtmlReport.Fact> tiles = new ArrayList<>();
        for (ClassMetric each : ClassMetrics.evaluated()) {
            if (each != ClassMetrics.TOP5 || of.topCount() < classes().size()) {
                tiles.add(new HtmlReport.Fact(title(each), value(each)));
            }
            if (each == ClassMetrics.TOP1) {
                tiles.add(new HtmlReport.Fact("95 % interval of top-1", interval()));
            }
        }
        return tiles;
    }

    /** All of it for a page. */
    HtmlReport.Results results() {
        return new HtmlReport.Results(Optional.of(verdict()), tiles(), List.of(), figures(), tables());
    }

    /** Pictures for a page. */
    public List<HtmlReport.Figure> figures() {
        ConfusionMatrix confusion = of.confusion();
        Calibration calibration = of.calibration();
        List<Calibration.Bin> bins = calibration.bins();
        return List.of(
                HtmlReport.Figure.of(
                        "Confusion",
                        "Predicted against true classes: " + Plural.of(of.count(), "item")
                                + ", a row for each true class, a column for each predicted one.",
                        ConfusionPicture.draw(confusion.classes(), confusion.counts())),
                HtmlReport.Figure.of(
                        "Reliability",
                        "Accuracy of predictions by confidence; on the dashed line both are equal.",
                        ReliabilityPicture.draw(
                                bins.stream()
                                        .mapToDouble(Calibration.Bin::confidence)
                                        .toArray(),
                                bins.stream()
                                        .mapToDouble(Calibration.Bin::accuracy)
                                        .toArray(),
                                bins.stream().mapToLong(Calibration.Bin::count).toArray(),
                                calibration.expectedError())));
    }

    /** Tables for a page. */
    public List<HtmlReport.Table> tables() {
        ConfusionMatrix confusion = of.confusion();
        List<List<String>> rows = new ArrayList<>();
        for (int c = 0; c < classes().size(); c++) {
            ClassScore score = of.perClass().get(c);
            rows.add(List.of(
                    score.name(),
                    Long.toString(score.count()),
                    perCent(score.recall()),
                    perCent(score.precision()),
                    mistake(confusion, c)));
        }
        List<HtmlReport.Table> tables = new ArrayList<>();
        tables.add(new HtmlReport.Table(
                "Each class: share of its items that were predicted as it (recall), and share of its predictions that are"
                        + " right (precision)",
                List.of("class", "items", "recall", "precision", "most often confused with"),
                rows));
        List<List<String>> worst = new ArrayList<>();
        for (Confusion mistake : confusion.worst(CONFUSIONS_ON_PAGE)) {
            worst.add(List.of(mistake.truth(), mistake.predicted(), Long.toString(mistake.count())));
        }
        if (!worst.isEmpty()) {
            tables.add(new HtmlReport.Table(
                    "Most frequent confusions", List.of("true class", "predicted", "items"), worst));
        }
        return tables;
    }

    private static String mistake(ConfusionMatrix confusion, int truth) {
        long[] row = confusion.counts()[truth];
        int most = -1;
        for (int c = 0; c < row.length; c++) {
            if (c != truth && row[c] > 0 && (most < 0 || row[c] > row[most])) {
                most = c;
            }
        }
        return most < 0 ? "" : confusion.classes().get(most) + " (" + row[most] + ")";
    }

    /**
     * Text in lines of at most 80 characters.
     *
     * @param perClass whether each class gets a line
     */
    public String text(boolean perClass) {
        StringBuilder text = new StringBuilder();
        for (ClassMetric each : ClassMetrics.evaluated()) {
            String remark = each == ClassMetrics.TOP1
                    ? "   95 % interval " + interval()
                    : each == ClassMetrics.TOP5 && of.topCount() == classes().size() ? "   of as many classes" : "";
            line(text, title(each), value(each) + remark);
        }
        if (perClass) {
            text.append('\n').append(classTable().text(COLUMNS));
        }
        List<Confusion> worst = of.confusion().worst(CONFUSIONS_IN_TERMINAL);
        if (!worst.isEmpty()) {
            List<List<String>> rows = worst.stream()
                    .map(each -> List.of(each.truth() + " for " + each.predicted(), Long.toString(each.count())))
                    .toList();
            text.append('\n').append(new TextTable(List.of("most often taken", "items"), rows).text(COLUMNS));
        }
        return text.toString();
    }

    /** Adds a line of a name and a value. */
    public static void line(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "%-18s %s%n", name, value));
    }

    private TextTable classTable() {
        return new TextTable(
                List.of("class", "items", "recall", "precision"),
                of.perClass().stream()
                        .map(score -> List.of(
                                score.name(),
                                Long.toString(score.count()),
                                perCent(score.recall()),
                                perCent(score.precision())))
                        .toList());
    }

    /** JSON values; shares are 0 to 1, missing values are null. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("count", of.count());
        for (ClassMetric each : ClassMetrics.evaluated()) {
            put(json, key(each), each.value(of));
            if (each == ClassMetrics.TOP1) {
                json.put("top1_low", of.top1Interval().low());
                json.put("top1_high", of.top1Interval().high());
            }
        }
        List<Map<String, Object>> perClass = new ArrayList<>();
        for (ClassScore score : of.perClass()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("class", score.name());
            row.put("count", score.count());
            put(row, "recall", score.recall());
            put(row, "precision", score.precision());
            perClass.add(row);
        }
        json.put("classes", perClass);
        json.put("confusions", of.confusion().worst(CONFUSIONS_ON_PAGE));
        return json;
    }

    /** Puts a value, or null for NaN, which JSON does not have. */
    private static void put(Map<String, Object> row, String key, double value) {
        if (Double.isFinite(value)) {
            row.put(key, value);
        }
    }

    /** Writes the scores of each item, one row each. */
    public void writeCsv(Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        PredictionFiles.csv(of.predictions(), classes(), text);
        AtomicFile.write(file, Content.of(text.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /** Writes the scores of each item as JSON. */
    public void writeJson(Path file) throws IOException {
        StringBuilder text = new StringBuilder();
        PredictionFiles.json(of.predictions(), classes(), text);
        AtomicFile.write(file, Content.of(text.toString().getBytes(StandardCharsets.UTF_8)));
    }
}
