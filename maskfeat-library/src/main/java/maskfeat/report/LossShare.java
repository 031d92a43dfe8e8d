package maskfeat.report;

import java.util.List;
import java.util.Optional;
import maskfeat.disk.Plural;

/**
 * The loss at the end of a run as a share of that of the best constant prediction: its mean over the last tenth of the
 * reports, and how far another such tenth may well be from it.
 *
 * @param reports how many the mean is of
 * @param share mean loss over mean baseline
 * @param margin half the width of the 95 % interval of the share; NaN for a single report
 */
record LossShare(int reports, double share, double margin) {
    private static final int TENTH = 10;

    /** Fewer say little, so that a short run is judged by more than its last tenth. */
    private static final int FEWEST = 8;

    private static final double Z = 1.959963984540054;

    /** Of rows in the order of their steps; empty if none has a baseline. */
    static Optional<LossShare> of(List<MetricsRow> rows) {
        List<MetricsRow> measured = rows.stream()
                .filter(row -> Double.isFinite(row.value(Scalars.LOSS)) && Double.isFinite(row.value(Scalars.BASELINE)))
                .toList();
        int count = Math.min(measured.size(), Math.max(FEWEST, measured.size() / TENTH));
        List<MetricsRow> last = measured.subList(measured.size() - count, measured.size());
        double baseline = mean(last, Scalars.BASELINE);
        if (!(baseline > 0)) {
            return Optional.empty();
        }
        double share = mean(last, Scalars.LOSS) / baseline;
        // Loss and baseline are of the same samples and rise and fall together: what is left varies much less.
        double squares = last.stream()
                .mapToDouble(row -> row.value(Scalars.LOSS) - share * row.value(Scalars.BASELINE))
                .map(rest -> rest * rest)
                .sum();
        double margin = count < 2 ? Double.NaN : Z * Math.sqrt(squares / (count - 1) / count) / baseline;
        return Optional.of(new LossShare(count, share, margin));
    }

    private static double mean(List<MetricsRow> rows, String tag) {
        return rows.stream().mapToDouble(row -> row.value(tag)).average().orElse(Double.NaN);
    }

    String text() {
        return Numbers.format("%.2fx", share);
    }

    HtmlReport.Verdict verdict() {
        String measured = "over its last " + Plural.of(reports, "reported step") + " the loss is "
                + Numbers.format(Double.isNaN(margin) ? "%.3f" : "%.3f (\u00b1 %.3f)", share, margin)
                + " of that of the best constant prediction";
        if (reports < FEWEST) {
            return new HtmlReport.Verdict(
                    false,
                    "Too few steps to say whether it has learned: " + measured + ".",
                    "Train for more steps: more passes (train.epochs) or more data.");
        }
        if (share + margin < 1) {
            return new HtmlReport.Verdict(
                    true,
                    "It has learned: " + measured + ".",
                    "Under 1 it predicts more than the same for everything. What its features are good for, only a"
                            + " probe or a fine-tuning says.");
        }
        String words = share - margin > 1 ? "It has not learned yet: " : "Whether it has learned cannot be told yet: ";
        return new HtmlReport.Verdict(
                false,
                words + measured + ".",
                "To try: more passes (train.epochs), as this share falls late; more data; a larger optim.lr, which small"
                        + " steps scale down (train.batch x train.accumulate / optim.reference-batch). Look at the curve"
                        + " below: one that still falls needs time, one that lies flat needs another setting.");
    }
}
