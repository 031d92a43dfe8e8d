package maskfeat.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Plural;
import maskfeat.eval.ActionEvaluation;
import maskfeat.eval.ActionMetrics;
import maskfeat.eval.Csv;
import maskfeat.eval.FrameAp;
import maskfeat.eval.FrameAp.ClassAp;

/**
 * The evaluation of a detector of actions.
 *
 * @param of the evaluation
 * @param all number of key frames, including those that cannot be read
 */
public record MeasuredActions(ActionEvaluation of, int all) implements Measurement {
    private static final int NAME = 28;

    @Override
    public Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>(of.figures());
        if (of.keyFrames() < all) {
            figures.put("val/count", (double) of.keyFrames());
        }
        return figures;
    }

    @Override
    public String count() {
        return of.keyFrames() == all
                ? Integer.toString(all)
                : of.keyFrames() + " of " + all + " (the others cannot be read)";
    }

    /** The rules by which was measured, in words. */
    public String protocol() {
        return String.format(
                Locale.ROOT,
                "%s, IoU %s",
                of.ap().protocol(),
                Double.toString(of.ap().threshold()));
    }

    private String withoutBox() {
        return of.withoutBox() + " of " + of.keyFrames();
    }

    /** How many classes the mean is over. */
    public String counted() {
        return of.ap().counted() + " of " + of.classes().size()
                + (of.counted().size() < of.classes().size()
                        ? " (" + of.counted().size() + " are in the label map)"
                        : "");
    }

    @Override
    public Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("protocol", protocol());
        facts.put("classes in the mean", counted());
        facts.put("true boxes", Integer.toString(of.trueBoxes()));
        facts.put("given boxes", Integer.toString(of.givenBoxes()));
        facts.put("key frames without a given box", withoutBox());
        if (!of.suppressed().isEmpty()) {
            facts.put("suppression", of.suppressed());
        }
        return facts;
    }

    /** A share in per cent; a dash for NaN. */
    private static String perCent(double share) {
        return Scorecard.perCent(share);
    }

    /** Classes that have truth, the best first; then the others. */
    private List<Integer> order() {
        return IntStream.range(0, of.counted().size())
                .boxed()
                .sorted(Comparator.comparing(
                                (Integer c) -> !of.ap().classes().get(c).counts())
                        .thenComparing(c -> -of.ap().classes().get(c).ap())
                        .thenComparing(c -> c))
                .toList();
    }

    private List<List<String>> rows() {
        List<List<String>> rows = new ArrayList<>();
        for (int c : order()) {
            ClassAp ap = of.ap().classes().get(c);
            rows.add(List.of(
                    of.name(c),
                    perCent(ap.ap()),
                    perCent(of.ofTrueBoxes().classes().get(c).ap()),
                    Integer.toString(ap.truths()),
                    Integer.toString(ap.found())));
        }
        return rows;
    }

    private static final List<String> COLUMNS = List.of("class", "AP", "with true boxes", "true", "found");

    @Override
    public HtmlReport.Results page() {
        List<HtmlReport.Fact> tiles = List.of(
                new HtmlReport.Fact("frame-mAP", perCent(of.ap().mean())),
                new HtmlReport.Fact("with true boxes", perCent(of.ofTrueBoxes().mean())),
                new HtmlReport.Fact(
                        "most that these boxes allow", perCent(of.bound().mean())),
                new HtmlReport.Fact("true boxes among those given", perCent(of.recall())),
                new HtmlReport.Fact("rules", protocol()),
                new HtmlReport.Fact("classes in the mean", counted()));
        return new HtmlReport.Results(
                tiles,
                of.ap().counted() == 0 ? List.of() : List.of(curves()),
                List.of(new HtmlReport.Table(
                        "Each class: average precision with the given boxes and with the true ones, and how many of the"
                                + " true boxes were found",
                        COLUMNS,
                        rows())));
    }

    private HtmlReport.Figure curves() {
        return PrecisionRecallPicture.figure(
                of.ap(), of.counted().stream().map(of.classes()::get).toList());
    }

    /**
     * Text in lines of at most 80 characters.
     *
     * @param perClass whether each class gets a line
     */
    public String text(boolean perClass) {
        StringBuilder text = new StringBuilder();
        line(text, "frame-mAP", perCent(of.ap().mean()) + "   rules of " + protocol());
        line(text, ActionMetrics.TRUE_BOX_MAP.title(), perCent(of.ofTrueBoxes().mean()));
        line(text, ActionMetrics.BOUND.title(), perCent(of.bound().mean()));
        line(
                text,
                ActionMetrics.RECALL.title(),
                perCent(of.recall()) + "   " + of.hit() + " of " + of.trueBoxes() + ", by "
                        + Plural.of(of.givenBoxes(), "box", "boxes"));
        if (of.withoutBox() > 0) {
            line(text, "key frames without a box", withoutBox() + "   nothing can be found there");
        }
        line(text, "classes in the mean", counted());
        if (!of.suppressed().isEmpty()) {
            text.append(WrappedText.of(of.suppressed(), Scorecard.COLUMNS)).append('\n');
        }
        if (perClass) {
            text.append('\n').append(new TextTable(COLUMNS, rows()).text(Scorecard.COLUMNS));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "%-" + NAME + "s %s%n", name, value));
    }

    /** JSON values; shares are 0 to 1, missing values are null. */
    public Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("protocol", of.ap().protocol().name().toLowerCase(Locale.ROOT));
        json.put("iou", of.ap().threshold());
        json.put("key_frames", of.keyFrames());
        json.put("key_frames_without_box", of.withoutBox());
        json.put("frame_map", orNull(of.ap().mean()));
        json.put("true_box_map", orNull(of.ofTrueBoxes().mean()));
        json.put("bound", orNull(of.bound().mean()));
        json.put("box_recall", orNull(of.recall()));
        json.put("classes_counted", of.ap().counted());
        json.put("classes_all", of.classes().size());
        if (!of.suppressed().isEmpty()) {
            json.put("suppression", of.suppressed());
        }
        List<Map<String, Object>> classes = new ArrayList<>();
        for (int c = 0; c < of.counted().size(); c++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("class", of.name(c));
            row.put("ap", orNull(of.ap().classes().get(c).ap()));
            row.put("true_box_ap", orNull(of.ofTrueBoxes().classes().get(c).ap()));
            row.put("true", of.ap().classes().get(c).truths());
            row.put("found", of.ap().classes().get(c).found());
            classes.add(row);
        }
        json.put("classes", classes);
        return json;
    }

    private static Object orNull(double value) {
        return Double.isFinite(value) ? value : tools.jackson.databind.node.NullNode.getInstance();
    }

    /** {@code classes.csv}: each class with its figures; {@code precision_recall.csv}: the curves, a column for each class. */
    @Override
    public void write(Path folder) throws IOException {
        AtomicFile.writeText(folder.resolve("precision_recall.csv"), curvesText());
        StringBuilder text = new StringBuilder("class,ap,true_box_ap,true,found\n");
        for (int c = 0; c < of.counted().size(); c++) {
            ClassAp ap = of.ap().classes().get(c);
            text.append(Csv.field(of.name(c)))
                    .append(',')
                    .append(number(ap.ap()))
                    .append(',')
                    .append(number(of.ofTrueBoxes().classes().get(c).ap()))
                    .append(',')
                    .append(ap.truths())
                    .append(',')
                    .append(ap.found())
                    .append('\n');
        }
        AtomicFile.writeText(folder.resolve("classes.csv"), text.toString());
    }

    private String curvesText() {
        StringBuilder text = new StringBuilder("recall,mean");
        for (int c = 0; c < of.counted().size(); c++) {
            text.append(',').append(Csv.field(of.name(c)));
        }
        text.append('\n');
        List<Double> mean = of.ap().meanCurve();
        for (int recall = 0; recall < FrameAp.RECALLS; recall++) {
            text.append(String.format(Locale.ROOT, "%.2f", recall / 100.0))
                    .append(',')
                    .append(number(mean.get(recall)));
            for (ClassAp each : of.ap().classes()) {
                text.append(',').append(each.counts() ? number(each.curve().get(recall)) : "");
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "" : Double.toString(value);
    }
}
