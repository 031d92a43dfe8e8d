package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import maskfeat.disk.PathText;

/**
 * The names of classes: reading them, comparing them and naming them in messages. Names that differ in how a letter is
 * composed alone are the same: macOS and other systems write {@code \u00e9} as one character or as two.
 */
public final class ClassNames {
    /** What lies beside a list file with the names of its classes. */
    static final String FILE = "classes.txt";

    private static final int FEW = 5;

    private ClassNames() {}

    /**
     * Reads a file whose line i, counted from 0, names label i.
     *
     * @throws DatasetException if there is none, a line is empty or a name comes twice
     */
    static List<String> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(PathText.shown(file), null, "there is no such file of class names");
        }
        List<String> names = new ArrayList<>();
        for (String line : ListText.lines(file)) {
            names.add(line.strip());
        }
        while (!names.isEmpty() && names.get(names.size() - 1).isEmpty()) {
            names.remove(names.size() - 1);
        }
        if (names.isEmpty()) {
            throw new DatasetException(file + " names no class; line i should name label i, counted from 0");
        }
        Map<String, Integer> lines = new HashMap<>();
        for (int label = 0; label < names.size(); label++) {
            int line = label + 1;
            if (names.get(label).isEmpty()) {
                throw new DatasetException(
                        file + ":" + line + ": an empty line where the name of label " + label + " should stand");
            }
            Integer before = lines.putIfAbsent(key(names.get(label)), line);
            if (before != null) {
                throw new DatasetException(file + ":" + line + ": '" + names.get(label) + "' is the name of line "
                        + before + " too; each class needs its own");
            }
        }
        return names;
    }

    /** What is equal for names that are the same: the composed form (Unicode's NFC). */
    static String key(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFC);
    }

    /** Whether these are the same names in the same order. */
    public static boolean same(List<String> some, List<String> others) {
        return some.size() == others.size()
                && IntStream.range(0, some.size())
                        .allMatch(i -> key(some.get(i)).equals(key(others.get(i))));
    }

    /**
     * Checks that names can be told apart.
     *
     * @param owner whose they are, for the message
     */
    static void checkDistinct(String owner, List<String> names) throws DatasetException {
        Map<String, String> keys = new HashMap<>();
        for (String name : names) {
            String before = keys.putIfAbsent(key(name), name);
            if (before != null) {
                throw new DatasetException(owner + " has two classes of the name '" + name + "' that differ only in how"
                        + " letters are composed, " + spelled(before) + " and " + spelled(name)
                        + "; merge or rename them");
            }
        }
    }

    private static String spelled(String name) {
        StringBuilder spelled = new StringBuilder();
        name.chars()
                .forEach(c ->
                        spelled.append(c < 128 ? String.valueOf((char) c) : String.format(Locale.ROOT, "\\u%04x", c)));
        return spelled.toString();
    }

    /** The number that a name is, whatever zeros it begins with; -1 if it is none. */
    static int number(String name) {
        return name.matches("0*\\d{1,9}") ? Integer.parseInt(name) : -1;
    }

    /** Whether the names are the labels themselves: 0, 1, 2, ... */
    static boolean areNumbers(List<String> names) {
        return IntStream.range(0, names.size())
                .allMatch(label -> names.get(label).equals(Integer.toString(label)));
    }

    /** The first few and how many more there are. */
    static String few(List<String> quoted) {
        String first = quoted.stream().limit(FEW).collect(Collectors.joining(", "));
        return quoted.size() <= FEW ? first : first + " and " + (quoted.size() - FEW) + " more";
    }

    static String quoted(String name) {
        return "'" + name + "'";
    }

    static List<String> quoted(List<String> names) {
        return names.stream().map(ClassNames::quoted).toList();
    }

    /** The known name that takes the fewest changes of a character. */
    static String nearest(String name, List<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(other -> changes(name, other)))
                .orElseThrow();
    }

    /** Levenshtein's distance. */
    private static int changes(String a, String b) {
        int[] row = IntStream.rangeClosed(0, b.length()).toArray();
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
