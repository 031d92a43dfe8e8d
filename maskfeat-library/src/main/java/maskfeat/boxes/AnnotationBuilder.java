package maskfeat.boxes;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import maskfeat.disk.Shown;
import maskfeat.eval.Corners;
import org.jspecify.annotations.Nullable;

/**
 * Groups rows into key frames. Within a moment of a video a box is known by the text of its four numbers: rows with equal text
 * are one box with several classes.
 */
public final class AnnotationBuilder implements BoxReceiver {
    private static final int[] NO_LABELS = {};

    private final Grouping grouping;
    private final Oddities oddities = new Oddities();
    private final Map<String, Map<Moment, Map<String, Box>>> videos = new LinkedHashMap<>();
    private final Map<String, VideoFacts> facts = new LinkedHashMap<>();
    private final Map<Integer, String> declared = new TreeMap<>();
    /** Classes that have only a name get a number below {@link LabelledBox#NO_LABEL} until all are known. */
    private final Map<String, Integer> named = new HashMap<>();

    private static final class Box {
        private final Corners corners;
        private final BoxUnit unit;
        private final double score;
        private @Nullable String person;
        private int[] labels = NO_LABELS;

        private Box(BoxRow row) {
            corners = row.corners();
            unit = row.unit();
            score = row.score() == null ? Double.NaN : row.score();
        }

        private boolean has(int label) {
            for (int known : labels) {
                if (known == label) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Begins without rows. */
    public AnnotationBuilder(Grouping grouping) {
        this.grouping = grouping;
        if (grouping.videos() != null) {
            grouping.videos().forEach(video -> videos.put(video, new HashMap<>()));
        }
    }

    @Override
    public void video(VideoFacts video) {
        facts.putIfAbsent(video.video(), video);
    }

    @Override
    public void label(int id, String name) {
        declared.putIfAbsent(id, name);
    }

    @Override
    public void row(BoxRow row) {
        if (row.score() != null && row.score() < grouping.threshold()) {
            count(
                    Oddity.LOW_SCORE,
                    row,
                    "score " + row.score() + ", threshold " + grouping.threshold()
                            + " (task.boxes.threshold, --threshold)");
            return;
        }
        if (grouping.everyFourthSecond() && !isFourth(row.moment())) {
            return;
        }
        if (grouping.range() != null && !grouping.range().contains(row.moment())) {
            count(
                    Oddity.SECOND_OUTSIDE,
                    row,
                    "second " + row.moment().text() + ", annotated are "
                            + grouping.range().first() + " to "
                            + grouping.range().last());
            return;
        }
        Map<Moment, Map<String, Box>> moments = grouping.videos() == null
                ? videos.computeIfAbsent(row.video(), video -> new HashMap<>())
                : videos.get(row.video());
        if (moments == null) {
            count(Oddity.UNLISTED_VIDEO, row, "video '" + Shown.text(row.video()) + "'");
            return;
        }
        Integer label = label(row);
        if (label == null) {
            return;
        }
        add(moments, row, label);
    }

    private static boolean isFourth(Moment moment) {
        return moment.unit() == Moment.Unit.SECOND
                && moment.isWhole()
                && moment.value().longValue() % 4 == 0;
    }

    /** Null if the row is to be skipped. */
    private @Nullable Integer label(BoxRow row) {
        Integer id = row.classId();
        String name = row.className();
        LabelMap map = grouping.labels();
        if (id == null) {
            if (name == null) {
                count(Oddity.NO_LABEL, row, "no class");
                return LabelledBox.NO_LABEL;
            }
            if (map == null) {
                return named.computeIfAbsent(name, unknown -> LabelledBox.NO_LABEL - 1 - named.size());
            }
            id = map.id(name);
            if (id == null) {
                count(Oddity.UNKNOWN_NAME, row, "class '" + Shown.text(name) + "'" + nearly(map, name));
            }
            return id;
        }
        if (id < 0 || grouping.highestLabel() > 0 && (id < 1 || id > grouping.highestLabel())) {
            String known = grouping.highestLabel() > 0 ? "1 to " + grouping.highestLabel() : "0 and more";
            count(Oddity.LABEL_OUTSIDE, row, "class " + id + ", there are " + known);
            return null;
        }
        if (map != null && !map.names().containsKey(id)) {
            count(Oddity.NOT_EVALUATED, row, "class " + id);
        }
        declared.putIfAbsent(id, name == null ? Integer.toString(id) : name);
        return id;
    }

    private static String nearly(LabelMap map, String name) {
        return map.names().values().stream()
                .filter(known -> known.equalsIgnoreCase(name))
                .findFirst()
                .map(known -> ", and '" + Shown.text(known) + "' differs in capitals alone")
                .orElse("");
    }

    private void add(Map<Moment, Map<String, Box>> moments, BoxRow row, int label) {
        Map<String, Box> boxes = moments.computeIfAbsent(row.moment(), moment -> new LinkedHashMap<>(4));
        Box box = boxes.get(row.text());
        if (box == null) {
            box = new Box(row);
            boxes.put(row.text(), box);
            check(row);
        } else if (box.has(label)) {
            count(Oddity.DUPLICATE, row, "box " + row.text());
        }
        if (box.person == null) {
            box.person = row.person();
        }
        box.labels = Arrays.copyOf(box.labels, box.labels.length + 1);
        box.labels[box.labels.length - 1] = label;
    }

    private void check(BoxRow row) {
        Corners box = row.corners();
        if (box.isDegenerate()) {
            count(Oddity.DEGENERATE, row, "box " + row.text());
        }
        VideoFacts video = facts.get(row.video());
        boolean pixels = row.unit() == BoxUnit.PIXEL;
        double width = !pixels ? 1 : video != null && video.width() > 0 ? video.width() : Double.POSITIVE_INFINITY;
        double height = !pixels ? 1 : video != null && video.height() > 0 ? video.height() : Double.POSITIVE_INFINITY;
        if (Math.min(Math.min(box.x1(), box.y1()), Math.min(box.x2(), box.y2())) < 0
                || Math.max(box.x1(), box.x2()) > width
                || Math.max(box.y1(), box.y2()) > height) {
            count(Oddity.OUTSIDE_FRAME, row, "box " + row.text());
        }
    }

    private void count(Oddity oddity, BoxRow row, String found) {
        oddities.count(oddity, () -> row.place() + ", " + found);
    }

    /** What the rows so far are together. */
    public Annotations build() {
        Map<Integer, Integer> ids = numberNames();
        List<KeyFrame> frames = new ArrayList<>();
        videos.forEach((video, moments) -> {
            if (moments.isEmpty()) {
                oddities.count(Oddity.VIDEO_WITHOUT_BOXES, () -> "video '" + Shown.text(video) + "'");
            }
            moments.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(entry -> {
                List<LabelledBox> boxes = new ArrayList<>();
                entry.getValue().values().forEach(box -> boxes.add(labelled(box, ids)));
                frames.add(new KeyFrame(video, entry.getKey(), boxes));
            });
        });
        Map<Integer, String> classes = new TreeMap<>(declared);
        if (grouping.labels() != null) {
            classes.putAll(grouping.labels().names());
        }
        return new Annotations(frames, classes, facts, oddities);
    }

    /** Names without numbers get the next ones in alphabetical order, the first 1. */
    private Map<Integer, Integer> numberNames() {
        Map<String, Integer> known = new HashMap<>();
        declared.forEach((id, name) -> known.putIfAbsent(name, id));
        Map<Integer, Integer> ids = new HashMap<>();
        int next =
                Math.max(0, declared.keySet().stream().mapToInt(id -> id).max().orElse(0)) + 1;
        for (String name : named.keySet().stream().sorted().toList()) {
            Integer id = known.get(name);
            if (id == null) {
                id = next++;
                declared.put(id, name);
            }
            ids.put(named.get(name), id);
        }
        return ids;
    }

    private static LabelledBox labelled(Box box, Map<Integer, Integer> ids) {
        List<Integer> labels = new ArrayList<>(box.labels.length);
        for (int label : box.labels) {
            labels.add(ids.getOrDefault(label, label));
        }
        return new LabelledBox(box.corners, box.unit, labels, box.score, box.person);
    }
}
