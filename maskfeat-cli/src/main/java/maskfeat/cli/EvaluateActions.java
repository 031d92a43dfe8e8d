package maskfeat.cli;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.PathText;
import maskfeat.eval.BoxProtocol;
import maskfeat.eval.FrameAp.ClassAp;
import maskfeat.infer.Inference;
import maskfeat.network.OpenedWeights;
import maskfeat.report.HtmlReport;
import maskfeat.report.MeasuredActions;
import maskfeat.report.Scorecard;
import maskfeat.report.TextTable;
import maskfeat.run.ActionMeasuring;
import maskfeat.run.DetectConfig;
import maskfeat.run.Environment;
import maskfeat.run.Run;
import maskfeat.run.RunResult;
import maskfeat.torch.Natives;
import maskfeat.torch.Precision;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.NullNode;

/** What {@code maskfeat evaluate} does with a detector of actions, or with a file of detections. */
final class EvaluateActions {
    private static final String KIND = "evaluate";

    private final Console console;
    private final PrintWriter out;
    private final boolean json;
    private final boolean perClass;
    private final @Nullable Path folder;

    /** @param folder for the results; null for none */
    EvaluateActions(Console console, PrintWriter out, boolean json, boolean perClass, @Nullable Path folder) {
        this.console = console;
        this.out = out;
        this.json = json;
        this.perClass = perClass;
        this.folder = folder;
    }

    /** Measures a network. */
    void network(
            OpenedWeights weights,
            Path checkpoint,
            @Nullable Path data,
            BoxOptions options,
            ComputeOptions compute,
            double maxBadShare)
            throws IOException, InterruptedException {
        Optional<Run> run = ActionMeasuring.runOf(checkpoint);
        DetectConfig settings = options.over(run);
        if (folder != null) {
            new ResultFolder(folder, KIND).check();
        }
        Path videos = data;
        if (videos == null && run.isPresent() && run.get().data().path() != null) {
            videos = PathText.path(requireNonNull(run.get().data().path()));
        }
        ActionMeasuring measuring = new ActionMeasuring(settings);
        Set<Path> leftOut = new HashSet<>();
        Natives natives = Natives.load();
        ActionMeasuring.Outcome outcome;
        Precision precision;
        try (Inference network = compute.over(Inference.of(weights, compute.device()), console)) {
            precision = network.precision();
            outcome = measuring.measure(
                    network,
                    videos,
                    compute.batch(),
                    maxBadShare,
                    notice -> console.say("warning: " + notice),
                    (file, reason) -> {
                        if (leftOut.add(file)) {
                            console.say("left out: " + reason);
                        }
                    },
                    ScoringLine.onStderr("key frames"));
        }
        MeasuredActions measured = new MeasuredActions(outcome.evaluation(), outcome.keyFrames());
        print(measured, weights.file(), outcome.videoAp());
        if (folder != null) {
            write(folder, checkpoint, measured, outcome, precision, Environment.describe(natives));
        }
    }

    private void print(MeasuredActions measured, Path weights, Map<String, Double> videoAp) {
        if (json) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("checkpoint", weights.toString());
            row.putAll(measured.json());
            if (!videoAp.isEmpty()) {
                row.put("video_map", videoAp);
            }
            out.println(JsonMapper.shared().writeValueAsString(row));
        } else {
            out.printf(Locale.ROOT, "%-28s %s%n", "key frames", measured.count());
            out.print(
                    measured.text(perClass || measured.of().counted().size() <= EvaluateCommand.MOST_CLASSES_UNASKED));
            videoAp.forEach(
                    (iou, map) -> out.printf(Locale.ROOT, "%-28s %s%n", "video-mAP at " + iou, Scorecard.perCent(map)));
        }
        out.flush();
    }

    private void write(
            Path to,
            Path checkpoint,
            MeasuredActions measured,
            ActionMeasuring.Outcome outcome,
            Precision precision,
            Map<String, String> machine)
            throws IOException {
        AtomicFile.folder(to);
        measured.write(to);
        outcome.write(to);
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("checkpoint", checkpoint.toString());
        facts.put("key frames", measured.count());
        facts.put("precision", precision.toString());
        facts.putAll(measured.facts());
        outcome.videoAp().forEach((iou, map) -> facts.put("video-mAP at " + iou, Scorecard.perCent(map)));
        new RunResult(KIND, measured.figures(), facts).write(to.resolve(RunResult.FILE));
        Path page = to.resolve("report.html");
        new HtmlReport(
                        "Evaluation of " + checkpoint,
                        HtmlReport.Fact.all(facts),
                        to.resolve("metrics.jsonl"),
                        List.of(),
                        HtmlReport.Settings.NONE,
                        new HtmlReport.Data(List.of(), List.of()),
                        HtmlReport.Fact.all(machine),
                        measured.page())
                .write(page);
        console.say("report: " + page);
    }

    /** Measures a file of detections. */
    void file(Path detections, BoxOptions options) throws IOException {
        DetectConfig settings = options.over(Optional.empty());
        ActionMeasuring.OfFile measured =
                new ActionMeasuring(settings).measure(detections, notice -> console.say("warning: " + notice));
        List<String> classes = measured.classes();
        if (settings.protocol() != BoxProtocol.AVA) {
            console.say("the detections are measured as they are: no non-maximum suppression, which the rules of "
                    + settings.protocol() + " have where a network is measured");
        }
        if (json) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("detections", detections.toString());
            row.put("protocol", settings.protocol().name().toLowerCase(Locale.ROOT));
            row.put("iou", settings.iou());
            double map = measured.ap().mean();
            row.put("frame_map", Double.isNaN(map) ? NullNode.getInstance() : map);
            row.put("key_frames", measured.keyFrames());
            row.put("classes_counted", measured.ap().counted());
            row.put("classes_all", classes.size());
            out.println(JsonMapper.shared().writeValueAsString(row));
        } else {
            String row = "%-28s %s%n";
            out.printf(Locale.ROOT, row, "key frames with truth", measured.keyFrames());
            out.printf(Locale.ROOT, row, "true boxes", measured.trueBoxes() + ", each with one class");
            out.printf(Locale.ROOT, row, "detections", measured.detections());
            out.printf(
                    Locale.ROOT,
                    row,
                    "frame-mAP",
                    Scorecard.perCent(measured.ap().mean()) + "   rules of " + settings.protocol() + ", IoU "
                            + settings.iou());
            out.printf(Locale.ROOT, row, "classes in the mean", measured.ap().counted() + " of " + classes.size());
            if (perClass || classes.size() <= EvaluateCommand.MOST_CLASSES_UNASKED) {
                List<List<String>> rows = new ArrayList<>();
                for (int c = 0; c < classes.size(); c++) {
                    ClassAp ap = measured.ap().classes().get(c);
                    rows.add(List.of(
                            classes.get(c),
                            Scorecard.perCent(ap.ap()),
                            Integer.toString(ap.truths()),
                            Integer.toString(ap.detections()),
                            Integer.toString(ap.found())));
                }
                out.println();
                out.print(new TextTable(List.of("class", "AP", "true", "detections", "right"), rows)
                        .text(Scorecard.COLUMNS));
            }
        }
        out.flush();
    }
}
