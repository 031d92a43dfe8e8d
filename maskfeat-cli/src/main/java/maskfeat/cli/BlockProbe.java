package maskfeat.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.data.Splits;
import maskfeat.eval.Evaluation;
import maskfeat.eval.NearestNeighbours;
import maskfeat.eval.Prediction;
import maskfeat.report.HtmlReport;
import maskfeat.report.TextTable;
import maskfeat.task.LinearProbe;
import org.bytedeco.pytorch.Device;

/**
 * What can be read off the features after a block.
 *
 * @param block counted from 0
 * @param probe the linear classifier
 * @param linear what it says of the items to measure on
 * @param k neighbours that vote
 * @param neighbours what they say
 */
record BlockProbe(int block, LinearProbe probe, Evaluation linear, int k, Evaluation neighbours) {
    private static final List<Integer> NEIGHBOURS = List.of(1, 5, 10, 20, 50, 100);

    /**
     * @param train [N][C], features of the training items in their order
     * @param measured [M][C], features of {@code held} in their order
     */
    static BlockProbe of(
            int block, Splits splits, float[][] train, Dataset held, float[][] measured, long seed, Device device) {
        int[] labels = splits.train().items().stream().mapToInt(Item::label).toArray();
        int classes = splits.classes().size();
        LinearProbe probe = LinearProbe.train(train, labels, classes, LinearProbe.Config.defaults(), seed, device);
        NearestNeighbours nearest = new NearestNeighbours(train, labels, classes);
        int k = nearest.chooseK(NEIGHBOURS.stream()
                .mapToInt(Integer::intValue)
                .filter(each -> each < labels.length)
                .toArray());
        return new BlockProbe(
                block,
                probe,
                judged(splits.classes(), held, probe.scores(measured)),
                k,
                judged(splits.classes(), held, nearest.scores(measured, k)));
    }

    private static Evaluation judged(List<String> classes, Dataset held, float[][] scores) {
        return Evaluation.of(
                classes,
                IntStream.range(0, scores.length)
                        .mapToObj(i -> {
                            Item item = held.items().get(i);
                            return new Prediction(held.name(item), item.label(), scores[i]);
                        })
                        .toList());
    }

    /** What a person should know of how it was chosen, a sentence each. */
    List<String> remarks(Splits splits) {
        int asked = LinearProbe.Config.defaults().folds();
        if (probe.folds() == asked) {
            return List.of();
        }
        return List.of("the learning rate is chosen by " + probe.folds() + " folds instead of " + asked
                + ": a class has too few items for training among the "
                + splits.train().size());
    }

    private String interval() {
        return String.format(
                Locale.ROOT,
                "%.1f - %.1f",
                100 * linear.top1Interval().low(),
                100 * linear.top1Interval().high());
    }

    private static String number(double value) {
        String text = Double.toString(value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    /** In half a sentence. */
    String summary() {
        return "linear " + Scorecard.perCent(linear.top1()) + " (95 %: " + interval() + "), learning rate "
                + number(probe.chosen().rate()) + ", weight decay "
                + number(probe.chosen().decay()) + ", "
                + probe.folds() + " folds; " + k + " nearest " + Scorecard.perCent(neighbours.top1());
    }

    private static final List<String> COLUMNS =
            List.of("block", "probe top-1", "95 %", "lr", "decay", "kNN top-1", "k");

    private List<String> row() {
        return List.of(
                Integer.toString(block),
                Scorecard.perCent(linear.top1()),
                interval(),
                number(probe.chosen().rate()),
                number(probe.chosen().decay()),
                Scorecard.perCent(neighbours.top1()),
                Integer.toString(k));
    }

    static TextTable table(List<BlockProbe> probes) {
        return new TextTable(COLUMNS, probes.stream().map(BlockProbe::row).toList());
    }

    static HtmlReport.Table shown(List<BlockProbe> probes) {
        return new HtmlReport.Table(
                "What can be read off the features after each block: linear probe and k nearest neighbours",
                COLUMNS,
                probes.stream().map(BlockProbe::row).toList());
    }

    HtmlReport.Table candidates() {
        List<List<String>> rows = new ArrayList<>();
        for (LinearProbe.Candidate each : probe.candidates()) {
            rows.add(List.of(
                    number(each.rate()),
                    number(each.decay()),
                    Scorecard.perCent(each.top1()),
                    String.format(Locale.ROOT, "%.4f", each.loss())));
        }
        return new HtmlReport.Table(
                "Cross-validation on the training items, " + probe.folds() + " folds, after block " + block,
                List.of("learning rate", "weight decay", "top-1", "loss"),
                rows);
    }

    List<HtmlReport.Fact> tiles() {
        return List.of(
                new HtmlReport.Fact("linear probe, top-1", Scorecard.perCent(linear.top1())),
                new HtmlReport.Fact("95 % interval", interval() + " %"),
                new HtmlReport.Fact(k + " nearest, top-1", Scorecard.perCent(neighbours.top1())),
                new HtmlReport.Fact("after block", Integer.toString(block)));
    }

    /** Of the last block, and of each where they are several; in percent, losses in nats. */
    static Map<String, Double> figures(List<BlockProbe> probes) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.putAll(probes.get(probes.size() - 1).figures(""));
        if (probes.size() > 1) {
            probes.forEach(probe -> figures.putAll(probe.figures("@" + probe.block)));
        }
        return figures;
    }

    private Map<String, Double> figures(String suffix) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("probe/top1" + suffix, 100 * linear.top1());
        figures.put("probe/top5" + suffix, 100 * linear.top5());
        figures.put("probe/mean_class" + suffix, 100 * linear.meanClassAccuracy());
        figures.put("probe/loss" + suffix, linear.loss());
        figures.put("probe/cross_validated_top1" + suffix, 100 * probe.chosen().top1());
        figures.put("knn/top1" + suffix, 100 * neighbours.top1());
        figures.put("knn/top5" + suffix, 100 * neighbours.top5());
        return figures;
    }

    /** For machines; shares are 0 to 1. */
    Map<String, Object> json() {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("block", block);
        row.put("top1", linear.top1());
        row.put("top1_low", linear.top1Interval().low());
        row.put("top1_high", linear.top1Interval().high());
        row.put("top" + linear.topCount(), linear.top5());
        row.put("loss", linear.loss());
        row.put("rate", probe.chosen().rate());
        row.put("decay", probe.chosen().decay());
        row.put("cross_validated_top1", probe.chosen().top1());
        row.put("folds", probe.folds());
        row.put("knn_top1", neighbours.top1());
        row.put("knn_top1_low", neighbours.top1Interval().low());
        row.put("knn_top1_high", neighbours.top1Interval().high());
        row.put("k", k);
        return row;
    }
}
