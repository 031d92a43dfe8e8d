package maskfeat.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The header of a list: which of its columns names the files, which their classes and which the part of the data set.
 *
 * @param names of the columns, as they stand there
 * @param separator between columns; a blank for any number of blanks
 * @param path number of the column
 * @param label number of the column; -1 where there is none
 * @param split number of the column; -1 where there is none
 */
record ListColumns(List<String> names, char separator, int path, int label, int split) {
    private static final Set<String> PATHS = Set.of(
            "path",
            "file",
            "filename",
            "filepath",
            "video",
            "videopath",
            "videofile",
            "image",
            "imagepath",
            "imagefile",
            "img",
            "imgpath",
            "clip",
            "clippath",
            "clipname",
            "videoname",
            "imagename",
            "frames",
            "location");
    private static final List<String> LABELS = List.of(
            "label",
            "labels",
            "class",
            "classname",
            "category",
            "target",
            "labelid",
            "classid",
            "labelname",
            "action",
            "y",
            "classlabel",
            "labelidx",
            "classidx",
            "categoryid");
    private static final Set<String> SPLITS = Set.of("split", "subset", "set", "partition", "fold", "usage");
    private static final String SEPARATORS = "\t,;|";
    private static final Pattern WORD = Pattern.compile("[\\p{L}_#][\\p{L}\\d_ .#()-]*|");

    /**
     * The columns, if a first line is a header.
     *
     * @throws DatasetException if it is one that does not say which column names the files
     */
    static Optional<ListColumns> of(String place, String line) throws DatasetException {
        char separator = separator(line);
        List<String> names = cells(line, separator).orElse(List.of());
        List<String> words = names.stream().map(ListColumns::word).toList();
        boolean areWords = names.stream().allMatch(name -> WORD.matcher(name).matches() && !ListFile.isMedia(name));
        if (!areWords) {
            return Optional.empty();
        }
        int path = first(words, PATHS);
        int label = LABELS.stream()
                .mapToInt(words::indexOf)
                .filter(i -> i >= 0)
                .findFirst()
                .orElse(-1);
        if (path < 0 && label >= 0 && names.size() > 1 && separator != ' ') {
            throw new DatasetException(place + ": the header '" + line + "' names no column of files; call that"
                    + " column path, or remove the header and write 'path label'");
        }
        boolean isHeader = path >= 0 && (label >= 0 || separator != ' ' || names.size() == 1);
        return isHeader
                ? Optional.of(new ListColumns(names, separator, path, label, first(words, SPLITS)))
                : Optional.empty();
    }

    private static int first(List<String> words, Set<String> some) {
        for (int i = 0; i < words.size(); i++) {
            if (some.contains(words.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private static String word(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[ _.-]", "");
    }

    /** The names of columns that are not used; without those that have none, as an index may have. */
    List<String> unused() {
        List<String> unused = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            if (i != path && i != label && i != split && !names.get(i).isEmpty()) {
                unused.add(names.get(i));
            }
        }
        return unused;
    }

    /** The cells of a line; empty if a quote is not closed or the line has another number of them. */
    Optional<List<String>> cells(String line) {
        return cells(line, separator).filter(cells -> cells.size() == names.size());
    }

    /** What stands between the columns of a line: the first of tab, comma, semicolon and bar that it has, or blanks. */
    static char separator(String line) {
        for (char separator : SEPARATORS.toCharArray()) {
            if (line.indexOf(separator) >= 0) {
                return separator;
            }
        }
        return ' ';
    }

    /** The cells of a line as RFC 4180 has them: quoted or not, a quote inside doubled. Empty if a quote is not closed. */
    static Optional<List<String>> cells(String line, char separator) {
        List<String> cells = new ArrayList<>();
        int at = 0;
        while (true) {
            while (at < line.length() && line.charAt(at) == ' ') {
                at++;
            }
            StringBuilder cell = new StringBuilder();
            if (at < line.length() && line.charAt(at) == '"') {
                at++;
                while (at < line.length() && (line.charAt(at) != '"' || line.startsWith("\"\"", at))) {
                    at += line.charAt(at) == '"' ? 1 : 0;
                    cell.append(line.charAt(at++));
                }
                if (at >= line.length()) {
                    return Optional.empty();
                }
                at++;
                while (separator != ' ' && at < line.length() && line.charAt(at) == ' ') {
                    at++;
                }
                if (at < line.length() && line.charAt(at) != separator) {
                    return Optional.empty();
                }
                cells.add(cell.toString());
            } else {
                while (at < line.length() && line.charAt(at) != separator) {
                    cell.append(line.charAt(at++));
                }
                cells.add(cell.toString().strip());
            }
            if (at >= line.length()) {
                return Optional.of(cells);
            }
            at++;
        }
    }
}
