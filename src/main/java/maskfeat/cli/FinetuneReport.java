package maskfeat.cli;

import static maskfeat.cli.TrainCommand.LOG;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import maskfeat.data.Dataset;
import maskfeat.data.Splits;
import maskfeat.data.Views;
import maskfeat.eval.Evaluation;
import maskfeat.recipe.Finetune;
import maskfeat.recipe.Finetuning;
import maskfeat.recipe.Transfer;
import maskfeat.report.HtmlReport;
import maskfeat.report.MetricsFile;
import maskfeat.report.Scorecard;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import maskfeat.weights.TensorFile;
import tools.jackson.databind.json.JsonMapper;

/**
 * Measures the kept weights of a fine-tuning run and puts {@code report.html}, {@code result.json} and {@code
 * predictions.csv} together.
 */
final class FinetuneReport {
    private final TrainCommand.Job<Finetune, Splits> job;
    private final Finetuning finetuning;
    private final Trainer.Ending ending;
    private final Optional<Best> best;

    private FinetuneReport(TrainCommand.Job<Finetune, Splits> job, Finetuning finetuning, Trainer.Ending ending) {
        this.job = job;
        this.finetuning = finetuning;
        this.ending = ending;
        this.best = best(job.folder(), finetuning);
    }

    /**
     * Where a figure was at its best; the first of equals.
     *
     * @param epoch counted from 1
     */
    private record Best(long epoch, double value) {}

    /**
     * Writes all of it. A run that was stopped, or has nothing to be measured on, gets the page alone.
     *
     * @param stop gives up measuring; the page then says so
     * @return whether all of it is there: false if measuring was given up
     */
    static boolean write(
            TrainCommand.Job<Finetune, Splits> job, Finetuning finetuning, Trainer.Ending ending, BooleanSupplier stop)
            throws IOException, InterruptedException {
        FinetuneReport report = new FinetuneReport(job, finetuning, ending);
        Optional<Scorecard> scorecard = report.measured(stop);
        if (scorecard.isPresent()) {
            scorecard.get().writeCsv(job.folder().root().resolve("predictions.csv"));
            report.result(scorecard.get().of()).write(job.folder().result());
        }
        report.page(scorecard).write(job.folder().report());
        return scorecard.isPresent() || !report.isToBeMeasured();
    }

    private boolean isToBeMeasured() {
        return ending == Trainer.Ending.DONE && finetuning.splits().validation().isPresent();
    }

    /** Training is over, so that the kept weights can take the place of the last ones. */
    private Optional<Scorecard> measured(BooleanSupplier stop) throws IOException, InterruptedException {
        if (!isToBeMeasured()) {
            return Optional.empty();
        }
        Dataset held = finetuning.splits().validation().orElseThrow();
        LOG.info("measuring the kept weights on {} {}", held.size(), held.noun());
        TensorFile.load(job.folder().model(), finetuning.model().parameters());
        Optional<Scorecard> scorecard = finetuning
                .scoring(held, Views.parse(finetuning.settings().validate().views()))
                .run(stop, ScoringLine.onStderr(held.noun()))
                .map(predictions ->
                        new Scorecard(Evaluation.of(finetuning.splits().classes(), predictions)));
        if (scorecard.isEmpty()) {
            LOG.warn("the report is without the evaluation of the kept weights; --resume makes up for it");
        }
        return scorecard;
    }

    private Dataset held() {
        return finetuning.splits().validation().orElseThrow();
    }

    private static Optional<Best> best(RunFolder folder, Finetuning finetuning) {
        Finetune.Metric metric = finetuning.settings().validate().metric();
        int stepsPerEpoch = finetuning.plan().stepsPerEpoch();
        Best best = null;
        for (var row : MetricsFile.read(folder.metrics()).entrySet()) {
            double value = row.getValue().getOrDefault(metric.tag(), Double.NaN);
            boolean better = best == null || (metric.smallerIsBetter() ? value < best.value() : value > best.value());
            if (Double.isFinite(value) && better) {
                best = new Best(row.getKey() / stepsPerEpoch, value);
            }
        }
        return Optional.ofNullable(best);
    }

    private RunResult result(Evaluation evaluation) {
        Finetune run = finetuning.settings();
        Map<String, String> facts = new LinkedHashMap<>();
        RunReport.recipe(job.settings()).ifPresent(name -> facts.put("recipe", name));
        facts.put("from", run.from() == null ? "scratch" : run.from());
        best.ifPresent(kept -> facts.put("epoch", Long.toString(kept.epoch())));
        facts.put("epochs", Integer.toString(run.train().epochs()));
        Dataset train = finetuning.splits().train();
        facts.put("data", train.source().toString());
        facts.put("training " + train.noun(), Integer.toString(train.size()));
        facts.put("validation " + train.noun(), Scorecard.count(evaluation, held().size()));
        facts.put("views", run.validate().views());
        facts.put("95 % interval of top-1", new Scorecard(evaluation).interval());
        return new RunResult("finetune", evaluation.figures(held().size()), facts);
    }

    private HtmlReport page(Optional<Scorecard> scorecard) throws IOException {
        RunFolder folder = job.folder();
        return new HtmlReport(
                folder.root().getFileName().toString(),
                summary(scorecard),
                folder.metrics(),
                List.of(),
                RunReport.settings(job.settings()),
                data(),
                RunReport.facts(job.environment()),
                scorecard
                        .map(each -> new HtmlReport.Results(each.tiles(), each.figures(), each.tables()))
                        .orElse(HtmlReport.Results.NONE));
    }

    private List<HtmlReport.Fact> summary(Optional<Scorecard> scorecard) throws IOException {
        Finetune run = finetuning.settings();
        List<HtmlReport.Fact> facts = new ArrayList<>();
        facts.add(new HtmlReport.Fact("ended", ended()));
        facts.add(new HtmlReport.Fact(
                "network",
                String.format(
                        Locale.ROOT,
                        "%,d parameters, reads %s",
                        finetuning.model().parameterCount(),
                        finetuning.blueprint().input().size())));
        facts.add(new HtmlReport.Fact(
                "classes", Integer.toString(finetuning.splits().classes().size())));
        facts.add(new HtmlReport.Fact("began with", run.from() == null ? "random weights (from scratch)" : run.from()));
        if (run.from() != null) {
            transfer().ifPresent(all -> facts.add(new HtmlReport.Fact("of these", all.summary())));
        }
        if (run.optim().ema() > 0) {
            facts.add(new HtmlReport.Fact(
                    "judged and kept",
                    "the moving average of the weights, decay " + run.optim().ema()));
        }
        facts.add(new HtmlReport.Fact("measured", measure(scorecard)));
        best.ifPresent(kept -> facts.add(new HtmlReport.Fact("best", bestText(kept))));
        return facts;
    }

    private String ended() {
        if (ending != Trainer.Ending.DONE) {
            return "stopped on request, resumable";
        }
        int epochs = finetuning.settings().train().epochs();
        NavigableMap<Long, Map<String, Double>> steps =
                MetricsFile.read(job.folder().metrics());
        long epoch =
                steps.isEmpty() ? epochs : steps.lastKey() / finetuning.plan().stepsPerEpoch();
        return epoch < epochs
                ? "complete after epoch " + epoch + " of " + epochs + ": it had got no better for "
                        + finetuning.settings().validate().patience() + " epochs"
                : "complete";
    }

    private String bestText(Best kept) {
        Finetune.Metric metric = finetuning.settings().validate().metric();
        return String.format(
                Locale.ROOT,
                metric == Finetune.Metric.LOSS ? "%s %.4f after epoch %d of %d" : "%s %.1f %% after epoch %d of %d",
                metric.tag(),
                kept.value(),
                kept.epoch(),
                finetuning.settings().train().epochs());
    }

    private String measure(Optional<Scorecard> scorecard) {
        Optional<Dataset> validation = finetuning.splits().validation();
        if (validation.isEmpty()) {
            return "on nothing: there was no validation data (--val PATH, or --set data.hold-out=0.1, gives some)";
        }
        int size = validation.get().size();
        String count = scorecard.map(each -> Scorecard.count(each.of(), size)).orElse(Integer.toString(size));
        String on = count + " " + validation.get().noun() + ", views "
                + finetuning.settings().validate().views();
        return scorecard.isPresent()
                ? "the kept weights, on " + on
                : "on " + on + "; the kept weights were not measured once more, since the run was stopped";
    }

    private HtmlReport.Data data() throws IOException {
        Splits splits = finetuning.splits();
        Dataset train = splits.train();
        List<BadFilesLog.Entry> bad = job.badFiles().entries();
        List<HtmlReport.Fact> counts = new ArrayList<>();
        counts.add(from("training", train));
        Map<String, Dataset> sets = new LinkedHashMap<>();
        sets.put("training", train);
        splits.validation()
                .ifPresentOrElse(
                        held -> {
                            counts.add(from("validation", held));
                            sets.put("validation", held);
                        },
                        () -> counts.add(new HtmlReport.Fact("validation", "none")));
        counts.addAll(RunReport.unused(train, bad));
        List<HtmlReport.Table> tables = new ArrayList<>();
        if (!splits.notices().isEmpty()) {
            tables.add(new HtmlReport.Table(
                    "",
                    List.of("good to know"),
                    splits.notices().stream().map(List::of).toList()));
        }
        tables.addAll(RunReport.badFiles(bad));
        tables.add(RunReport.classes(splits.classes(), sets));
        if (finetuning.settings().from() != null) {
            transfer().ifPresent(all -> tables.add(weights(all)));
        }
        return new HtmlReport.Data(counts, AugmentedSamples.of(job.folder().pictures(), finetuning.settings()), tables);
    }

    private static HtmlReport.Fact from(String purpose, Dataset data) {
        return new HtmlReport.Fact(purpose, data.size() + " " + data.noun() + " from " + data.source());
    }

    /** What became of the weights when the run began, which may be long ago. */
    private Optional<Transfer> transfer() throws IOException {
        return Files.isRegularFile(job.folder().transfer())
                ? Optional.of(JsonMapper.shared()
                        .readValue(Files.readString(job.folder().transfer()), Transfer.class))
                : Optional.empty();
    }

    private static HtmlReport.Table weights(Transfer transfer) {
        List<List<String>> rows = new ArrayList<>();
        transfer.fresh().forEach(name -> rows.add(List.of(name, "new: begins at random")));
        transfer.resized()
                .forEach(each -> rows.add(List.of(each.name(), "resized from " + each.from() + " to " + each.to())));
        transfer.loaded().forEach(name -> rows.add(List.of(name, "loaded")));
        transfer.ignored().forEach(name -> rows.add(List.of(name, "not used")));
        return new HtmlReport.Table("Weights carried over", List.of("weight", "what became of it"), rows);
    }
}
