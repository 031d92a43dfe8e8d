package maskfeat.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import maskfeat.boxes.AvaDetectionWriter;
import maskfeat.boxes.AvaFolder;
import maskfeat.boxes.BoxFormats;
import maskfeat.boxes.EvaluationBoxes;
import maskfeat.boxes.ExcludedMoments;
import maskfeat.boxes.Grouping;
import maskfeat.boxes.LabelMap;
import maskfeat.boxes.TruthTubes;
import maskfeat.data.DatasetException;
import maskfeat.data.KeyFrameDataset;
import maskfeat.data.Views;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.PathText;
import maskfeat.eval.ActionEvaluation;
import maskfeat.eval.FrameAp;
import maskfeat.eval.FrameBoxes;
import maskfeat.eval.Tube;
import maskfeat.eval.TubeLinking;
import maskfeat.eval.VideoAp;
import maskfeat.infer.Batching;
import maskfeat.infer.Inference;
import maskfeat.infer.Progress;
import maskfeat.settings.Settings;
import org.jspecify.annotations.Nullable;

/**
 * Measures detectors of actions: a network on videos with annotations, or a file of detections.
 *
 * @param settings where annotations and boxes are, what the network sees, and by whose rules is measured
 */
public record ActionMeasuring(DetectConfig settings) {
    private static final String LABELS = "label_map.pbtxt";
    private static final double LARGEST_FRACTION = 1.5; // annotators draw a little over the edge

    /**
     * What came out.
     *
     * @param evaluation the figures
     * @param keyFrames number of key frames, including those that cannot be read
     * @param detections what was found, of the classes that count, as it was measured: after suppression
     * @param ids of the classes that count
     * @param videoAp mean average precision of tubes by IoU in words; empty where the annotations have no tubes
     */
    public record Outcome(
            ActionEvaluation evaluation,
            int keyFrames,
            FrameBoxes detections,
            List<Integer> ids,
            Map<String, Double> videoAp) {
        /** Writes {@code detections.csv} as AVA's evaluation reads it, with all digits, and {@code label_map.pbtxt} beside it. */
        public void write(Path folder) throws IOException {
            AtomicFile.write(folder.resolve("detections.csv"), AvaDetectionWriter.content(true, detections, ids));
            StringBuilder labels = new StringBuilder();
            for (int c = 0; c < ids.size(); c++) {
                String name = evaluation.name(c).replace("\\", "\\\\").replace("\"", "\\\"");
                labels.append("item {\n  name: \"")
                        .append(name)
                        .append("\"\n  id: ")
                        .append(ids.get(c))
                        .append("\n}\n");
            }
            AtomicFile.writeText(folder.resolve(LABELS), labels.toString());
        }
    }

    /**
     * Measures a network.
     *
     * @param videos folder of the videos; null for the generated scenes
     * @param share of the key frames, 0 to 1, that may be unreadable and are then left out
     * @param notices takes what a person should know, a sentence each
     * @param report receives each key frame's video that is left out, and the reason
     */
    public Outcome measure(
            Inference network,
            @Nullable Path videos,
            int batch,
            double share,
            Consumer<String> notices,
            BiConsumer<Path, String> report,
            Progress progress)
            throws IOException, InterruptedException {
        KeyFrameDataset dataset = ActionData.toMeasure(
                videos == null ? SampleData.scenes() : videos,
                settings.boxes(),
                network.input().clip(),
                network.actionHead(),
                notices);
        ActionEvaluation.Gathering gathering = new ActionEvaluation.Gathering(
                dataset.classes(), dataset.actions().counted(), settings.protocol(), settings.iou());
        network.measure(
                dataset,
                DetectPlan.frame(network.spec(), settings.wholeFrames()),
                settings.boxRule(),
                settings.protocol(),
                gathering,
                Batching.of(Views.MIDDLE, batch),
                share,
                report,
                progress);
        List<Integer> ids = dataset.actions().counted().stream()
                .map(number -> dataset.actions().ids().get(number))
                .toList();
        return new Outcome(
                gathering.evaluate(),
                dataset.size(),
                settings.protocol().suppress(gathering.detections()).boxes(),
                ids,
                videoAp(dataset, gathering.detections(), ids));
    }

    /** Tubes need a person and a frame in each row of the truth, in pixels. */
    private Map<String, Double> videoAp(KeyFrameDataset dataset, FrameBoxes detections, List<Integer> ids)
            throws IOException {
        Path file = dataset.source();
        if (!settings.protocol().inPixels() || !Files.isRegularFile(file)) {
            return Map.of();
        }
        Map<Integer, String> names = new TreeMap<>();
        for (int number : dataset.actions().counted()) {
            names.put(
                    dataset.actions().ids().get(number),
                    dataset.actions().names().get(number));
        }
        TruthTubes tubes = new TruthTubes();
        BoxFormats.of(file).read(file, tubes);
        List<List<Tube>> truth = ofVideos(tubes.of(new LabelMap(names)), dataset);
        if (truth.stream().allMatch(List::isEmpty)) {
            return Map.of();
        }
        List<List<Tube>> found = new ArrayList<>();
        for (int c = 0; c < ids.size(); c++) {
            found.add(link(detections, c));
        }
        Map<String, Double> all = new LinkedHashMap<>();
        for (VideoAp.Range thresholds : VideoAp.Range.USUAL) {
            all.put(thresholds.name(), thresholds.of(truth, found));
        }
        return all;
    }

    /** Of a file with several splits, the videos that were measured. */
    private static List<List<Tube>> ofVideos(List<List<Tube>> tubes, KeyFrameDataset dataset) {
        TreeSet<String> measured = new TreeSet<>();
        dataset.keys().forEach(key -> measured.add(video(key.name())));
        return tubes.stream()
                .map(ofClass -> ofClass.stream()
                        .filter(tube -> measured.contains(tube.video()))
                        .toList())
                .toList();
    }

    private static String video(String frame) {
        return frame.substring(0, frame.lastIndexOf(','));
    }

    private static List<Tube> link(FrameBoxes detections, int classNumber) {
        Map<String, SortedMap<Integer, List<TubeLinking.Scored>>> videos = new TreeMap<>();
        for (int row = 0; row < detections.size(classNumber); row++) {
            String frame = detections.frame(classNumber, row);
            videos.computeIfAbsent(video(frame), name -> new TreeMap<>())
                    .computeIfAbsent(
                            Integer.valueOf(frame.substring(frame.lastIndexOf(',') + 1)), number -> new ArrayList<>())
                    .add(new TubeLinking.Scored(detections.box(classNumber, row), detections.score(classNumber, row)));
        }
        List<Tube> tubes = new ArrayList<>();
        videos.forEach((video, frames) -> tubes.addAll(TubeLinking.ACT.link(video, frames)));
        return tubes;
    }

    /** Whether a path is a file of boxes, and no weights. */
    public static boolean isOfBoxes(Path path) {
        String name = String.valueOf(path.getFileName());
        return Files.isRegularFile(path) && (name.endsWith(".csv") || name.endsWith(".txt"));
    }

    /**
     * A file of detections, measured by the rules without any network.
     *
     * @param ap the figures
     * @param classes names of the classes that count
     * @param keyFrames number of frames with truth
     * @param trueBoxes rows of the truth that count
     * @param detections rows of the detections that count
     */
    public record OfFile(FrameAp ap, List<String> classes, int keyFrames, long trueBoxes, long detections) {}

    /**
     * Measures a file of detections against {@link DetectConfig.Boxes#source}.
     *
     * @param notices takes what is odd about either file, a sentence each
     * @throws IllegalArgumentException if truth or label map is not named
     * @throws maskfeat.disk.DamagedFile if one of the files has no box that counts
     */
    public OfFile measure(Path detections, Consumer<String> notices) throws IOException {
        DetectConfig.Boxes boxes = settings.boxes();
        if (boxes.source() == null) {
            throw new IllegalArgumentException(
                    "the detections " + detections + " need annotations to be compared with; name them with --boxes");
        }
        Path source = PathText.path(boxes.source());
        Optional<AvaFolder> folder = Files.isDirectory(source) ? Optional.of(AvaFolder.open(source)) : Optional.empty();
        Optional<AvaFolder.Files> held = folder.map(each -> each.parts().get(AvaFolder.Part.VAL));
        Path truthFile = folder.isEmpty() ? source : truth(source, held, notices);
        LabelMap labels = labels(truthFile, detections, folder.flatMap(AvaFolder::labels), notices);
        Optional<Path> excludedFile = boxes.excluded() == null
                ? held.flatMap(AvaFolder.Files::excluded)
                : Optional.of(PathText.path(boxes.excluded()));
        ExcludedMoments excluded =
                excludedFile.isPresent() ? ExcludedMoments.read(excludedFile.get()) : ExcludedMoments.NONE;
        EvaluationBoxes truth = EvaluationBoxes.truth(truthFile, labels, excluded);
        EvaluationBoxes found = EvaluationBoxes.detections(detections, labels, excluded);
        truth.oddities().sentences().forEach(sentence -> notices.accept(truthFile.getFileName() + ": " + sentence));
        found.oddities().sentences().forEach(sentence -> notices.accept(detections.getFileName() + ": " + sentence));
        if (truth.boxes().size() > 0
                && found.boxes().size() > 0
                && isInFractions(truth.boxes()) != isInFractions(found.boxes())) {
            throw new IllegalArgumentException(
                    "of " + truthFile + " and " + detections + " one has boxes in fractions of the"
                            + " frame and the other in pixels; give both in one of them");
        }
        if (settings.protocol().inPixels() && isInFractions(truth.boxes())) {
            throw new IllegalArgumentException(
                    "the boxes of " + truthFile + " are fractions of the frame, and the rules of " + settings.protocol()
                            + " count pixels; give boxes in pixels, or measure with --protocol ava");
        }
        for (Map.Entry<Path, EvaluationBoxes> each :
                List.of(Map.entry(truthFile, truth), Map.entry(detections, found))) {
            if (each.getValue().boxes().size() == 0) {
                throw each.getValue().oddities().nothing(each.getKey());
            }
        }
        TreeSet<String> strange = new TreeSet<>(found.boxes().frames());
        truth.boxes().frames().forEach(strange::remove);
        if (!strange.isEmpty()) {
            notices.accept((strange.size() == 1 ? "1 frame has" : strange.size() + " frames have")
                    + " detections and no box of the truth that counts; all of them are false; the first: "
                    + strange.first());
        }
        return new OfFile(
                FrameAp.of(settings.protocol(), settings.iou(), truth.boxes(), found.boxes()),
                List.copyOf(labels.names().values()),
                truth.boxes().frames().size(),
                truth.boxes().size(),
                found.boxes().size());
    }

    /** Of a folder, what is for validation: what a network was trained on says nothing. */
    private static Path truth(Path folder, Optional<AvaFolder.Files> held, Consumer<String> notices)
            throws DatasetException {
        Path file = held.flatMap(AvaFolder.Files::truth)
                .orElseThrow(() -> new DatasetException(folder
                        + " has no annotations to measure on, such as ava_val_v2.2.csv; name a file with --boxes"));
        notices.accept("compared with " + file + ", which is for validation");
        return file;
    }

    private static boolean isInFractions(FrameBoxes boxes) {
        for (int c = 0; c < boxes.classes(); c++) {
            for (int row = 0; row < boxes.size(c); row++) {
                if (Math.max(boxes.box(c, row).x2(), boxes.box(c, row).y2()) > LARGEST_FRACTION) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The label map that is named, or lies beside the detections; else the classes that occur. */
    private LabelMap labels(Path truth, Path detections, Optional<Path> ofFolder, Consumer<String> notices)
            throws IOException {
        String named = settings.boxes().labels();
        if (named != null) {
            return LabelMap.read(PathText.path(named));
        }
        if (ofFolder.isPresent()) {
            return LabelMap.read(ofFolder.get());
        }
        Path beside = detections.resolveSibling(LABELS);
        if (Files.isRegularFile(beside)) {
            notices.accept("classes are those of " + beside + ", which lies beside the detections");
            return LabelMap.read(beside);
        }
        Optional<Boolean> ofTruth = hasNames(truth);
        Optional<Boolean> ofDetections = hasNames(detections);
        if (ofTruth.isPresent() && ofDetections.isPresent() && !ofTruth.equals(ofDetections)) {
            throw new IllegalArgumentException("of " + truth + " and " + detections
                    + " one calls classes by name and the other by number; name a label map with --labels");
        }
        return new LabelMap(
                new TreeMap<>(Grouping.everything().read(List.of(truth)).classes()));
    }

    /** Whether some classes have names; empty if there is no class. */
    private static Optional<Boolean> hasNames(Path file) throws IOException {
        boolean[] numbered = {false};
        boolean[] named = {false};
        BoxFormats.of(file).read(file, row -> {
            numbered[0] |= row.classId() != null;
            named[0] |= row.classId() == null && row.className() != null;
        });
        return numbered[0] || named[0] ? Optional.of(named[0]) : Optional.empty();
    }

    /** The settings of the run that a folder is of, if it is one of detection. */
    public static Optional<Run> runOf(Path folder) throws IOException {
        Path config = folder.resolve("config.yaml");
        if (!Files.isRegularFile(config)) {
            return Optional.empty();
        }
        Run run = Settings.of(RunFormat.FORMAT, config).value();
        return run.task() instanceof DetectConfig ? Optional.of(run) : Optional.empty();
    }
}
