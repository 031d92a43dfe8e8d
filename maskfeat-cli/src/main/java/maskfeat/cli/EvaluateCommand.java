package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import maskfeat.data.ClipSampler;
import maskfeat.data.Dataset;
import maskfeat.data.Splits;
import maskfeat.data.Views;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Plural;
import maskfeat.eval.ClassMetrics;
import maskfeat.eval.Evaluation;
import maskfeat.eval.Prediction;
import maskfeat.infer.Inference;
import maskfeat.network.OpenedWeights;
import maskfeat.report.EvaluationReport;
import maskfeat.report.Scorecard;
import maskfeat.run.ActionMeasuring;
import maskfeat.run.Environment;
import maskfeat.run.RunResult;
import maskfeat.run.SampleData;
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
        description = "Evaluates a fine-tuned classifier on labelled images or videos.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat evaluate runs/actions --data labelled --views 10x1",
            "  maskfeat evaluate runs/actions --data labelled --out runs/measured",
            "",
            "Several --views are measured one after the other, each into a folder of its own in --out.",
            "Exit codes: 0 done, 2 usage, 3 input missing or unusable, 4 too many",
            "files cannot be read, 6 out of memory, 8 disk full."
        })
final class EvaluateCommand implements Callable<Integer>, MemoryAdvice {
    /** Of more classes only the ends of the list would be seen. */
    static final int MOST_CLASSES_UNASKED = 20;

    private static final String KIND = "evaluate";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "CHECKPOINT",
            description = "Run folder, checkpoint folder or file of a classifier or detector;"
                    + " or a CSV of detections, to be measured by themselves.")
    private Path checkpoint = Path.of("");

    @Mixin
    private WeightsOptions loading = new WeightsOptions();

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "Labelled data: a folder with splits, of which validation is used, a folder of class "
                    + "folders, or a list. Default: the generated sample set.")
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
            converter = PlaceConverter.OnDisk.class,
            paramLabel = "DIR",
            description = "Folder for report.html, result.json, predictions and a picture of the confusion matrix.")
    private @Nullable Path out;

    @Option(
            names = "--max-bad-share",
            paramLabel = "SHARE",
            description = "Largest share of unreadable items, 0 to 1, that are reported and left out; more stop the "
                    + "evaluation. Default: ${DEFAULT-VALUE}, as in training.")
    private double maxBadShare = 0.01;

    @Mixin
    private BoxOptions boxes = new BoxOptions();

    @Option(names = "--per-class", description = "Print a line for each class, even if there are more than 20.")
    private boolean perClass;

    @Option(names = "--json", description = "Print only one JSON object for each of the views.")
    private boolean json;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    private final Set<Path> leftOut = new HashSet<>();

    @Override
    public String lessMemory() {
        return SMALLER_BATCH;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        compute.use();
        Console console = Console.of(spec);
        EvaluateActions actions =
                new EvaluateActions(console, spec.commandLine().getOut(), json, perClass, out);
        if (ActionMeasuring.isOfBoxes(checkpoint)) {
            IdleOptions.refuse(
                    spec,
                    checkpoint + " is a file of detections, which is compared with --boxes as it is",
                    List.of(
                            "--data",
                            "--views",
                            "--out",
                            "--max-bad-share",
                            "--given",
                            "--range",
                            "--threshold",
                            "--batch",
                            "--device",
                            "--heads",
                            "--network"));
            actions.file(checkpoint, boxes);
            return Exit.OK; // who made the detections knows what comes next
        }
        try (OpenedWeights weights = loading.open(checkpoint)) {
            console.sayNotes(weights);
            if (weights.isDetector()) {
                IdleOptions.refuse(spec, "a key frame has one view", List.of("--views"));
                actions.network(weights, checkpoint, data, boxes, compute, maxBadShare);
                next(weights);
                return Exit.OK;
            }
            if (boxes.isAsked() || boxes.hasRange()) {
                throw new IllegalArgumentException(weights.file() + " is no detector of actions, and options such as"
                        + " --boxes are for those; make one of it: maskfeat finetune --task detect --from "
                        + checkpoint);
            }
            if (!weights.isClassifier()) {
                throw new DamagedFile(
                        weights.file(),
                        "is no classifier, it knows no classes to be measured by; make one of it: maskfeat finetune"
                                + " --from " + checkpoint);
            }
            ClipSampler clip = weights.spec().input().clip();
            Map<Views, Path> asked = asked(clip);
            for (Path folder : asked.values()) {
                if (out != null) {
                    new ResultFolder(folder, KIND).check();
                }
            }
            Path source = data == null ? SampleData.path(clip, "") : data;
            Dataset dataset = Splits.labelled(
                    source, clip, weights.classes().names(), notice -> console.say("warning: " + notice));
            console.say("measuring " + weights.file() + " on " + dataset.size() + " " + dataset.noun() + " from "
                    + dataset.source());
            Natives natives = Natives.load();
            try (Inference network = compute.over(Inference.of(weights, compute.device()), console)) {
                for (Map.Entry<Views, Path> each : asked.entrySet()) {
                    Scorecard scorecard = measure(network, dataset, each.getKey());
                    print(scorecard, network.file(), dataset, each.getKey());
                    if (out != null) {
                        Map<String, String> facts = facts(scorecard, network, dataset, each.getKey());
                        write(each.getValue(), scorecard, facts, dataset.size(), natives);
                    }
                }
            }
            next(weights);
        }
        return Exit.OK;
    }

    /** To compare what was written, or to use what was measured. */
    private void next(OpenedWeights weights) {
        if (out == null) {
            Console.of(spec).next(NextSteps.ofWeights(weights, checkpoint, loading.words()));
        } else {
            Console.of(spec).next("report", views.size() > 1 ? Launcher.word(out) + "/*" : out, "OTHER");
        }
    }

    /** The views that are asked for, each with its folder, which is none where there is no {@code --out}. */
    private Map<Views, Path> asked(ClipSampler clip) {
        Set<Views> all = new LinkedHashSet<>();
        for (String text : views.isEmpty() ? List.of(Views.MIDDLE.toString()) : views) {
            Views parsed = Views.parse(text);
            parsed.check(clip);
            all.add(parsed);
        }
        Path folder = out == null ? Path.of("") : out;
        Map<Views, Path> folders = new LinkedHashMap<>();
        all.forEach(each -> folders.put(each, all.size() > 1 ? folder.resolve(each.toString()) : folder));
        return folders;
    }

    private Scorecard measure(Inference network, Dataset dataset, Views each) throws IOException, InterruptedException {
        List<Prediction> predictions = network.scoring(dataset, compute.batching(each))
                .leavingOut(maxBadShare, (file, reason) -> {
                    if (leftOut.add(file)) {
                        Console.of(spec).say("left out: " + reason);
                    }
                })
                .run(() -> false, ScoringLine.onStderr(dataset.noun()))
                .orElseThrow();
        return new Scorecard(Evaluation.of(network.classes(), predictions));
    }

    private void print(Scorecard scorecard, Path weights, Dataset dataset, Views each) {
        String text;
        if (json) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("checkpoint", weights.toString());
            row.put("data", dataset.place());
            row.put("views", each.toString());
            row.putAll(scorecard.json());
            row.put("left_out", dataset.size() - scorecard.of().count());
            text = JsonMapper.shared().writeValueAsString(row);
        } else {
            StringBuilder head = new StringBuilder();
            Scorecard.line(
                    head,
                    dataset.noun(),
                    Scorecard.count(scorecard.of(), dataset.size()) + " in "
                            + Plural.of(dataset.classes().size(), "class", "classes") + ", views " + each);
            text = head + scorecard.text(perClass || dataset.classes().size() <= MOST_CLASSES_UNASKED);
        }
        spec.commandLine().getOut().println(text);
        spec.commandLine().getOut().flush();
    }

    private static Map<String, String> facts(Scorecard scorecard, Inference network, Dataset dataset, Views each) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("checkpoint", network.file().toString());
        facts.put("data", dataset.place());
        facts.put(dataset.noun(), Scorecard.count(scorecard.of(), dataset.size()));
        facts.put("classes", Integer.toString(dataset.classes().size()));
        facts.put("views", each.toString());
        facts.put("precision", network.precision().toString());
        return facts;
    }

    private void write(Path folder, Scorecard scorecard, Map<String, String> facts, int items, Natives natives)
            throws IOException {
        AtomicFile.folder(folder);
        Path page = new EvaluationReport("Evaluation of " + checkpoint, scorecard, facts, Environment.describe(natives))
                .write(folder);
        Map<String, String> withInterval = new LinkedHashMap<>(facts);
        withInterval.put("95 % interval of top-1", scorecard.interval());
        new RunResult(KIND, ClassMetrics.figures(scorecard.of(), items), withInterval)
                .write(folder.resolve(RunResult.FILE));
        Console.of(spec).say("report: " + page);
    }
}
