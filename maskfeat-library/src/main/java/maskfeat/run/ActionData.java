package maskfeat.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import maskfeat.boxes.Annotations;
import maskfeat.boxes.AvaFolder;
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
import maskfeat.boxes.VideoFacts;
import maskfeat.data.ActionClasses;
import maskfeat.data.ClipSampler;
import maskfeat.data.DatasetException;
import maskfeat.data.KeyBox;
import maskfeat.data.KeyFrameDataset;
import maskfeat.data.KeyFrameDataset.At;
import maskfeat.data.KeyFrameDataset.Key;
import maskfeat.data.Seeds;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.network.ActionHead;
import maskfeat.run.VideoNames.Part;
import org.jspecify.annotations.Nullable;

/** Annotations with the videos that they are of, as {@link DetectConfig.Boxes} names them. */
final class ActionData {
    private static final int MOST_NAMED = 3;

    private final DetectConfig.Boxes settings;
    private final Path videoRoot;
    private final Path source;
    private final ClipSampler clip;
    private final VideoNames videos;
    private final Optional<AvaFolder> ava;
    private final Optional<LabelMap> labels;
    private final ExcludedMoments excluded;
    private final List<String> notices = new ArrayList<>();
    private final Map<String, Integer> missing = new LinkedHashMap<>();
    private final Map<Path, FrameList> lists = new HashMap<>();

    private ActionData(DetectConfig.Boxes settings, Path videoRoot, Path source, ClipSampler clip) throws IOException {
        this.settings = settings;
        this.videoRoot = videoRoot;
        this.source = source;
        this.clip = clip;
        videos = VideoNames.in(videoRoot);
        ava = Files.isDirectory(source) ? Optional.of(AvaFolder.open(source)) : Optional.empty();
        Optional<Path> map = named(settings.labels()).or(() -> ava.flatMap(AvaFolder::labels));
        labels = map.isPresent() ? Optional.of(LabelMap.read(map.get())) : Optional.empty();
        Optional<Path> left =
                named(settings.excluded()).or(() -> part(AvaFolder.Part.VAL).flatMap(AvaFolder.Files::excluded));
        excluded = left.isPresent() ? ExcludedMoments.read(left.get()) : ExcludedMoments.NONE;
    }

    /** Opens what a run trains and measures on. */
    static RunData open(Run run, DetectConfig.Boxes settings) throws IOException {
        String path = run.data().path();
        Path videos = path == null ? SampleData.scenes() : PathText.path(path);
        Path source = settings.source() == null ? videos : PathText.path(settings.source());
        return new ActionData(settings, videos, source, run.data().clip()).open(run.seed());
    }

    /**
     * Opens what a trained detector is measured on: what is there for validation, else all of a file.
     *
     * @param videos folder of the videos
     * @param head of the detector, whose actions are looked for
     * @param notices takes what a person should know, a sentence each
     * @throws IOException if there is none, or none of its boxes is of a video
     */
    static KeyFrameDataset toMeasure(
            Path videos, DetectConfig.Boxes settings, ClipSampler clip, ActionHead head, Consumer<String> notices)
            throws IOException {
        Path source = settings.source() == null ? videos : PathText.path(settings.source());
        ActionData data = new ActionData(settings, videos, source, clip);
        Optional<Path> held = named(settings.validation())
                .or(() -> data.part(AvaFolder.Part.VAL).flatMap(AvaFolder.Files::truth));
        if (held.isEmpty() && data.ava.isPresent()) {
            throw new DatasetException(source + " has no annotations to measure on, such as ava_val_v2.2.csv");
        }
        data.tellUnknown(head.ids());
        ActionClasses actions = new ActionClasses(head.names(), head.ids(), data.counted(head.ids(), head.ids()));
        Path file = held.orElse(source);
        Annotations truth = data.known(file, actions);
        Set<String> out = held.isPresent() ? Set.of() : ofSplit(truth, "test-" + settings.split());
        KeyFrameDataset dataset = data.toMeasure(
                held.isPresent() ? Part.VALIDATION : Part.TRAINING,
                file,
                out.isEmpty() ? truth : only(truth, frame -> out.contains(frame.video())),
                actions);
        data.tellMissing();
        data.notices.forEach(notices);
        return dataset;
    }

    private KeyFrameDataset toMeasure(Part part, Path file, Annotations truth, ActionClasses actions)
            throws IOException {
        Optional<Path> given = given();
        Optional<Annotations> boxes = Optional.empty();
        if (given.isPresent()) {
            boxes = Optional.of(new Grouping(null, settings.range(), settings.threshold(), false, 0, null)
                    .read(List.of(given.get())));
            tell(given.get(), boxes.get(), Set.of(Oddity.NO_LABEL));
            tellUnanswered(given.get(), boxes.get(), truth);
        } else {
            notices.add("measured with the annotated boxes, as if a detector had found all of them and nothing else;"
                    + " task.boxes.given or --given names a detector's");
        }
        return dataset(part, file, truth, boxes, excluded, actions);
    }

    /** Boxes of other videos or moments give a figure of 0, which says nothing about the network. */
    private void tellUnanswered(Path file, Annotations boxes, Annotations truth) {
        Set<Place> there = byPlace(boxes).keySet();
        List<Place> without = byPlace(truth).keySet().stream()
                .filter(place -> !there.contains(place) && !excluded.contains(place.video(), place.moment()))
                .toList();
        if (!without.isEmpty()) {
            notices.add(without.size() + " of the " + byPlace(truth).size() + " annotated key frames have no box in "
                    + file + ", so that nothing is found there; the first: "
                    + without.get(0).video() + " at "
                    + without.get(0).moment().text()
                    + (boxes.keyFrames().isEmpty()
                            ? "; it has no box at all"
                            : without.size() < byPlace(truth).size()
                                    ? ""
                                    : "; its own first is of "
                                            + boxes.keyFrames().get(0).frame()));
        }
    }

    /** Annotations whose classes are called as those that are known. */
    private Annotations known(Path file, ActionClasses actions) throws IOException {
        Map<Integer, String> names = new LinkedHashMap<>();
        for (int number = 0; number < actions.ids().size(); number++) {
            names.put(actions.ids().get(number), actions.names().get(number));
        }
        Annotations annotations = ofListed(
                        new Grouping(null, settings.range(), settings.threshold(), false, 0, new LabelMap(names)), file)
                .read(List.of(file))
                .orNone(file);
        tell(file, annotations);
        return annotations;
    }

    private static Optional<Path> named(@Nullable String path) {
        return path == null ? Optional.empty() : Optional.of(PathText.path(path));
    }

    private Optional<AvaFolder.Files> part(AvaFolder.Part part) {
        return ava.map(folder -> folder.parts().get(part));
    }

    private Grouping grouping(double threshold) {
        Grouping all = new Grouping(null, settings.range(), threshold, false, 0, null);
        return labels.isPresent() ? all.withLabels(labels.get()) : all;
    }

    /** The list of the frames of a part; empty where there is none, or annotations of another file are read. */
    private Optional<FrameList> listed(Path truth) throws IOException {
        for (AvaFolder.Part part : AvaFolder.Part.values()) {
            Optional<AvaFolder.Files> files = part(part);
            if (files.isPresent()
                    && files.get().truth().equals(Optional.of(truth))
                    && files.get().frames().isPresent()) {
                Path file = files.get().frames().get();
                return Optional.of(lists.containsKey(file) ? lists.get(file) : read(file));
            }
        }
        return Optional.empty();
    }

    private FrameList read(Path file) throws IOException {
        FrameList list = FrameList.read(file);
        lists.put(file, list);
        return list;
    }

    /** As the list of frames has it, where there is one: the official code takes no other videos. */
    private Grouping ofListed(Grouping grouping, Path truth) throws IOException {
        Optional<FrameList> list = listed(truth);
        return list.isPresent() ? grouping.withVideos(list.get().videos()) : grouping;
    }

    private RunData open(long seed) throws IOException {
        Path truth = ava.isPresent()
                ? part(AvaFolder.Part.TRAIN)
                        .flatMap(AvaFolder.Files::truth)
                        .orElseThrow(() -> new DatasetException(source
                                + " has no annotations for training, such as ava_train_v2.2.csv; name a file with"
                                + " task.boxes.source"))
                : source;
        List<Path> files = new ArrayList<>(List.of(truth));
        named(settings.extra()).ifPresent(files::add);
        Annotations all =
                ofListed(grouping(settings.threshold()), truth).read(files).orNone(truth);
        tell(truth, all);
        ActionClasses actions = classes(all.classes());
        Optional<Path> held =
                named(settings.validation()).or(() -> part(AvaFolder.Part.VAL).flatMap(AvaFolder.Files::truth));
        Predicate<KeyFrame> training = frame -> true;
        Optional<Annotations> measured = Optional.empty();
        if (held.isPresent() && settings.holdOut() == 0) {
            measured = Optional.of(known(held.get(), actions));
        } else if (settings.holdOut() > 0) {
            Set<String> out = heldOut(all, seed);
            training = frame -> !out.contains(frame.video());
            measured = Optional.of(only(all, frame -> out.contains(frame.video())));
        } else {
            Set<String> out = ofSplit(all, "test-" + settings.split());
            if (!out.isEmpty()) {
                Set<String> in = ofSplit(all, "train-" + settings.split());
                training = frame -> in.contains(frame.video());
                measured = Optional.of(only(all, frame -> out.contains(frame.video())));
            }
        }
        Predicate<KeyFrame> kept = training;
        KeyFrameDataset train =
                dataset(Part.TRAINING, truth, only(all, kept), Optional.empty(), ExcludedMoments.NONE, actions);
        Optional<KeyFrameDataset> validation = Optional.empty();
        if (measured.isPresent()) {
            validation = Optional.of(toMeasure(
                    held.isPresent() ? Part.VALIDATION : Part.TRAINING, held.orElse(truth), measured.get(), actions));
        }
        tellMissing();
        validation.ifPresent(each -> tellShared(train, each));
        return new RunData(
                train, validation.map(KeyFrameDataset.class::cast), Optional.empty(), actions.names(), notices);
    }

    private Optional<Path> given() {
        Optional<Path> named = named(settings.given());
        if (named.isPresent()) {
            return named;
        }
        List<Path> found =
                part(AvaFolder.Part.VAL).map(AvaFolder.Files::detections).orElse(List.of());
        if (found.size() > 1) {
            notices.add("of several files of boxes to measure with, the last by name is taken: "
                    + found.get(found.size() - 1) + "; task.boxes.given names another");
        }
        return found.isEmpty() ? Optional.empty() : Optional.of(found.get(found.size() - 1));
    }

    private void tell(Path file, Annotations annotations) {
        tell(file, annotations, Set.of());
    }

    private void tell(Path file, Annotations annotations, Set<Oddity> usual) {
        annotations.oddities().sentences(usual).forEach(sentence -> notices.add(file.getFileName() + ": " + sentence));
    }

    /** The ids from 1 on, if most of them occur, so that AVA's outputs are its 80; else those that occur. */
    private ActionClasses classes(Map<Integer, String> known) throws DatasetException {
        Map<Integer, String> names = new LinkedHashMap<>(known);
        labels.ifPresent(map -> names.putAll(map.names()));
        if (names.isEmpty()) {
            throw new DatasetException(source + " names no class: its boxes have no action to learn");
        }
        TreeSet<Integer> ids = new TreeSet<>(names.keySet());
        if (ids.first() >= 1 && ids.last() <= 2 * ids.size()) {
            for (int id = 1; id < ids.last(); id++) {
                ids.add(id);
            }
        }
        Map<String, String> spelled = new HashMap<>();
        for (String name : names.values()) {
            String other = spelled.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
            if (other != null && !other.equals(name)) {
                notices.add("'" + other + "' and '" + name + "' are two classes, which differ in capitals alone");
            }
        }
        List<Integer> all = List.copyOf(ids);
        return new ActionClasses(
                all.stream()
                        .map(id -> names.getOrDefault(id, Integer.toString(id)))
                        .toList(),
                all,
                counted(all, names.keySet()));
    }

    /** Numbers of the actions that count: those of the label map, if there is one. */
    private List<Integer> counted(List<Integer> ids, Collection<Integer> known) {
        Set<Integer> counts = new HashSet<>(labels.isPresent() ? labels.get().ids() : known);
        List<Integer> counted = new ArrayList<>();
        for (int number = 0; number < ids.size(); number++) {
            if (counts.contains(ids.get(number))) {
                counted.add(number);
            }
        }
        return counted;
    }

    /** A mean over fewer classes than the label map has is another figure. */
    private void tellUnknown(List<Integer> ids) {
        List<String> unknown = new ArrayList<>();
        labels.ifPresent(map -> map.names().forEach((id, name) -> {
            if (!ids.contains(id)) {
                unknown.add(name);
            }
        }));
        if (!unknown.isEmpty()) {
            notices.add(Plural.of(unknown.size(), "class", "classes") + " of the label map "
                    + (unknown.size() == 1 ? "is" : "are")
                    + " none of the network's, and not in the mean: "
                    + String.join(", ", unknown.subList(0, Math.min(MOST_NAMED, unknown.size())))
                    + (unknown.size() > MOST_NAMED ? ", ..." : ""));
        }
    }

    private static Annotations only(Annotations all, Predicate<KeyFrame> kept) {
        return new Annotations(
                all.keyFrames().stream().filter(kept).toList(), all.classes(), all.videos(), all.oddities());
    }

    private Set<String> heldOut(Annotations all, long seed) throws DatasetException {
        List<String> names = List.copyOf(
                new TreeSet<>(all.keyFrames().stream().map(KeyFrame::video).toList()));
        int count = (int) Math.max(1, Math.round(names.size() * settings.holdOut()));
        if (names.size() < 2) {
            throw new DatasetException(source + " has boxes of one video, so that none can be held out");
        }
        RandomGenerator random = new Seeds(seed).of(Seeds.Purpose.SPLIT, 0, 0);
        List<String> left = new ArrayList<>(names);
        Set<String> out = new HashSet<>();
        while (out.size() < Math.min(count, names.size() - 1)) {
            out.add(left.remove(random.nextInt(left.size())));
        }
        return out;
    }

    private static Set<String> ofSplit(Annotations all, String split) {
        Set<String> of = new HashSet<>();
        for (VideoFacts facts : all.videos().values()) {
            if (facts.splits().contains(split)) {
                of.add(facts.video());
            }
        }
        return of;
    }

    /** A moment of a video. */
    private record Place(String video, Moment moment) {}

    private KeyFrameDataset dataset(
            Part part,
            Path file,
            Annotations truth,
            Optional<Annotations> given,
            ExcludedMoments without,
            ActionClasses actions)
            throws IOException {
        Map<Integer, Integer> numbers = new HashMap<>();
        actions.ids().forEach(id -> numbers.put(id, numbers.size()));
        Map<Place, List<LabelledBox>> annotated = byPlace(truth);
        Map<Place, List<LabelledBox>> asked = given.map(ActionData::byPlace).orElse(annotated);
        Set<Place> places = new LinkedHashSet<>(annotated.keySet());
        Set<String> measured =
                new HashSet<>(annotated.keySet().stream().map(Place::video).toList());
        asked.keySet().stream()
                .filter(place -> measured.contains(place.video()))
                .forEach(places::add);
        int firstFrame = firstFrame(file, truth);
        Optional<FrameList> list = listed(file);
        int left = 0;
        Map<Path, String> names = new HashMap<>();
        List<Key> keys = new ArrayList<>();
        for (Place place : sorted(places)) {
            if (without.contains(place.video(), place.moment())) {
                left++;
                continue;
            }
            Optional<Path> video = videos.find(place.video(), part, list);
            if (video.isEmpty()) {
                missing.merge(place.video(), 1, Integer::sum);
                continue;
            }
            String other = names.putIfAbsent(video.get(), place.video());
            if (other != null && !other.equals(place.video())) {
                throw new DatasetException(file + " calls " + video.get() + " both '" + other + "' and '"
                        + place.video() + "'; call it by one name, so that its boxes go together");
            }
            keys.add(new Key(
                    video.get(),
                    ExcludedMoments.frame(place.video(), place.moment()),
                    at(place.moment(), firstFrame),
                    boxes(asked.getOrDefault(place, List.of()), numbers),
                    boxes(annotated.getOrDefault(place, List.of()), numbers)));
        }
        if (left > 0) {
            notices.add(Plural.of(left, "excluded key frame is", "excluded key frames are") + " not measured");
        }
        if (keys.isEmpty() && !missing.isEmpty()) {
            throw new DatasetException(
                    "of the " + Plural.of(missing.size(), "video") + " that " + file + " has boxes of none is in "
                            + videoRoot + ", which has " + videos.describe() + "; the first: "
                            + missing.keySet().iterator().next());
        }
        KeyFrameDataset dataset = new KeyFrameDataset(file, clip, keys, actions, List.of());
        new KeyFrameCheck(file, settings.range(), list, notices::add).check(keys, names);
        return dataset;
    }

    private static List<Place> sorted(Collection<Place> places) {
        Map<String, TreeSet<Moment>> byVideo = new LinkedHashMap<>();
        places.forEach(place ->
                byVideo.computeIfAbsent(place.video(), video -> new TreeSet<>()).add(place.moment()));
        List<Place> sorted = new ArrayList<>();
        byVideo.forEach((video, moments) -> moments.forEach(moment -> sorted.add(new Place(video, moment))));
        return sorted;
    }

    private static Map<Place, List<LabelledBox>> byPlace(Annotations annotations) {
        Map<Place, List<LabelledBox>> boxes = new LinkedHashMap<>();
        annotations.keyFrames().forEach(frame -> boxes.put(new Place(frame.video(), frame.moment()), frame.boxes()));
        return boxes;
    }

    private static List<KeyBox> boxes(List<LabelledBox> boxes, Map<Integer, Integer> numbers) {
        return boxes.stream()
                .map(box -> new KeyBox(
                        box.corners(),
                        box.unit() == BoxUnit.PIXEL,
                        box.labels().stream()
                                .map(numbers::get)
                                .filter(number -> number != null)
                                .toList()))
                .toList();
    }

    private At at(Moment moment, int firstFrame) {
        if (moment.unit() == Moment.Unit.FRAME) {
            return At.frame(Math.toIntExact(moment.value().longValue() - firstFrame));
        }
        ClipRange range = settings.range();
        return At.second(moment.value().doubleValue() - (range == null ? 0 : range.start()));
    }

    private int firstFrame(Path file, Annotations annotations) throws IOException {
        List<Moment> frames = annotations.keyFrames().stream()
                .map(KeyFrame::moment)
                .filter(moment -> moment.unit() == Moment.Unit.FRAME)
                .toList();
        Integer said = settings.firstFrame();
        if (frames.isEmpty()) {
            if (said != null) {
                throw new IllegalArgumentException("task.boxes.first-frame would do nothing: " + file
                        + " names seconds and no frames; set it to null");
            }
            return 0;
        }
        if (said != null) {
            return said;
        }
        FirstFrame first = FirstFrame.of(file, annotations.keyFrames());
        if (first.guessed()) {
            notices.add(file.getFileName() + ": frames are counted from " + first.number() + ", since "
                    + (first.number() == 0 ? "one has the number 0" : "none has the number 0")
                    + "; task.boxes.first-frame says it if that is wrong");
        }
        return first.number();
    }

    private void tellShared(KeyFrameDataset train, KeyFrameDataset validation) {
        Set<Path> trained = new HashSet<>(train.keys().stream().map(Key::video).toList());
        long shared = validation.keys().stream()
                .filter(key -> trained.contains(key.video()))
                .count();
        if (shared > 0) {
            notices.add(shared + " of the " + validation.size()
                    + " key frames for validation are of videos that are trained on too: what is measured on them says"
                    + " little");
        }
    }

    private void tellMissing() {
        if (!missing.isEmpty()) {
            notices.add(Plural.of(missing.size(), "video with boxes is", "videos with boxes are") + " not in "
                    + videoRoot
                    + " and left out: "
                    + String.join(
                            ", ", missing.keySet().stream().limit(MOST_NAMED).toList())
                    + (missing.size() > MOST_NAMED ? ", ..." : ""));
        }
    }
}
