package maskfeat.run;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import maskfeat.boxes.Annotations;
import maskfeat.boxes.AvaFolder;
import maskfeat.boxes.BoxFormats;
import maskfeat.boxes.ClipRange;
import maskfeat.boxes.ExcludedMoments;
import maskfeat.boxes.FrameList;
import maskfeat.boxes.Grouping;
import maskfeat.boxes.KeyFrame;
import maskfeat.boxes.LabelMap;
import maskfeat.boxes.LabelledBox;
import maskfeat.boxes.Moment;
import maskfeat.boxes.Oddity;
import maskfeat.data.Footage;
import maskfeat.data.FrameSize;
import maskfeat.disk.PathText;
import maskfeat.eval.Corners;
import org.jspecify.annotations.Nullable;

/** Tells what annotations of actions hold, and what is wrong with them, before anything is trained on them. */
public final class BoxScan {
    private static final double RECALL_AT = 0.5;
    private static final int MOST_NAMED = 3;

    private final DetectConfig.Boxes settings;
    private final Optional<VideoNames> videos;
    private final List<Part> parts = new ArrayList<>();
    private int problems;

    /**
     * What one file, or the truth and the boxes of one part of a data set, say.
     *
     * @param title what it is
     * @param facts a name and a value each
     * @param boxesOfClass rows of each class, by name
     * @param sentences what is odd, and what became of it
     */
    public record Part(
            String title, Map<String, String> facts, Map<String, Long> boxesOfClass, List<String> sentences) {}

    private BoxScan(DetectConfig.Boxes settings, Optional<VideoNames> videos) {
        this.settings = settings;
        this.videos = videos;
    }

    /**
     * Whether a path is one of annotations, and no folder or list of images or videos.
     *
     * @throws IOException if it cannot be read
     */
    public static boolean isOfBoxes(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return false;
        }
        return Files.isRegularFile(path)
                && BoxFormats.ALL.stream().anyMatch(format -> {
                    try {
                        return format.recognises(path);
                    } catch (IOException unreadable) {
                        return false;
                    }
                });
    }

    /**
     * Scans.
     *
     * @param folder of the videos; null to look at the annotations alone
     */
    public static BoxScan of(@Nullable Path folder, DetectConfig.Boxes settings) throws IOException {
        BoxScan scan = new BoxScan(settings, folder == null ? Optional.empty() : Optional.of(VideoNames.in(folder)));
        scan.run(PathText.path(requireNonNull(settings.source())));
        return scan;
    }

    private void run(Path source) throws IOException {
        Optional<Path> labelFile = named(settings.labels());
        Optional<Path> excludedFile = named(settings.excluded());
        if (Files.isDirectory(source)) {
            AvaFolder ava = AvaFolder.open(source);
            labelFile = labelFile.or(ava::labels);
            for (Map.Entry<AvaFolder.Part, AvaFolder.Files> each : ava.parts().entrySet()) {
                AvaFolder.Files files = each.getValue();
                if (files.truth().isPresent()) {
                    List<Path> given = named(settings.given()).map(List::of).orElse(files.detections());
                    add(
                            files.truth().get(),
                            given,
                            labelFile,
                            excludedFile.or(files::excluded),
                            files.frames(),
                            each.getKey() == AvaFolder.Part.TRAIN
                                    ? VideoNames.Part.TRAINING
                                    : VideoNames.Part.VALIDATION);
                }
            }
        } else {
            List<Path> given = named(settings.given()).map(List::of).orElse(List.of());
            add(source, given, labelFile, excludedFile, Optional.empty(), VideoNames.Part.TRAINING);
        }
    }

    private static Optional<Path> named(@Nullable String path) {
        return path == null ? Optional.empty() : Optional.of(PathText.path(path));
    }

    private void add(
            Path truth,
            List<Path> given,
            Optional<Path> labelFile,
            Optional<Path> excludedFile,
            Optional<Path> frames,
            VideoNames.Part part)
            throws IOException {
        Grouping grouping = new Grouping(null, settings.range(), settings.threshold(), false, 0, null);
        if (labelFile.isPresent()) {
            grouping = grouping.withLabels(LabelMap.read(labelFile.get()));
        }
        if (frames.isPresent()) {
            grouping = grouping.withVideos(FrameList.read(frames.get()).videos());
        }
        Annotations annotations = grouping.read(List.of(truth));
        Map<String, String> facts = new LinkedHashMap<>();
        List<String> sentences = new ArrayList<>(annotations.oddities().sentences());
        Set<String> names = new LinkedHashSet<>();
        annotations.keyFrames().forEach(frame -> names.add(frame.video()));
        facts.put("key frames", annotations.keyFrames().size() + " in " + names.size() + " videos");
        facts.put("boxes", Long.toString(annotations.boxes()));
        if (excludedFile.isPresent()) {
            ExcludedMoments excluded = ExcludedMoments.read(excludedFile.get());
            long left = annotations.keyFrames().stream()
                    .filter(frame -> excluded.contains(frame.video(), frame.moment()))
                    .count();
            facts.put("excluded", left + " of the key frames");
        }
        if (videos.isPresent()) {
            inVideos(annotations, names, part, facts, sentences);
        }
        for (Path file : given) {
            proposals(annotations, file, grouping, facts, sentences);
        }
        problems += sentences.size();
        parts.add(new Part(truth.toString(), facts, classes(annotations), sentences));
    }

    private static Map<String, Long> classes(Annotations annotations) {
        Map<Integer, Long> counts = new TreeMap<>();
        for (KeyFrame frame : annotations.keyFrames()) {
            for (LabelledBox box : frame.boxes()) {
                box.classes().forEach(id -> counts.merge(id, 1L, Long::sum));
            }
        }
        Map<String, Long> named = new LinkedHashMap<>();
        annotations.classes().forEach((id, name) -> named.put(name, counts.getOrDefault(id, 0L)));
        return named;
    }

    /** What only the videos tell: which are there, and which moments lie past their end. */
    private void inVideos(
            Annotations annotations,
            Set<String> names,
            VideoNames.Part part,
            Map<String, String> facts,
            List<String> sentences)
            throws IOException {
        Map<String, Double> lengths = new HashMap<>();
        Map<String, FrameSize> sizes = new HashMap<>();
        List<String> missing = new ArrayList<>();
        for (String name : names) {
            Optional<Path> video = videos.orElseThrow().find(name, part);
            if (video.isEmpty()) {
                missing.add(name);
                continue;
            }
            try (Footage footage = Footage.open(video.get())) {
                lengths.put(name, footage.info().timeline().duration());
                sizes.put(
                        name,
                        new FrameSize(footage.info().height(), footage.info().width()));
            } catch (IOException unreadable) {
                sentences.add(unreadable.getMessage());
            }
        }
        facts.put("videos", (names.size() - missing.size()) + " of " + names.size() + " are there");
        if (!missing.isEmpty()) {
            sentences.add(missing.size() + " videos are not there: "
                    + String.join(", ", missing.stream().limit(MOST_NAMED).toList())
                    + (missing.size() > MOST_NAMED ? ", ..." : ""));
        }
        ClipRange range = settings.range();
        int start = range == null ? 0 : range.start();
        List<KeyFrame> late = annotations.keyFrames().stream()
                .filter(frame -> frame.moment().unit() == Moment.Unit.SECOND
                        && lengths.containsKey(frame.video())
                        && frame.moment().value().doubleValue() - start > lengths.get(frame.video()))
                .toList();
        if (!late.isEmpty()) {
            KeyFrame first = late.get(0);
            sentences.add(String.format(
                    Locale.ROOT,
                    "%d key frames are past the end of their video and stand for its last frame; the first: %s at %s, of"
                            + " %.2f s",
                    late.size(),
                    first.video(),
                    first.moment().text(),
                    lengths.get(first.video())));
        }
        long outside = 0;
        for (KeyFrame frame : annotations.keyFrames()) {
            FrameSize size = sizes.get(frame.video());
            for (LabelledBox box : frame.boxes()) {
                if (size != null) {
                    Corners at = box.fractions(size.width(), size.height());
                    outside += Math.max(at.x2(), at.y2()) > 1 + 1e-9 ? 1 : 0;
                }
            }
        }
        if (outside > 0 && annotations.oddities().count(Oddity.OUTSIDE_FRAME) == 0) {
            sentences.add(outside + " boxes reach outside of their frame and are cut off at its edge");
        }
    }

    private static void proposals(
            Annotations truth, Path file, Grouping grouping, Map<String, String> facts, List<String> sentences)
            throws IOException {
        Annotations given = grouping.read(List.of(file));
        given.oddities()
                .sentences(Set.of(Oddity.NO_LABEL, Oddity.NOT_EVALUATED))
                .forEach(sentence -> sentences.add(file.getFileName() + ": " + sentence));
        Function<KeyFrame, String> key = KeyFrame::frame;
        Map<String, KeyFrame> boxes = new HashMap<>();
        given.keyFrames().forEach(frame -> boxes.put(key.apply(frame), frame));
        long all = 0;
        long hit = 0;
        int empty = 0;
        for (KeyFrame frame : truth.keyFrames()) {
            KeyFrame found = boxes.get(key.apply(frame));
            empty += found == null ? 1 : 0;
            for (LabelledBox box : frame.boxes()) {
                all++;
                hit += found != null
                                && found.boxes().stream()
                                        .map(LabelledBox::corners)
                                        .anyMatch(each -> overlaps(box.corners(), each))
                        ? 1
                        : 0;
            }
        }
        facts.put(
                "boxes of " + file.getFileName(),
                given.boxes()
                        + String.format(
                                Locale.ROOT,
                                ", which find %d of %d true ones (%.1f %%) at IoU 0.5",
                                hit,
                                all,
                                all == 0 ? 0 : 100.0 * hit / all));
        if (empty > 0) {
            facts.put("key frames without one", Integer.toString(empty));
        }
    }

    private static boolean overlaps(Corners truth, Corners box) {
        return truth.iou(box, 0) >= RECALL_AT;
    }

    /** What was found, file after file. */
    public List<Part> parts() {
        return List.copyOf(parts);
    }

    /** How many kinds of oddities there are. */
    public int problems() {
        return problems;
    }
}
