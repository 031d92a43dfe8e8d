package maskfeat.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import maskfeat.disk.PathText;
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
 */
final class ListFile {
    private static final Pattern QUOTED =
            Pattern.compile("\"((?:[^\"]|\"\")+)\"(?:(?:[\\s,;]+(?:\"[^\"]*\"|[^\\s,;]+))?[\\s,;]+(-?\\d+))?");
    private static final Pattern PLAIN = Pattern.compile("(.+?)(?:(?:\\s*[,;]\\s*|\\s+)(-?\\d+))?");
    private static final Pattern OTHER = Pattern.compile("(.+?)(?:\\s*[,;]\\s*|\\s+)([^\\s,;]+)");

    private ListFile() {}

    /** @throws DatasetException naming file and line */
    static List<Item> read(Path file) throws IOException {
        List<Item> items = new ArrayList<>();
        boolean labelled = false;
        for (Line entry : entries(file)) {
            int number = entry.number();
            String line = entry.text();
            Matcher columns = columns(file, number, line);
            boolean hasLabel = columns.group(2) != null;
            if (!items.isEmpty() && hasLabel != labelled) {
                throw new DatasetException(file + ":" + number + ": " + (hasLabel ? "a label" : "no label")
                        + " here, unlike in the lines before; either all lines have one or none");
            }
            labelled = hasLabel;
            items.add(item(file, number, columns));
        }
        if (items.isEmpty()) {
            throw new DatasetException(file + " names no file; it should hold a line 'path' or 'path label' for each");
        }
        return items;
    }

    /** A line that names a file. */
    private record Line(int number, String text) {}

    private static List<Line> entries(Path file) throws IOException {
        List<Line> entries = new ArrayList<>();
        int number = 0;
        for (String raw : lines(file)) {
            number++;
            String line = (number == 1 ? withoutMark(raw) : raw).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                entries.add(new Line(number, line));
            }
        }
        return entries;
    }

    /** The first line of a text, as Windows may begin it. */
    static String withoutMark(String line) {
        return line.startsWith("\uFEFF") ? line.substring(1) : line;
    }

    /** Where an item of the list stands, for messages: file and line. */
    static String place(Path file, int index) throws IOException {
        return file + ":" + entries(file).get(index).number();
    }

    /** Whether a file is a list whose first line has a label; one of anything else is none. */
    static boolean isLabelled(Path file) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            String line = withoutMark(String.valueOf(reader.readLine())).strip();
            while (line.isEmpty() || line.startsWith("#")) {
                line = String.valueOf(reader.readLine()).strip();
            }
            Matcher columns = (isQuoted(line) ? QUOTED : PLAIN).matcher(line);
            return columns.matches() && columns.group(2) != null;
        } catch (CharacterCodingException notText) {
            return false;
        }
    }

    static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException notText) {
            throw new DatasetException(file + " is not a list of files: it is no text in UTF-8; give a folder,"
                    + " or a list saved as UTF-8");
        }
    }

    private static Matcher columns(Path file, int number, String line) throws DatasetException {
        Matcher columns = (isQuoted(line) ? QUOTED : PLAIN).matcher(line);
        if (!columns.matches()) {
            throw new DatasetException(file + ":" + number
                    + ": expected 'path', 'path label' or 'path other label', found '" + line + "'");
        }
        return columns;
    }

    private static boolean isQuoted(String line) {
        return line.startsWith("\"");
    }

    private static Item item(Path file, int number, Matcher columns) throws DatasetException {
        String path = columns.group(1);
        if (isQuoted(columns.group())) {
            path = path.replace("\"\"", "\"");
        } else if (columns.group(2) != null) {
            path = withoutOther(path);
        }
        try {
            return new Item(PathText.beside(file.toAbsolutePath(), path), label(file, number, columns.group(2)));
        } catch (InvalidPathException bad) {
            throw new DatasetException(file + ":" + number + ": '" + path + "' is not a path: " + bad.getReason());
        }
    }

    private static String withoutOther(String path) {
        Matcher three = OTHER.matcher(path);
        if (!three.matches()) {
            return path;
        }
        String ending =
                three.group(1).substring(three.group(1).lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        boolean isFile = VideoDataset.ENDINGS.contains(ending) || ImageDataset.ENDINGS.contains(ending);
        return isFile || three.group(2).matches("\\d+") ? three.group(1) : path;
    }

    private static int label(Path file, int number, @Nullable String text) throws DatasetException {
        if (text == null) {
            return Item.UNLABELLED;
        }
        try {
            int label = Integer.parseInt(text);
            if (label >= Item.UNLABELLED) {
                return label;
            }
        } catch (NumberFormatException tooLarge) {
            // said below
        }
        throw new DatasetException(file + ":" + number + ": label " + text
                + " must be a whole number from 0, or -1 for none; leave the column out where there are no labels");
    }

    /** A name for each label up to the largest: its number. */
    static List<String> classes(List<Item> items) {
        int most = items.stream().mapToInt(Item::label).max().orElse(Item.UNLABELLED);
        return IntStream.rangeClosed(0, most).mapToObj(Integer::toString).toList();
    }
}
