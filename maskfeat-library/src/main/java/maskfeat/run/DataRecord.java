package maskfeat.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Plural;

/**
 * Which data a run is trained and measured on: {@code data.tsv} of its folder, a line for each item with its name, label, size
 * and time of change. A run that goes on with other data would be another run.
 */
final class DataRecord {
    static final String FILE = "data.tsv";

    private static final String HEADER = "# data of a run, version 1: set, name, label, bytes, changed (ms)";
    private static final int MOST_NAMED = 5;

    /** The set that features alone are measured on. */
    private static final String FEATURES = "features";

    /**
     * An item.
     *
     * @param key set and name
     * @param bytes size of the file; the number of files of a folder of frames
     * @param changed milliseconds since 1970
     */
    private record Line(String key, int label, long bytes, long changed) {
        boolean sameButForTime(Line other) {
            return label == other.label && bytes == other.bytes;
        }
    }

    private final List<Line> lines;

    private DataRecord(List<Line> lines) {
        this.lines = lines;
    }

    /** Of the data as they are now. */
    static DataRecord of(RunData data) {
        List<Line> lines = new ArrayList<>();
        add(lines, "train", data.train());
        data.validation().ifPresent(held -> add(lines, "validation", held));
        data.features().ifPresent(measured -> add(lines, FEATURES, measured));
        return new DataRecord(lines);
    }

    /** How many items there are, and a name for them that changes with any name, label or size. */
    String digest() {
        StringBuilder all = new StringBuilder();
        lines.forEach(line -> all.append(line.key)
                .append('\t')
                .append(line.label)
                .append('\t')
                .append(line.bytes)
                .append('\n'));
        return Plural.of(lines.size(), "item") + ", " + RankAgreement.shortName(all.toString());
    }

    private static void add(List<Line> lines, String set, Dataset data) {
        for (Item item : data.items()) {
            long bytes = -1;
            long changed = -1;
            try {
                BasicFileAttributes file = Files.readAttributes(item.file(), BasicFileAttributes.class);
                changed = file.lastModifiedTime().toMillis();
                bytes = file.isDirectory() ? count(item.file()) : file.size();
            } catch (IOException unreadable) {
                // Stays unknown: reading it will say what is wrong with it.
            }
            lines.add(new Line(set + "\t" + escaped(data.name(item)), data.content(item), bytes, changed));
        }
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    private static String escaped(String name) {
        return name.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    void write(Path folder) throws IOException {
        AtomicFile.writeText(folder.resolve(FILE), out -> {
            out.write(HEADER + "\n");
            for (Line line : lines) {
                out.write(line.key + "\t" + line.label + "\t" + line.bytes + "\t" + line.changed + "\n");
            }
        });
    }

    /**
     * What a run was begun on.
     *
     * @return empty for a run of a version that did not keep it
     */
    static Optional<DataRecord> read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        List<String> text = Files.readAllLines(file);
        if (text.isEmpty() || !text.get(0).equals(HEADER)) {
            throw new DamagedFile(file, "does not begin with '" + HEADER + "': a newer version may have written it");
        }
        List<Line> lines = new ArrayList<>();
        for (String line : text.subList(1, text.size())) {
            String[] parts = line.split("\t", -1);
            try {
                lines.add(new Line(
                        parts[0] + "\t" + parts[1],
                        Integer.parseInt(parts[2]),
                        Long.parseLong(parts[3]),
                        Long.parseLong(parts[4])));
            } catch (NumberFormatException | IndexOutOfBoundsException bad) {
                throw new DamagedFile(file, "has a line that is none of its own: '" + line + "'", bad);
            }
        }
        return Optional.of(new DataRecord(lines));
    }

    /**
     * What has changed.
     *
     * @param refused whether other weights may come of it
     * @param text half a sentence
     */
    record Change(boolean refused, String text) {}

    /** What has changed of the items that features alone are measured on, half a sentence, where there were some and are some. */
    Optional<String> featuresSince(DataRecord before) {
        DataRecord was = before.where(true);
        DataRecord is = where(true);
        return was.lines.isEmpty() || is.lines.isEmpty()
                ? Optional.empty()
                : is.changes(was).filter(Change::refused).map(Change::text);
    }

    private DataRecord where(boolean ofFeatures) {
        return new DataRecord(lines.stream()
                .filter(line -> line.key.startsWith(FEATURES + "\t") == ofFeatures)
                .toList());
    }

    /**
     * Compares the data of today, but for those that features alone are measured on, with those of the beginning. Where all names, labels and sizes are the same and the time of
     * every file is another, the data were copied.
     */
    Optional<Change> since(DataRecord before) {
        return where(false).changes(before.where(false));
    }

    private Optional<Change> changes(DataRecord before) {
        Map<String, Line> was = byKey(before.lines);
        Map<String, Line> is = byKey(lines);
        List<String> added = named(is, (key, line) -> !was.containsKey(key));
        List<String> removed = named(was, (key, line) -> !is.containsKey(key));
        List<String> other =
                named(is, (key, line) -> was.containsKey(key) && !was.get(key).sameButForTime(line));
        List<String> touched = named(
                is,
                (key, line) -> was.containsKey(key)
                        && was.get(key).sameButForTime(line)
                        && was.get(key).changed != line.changed);
        boolean copied = touched.size() == is.size() && lines.size() == before.lines.size();
        if (added.isEmpty() && removed.isEmpty() && other.isEmpty()) {
            if (copied) {
                return Optional.of(
                        new Change(false, "every file has another time of change, and names and sizes are the same"));
            }
            if (touched.isEmpty()) {
                boolean sameOrder = lines.size() == before.lines.size()
                        && List.copyOf(is.keySet()).equals(List.copyOf(was.keySet()));
                return sameOrder
                        ? Optional.empty()
                        : Optional.of(new Change(true, "the same items stand in another order or number"));
            }
        }
        List<String> parts = new ArrayList<>();
        tell(parts, "added", added);
        tell(parts, "removed", removed);
        tell(parts, "of another size, label or boxes", other);
        tell(parts, "written anew", copied ? List.of() : touched);
        return Optional.of(new Change(true, String.join("; ", parts)));
    }

    /** Items of one name, such as key frames of one video, are told apart by their number. */
    private static Map<String, Line> byKey(List<Line> lines) {
        Map<String, Line> byKey = new LinkedHashMap<>();
        Map<String, Integer> seen = new TreeMap<>();
        for (Line line : lines) {
            int number = seen.merge(line.key, 1, Integer::sum);
            byKey.put(number == 1 ? line.key : line.key + "\t" + number, line);
        }
        return byKey;
    }

    private static List<String> named(Map<String, Line> of, BiPredicate<String, Line> wanted) {
        return of.entrySet().stream()
                .filter(entry -> wanted.test(entry.getKey(), entry.getValue()))
                .map(entry -> entry.getKey().split("\t", 3)[1])
                .toList();
    }

    private static void tell(List<String> parts, String what, List<String> names) {
        if (!names.isEmpty()) {
            String more = names.size() > MOST_NAMED ? " and " + (names.size() - MOST_NAMED) + " more" : "";
            parts.add(names.size() + " " + what + " ("
                    + String.join(", ", names.subList(0, Math.min(MOST_NAMED, names.size()))) + more + ")");
        }
    }
}
