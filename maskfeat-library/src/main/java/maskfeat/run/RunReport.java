package maskfeat.run;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BooleanSupplier;
import maskfeat.data.Dataset;
import maskfeat.disk.Doing;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.eval.ClassMetrics;
import maskfeat.eval.FeatureMetrics;
import maskfeat.eval.Metric;
import maskfeat.infer.Progress;
import maskfeat.network.Transfer;
import maskfeat.report.HtmlReport;
import maskfeat.report.ItemCounts;
import maskfeat.report.MeasuredClasses;
import maskfeat.report.Measurement;
import maskfeat.report.MetricsFile;
import maskfeat.settings.Origin;
import maskfeat.settings.Settings;
import maskfeat.torch.Precision;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Measures the kept weights of a run, and puts {@code report.html}, {@code result.json} and what the task adds together. */
final class RunReport {
    private static final Logger LOG = LoggerFactory.getLogger("maskfeat");
    private static final String FEATURES_ON = "features measured on";

    private final RunFolder folder;
    private final Training training;
    private final Settings<Run> settings;
    private final Map<String, String> environment;
    private final BadFilesLog badFiles;
    private final Trainer.Ending ending;
    private final HowItStands stands;
    private final KeptOrigins kept;
    private final Run run;
    private final RunData data;
    private final Optional<Best> best;
    private final Optional<StoppedEarly> early;
    private final Optional<String> measuredFeatures;

    /**
     * When a figure was at its best; the first of equals.
     *
     * @param metric the figure
     * @param epoch counted from 1
     */
    private record Best(Metric metric, long epoch, double value) {}

    /**
     * @param finished whether the run was at its end before, and its features are not measured again
     * @param stands what was told last of the training
     */
    RunReport(
            RunFolder folder,
            Training training,
            Settings<Run> settings,
            boolean finished,
            KeptOrigins kept,
            Map<String, String> environment,
            BadFilesLog badFiles,
            Trainer.Ending ending,
            HowItStands stands) {
        this.folder = folder;
        this.training = training;
        this.settings = settings;
        this.kept = kept;
        this.environment = environment;
        this.badFiles = badFiles;
        this.ending = ending;
        this.stands = stands;
        run = training.run();
        data = training.data();
        best = run.metric().flatMap(this::best);
        early = ending == Trainer.Ending.STOPPED
                ? StoppedEarly.of(
                        MetricsFile.read(folder.metrics()),
                        stands.since(),
                        run.report().logEvery(),
                        toGoOn())
                : Optional.empty();
        measuredFeatures = measuredFeatures(finished);
    }

    /** What features were measured on; of a run that was at its end before, what its result said then. */
    private Optional<String> measuredFeatures(boolean finished) {
        if (finished) {
            try {
                return Optional.ofNullable(
                        RunResult.read(folder.result()).facts().get(FEATURES_ON));
            } catch (IOException damaged) {
                LOG.warn("{}; it is written anew", damaged.getMessage());
            }
        }
        return training.measuredFeatures().map(FeatureItems::text);
    }

    /**
     * Writes all of it. A run that was stopped gets the page alone; one without validation data gets the page and the
     * figures of training.
     *
     * @param stopRequested asked now and then; true gives up measuring
     * @param measuring is told how far measuring is
     * @return whether all of it is there: false if measuring was given up
     */
    boolean write(BooleanSupplier stopRequested, Progress measuring) throws IOException, InterruptedException {
        boolean measures = ending == Trainer.Ending.DONE && training.evaluator().isPresent();
        Optional<Measurement> measured = measures ? measure(stopRequested, measuring) : Optional.empty();
        if (measured.isPresent()) {
            measured.get().write(folder.root());
        }
        if (ending == Trainer.Ending.DONE && measured.isPresent() == measures) {
            result(measured).write(folder.result());
        }
        try (Doing doing = Doing.begin("writing the report")) {
            page(measured).write(folder.report());
        }
        return measured.isPresent() || !measures;
    }

    /** Training is over, so that the kept weights can take the place of the last ones. */
    private Optional<Measurement> measure(BooleanSupplier stopRequested, Progress measuring)
            throws IOException, InterruptedException {
        Dataset held = data.validation().orElseThrow();
        LOG.info("measuring the kept weights on {}", held.counted());
        Optional<Measurement> measured = training.measureKept(folder.model(), stopRequested, measuring);
        if (measured.isEmpty()) {
            LOG.warn("the report is without the evaluation of the kept weights; resuming the run makes up for it");
        }
        return measured;
    }

    private Optional<Best> best(Metric metric) {
        Best found = null;
        for (var row : MetricsFile.read(folder.metrics()).entrySet()) {
            double value = row.getValue().getOrDefault(metric.tag(), Double.NaN);
            boolean better = found == null || metric.better().than(value, found.value);
            if (Double.isFinite(value) && better) {
                found = new Best(metric, row.getKey() / training.schedule().stepsPerEpoch(), value);
            }
        }
        return Optional.ofNullable(found);
    }

    private boolean isValidated() {
        return run.validate() != null;
    }

    private RunResult result(Optional<Measurement> measured) {
        Map<String, String> facts = new LinkedHashMap<>();
        recipe().ifPresent(name -> facts.put("recipe", name));
        if (isValidated() || run.from() != null) {
            facts.put("from", run.from() == null ? "scratch" : run.from());
        }
        best.ifPresent(kept -> facts.put("epoch", Long.toString(kept.epoch)));
        facts.put(
                "epochs",
                Long.toString(endedByLoss() ? lastEpoch() : run.train().epochs()));
        if (endedByLoss()) {
            facts.put("stopped early", byLoss());
        }
        goal().ifPresent(text -> facts.put("loss goal", text));
        facts.put("precision", training.precision().toString());
        Dataset train = data.train();
        facts.put("data", PathText.of(train.source()));
        facts.put((isValidated() ? "training " : "") + train.noun(), Integer.toString(train.size()));
        measuredFeatures.ifPresent(items -> facts.put(FEATURES_ON, items));
        measured.ifPresent(each -> {
            facts.put("validation " + data.validation().orElseThrow().noun(), each.count());
            if (run.task().isLabelled()) {
                facts.put("classes", Integer.toString(data.classes().size()));
            }
            facts.put("views", requireNonNull(run.validate()).views());
            facts.putAll(each.facts());
        });
        return new RunResult(
                run.task().command(), measured.map(Measurement::figures).orElseGet(this::lastFigures), facts);
    }

    /** Of the last report, of the whole last epoch, and of the features when they were measured last. */
    private Map<String, Double> lastFigures() {
        Map<String, Double> last = new LinkedHashMap<>();
        MetricsFile.read(folder.metrics()).values().forEach(last::putAll);
        last.keySet()
                .retainAll(Set.of(
                        "train/loss",
                        "train/loss_vs_baseline",
                        FeatureMetrics.NEIGHBOURS.tag(),
                        FeatureMetrics.RANK.tag()));
        stands.epoch().ifPresent(mean -> {
            last.put(RunResult.EPOCH_LOSS, mean.loss());
            last.put(RunResult.EPOCH_LOSS_VS_BASELINE, mean.share());
        });
        last.values().removeIf(value -> !Double.isFinite(value));
        return last;
    }

    /** Whether, and where, the loss came down to where the run was to end; empty if it was not to. */
    private Optional<String> goal() {
        return Optional.ofNullable(run.train().until()).map(until -> GoalNotice.text(until, stands.goal()));
    }

    /** The recipe that the run began with, if it is one of today's; of a resumed run its file tells. */
    private Optional<String> recipe() {
        return settings.leaves().stream()
                .map(Settings.Leaf::origin)
                .filter(Origin.Recipe.class::isInstance)
                .map(origin -> ((Origin.Recipe) origin).name())
                .findFirst()
                .or(kept::recipe)
                .filter(Recipes.BOOK.names()::contains);
    }

    private HtmlReport page(Optional<Measurement> measured) throws IOException {
        TaskPlan.Pictures drawn = training.plan().drawn(folder.pictures());
        return new HtmlReport(
                folder.root().getFileName().toString(),
                summary(measured),
                folder.metrics(),
                drawn.bySteps(),
                drawn.rows(),
                settings(),
                pageData(drawn.ofData()),
                HtmlReport.Fact.all(environment),
                results(measured).with(guessing()).with(stands.epoch()));
    }

    private HtmlReport.Results results(Optional<Measurement> measured) throws IOException {
        if (early.isPresent()) {
            return early.get().results();
        }
        HtmlReport.Results page = measured.map(Measurement::page).orElse(HtmlReport.Results.NONE);
        if (measured.isEmpty() || !(measured.get() instanceof MeasuredClasses classes)) {
            return page;
        }
        return WrongExamples.of(classes.scorecard().of(), data.validation().orElseThrow())
                .map(wrong -> page.with(wrong.figure(), wrong.table()))
                .orElse(page);
    }

    /** What the most frequent class for every item gets right on the validation data, where accuracy is measured. */
    private List<HtmlReport.Level> guessing() {
        if (!(training.run().task() instanceof ClassifyConfig)
                || data.validation().isEmpty()) {
            return List.of();
        }
        OptionalDouble share =
                ItemCounts.mostFrequent(data.classes().size(), data.validation().get());
        return share.isEmpty()
                ? List.of()
                : List.of(new HtmlReport.Level(
                        ClassMetrics.TOP1.metric().tag(),
                        "top-1 of the most frequent class for all",
                        100 * share.getAsDouble()));
    }

    private List<HtmlReport.Fact> summary(Optional<Measurement> measured) throws IOException {
        List<HtmlReport.Fact> facts = new ArrayList<>();
        facts.add(new HtmlReport.Fact("ended", ended()));
        recipe().ifPresent(name -> facts.add(new HtmlReport.Fact("recipe", name + changes(name))));
        facts.addAll(training.plan().summary());
        if (isValidated() || run.from() != null) {
            facts.add(new HtmlReport.Fact(
                    "began with", run.from() == null ? "random weights (from scratch)" : run.from()));
        }
        transfer().ifPresent(all -> facts.add(new HtmlReport.Fact("of these", all.summary())));
        if (training.precision() == Precision.BFLOAT16) {
            facts.add(new HtmlReport.Fact(
                    "precision",
                    training.arithmetic()
                            + " where the backbone multiplies in training; all else, and what is measured, in"
                            + " float32"));
        }
        if (run.optim().ema() > 0) {
            facts.add(new HtmlReport.Fact(
                    "validated and kept",
                    "the moving average of the weights, decay " + run.optim().ema()));
        }
        if (isValidated()) {
            facts.add(new HtmlReport.Fact("measured", measured(measured)));
        }
        best.ifPresent(kept -> facts.add(new HtmlReport.Fact("best", bestText(kept))));
        if (ending == Trainer.Ending.DONE || stands.goal().isPresent()) {
            goal().ifPresent(text -> facts.add(new HtmlReport.Fact(
                    "loss goal",
                    text
                            + stands.goal()
                                    .flatMap(goal -> stands.epoch().map(mean -> GoalNotice.byChance(goal, mean)))
                                    .orElse(""))));
        }
        stands.epoch()
                .filter(mean -> mean.baseline() != null && Double.isFinite(mean.share()))
                .ifPresent(mean -> facts.add(new HtmlReport.Fact(
                        "last epoch",
                        String.format(
                                Locale.ROOT,
                                "mean loss %.4f over epoch %d, %.4fx%s that of the constant prediction",
                                mean.loss(),
                                mean.epoch(),
                                mean.share(),
                                Double.isNaN(mean.margin())
                                        ? ""
                                        : String.format(Locale.ROOT, " (\u00b1 %.4f)", mean.margin())))));
        return facts;
    }

    private String ended() {
        if (ending != Trainer.Ending.DONE) {
            return "stopped on request; to go on: " + toGoOn();
        }
        int epochs = run.train().epochs();
        long epoch = lastEpoch();
        if (epoch < epochs && isValidated()) {
            return "complete after epoch " + epoch + " of " + epochs + ": it had got no better for "
                    + Plural.of(requireNonNull(run.validate()).patience(), "epoch");
        }
        return endedByLoss()
                ? "complete, stopped early " + byLoss()
                        + ": the loss had come down to that share of the constant prediction's,"
                        + " and the learning rate then fell to its end"
                : "complete";
    }

    private boolean endedByLoss() {
        return run.train().until() != null && lastEpoch() < run.train().epochs();
    }

    private String byLoss() {
        return "by train.until " + run.train().until() + " after epoch " + lastEpoch() + " of at most "
                + run.train().epochs();
    }

    /** Of a run that came to its end: the last that it trained, counted from 1. */
    private long lastEpoch() {
        NavigableMap<Long, Map<String, Double>> steps = MetricsFile.read(folder.metrics());
        return steps.isEmpty()
                ? run.train().epochs()
                : steps.lastKey() / training.schedule().stepsPerEpoch();
    }

    /** The command line; a path with a blank in quotes. */
    private String toGoOn() {
        String place = folder.root().toString();
        return "maskfeat " + run.task().command() + " --resume --out "
                + (place.contains(" ") ? "'" + place + "'" : place);
    }

    private String bestText(Best kept) {
        return String.format(
                Locale.ROOT,
                kept.metric.unit() == Metric.Unit.LOSS
                        ? "%s %.4f after epoch %d of %d"
                        : "%s %.1f %% after epoch %d of %d",
                kept.metric.tag(),
                kept.value,
                kept.epoch,
                run.train().epochs());
    }

    private String measured(Optional<Measurement> measured) {
        if (data.validation().isEmpty()) {
            return "on nothing: there was no validation data; set " + run.task().toMeasureOn();
        }
        Dataset held = data.validation().get();
        String count = measured.map(Measurement::count).orElse(Integer.toString(held.size()));
        String on = count + " " + held.noun() + ", views "
                + requireNonNull(run.validate()).views();
        return measured.isPresent()
                ? "the kept weights, on " + on
                : "on " + on + "; the kept weights were not measured once more, since the run was stopped";
    }

    private HtmlReport.Settings settings() {
        List<List<String>> rows = new ArrayList<>();
        for (Settings.Leaf leaf : settings.leaves()) {
            rows.add(List.of(leaf.key(), String.valueOf(leaf.value()), kept.text(leaf.origin())));
        }
        return new HtmlReport.Settings(
                changed(),
                kept.text(settings.yaml()),
                new HtmlReport.Table("Settings", List.of("key", "value", "from"), rows));
    }

    private String changes(String recipe) {
        int count = differences(recipe).size();
        return count == 0 ? ", as it is" : ", with " + Plural.of(count, "setting") + " changed";
    }

    private List<Settings.Difference> differences(String recipe) {
        return Settings.differences(Run.class, Recipes.named(recipe), run);
    }

    private HtmlReport.Table changed() {
        Map<String, String> origins = new LinkedHashMap<>();
        settings.leaves().forEach(leaf -> origins.put(leaf.key(), kept.text(leaf.origin())));
        List<List<String>> rows = new ArrayList<>();
        recipe().ifPresent(recipe -> {
            for (Settings.Difference each : differences(recipe)) {
                rows.add(List.of(each.key(), each.was(), each.is(), origins.getOrDefault(each.key(), "")));
            }
        });
        return new HtmlReport.Table("", List.of("setting", "recipe", "this run", "set by"), rows);
    }

    private HtmlReport.Data pageData(List<HtmlReport.Figure> figures) throws IOException {
        Dataset train = data.train();
        List<BadFilesLog.Entry> bad = badFiles.entries();
        List<HtmlReport.Fact> counts = new ArrayList<>();
        List<HtmlReport.Table> tables = new ArrayList<>();
        if (!data.notices().isEmpty()) {
            tables.add(new HtmlReport.Table(
                    "",
                    List.of("good to know"),
                    data.notices().stream().map(List::of).toList()));
        }
        Map<String, Dataset> sets = new LinkedHashMap<>();
        if (isValidated()) {
            counts.add(from("training", train));
            sets.put("training", train);
            data.validation().ifPresent(held -> sets.put("validation", held));
            counts.add(data.validation()
                    .map(held -> from("validation", held))
                    .orElse(new HtmlReport.Fact("validation", "none")));
        } else {
            counts.add(new HtmlReport.Fact("from", PathText.of(train.source())));
            counts.add(new HtmlReport.Fact(train.noun(), Integer.toString(train.size())));
            sets.put("items", train);
        }
        List<String> classes = isValidated() ? data.classes() : train.classes();
        if (!isValidated() && !classes.isEmpty()) {
            counts.add(new HtmlReport.Fact("classes (not used)", Integer.toString(classes.size())));
        }
        measuredFeatures.ifPresent(items -> counts.add(new HtmlReport.Fact(FEATURES_ON, items)));
        counts.add(new HtmlReport.Fact("could not be used", Integer.toString(bad.size())));
        if (!train.ignored().isEmpty()) {
            counts.add(new HtmlReport.Fact(
                    "passed over for their ending", train.ignored().toString()));
        }
        tables.addAll(badFiles(bad));
        if (!classes.isEmpty()) {
            tables.add(ItemCounts.table(classes, sets));
        }
        transfer().ifPresent(all -> tables.add(weights(all)));
        return new HtmlReport.Data(counts, figures, tables);
    }

    private static HtmlReport.Fact from(String purpose, Dataset data) {
        return new HtmlReport.Fact(purpose, data.counted() + " from " + data.place());
    }

    /** A table of them; none if there are none. */
    private static List<HtmlReport.Table> badFiles(List<BadFilesLog.Entry> bad) {
        List<List<String>> rows = new ArrayList<>();
        bad.forEach(entry -> rows.add(List.of(PathText.of(entry.file()), entry.reason())));
        return rows.isEmpty()
                ? List.of()
                : List.of(new HtmlReport.Table("Files that could not be used", List.of("file", "why"), rows));
    }

    /** What became of the weights when the run began, which may be long ago. */
    private Optional<Transfer> transfer() throws IOException {
        return run.from() != null && Files.isRegularFile(folder.transfer())
                ? Optional.of(JsonMapper.shared().readValue(Files.readString(folder.transfer()), Transfer.class))
                : Optional.empty();
    }

    private static HtmlReport.Table weights(Transfer transfer) {
        List<List<String>> rows = new ArrayList<>();
        transfer.fresh().forEach(name -> rows.add(List.of(name, "new: nothing in the file is for it")));
        transfer.resized()
                .forEach(each -> rows.add(List.of(each.name(), "resized from " + each.from() + " to " + each.to())));
        transfer.loaded().forEach(name -> rows.add(List.of(name, "loaded")));
        transfer.ignored().forEach(name -> rows.add(List.of(name, "not used")));
        return new HtmlReport.Table("Weights carried over", List.of("weight", "what became of it"), rows);
    }
}
