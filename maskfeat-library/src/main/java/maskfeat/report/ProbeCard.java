package maskfeat.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import maskfeat.infer.BlockProbe;
import maskfeat.task.LinearProbe;

/**
 * Presents the probes of the features after a block: on a page, in a terminal, as JSON.
 *
 * @param of the probes
 */
public record ProbeCard(BlockProbe of) {
    private String interval() {
        return String.format(
                Locale.ROOT,
                "%.1f - %.1f",
                100 * of.linear().top1Interval().low(),
                100 * of.linear().top1Interval().high());
    }

    private String from() {
        return of.block() == BlockProbe.HOG ? "of the pictures' HOG" : "after block " + of.block();
    }

    private static String number(double value) {
        String text = Double.toString(value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    /** A summary as part of a sentence. */
    public String summary() {
        return "linear " + Scorecard.perCent(of.linear().top1()) + " (95 %: " + interval() + "), learning rate "
                + number(of.probe().chosen().rate()) + ", weight decay "
                + number(of.probe().chosen().decay()) + ", "
                + of.probe().folds() + " folds; " + of.k() + " nearest "
                + Scorecard.perCent(of.neighbours().top1());
    }

    private static final List<String> COLUMNS =
            List.of("block", "probe top-1", "95 %", "lr", "decay", "kNN top-1", "k");

    private List<String> row() {
        return List.of(
                of.source(),
                Scorecard.perCent(of.linear().top1()),
                interval(),
                number(of.probe().chosen().rate()),
                number(of.probe().chosen().decay()),
                Scorecard.perCent(of.neighbours().top1()),
                Integer.toString(of.k()));
    }

    /** A table with a row for each block. */
    public static TextTable table(List<ProbeCard> probes) {
        return new TextTable(COLUMNS, probes.stream().map(ProbeCard::row).toList());
    }

    /** The table for a page. */
    public static HtmlReport.Table shown(List<ProbeCard> probes) {
        return new HtmlReport.Table(
                "Accuracy of the features after each block: linear probe and k nearest neighbours",
                COLUMNS,
                probes.stream().map(ProbeCard::row).toList());
    }

    /** Learning rates and weight decays that were tried, with their cross-validation results. */
    public HtmlReport.Table candidates() {
        List<List<String>> rows = new ArrayList<>();
        for (LinearProbe.Candidate each : of.probe().candidates()) {
            rows.add(List.of(
                    number(each.rate()),
                    number(each.decay()),
                    Scorecard.perCent(each.top1()),
                    String.format(Locale.ROOT, "%.4f", each.loss())));
        }
        return new HtmlReport.Table(
                "Cross-validation on the training items, " + of.probe().folds() + " folds, " + from(),
                List.of("learning rate", "weight decay", "top-1", "loss"),
                rows);
    }

    /** Figures for the top of a page. */
    public List<HtmlReport.Fact> tiles() {
        return List.of(
                new HtmlReport.Fact(
                        "linear probe, top-1", Scorecard.perCent(of.linear().top1())),
                new HtmlReport.Fact("95 % interval", interval() + " %"),
                new HtmlReport.Fact(
                        of.k() + " nearest, top-1",
                        Scorecard.perCent(of.neighbours().top1())),
                new HtmlReport.Fact(of.block() == BlockProbe.HOG ? "features" : "after block", of.source()));
    }

    /** JSON values; shares are 0 to 1. */
    public Map<String, Object> json() {
        Map<String, Object> row = new LinkedHashMap<>();
        if (of.block() != BlockProbe.HOG) {
            row.put("block", of.block());
        }
        row.put("top1", of.linear().top1());
        row.put("top1_low", of.linear().top1Interval().low());
        row.put("top1_high", of.linear().top1Interval().high());
        row.put("top" + of.linear().topCount(), of.linear().top5());
        row.put("loss", of.linear().loss());
        row.put("rate", of.probe().chosen().rate());
        row.put("decay", of.probe().chosen().decay());
        row.put("cross_validated_top1", of.probe().chosen().top1());
        row.put("folds", of.probe().folds());
        row.put("knn_top1", of.neighbours().top1());
        row.put("knn_top1_low", of.neighbours().top1Interval().low());
        row.put("knn_top1_high", of.neighbours().top1Interval().high());
        row.put("k", of.k());
        return row;
    }
}
