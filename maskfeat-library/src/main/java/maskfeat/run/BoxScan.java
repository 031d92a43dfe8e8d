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
import maskfeat.boxes.BoxUnit;
import maskfeat.boxes.ClipRange;
import maskfeat.boxes.ExcludedMoments;
import maskfeat.boxes.FirstFrame;
import maskfeat.boxes.FrameList;
import maskfeat.boxes.Grouping;
import maskfeat.boxes.KeyFrame;
import maskfeat.boxes.LabelMap;
import maskfeat.boxes.LabelledBox;
import maskfeat.boxes.Moment;
import maskfeat.boxes.Oddity;
import maskfeat.data.Footage;
import maskfeat.data.FrameSize;
import maskfeat.data.KeyFrameDataset.At;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.eval.Corners;
import maskfeat.media.Timeline;
import org.jspecify.annotations.Nullable;

/** Tells what annotations of actions hold, and what is wrong with them, before anything is trained on them. */
public final class BoxScan {
    private static final double RECALL_AT = 0.5;
    private static final int MOST_NAMED = 3;

    private final DetectConfig.Boxes settings;
    private final Optional<VideoNames> videos;
    private final List<Part> parts = new ArrayList<>();
    private boolean broken;

    /**
     * What one file, or the truth and the boxes of one part of a data set, say.
     *
     * @param title what it is
     * @param facts a name and a value each, for people
     * @param figures the same as numbers, for programs
     * @param boxesOfClass rows of each class, by name
     * @param sentences what is odd, and what became of it
     */
    public record Part(
            String title,
            Map<String, String> facts,
            Map<String, Object> figures,
            Map<String, Long> boxesOfClass,
            List<String> sentences) {}

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
        Optional<FrameList> list = frames.isPresent() ? Optional.of(FrameList.read(frames.get())) : Optional.empty();
        if (list.isPresent()) {
            grouping = grouping.withVideos(list.get().videos());
        }
        Annotations annotations = grouping.read(List.of(truth));
        Map<String, String> facts = new LinkedHashMap<>();
        Map<String, Object> figures = new LinkedHashMap<>();
        List<String> sentences = new ArrayList<>(annotations.oddities().sentences());
        Set<String> names = new LinkedHashSet<>();
        annotations.keyFrames().forEach(frame -> names.add(frame.video()));
        facts.put("key frames", annotations.keyFrames().size() + " in " + Plural.of(names.size(), "video"));
        facts.put("boxes", Long.toString(annotations.boxes()));
        figures.put("key_frames", annotations.keyFrames().size());
        figures.put("videos", names.size());
        figures.put("boxes", annotations.boxes());
        if (excludedFile.isPresent()) {
            ExcludedMoments excluded = ExcludedMoments.read(excludedFile.get());
            long left = annotations.keyFrames().stream()
                    .filter(frame -> excluded.contains(frame.video(), frame.moment()))
                    .count();
            facts.put("excluded", left + " of the key frames");
            figures.put("excluded", left);
        }
        if (videos.isPresent()) {
            inVideos(
                    annotations,
                    names,
                    FirstFrame.of(truth, annotations.keyFrames()).number(),
                    part,
                    list,
                    facts,
                    figures,
                    sentences);
        }
        List<Map<String, Object>> found = new ArrayList<>();
        for (Path file : given) {
            found.add(proposals(annotations, file, grouping, facts, sentences));
        }
        if (!found.isEmpty()) {
            figures.put("given", found);
        }
        broken |= annotations.keyFrames().isEmpty();
        if (annotations.keyFrames().isEmpty()) {
            sentences.add("no row gives a box that can be used: there is nothing to train or to measure on");
        }
        parts.add(new Part(truth.toString(), facts, figures, classes(annotations), sentences));
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
            int first,
            VideoNames.Part part,
            Optional<FrameList> list,
            Map<String, String> facts,
            Map<String, Object> figures,
            List<String> sentences)
            throws IOException {
        Map<String, Timeline> timelines = new HashMap<>();
        Map<Path, String> called = new HashMap<>();
        Map<String, FrameSize> sizes = new HashMap<>();
        List<String> missing = new ArrayList<>();
        for (String name : names) {
            Optional<Path> video = videos.orElseThrow().find(name, part, list);
            if (video.isEmpty()) {
                missing.add(name);
                continue;
            }
            String other = called.putIfAbsent(video.get(), name);
            if (other != null) {
                sentences.add("'" + other + "' and '" + name + "' are one video, " + video.get()
                        + ", and must be called by one name");
            }
            try (Footage footage = Footage.open(video.get())) {
                timelines.put(name, footage.info().timeline());
                if (Files.isDirectory(video.get())) {
                    list.flatMap(each -> each.difference(
                                    name, footage.info().timeline().frames()))
                            .ifPresent(sentences::add);
                }
                sizes.put(
                        name,
                        new FrameSize(footage.info().height(), footage.info().width()));
            } catch (IOException unreadable) {
                sentences.add(unreadable.getMessage());
            }
        }
        figures.put("videos_missing", missing);
        facts.put("videos", (names.size() - missing.size()) + " of " + names.size() + " are there");
        broken |= !missing.isEmpty();
        if (!missing.isEmpty()) {
            sentences.add(Plural.of(missing.size(), "video is", "videos are") + " not there: "
                    + String.join(", ", missing.stream().limit(MOST_NAMED).toList())
                    + (missing.size() > MOST_NAMED ? ", ..." : ""));
        }
        List<KeyFrame> late = new ArrayList<>();
        for (KeyFrame frame : annotations.keyFrames()) {
            Timeline timeline = timelines.get(frame.video());
            if (timeline != null && at(frame.moment(), first).isOutside(timeline)) {
                late.add(frame);
            }
        }
        if (!late.isEmpty()) {
            KeyFrame frame = late.get(0);
            sentences.add(String.format(
                    Locale.ROOT,
                    "%s outside of the video, whose first or last frame is taken; the first: %s at %s %s, of %.2f s",
                    Plural.of(late.size(), "key frame lies", "key frames lie"),
                    frame.video(),
                    frame.moment().unit() == Moment.Unit.FRAME ? "frame" : "second",
                    frame.moment().text(),
                    requireNonNull(timelines.get(frame.video())).duration()));
        }
        long outside = 0;
        long whole = 0;
        for (KeyFrame frame : annotations.keyFrames()) {
            FrameSize size = sizes.get(frame.video());
            for (LabelledBox box : frame.boxes()) {
                if (size != null) {
                    Corners at = box.fractions(size.width(), size.height());
                    boolean pixels = box.unit() == BoxUnit.PIXEL;
                    outside += pixels && Math.max(at.x2(), at.y2()) > 1 + 1e-9 ? 1 : 0;
                    boolean gone = Math.min(at.x1(), at.x2()) >= 1
                            || Math.min(at.y1(), at.y2()) >= 1
                            || Math.max(at.x1(), at.x2()) <= 0
                            || Math.max(at.y1(), at.y2()) <= 0;
                    whole += gone ? 1 : 0;
                }
            }
        }
        if (outside > 0) {
            sentences.add(Plural.of(outside, "box reaches", "boxes reach")
                    + " outside of the frame to the right or below, cut off at its edge");
        }
        if (whole > 0) {
            sentences.add(Plural.of(whole, "box lies", "boxes lie")
                    + " wholly outside of the frame; task.least-visible above 0 drops such boxes in training");
        }
    }

    private At at(Moment moment, int firstFrame) {
        ClipRange range = settings.range();
        return moment.unit() == Moment.Unit.FRAME
                ? At.frame((int) Math.max(
                        Integer.MIN_VALUE,
                        Math.min(Integer.MAX_VALUE, moment.value().longValue() - firstFrame)))
                : At.second(moment.value().doubleValue() - (range == null ? 0 : range.start()));
    }

    private static Map<String, Object> proposals(
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
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("file", file.toString());
        figures.put("boxes", given.boxes());
        figures.put("true_boxes", all);
        figures.put("true_boxes_found", hit);
        figures.put("key_frames_without", empty);
        return figures;
    }

    private static boolean overlaps(Corners truth, Corners box) {
        return truth.iou(box, 0) >= RECALL_AT;
    }

    /** What was found, file after file. */
    public List<Part> parts() {
        return List.copyOf(parts);
    }

    /** Whether something cannot be used at all: there is no key frame, or a video is not there. */
    public boolean isBroken() {
        return broken;
    }
}
