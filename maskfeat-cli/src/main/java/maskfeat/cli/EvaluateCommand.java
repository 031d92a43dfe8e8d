package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import maskfeat.data.Dataset;
import maskfeat.data.Splits;
import maskfeat.disk.DamagedFile;
import maskfeat.eval.Evaluation;
import maskfeat.eval.Prediction;
import maskfeat.model.Classifier;
import maskfeat.recipe.Blueprint;
import maskfeat.recipe.ClassifierBlueprint;
import maskfeat.recipe.Finetune;
import maskfeat.recipe.Run;
import maskfeat.recipe.Scoring;
import maskfeat.report.ConfusionPicture;
import maskfeat.report.HtmlReport;
import maskfeat.task.Classification;
import maskfeat.torch.Natives;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code maskfeat evaluate}. */
@Command(
        name = "evaluate",
        description = "Measures a fine-tuned classifier on labelled images or videos.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Several --views are measured one after the other, each into a folder of its own in --out.",
            "Exit codes: 0 done, 2 usage, 3 input missing or unusable, 4 too many",
            "files cannot be read, 6 out of memory, 8 disk full."
        })
final class EvaluateCommand implements Callable<Integer>, MemoryAdvice {
    /** Of more classes only the ends of the list would be seen. */
    private static final int MOST_CLASSES_UNASKED = 20;

    private static final String KIND = "evaluate";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "CHECKPOINT", description = "Run folder, checkpoint folder or file of a classifier.")
    private Path checkpoint = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "Labelled data: a folder with splits, of which the one for validation is taken, a folder of "
                    + "class folders, or a list. Default: the generated sample set.")
    private @Nullable Path data;

    @Option(
            names = "--views",
            paramLabel = "TxS",
            split = ",",
            description = "Views of each item whose scores are averaged: clips over the video x crops, such as 1x1, "
                    + "10x1 or 4x3. May be repeated. Default: 1x1.")
    private List<String> views = new ArrayList<>();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for report.html, result.json, predictions and a picture of the confusion matrix.")
    private @Nullable Path out;

    @Option(
            names = "--max-bad-share",
            paramLabel = "SHARE",
            description =
                    "Share of the items, 0 to 1, past which unreadable ones stop the measurement; up to it they are "
                            + "named and left out. Default: ${DEFAULT-VALUE}, as in training.")
    private double maxBadShare = 0.01;

    @Option(names = "--per-class", description = "A line for each class, also where they are more than 20.")
    private boolean perClass;

    @Option(names = "--json", description = "One JSON object for each of the views, and nothing else.")
    private boolean json;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    private final Set<Path> leftOut = new HashSet<>();

    /** One of the ways to look, and what came of it. */
    private record Measured(Finetune.Views views, Scorecard scorecard) {}

    @Override
    public String lessMemory() {
        return SMALLER_BATCH;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        compute.check();
        Path weights = Blueprint.weights(checkpoint);
        ForeignWeights.announce(weights, spec.commandLine().getErr());
        if (!ClassifierBlueprint.isIn(weights)) {
            throw new DamagedFile(
                    weights,
                    "is no classifier, it knows no classes to be measured by; make one of it: maskfeat finetune --from "
                            + checkpoint);
        }
        ClassifierBlueprint blueprint = ClassifierBlueprint.read(weights);
        List<Finetune.Views> asked = views(blueprint);
        refuseToOverwrite(asked);
        PrintWriter err = spec.commandLine().getErr();
        Path source = data == null ? TrainCommand.samplePath(blueprint.input().clip(), "") : data;
        Dataset dataset = Splits.labelled(
                source, blueprint.input().clip(), blueprint.classes(), notice -> err.println("warning: " + notice));
        err.println(
                "measuring " + weights + " on " + dataset.size() + " " + dataset.noun() + " from " + dataset.source());
        err.flush();
        compute.useThreads();
        Natives natives = Natives.load();
        try (Classifier model = blueprint.load(weights, compute.device)) {
            Classification scorer = blueprint.scorer(model, compute.device);
            for (Finetune.Views each : asked) {
                Measured measured = measure(dataset, scorer, blueprint, each);
                print(measured, weights, dataset);
                Path folder = folder(each, asked.size() > 1);
                if (folder != null) {
                    write(folder, measured, weights, dataset, natives);
                }
            }
        }
        return Exit.OK;
    }

    private List<Finetune.Views> views(ClassifierBlueprint blueprint) {
        Set<Finetune.Views> asked = new LinkedHashSet<>();
        for (String text : views.isEmpty() ? List.of("1x1") : views) {
            Finetune.Views parsed = Finetune.Views.parse(text);
            parsed.check(blueprint.input().clip());
            asked.add(parsed);
        }
        return List.copyOf(asked);
    }

    private @Nullable Path folder(Finetune.Views each, boolean several) {
        return out == null || !several ? out : out.resolve(each.toString());
    }

    /** An evaluation may be repeated into its folder, but the report of a run is lost if another takes its place. */
    private void refuseToOverwrite(List<Finetune.Views> asked) throws IOException {
        for (Finetune.Views each : asked) {
            Path folder = folder(each, asked.size() > 1);
            if (folder == null) {
                return;
            }
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                throw new IllegalArgumentException(folder + " is a file; give another --out");
            }
            Path result = folder.resolve(RunResult.FILE);
            boolean ofRun = Files.exists(folder.resolve("config.yaml"))
                    || (Files.exists(result) && !RunResult.read(result).kind().equals(KIND));
            if (ofRun) {
                throw new IllegalArgumentException("--out " + folder
                        + " is the folder of a run, whose report and result would be lost; give another one");
            }
        }
    }

    private Measured measure(Dataset dataset, Classification scorer, ClassifierBlueprint blueprint, Finetune.Views each)
            throws IOException, InterruptedException {
        Scoring scoring = new Scoring(
                        dataset, scorer, blueprint.input(), each, compute.batch, new Run.Loading(0, 1).threadCount())
                .leavingOut(maxBadShare, this::leaveOut);
        List<Prediction> predictions =
                scoring.run(() -> false, ScoringLine.onStderr(dataset.noun())).orElseThrow();
        return new Measured(each, new Scorecard(Evaluation.of(blueprint.classes(), predictions)));
    }

    private void leaveOut(Path file, String reason) {
        if (leftOut.add(file)) {
            spec.commandLine().getErr().println("left out: " + reason);
            spec.commandLine().getErr().flush();
        }
    }

    private void print(Measured measured, Path weights, Dataset dataset) {
        PrintWriter to = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("checkpoint", weights.toString());
            row.put("data", dataset.source().toString());
            row.put("views", measured.views().toString());
            row.putAll(measured.scorecard().json());
            row.put("left_out", dataset.size() - measured.scorecard().of().count());
            to.println(JsonMapper.shared().writeValueAsString(row));
        } else {
            StringBuilder head = new StringBuilder();
            Scorecard.line(
                    head,
                    dataset.noun(),
                    Scorecard.count(measured.scorecard().of(), dataset.size()) + " in "
                            + dataset.classes().size() + " classes, views " + measured.views());
            to.print(head);
            to.print(measured.scorecard().text(perClass || dataset.classes().size() <= MOST_CLASSES_UNASKED));
            to.println();
        }
        to.flush();
    }

    private void write(Path folder, Measured measured, Path weights, Dataset dataset, Natives natives)
            throws IOException {
        Files.createDirectories(folder);
        Scorecard scorecard = measured.scorecard();
        scorecard.writeCsv(folder.resolve("predictions.csv"));
        scorecard.writeJson(folder.resolve("predictions.json"));
        ImageIO.write(
                ConfusionPicture.draw(
                        scorecard.classes(), scorecard.of().confusion().counts()),
                "png",
                folder.resolve("confusion.png").toFile());
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("checkpoint", weights.toString());
        facts.put("data", dataset.source().toString());
        facts.put(dataset.noun(), Scorecard.count(scorecard.of(), dataset.size()));
        facts.put("classes", Integer.toString(dataset.classes().size()));
        facts.put("views", measured.views().toString());
        List<HtmlReport.Fact> summary = RunReport.facts(facts); // without the interval, which stands above it
        facts.put("95 % interval of top-1", scorecard.interval());
        new RunResult(KIND, scorecard.of().figures(dataset.size()), facts).write(folder.resolve(RunResult.FILE));
        Path page = folder.resolve("report.html");
        new HtmlReport(
                        "Evaluation of " + checkpoint,
                        summary,
                        folder.resolve("metrics.jsonl"),
                        List.of(),
                        HtmlReport.Settings.NONE,
                        new HtmlReport.Data(List.of(), List.of()),
                        RunReport.facts(Environment.describe(natives)),
                        new HtmlReport.Results(scorecard.tiles(), scorecard.figures(), scorecard.tables()))
                .write(page);
        spec.commandLine().getErr().println("report: " + page);
        spec.commandLine().getErr().flush();
    }
}
