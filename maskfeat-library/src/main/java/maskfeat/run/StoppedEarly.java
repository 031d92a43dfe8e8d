package maskfeat.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import maskfeat.disk.Plural;
import maskfeat.report.HtmlReport;
import maskfeat.train.StepReport;

/**
 * What is known of a run that was stopped before its first report.
 *
 * @param since the beginning; empty if it was stopped before it came to its first step
 * @param logEvery steps between reports
 * @param toGoOn a command line
 */
record StoppedEarly(Optional<StepReport> since, int logEvery, String toGoOn) {
    private static final String LOSS = "train/loss";

    /**
     * @param metrics of the run
     * @return empty if a loss was reported
     */
    static Optional<StoppedEarly> of(
            Map<Long, Map<String, Double>> metrics, Optional<StepReport> since, int logEvery, String toGoOn) {
        return metrics.values().stream().anyMatch(row -> row.containsKey(LOSS))
                ? Optional.empty()
                : Optional.of(new StoppedEarly(since, logEvery, toGoOn));
    }

    HtmlReport.Results results() {
        return new HtmlReport.Results(Optional.of(verdict()), tiles(), List.of(), List.of(), List.of());
    }

    private HtmlReport.Verdict verdict() {
        String advice = "Too little to say whether it learns. To go on: " + toGoOn;
        if (since.isEmpty() || since.get().step() == 0) {
            return new HtmlReport.Verdict(
                    false, "Stopped before its first step was done: nothing is known of the loss.", advice);
        }
        StepReport made = since.get();
        String when = String.format(
                Locale.ROOT,
                "Stopped after %,d of %s, before the first report, which comes after every %,d (report.log-every): ",
                made.step(),
                Plural.of(made.steps(), "step"),
                logEvery);
        if (!Double.isFinite(made.loss())) {
            return new HtmlReport.Verdict(false, when + "none of them had a loss that is a number.", advice);
        }
        String share = made.baseline() > 0
                ? String.format(
                        Locale.ROOT, ", %.3f of that of the best constant prediction", made.loss() / made.baseline())
                : "";
        return new HtmlReport.Verdict(
                false, when + "until then the loss was " + loss(made) + " in the mean" + share + ".", advice);
    }

    private List<HtmlReport.Fact> tiles() {
        List<HtmlReport.Fact> tiles = new ArrayList<>();
        since.ifPresent(made -> {
            if (Double.isFinite(made.loss())) {
                tiles.add(new HtmlReport.Fact("loss so far", loss(made)));
            }
            tiles.add(
                    new HtmlReport.Fact("steps", String.format(Locale.ROOT, "%,d of %,d", made.step(), made.steps())));
        });
        return tiles;
    }

    private static String loss(StepReport made) {
        return String.format(Locale.ROOT, "%.4f", made.loss());
    }
}
