package maskfeat.report;

import java.util.List;
import java.util.Optional;
import maskfeat.train.EpochLoss;

/**
 * The loss at the end of a run as a share of that of the best constant prediction, and how far another such end may well be from
 * it.
 *
 * @param over what the mean is over, in words
 * @param isEnough whether it is of so many steps or reports that it says something
 * @param share mean loss over mean baseline
 * @param margin half the width of the 95 % interval of the share; NaN if it is not known
 * @param middle of the steps that it is over, in epochs; NaN if it is not known
 */
record LossShare(String over, boolean isEnough, double share, double margin, double middle) {
    private static final int TENTH = 10;

    /** Fewer say little, so that a short run is judged by more than its last tenth. */
    private static final int FEWEST = 8;

    private static final double Z = 1.959963984540054;

    /**
     * Of the last reports and the last whole epoch, that which says more. The one of later steps, for the loss falls; the other
     * where that is too short to tell and the other is not.
     *
     * @param rows in the order of their steps
     * @return empty if neither has a baseline
     */
    static Optional<LossShare> of(List<MetricsRow> rows, Optional<EpochLoss> epoch) {
        Optional<LossShare> reports = ofReports(rows);
        Optional<LossShare> whole = epoch.flatMap(LossShare::ofEpoch);
        if (reports.isEmpty() || whole.isEmpty()) {
            return reports.or(() -> whole);
        }
        boolean reportsAreLater = reports.get().middle > whole.get().middle;
        LossShare later = reportsAreLater ? reports.get() : whole.get();
        LossShare earlier = reportsAreLater ? whole.get() : reports.get();
        boolean tellsMore =
                later.isEnough ? !later.tells() && earlier.isUnder() : earlier.isEnough && !later.contradicts(earlier);
        return Optional.of(tellsMore ? earlier : later);
    }

    /** Its mean over the last tenth of the reports. */
    private static Optional<LossShare> ofReports(List<MetricsRow> rows) {
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
        double from = count < measured.size()
                ? measured.get(measured.size() - count - 1).value(Scalars.EPOCH)
                : 0;
        double middle = (from + last.get(count - 1).value(Scalars.EPOCH)) / 2;
        return Optional.of(new LossShare(
                count == 1 ? "in its only report" : Numbers.format("over its last %,d reports", count),
                count >= FEWEST,
                share,
                margin,
                middle));
    }

    private static Optional<LossShare> ofEpoch(EpochLoss epoch) {
        return epoch.spread() == null || !Double.isFinite(epoch.share())
                ? Optional.empty()
                : Optional.of(new LossShare(
                        Numbers.format(
                                "over the %,d steps of epoch %d", epoch.spread().steps(), epoch.epoch()),
                        epoch.spread().steps() >= FEWEST,
                        epoch.share(),
                        epoch.margin(),
                        epoch.epoch() - 0.5));
    }

    /** Whether it is surely under that of the constant prediction. */
    private boolean isUnder() {
        return isEnough && share + margin < 1;
    }

    /** Whether the loss has surely come to elsewhere since, and not further down only. */
    private boolean contradicts(LossShare earlier) {
        return Math.abs(share - earlier.share) > margin + earlier.margin && !(earlier.isUnder() && share < 1);
    }

    private boolean tells() {
        return isUnder() || isEnough && share - margin > 1;
    }

    private static double mean(List<MetricsRow> rows, String tag) {
        return rows.stream().mapToDouble(row -> row.value(tag)).average().orElse(Double.NaN);
    }

    String text() {
        return Numbers.format("%.2fx", share);
    }

    HtmlReport.Verdict verdict() {
        String measured = over + " the loss is "
                + Numbers.format(Double.isNaN(margin) ? "%.3f" : "%.3f (\u00b1 %.3f)", share, margin)
                + " of that of the best constant prediction";
        if (!isEnough) {
            return new HtmlReport.Verdict(
                    false,
                    "Too few steps to say whether it has learned: " + measured + ".",
                    "Train for more steps: more passes (train.epochs) or more data.");
        }
        if (isUnder()) {
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
