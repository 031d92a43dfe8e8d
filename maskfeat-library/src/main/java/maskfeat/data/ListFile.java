package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import maskfeat.archive.Archives;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.disk.Uris;
import org.jspecify.annotations.Nullable;

/**
 * A list file as Kinetics and its users have them: one {@code path}, {@code path label} or {@code path other label} a
 * line, label a whole number from 0, or -1 where a file has none. The other column (a frame's name, a number of frames) is
 * not used.
 *
 * <p>What stands between the columns may be spaces, tabs, a comma or a semicolon. A path may hold spaces; one that ends
 * in something that looks like a column goes into double quotes. The other column is seen where it is a whole number or
 * where the path before it ends as images and videos do. Relative paths start at the list file's folder. Empty lines and
 * lines that begin with {@code #} are left out. Either all lines have a column for labels or none has.
 *
 * <p>Labels may be names instead of numbers, where the path ends as images and videos do or two columns are divided by
 * more than a space. A first line that names the columns, such as {@code path,label}, says which is which. What would be
 * read as something that it is not, such as two labels a line, is refused.
 *
 * @param path of the list
 * @param rows the lines that name a file, in order
 * @param classes names by label, empty where there are none
 * @param notices what a person should know of how it was read, a sentence each
 */
record ListFile(Path path, List<Row> rows, List<String> classes, List<String> notices) {
    /** More classes than any data set has; a name for each must fit into memory. */
    static final int MOST_CLASSES = 1_000_000;

    /** A video of one frame has no length to count. */
    private static final int LEAST_FRAMES = 2;

    private static final Pattern QUOTED = Pattern.compile(
            "\"((?:[^\"]|\"\")+)\"(?:(?:[\\s,;]+(?<other>\"[^\"]*\"|[^\\s,;]+))?[\\s,;]+(?<label>-?\\d+))?");
    private static final Pattern PLAIN = Pattern.compile("(.+?)(?:(?:\\s*[,;]\\s*|\\s+)(?<label>-?\\d+))?");
    private static final Pattern OTHER = Pattern.compile("(.+?)(?:\\s*[,;]\\s*|\\s+)([^\\s,;]+)");
    private static final Pattern NAMED = Pattern.compile("(.+\\.(\\w{2,5}))(?:\\s*[,;]\\s*|\\s+)(\\S.*)");
    private static final Pattern NUMBERS = Pattern.compile("[-+]?\\d[-+\\d.,;:|/\\seE]*");
    private static final Pattern HMDB51 = Pattern.compile("(.+)_test_split\\d\\.txt");
    private static final Pattern DOUBTFUL = Pattern.compile("[\\s,;|\\\\]|^[A-Za-z]:");
    private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:[\\\\/].*");

    ListFile {
        rows = List.copyOf(rows);
        classes = List.copyOf(classes);
        notices = List.copyOf(notices);
    }

    /**
     * A line that names a file.
     *
     * @param line number, from 1
     * @param item the file and its label
     */
    record Row(int line, Item item) {}

    /** A line, and the parts that were found in it. */
    private record Parts(
            int line,
            String path,
            @Nullable String other,
            @Nullable String label) {
        Parts(int line, String path, @Nullable String label) {
            this(line, path, null, label);
        }
    }

    /** A line that is neither empty nor a remark. */
    private record Line(int number, String text) {}

    /**
     * Reads a list.
     *
     * @throws DatasetException naming file and line
     */
    static ListFile read(Path file) throws IOException {
        List<Line> lines = entries(file);
        checkKnown(file, lines);
        List<String> notices = new ArrayList<>();
        Optional<ListColumns> header = lines.isEmpty()
                ? Optional.empty()
                : ListColumns.of(place(file, lines.get(0)), lines.get(0).text());
        // One word alone may be a file of that name.
        boolean hasHeader = header.isPresent()
                && !(header.get().names().size() == 1
                        && exists(file, lines.get(0).text()));
        List<Parts> parts = hasHeader
                ? underHeader(file, header.orElseThrow(), lines, notices)
                : withoutHeader(file, lines, notices);
        if (parts.isEmpty()) {
            throw new DatasetException(file + " names no file; it should hold a line 'path' or 'path label' for each");
        }
        return of(file, parts, notices);
    }

    /**
     * Reads a list whose files are wanted.
     *
     * @throws DatasetException naming file and line, also if none of its files is there and what was taken for a path may be
     *     more than one
     */
    static ListFile open(Path file) throws IOException {
        ListFile list = read(file);
        Row first = list.rows.get(0);
        Path folder = file.toAbsolutePath().resolveSibling("");
        Path named = first.item().file();
        Path inFolder = Uris.liesIn(folder, named) ? folder.relativize(named) : named;
        if (DOUBTFUL.matcher(inFolder.toString()).find()
                && list.rows.stream().noneMatch(row -> Files.exists(row.item().file()))) {
            String text = entries(file).stream()
                    .filter(line -> line.number() == first.line())
                    .map(Line::text)
                    .findFirst()
                    .orElseThrow();
            throw new DatasetException(file + ":" + first.line() + ": of the " + Plural.of(list.rows.size(), "file")
                    + " that the list names none is there; '" + text + "' was looked for as "
                    + PathText.of(first.item().file())
                    + (DRIVE.matcher(text).matches()
                            ? "; it is a path of Windows: write paths from the list's folder"
                            : "; a line is 'path', 'path label' or begins with a header such as path,label, and paths start"
                                    + " at the list's folder"));
        }
        return list;
    }

    List<Item> items() {
        return rows.stream().map(Row::item).toList();
    }

    /** Where an item of a list stands, for messages: file and line. */
    static String place(Path file, int index) throws IOException {
        return file + ":" + read(file).rows.get(index).line();
    }

    /** Whether a file is a list with labels, or seems to be one and has mistakes; one of anything else is none. */
    static boolean isLabelled(Path file) throws IOException {
        try {
            List<Line> lines = entries(file);
            if (lines.isEmpty()) {
                return false;
            }
            String first = lines.get(0).text();
            Matcher columns = (isQuoted(first) ? QUOTED : PLAIN).matcher(first);
            boolean hasLabel = columns.matches() && columns.group("label") != null;
            return hasLabel
                    || ListColumns.of(place(file, lines.get(0)), first)
                            .filter(header -> header.label() >= 0)
                            .isPresent()
                    || !read(file).classes.isEmpty();
        } catch (DatasetException notAList) {
            return false;
        }
    }

    /** Whether the first line of a file names a file that is there. */
    static boolean namesFiles(Path file) throws IOException {
        try {
            return Files.exists(read(file).rows.get(0).item().file());
        } catch (DatasetException notAList) {
            return false;
        }
    }

    private static List<Line> entries(Path file) throws IOException {
        List<Line> entries = new ArrayList<>();
        int number = 0;
        for (String raw : ListText.lines(file)) {
            number++;
            String line = raw.strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                entries.add(new Line(number, line));
            }
        }
        return entries;
    }

    private static String place(Path file, Line line) {
        return file + ":" + line.number();
    }

    /** Lists of published data sets whose columns mean something else. */
    private static void checkKnown(Path file, List<Line> lines) throws DatasetException {
        Matcher name = HMDB51.matcher(String.valueOf(file.getFileName()));
        if (name.matches() && lines.stream().allMatch(line -> line.text().matches(".+\\s[012]"))) {
            throw new DatasetException(file + " is a part of HMDB51 for the one class '" + name.group(1)
                    + "': 1 stands for training, 2 for testing and 0 for neither, and not for classes. Write the lines with"
                    + " 1 of all these files into train.csv and those with 2 into val.csv, each as"
                    + " 'CLASS/name.avi,CLASS', and give their folder");
        }
    }

    // ---- with a header ---------------------------------------------------------------------------------------------

    private static List<Parts> underHeader(Path file, ListColumns columns, List<Line> lines, List<String> notices)
            throws DatasetException {
        List<Parts> parts = new ArrayList<>();
        Map<String, Integer> splits = new LinkedHashMap<>();
        for (Line line : lines.subList(1, lines.size())) {
            List<String> cells = columns.cells(line.text())
                    .orElseThrow(() -> new DatasetException(place(file, line) + ": expected the "
                            + Plural.of(columns.names().size(), "column") + " of the header, "
                            + String.join(", ", columns.names())
                            + "; found '" + line.text() + "'; what holds a separator goes into double quotes"));
            String label = columns.label() < 0 ? null : cells.get(columns.label());
            if (cells.get(columns.path()).isEmpty() || label != null && label.isEmpty()) {
                throw new DatasetException(place(file, line) + ": the column '"
                        + columns.names().get(label == null || !label.isEmpty() ? columns.path() : columns.label())
                        + "' is empty");
            }
            if (columns.split() >= 0) {
                splits.merge(cells.get(columns.split()), 1, Integer::sum);
            }
            parts.add(new Parts(line.number(), cells.get(columns.path()), label));
        }
        if (splits.size() > 1) {
            throw new DatasetException(file + " lists several parts of a data set in its column '"
                    + columns.names().get(columns.split()) + "', " + splits
                    + ", which would be one; make a list of each, such as train.csv and val.csv");
        }
        if (!columns.unused().isEmpty()) {
            notices.add(file + ": of the header's columns, " + String.join(", ", columns.unused()) + " "
                    + (columns.unused().size() == 1 ? "is" : "are") + " not used");
        }
        return parts;
    }

    // ---- without a header ------------------------------------------------------------------------------------------

    private static List<Parts> withoutHeader(Path file, List<Line> lines, List<String> notices) throws IOException {
        List<Parts> numbered = new ArrayList<>();
        DatasetException broken = null;
        for (Line line : lines) {
            Optional<Parts> columns = numbered(line);
            if (columns.isEmpty()) {
                broken = new DatasetException(place(file, line)
                        + ": expected 'path', 'path label' or 'path other label', found '" + line.text() + "'");
                break;
            }
            numbered.add(columns.get());
        }
        if (numbered.stream().noneMatch(columns -> columns.label() != null)) {
            Optional<List<Parts>> named = named(file, lines);
            if (named.isPresent()) {
                return named.get();
            }
        }
        if (broken != null) {
            throw broken;
        }
        boolean isLabelled = !numbered.isEmpty() && numbered.get(0).label() != null;
        for (Parts line : numbered) {
            if ((line.label() != null) != isLabelled) {
                throw new DatasetException(file + ":" + line.line() + ": " + (isLabelled ? "no label" : "a label")
                        + " here, unlike in the lines before; either all lines have one or none");
            }
        }
        checkOthers(file, numbered, notices);
        return numbered;
    }

    /** A line whose label is a number, or that has none. */
    private static Optional<Parts> numbered(Line line) {
        boolean quoted = isQuoted(line.text());
        Matcher columns = (quoted ? QUOTED : PLAIN).matcher(line.text());
        if (!columns.matches()) {
            return quotedLabel(line);
        }
        String path = columns.group(1);
        String label = columns.group("label");
        if (quoted) {
            return Optional.of(new Parts(line.number(), path.replace("\"\"", "\""), columns.group("other"), label));
        }
        if (label == null) {
            return quotedLabel(line).or(() -> Optional.of(new Parts(line.number(), path, null)));
        }
        Matcher three = OTHER.matcher(path);
        boolean hasOther =
                three.matches() && (isMedia(three.group(1)) || three.group(2).matches("\\d+"));
        return Optional.of(
                hasOther
                        ? new Parts(line.number(), three.group(1), three.group(2), label)
                        : new Parts(line.number(), path, label));
    }

    /** A path and a number in quotes, as spreadsheets write them. */
    private static Optional<Parts> quotedLabel(Line line) {
        if (!line.text().endsWith("\"")) {
            return Optional.empty();
        }
        return ListColumns.cells(line.text(), ListColumns.separator(line.text()))
                .filter(cells -> cells.size() == 2
                        && cells.get(1).matches("-?\\d+")
                        && !cells.get(0).isEmpty())
                .map(cells -> new Parts(line.number(), cells.get(0), cells.get(1)));
    }

    private static boolean isQuoted(String line) {
        return line.startsWith("\"");
    }

    /** Whether a name ends as images and videos do. */
    static boolean isMedia(String path) {
        String ending = FolderWalk.ending(path);
        return VideoDataset.ENDINGS.contains(ending) || ImageDataset.ENDINGS.contains(ending);
    }

    /** The lines, if all of them have the name of a class for a label. */
    private static Optional<List<Parts>> named(Path file, List<Line> lines) throws DatasetException {
        List<Parts> parts = new ArrayList<>();
        for (Line line : lines) {
            Optional<Parts> columns = named(file, line);
            if (columns.isEmpty()) {
                return Optional.empty();
            }
            parts.add(columns.get());
        }
        return Optional.of(parts);
    }

    private static Optional<Parts> named(Path file, Line line) throws DatasetException {
        char separator = ListColumns.separator(line.text());
        if (separator != ' ') {
            List<String> cells = ListColumns.cells(line.text(), separator).orElse(List.of()).stream()
                    .filter(cell -> !cell.isEmpty())
                    .toList();
            if (cells.size() > 2 && isMedia(cells.get(0))) {
                throw new DatasetException(place(file, line) + ": " + cells.size() + " columns, and no header says what"
                        + " they are: write 'path,label', or begin with a header such as path,label,other; found '"
                        + line.text() + "'");
            }
            if (cells.size() == 2
                    && !isMedia(cells.get(1))
                    && (isMedia(cells.get(0)) || exists(file, cells.get(0)) && !exists(file, line.text()))) {
                return Optional.of(new Parts(line.number(), cells.get(0), cells.get(1)));
            }
        }
        Matcher columns = NAMED.matcher(line.text());
        return columns.matches()
                        && isMedia(columns.group(1))
                        && !isMedia(columns.group(3))
                        && !isQuoted(line.text())
                        && !exists(file, line.text())
                ? Optional.of(new Parts(line.number(), columns.group(1), columns.group(3)))
                : Optional.empty();
    }

    private static boolean exists(Path file, String path) {
        try {
            return Files.exists(Archives.within(PathText.listed(file.toAbsolutePath(), path)));
        } catch (InvalidPathException none) {
            return false;
        }
    }

    /** Whether the columns between path and label are what they are taken for: names or numbers of frames. */
    private static void checkOthers(Path file, List<Parts> lines, List<String> notices) throws DatasetException {
        List<Parts> with = lines.stream()
                .filter(line -> line.other() != null && !"-1".equals(line.label()))
                .toList();
        int mostLabel =
                with.stream().mapToInt(line -> count(line.label())).max().orElse(0);
        int mostOther =
                with.stream().mapToInt(line -> count(line.other())).max().orElse(0);
        for (Parts line : with) {
            Matcher more = OTHER.matcher(line.path());
            if (more.matches()
                    && more.group(2).matches("-?\\d+")
                    && (isMedia(more.group(1)) || !exists(file, line.path()) && exists(file, more.group(1)))) {
                throw new DatasetException(file + ":" + line.line() + ": three numbers after the path '" + more.group(1)
                        + "'; write 'path label', or begin with a header such as path,start,frames,label");
            }
            boolean number = String.valueOf(line.other()).matches("\\d+");
            if (number && (count(line.other()) < LEAST_FRAMES || isMedia(line.path()) && mostOther <= mostLabel)) {
                throw new DatasetException(file + ":" + line.line() + ": two numbers after the path, " + line.other()
                        + " and " + line.label()
                        + ": the first is no number of frames, and an item has one label alone;"
                        + " write 'path label', or begin with a header such as path,label,other");
            }
        }
        with.stream()
                .filter(line -> !isMedia(String.valueOf(line.other())))
                .findFirst()
                .ifPresent(line -> {
                    boolean number = String.valueOf(line.other()).matches("\\d+");
                    notices.add(file + ": the column in the middle, such as '" + line.other() + "', is "
                            + (number ? "taken for a number of frames and " : "")
                            + "not used; labels are the last column");
                });
    }

    private static int count(@Nullable String number) {
        return number != null && number.matches("\\d{1,9}") ? Integer.parseInt(number) : Integer.MAX_VALUE;
    }

    // ---- items -----------------------------------------------------------------------------------------------------

    private static ListFile of(Path file, List<Parts> parts, List<String> notices) throws DatasetException {
        boolean named = parts.stream()
                .anyMatch(line -> line.label() != null && !line.label().matches("-?\\d+"));
        List<String> names = named ? names(file, parts, notices) : List.of();
        Map<String, Integer> numbers = new HashMap<>();
        names.forEach(name -> numbers.put(name, numbers.size()));
        List<Row> rows = new ArrayList<>();
        boolean[] slashed = {false};
        for (Parts line : parts) {
            String place = file + ":" + line.line();
            int label = line.label() == null
                    ? Item.UNLABELLED
                    : named ? numbers.getOrDefault(line.label(), Item.UNLABELLED) : label(place, line.label());
            rows.add(new Row(line.line(), new Item(path(file, line, slashed), label)));
        }
        if (slashed[0]) {
            notices.add(file + ": backslashes in its paths are read as slashes");
        }
        int most = rows.stream().mapToInt(row -> row.item().label()).max().orElse(Item.UNLABELLED);
        List<String> classes = named
                ? names
                : IntStream.rangeClosed(0, most).mapToObj(Integer::toString).toList();
        return new ListFile(file, rows, classes, notices);
    }

    private static List<String> names(Path file, List<Parts> parts, List<String> notices) throws DatasetException {
        TreeSet<String> names = new TreeSet<>();
        boolean allNumbers = parts.stream()
                .allMatch(line -> NUMBERS.matcher(String.valueOf(line.label())).matches());
        for (Parts line : parts) {
            String label = String.valueOf(line.label());
            if (allNumbers && !label.matches("-?\\d+")) {
                throw new DatasetException(file + ":" + line.line() + ": label '" + label
                        + "' is neither a whole number from 0 nor the name of a class; an item has one label alone");
            }
            names.add(label);
        }
        notices.add(file + " names its classes: " + names.size() + " in all, in the order of their names, "
                + ClassNames.few(ClassNames.quoted(List.copyOf(names))));
        return List.copyOf(names);
    }

    private static Path path(Path file, Parts line, boolean[] slashed) throws DatasetException {
        try {
            Path literal = Archives.within(PathText.listed(file.toAbsolutePath(), line.path()));
            if (line.path().indexOf('\\') < 0 || Files.exists(literal)) {
                return literal;
            }
            slashed[0] = true;
            return Archives.within(
                    PathText.listed(file.toAbsolutePath(), line.path().replace('\\', '/')));
        } catch (InvalidPathException bad) {
            throw new DatasetException(file + ":" + line.line() + ": '" + line.path() + "' is not a path: "
                    + bad.getReason() + "; mend the line, or take it out");
        }
    }

    private static int label(String place, String text) throws DatasetException {
        int label;
        try {
            label = Integer.parseInt(text);
        } catch (NumberFormatException tooLarge) {
            label = Integer.MIN_VALUE;
        }
        if (label < Item.UNLABELLED) {
            throw new DatasetException(place + ": label " + text
                    + " must be a whole number from 0, or -1 for none; leave the column out where there are no labels");
        }
        if (label >= MOST_CLASSES) {
            throw new DatasetException(place + ": label " + text + " is larger than the largest number of a class, "
                    + (MOST_CLASSES - 1) + "; number the classes from 0, or write their names");
        }
        return label;
    }
}
