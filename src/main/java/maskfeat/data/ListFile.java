package maskfeat.data;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A list file: one {@code path} or {@code path label} a line, label a whole number from 0.
 *
 * <p>What stands between the two may be spaces, tabs, a comma or a semicolon. A path may hold spaces; one that ends in
 * something that looks like a label goes into double quotes. Relative paths start at the list file's folder. Empty
 * lines and lines that begin with {@code #} are left out. Either all lines have a label or none has.
 */
final class ListFile {
    private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"]|\"\")+)\"(?:[\\s,;]+(-?\\d+))?");
    private static final Pattern PLAIN = Pattern.compile("(.+?)(?:(?:\\s*[,;]\\s*|\\s+)(-?\\d+))?");

    private ListFile() {}

    /** @throws DatasetException naming file and line */
    static List<Item> read(Path file) throws IOException {
        List<Item> items = new ArrayList<>();
        int number = 0;
        for (String raw : lines(file)) {
            number++;
            String line = (number == 1 && raw.startsWith("\uFEFF") ? raw.substring(1) : raw).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            Item item = parse(file, number, line);
            if (!items.isEmpty() && (items.get(0).label() < 0) != (item.label() < 0)) {
                throw new DatasetException(file + ":" + number + ": " + (item.label() < 0 ? "no label" : "a label")
                        + " here, unlike in the lines before; either all lines have one or none");
            }
            items.add(item);
        }
        if (items.isEmpty()) {
            throw new DatasetException(file + " names no file; it should hold a line 'path' or 'path label' for each");
        }
        return items;
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException notText) {
            throw new DatasetException(
                    file + " is not a list of files: it is no text in UTF-8; give a folder of images,"
                            + " or a list saved as UTF-8");
        }
    }

    private static Item parse(Path file, int number, String line) throws DatasetException {
        Matcher quoted = QUOTED.matcher(line);
        Matcher plain = PLAIN.matcher(line);
        boolean isQuoted = line.startsWith("\"");
        Matcher match = isQuoted ? quoted : plain;
        if (!match.matches()) {
            throw new DatasetException(file + ":" + number + ": expected 'path' or 'path label', found '" + line + "'");
        }
        String path = isQuoted ? match.group(1).replace("\"\"", "\"") : match.group(1);
        int label = Item.UNLABELLED;
        if (match.group(2) != null) {
            try {
                label = Integer.parseInt(match.group(2));
            } catch (NumberFormatException tooLarge) {
                label = Item.UNLABELLED;
            }
            if (label < 0) {
                throw new DatasetException(file + ":" + number + ": label " + match.group(2)
                        + " must be a whole number from 0; leave the column out where there are no labels");
            }
        }
        try {
            return new Item(file.toAbsolutePath().resolveSibling(path), label);
        } catch (InvalidPathException bad) {
            throw new DatasetException(file + ":" + number + ": '" + path + "' is not a path: " + bad.getReason());
        }
    }
}
