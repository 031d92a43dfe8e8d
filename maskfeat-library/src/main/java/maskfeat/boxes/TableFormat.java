package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Plural;
import maskfeat.disk.Shown;
import maskfeat.eval.Corners;
import org.jspecify.annotations.Nullable;

/**
 * One's own table with a header: {@code video,second,x1,y1,x2,y2,class[,person][,score]} in any order, {@code frame} instead of
 * {@code second}; of both, the second counts. A column {@code split} says which videos are trained on and which measured on;
 * other columns are left out. Whether boxes are in fractions or pixels, and classes numbers or names, is told for
 * the file as a whole.
 */
final class TableFormat implements BoxFormat {
    private static final double LARGEST_FRACTION = 1.5; // annotators draw a little over the edge
    private static final int MOST_CORNERS = 3;
    private static final int SMALL_SHARE = 10; // one row in so many may be a box of a pixel or two

    private static final List<String> VIDEO = List.of("video", "video_id", "video_name", "video_path", "file");
    private static final List<String> SECOND = List.of("second", "seconds", "sec", "timestamp", "time");
    private static final List<String> FRAME = List.of("frame", "frame_id", "frame_number");
    private static final List<List<String>> BOX = List.of(
            List.of("x1", "xmin", "left"),
            List.of("y1", "ymin", "top"),
            List.of("x2", "xmax", "right"),
            List.of("y2", "ymax", "bottom"));
    private static final List<String> CLASS =
            List.of("class", "class_id", "label", "label_id", "action", "action_id", "class_name");
    private static final List<String> PERSON = List.of("person", "person_id", "track", "track_id", "entity_id");
    private static final List<String> SPLIT = List.of("split", "set", "subset", "partition");
    private static final Map<String, String> PARTS = Map.of(
            "train", "train-1",
            "training", "train-1",
            "val", "test-1",
            "valid", "test-1",
            "validation", "test-1",
            "test", "test-1",
            "testing", "test-1");
    private static final List<String> SCORE = List.of("score", "confidence");

    @Override
    public String name() {
        return "table";
    }

    @Override
    public boolean recognises(Path source) throws IOException {
        if (!Files.isRegularFile(source)) {
            return false;
        }
        try (Lines lines = Lines.open(source)) {
            List<String> header = lines.fields();
            if (header == null) {
                return false;
            }
            // One that lacks a column is still a table, which reading says.
            long corners =
                    BOX.stream().filter(names -> column(header, names) >= 0).count();
            return corners >= MOST_CORNERS || column(header, VIDEO) >= 0 && corners > 0;
        } catch (DamagedFile notText) {
            return false;
        }
    }

    private static int column(List<String> header, List<String> names) {
        for (String name : names) {
            for (int i = 0; i < header.size(); i++) {
                if (header.get(i).toLowerCase(Locale.ROOT).equals(name)) {
                    return i;
                }
            }
        }
        return -1;
    }

    /** Where what stands. */
    private record Columns(
            int count,
            int video,
            int moment,
            Moment.Unit unit,
            int[] box,
            int label,
            int name,
            int person,
            int score,
            int split) {
        static Columns of(Lines lines, @Nullable List<String> header) throws DamagedFile {
            if (header == null) {
                throw new DamagedFile(lines.file(), "is empty; its first line names the columns");
            }
            int second = column(header, SECOND);
            int frame = column(header, FRAME);
            int[] box = BOX.stream().mapToInt(names -> column(header, names)).toArray();
            int video = column(header, VIDEO);
            List<String> missing = new ArrayList<>();
            if (video < 0) {
                missing.add("video");
            }
            if (second < 0 && frame < 0) {
                missing.add("second or frame");
            }
            for (int i = 0; i < box.length; i++) {
                if (box[i] < 0) {
                    missing.add(BOX.get(i).get(0));
                }
            }
            if (!missing.isEmpty()) {
                throw lines.damage("names no column " + String.join(", ", missing)
                        + "; needed are video, second or frame, x1, y1, x2, y2, and as a rule class");
            }
            // A file may have both, a number and its name.
            int number = column(header, List.of("class_id", "label_id", "action_id"));
            int name = column(header, List.of("class_name", "class", "label", "action"));
            int label = number >= 0 && name >= 0 ? number : column(header, CLASS);
            return new Columns(
                    header.size(),
                    video,
                    second >= 0 ? second : frame,
                    second >= 0 ? Moment.Unit.SECOND : Moment.Unit.FRAME,
                    box,
                    label,
                    number >= 0 && name >= 0 ? name : -1,
                    column(header, PERSON),
                    column(header, SCORE),
                    column(header, SPLIT));
        }

        @Nullable List<String> next(Lines lines) throws IOException {
            List<String> fields = lines.fields();
            if (fields != null && fields.size() != count) {
                throw lines.damage("has " + Plural.of(fields.size(), "column") + " and the header " + count
                        + (fields.size() > count ? "; if numbers have a decimal comma, write a point" : ""));
            }
            return fields;
        }

        Corners corners(Lines lines, List<String> fields) throws DamagedFile {
            return new Corners(
                    lines.number(fields.get(box[0]), "x1"),
                    lines.number(fields.get(box[1]), "y1"),
                    lines.number(fields.get(box[2]), "x2"),
                    lines.number(fields.get(box[3]), "y2"));
        }
    }

    /** What holds for all rows. */
    private record Kind(BoxUnit unit, boolean numbered) {}

    /** Opens a table, each time at its beginning. */
    private interface Opening {
        Lines open() throws IOException;
    }

    private static Kind kind(Path source, Opening opening) throws IOException {
        long small = 0;
        long large = 0;
        long firstSmall = 0;
        long firstLarge = 0;
        boolean numbered = true;
        try (Lines lines = opening.open()) {
            Columns columns = Columns.of(lines, lines.fields());
            for (List<String> fields = columns.next(lines); fields != null; fields = columns.next(lines)) {
                Corners box = columns.corners(lines, fields);
                if (Math.max(Math.max(box.x1(), box.y1()), Math.max(box.x2(), box.y2())) <= LARGEST_FRACTION) {
                    firstSmall = small++ == 0 ? lines.number() : firstSmall;
                } else {
                    firstLarge = large++ == 0 ? lines.number() : firstLarge;
                }
                if (columns.label() >= 0) {
                    String label = fields.get(columns.label());
                    numbered &= label.isEmpty() || isNumber(label);
                }
            }
        }
        if (large > 0 && small * SMALL_SHARE > small + large) {
            throw new DamagedFile(
                    source,
                    "has " + Plural.of(small, "row") + " of boxes in fractions of the frame (the first is line "
                            + firstSmall
                            + ") and " + large + " in pixels (the first is line " + firstLarge
                            + "); a file has one or the other");
        }
        return new Kind(large > 0 ? BoxUnit.PIXEL : BoxUnit.FRACTION, numbered);
    }

    private static boolean isNumber(String text) {
        return text.matches("-?\\d{1,9}");
    }

    /** A part of the data set that a column names, as {@code gttubes} name their splits. */
    private static void tellSplit(Lines lines, String video, String text, Map<String, String> splits, BoxReceiver to)
            throws DamagedFile {
        String part = PARTS.get(text.toLowerCase(Locale.ROOT));
        if (part == null) {
            throw lines.damage("has '" + Shown.text(text) + "' for a part of the data; there are train, val and test");
        }
        String before = splits.putIfAbsent(video, part);
        if (before == null) {
            to.video(new VideoFacts(video, 0, 0, 0, Set.of(part)));
        } else if (!before.equals(part)) {
            throw lines.damage(
                    "puts video '" + Shown.text(video) + "' into another part of the data than a line before");
        }
    }

    @Override
    public void read(Path source, BoxReceiver to) throws IOException {
        read(source, () -> Lines.open(source), to);
    }

    /** @param name for messages */
    static void read(Path name, byte[] table, BoxReceiver to) throws IOException {
        read(name, () -> Lines.of(name, table), to);
    }

    private static void read(Path source, Opening opening, BoxReceiver to) throws IOException {
        Kind kind = kind(source, opening);
        Map<String, String> videos = new HashMap<>();
        Map<String, Moment> moments = new HashMap<>();
        Map<String, String> splits = new HashMap<>();
        try (Lines lines = opening.open()) {
            Columns columns = Columns.of(lines, lines.fields());
            for (List<String> fields = columns.next(lines); fields != null; fields = columns.next(lines)) {
                String video = videos.computeIfAbsent(fields.get(columns.video()), name -> name);
                if (video.isEmpty()) {
                    throw lines.damage("names no video");
                }
                if (columns.split() >= 0) {
                    tellSplit(lines, video, fields.get(columns.split()), splits, to);
                }
                String when = fields.get(columns.moment());
                Moment moment = moments.get(when);
                if (moment == null) {
                    moment = Moment.parse(columns.unit(), when);
                    if (moment == null) {
                        throw lines.damage("has '" + Shown.text(when) + "' for a "
                                + (columns.unit() == Moment.Unit.FRAME ? "frame, which is a whole number" : "second")
                                + (when.contains(",") ? "; write decimals with a point" : ""));
                    }
                    moments.put(when, moment);
                }
                String label = columns.label() < 0 ? "" : fields.get(columns.label());
                boolean none = label.isEmpty() || kind.numbered() && label.equals("-1");
                String name = none || columns.name() < 0 ? "" : fields.get(columns.name());
                String person = columns.person() < 0 ? "" : fields.get(columns.person());
                int[] box = columns.box();
                to.row(new BoxRow(
                        video,
                        moment,
                        columns.corners(lines, fields),
                        fields.get(box[0]) + "," + fields.get(box[1]) + "," + fields.get(box[2]) + ","
                                + fields.get(box[3]),
                        kind.unit(),
                        none || !kind.numbered() ? null : Integer.valueOf(label),
                        none ? null : !kind.numbered() ? label : name.isEmpty() ? null : name,
                        columns.score() < 0 || fields.get(columns.score()).isEmpty()
                                ? null
                                : (Double) lines.number(fields.get(columns.score()), "a score"),
                        person.isEmpty() ? null : person,
                        source,
                        lines.number()));
            }
        }
    }
}
