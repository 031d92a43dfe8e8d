package maskfeat.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The names of classes: reading them, and naming them in messages. */
final class ClassNames {
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
            throw new NoSuchFileException(file.toString(), null, "there is no such file of class names");
        }
        List<String> names = new ArrayList<>();
        for (String line : ListFile.lines(file)) {
            names.add((names.isEmpty() ? ListFile.withoutMark(line) : line).strip());
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
            Integer before = lines.putIfAbsent(names.get(label), line);
            if (before != null) {
                throw new DatasetException(file + ":" + line + ": '" + names.get(label) + "' is the name of line "
                        + before + " too; each class needs its own");
            }
        }
        return names;
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
