package maskfeat.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import maskfeat.disk.PathText;

/** Lines to be pasted into a shell. */
final class Launcher {
    private static final String PROGRAM = "maskfeat";

    private Launcher() {}

    /** How this program was started, such as {@code ./maskfeat}, as its script says; its name where no script did. */
    static String name() {
        return word(System.getProperty("maskfeat.launcher", PROGRAM));
    }

    /** The program as it was started, in place of the name that it has in a text such as {@code maskfeat data scan}. */
    static String named(String command) {
        return command.equals(PROGRAM) || command.startsWith(PROGRAM + " ")
                ? name() + command.substring(PROGRAM.length())
                : command;
    }

    /** A message whose quoted commands, which the library calls by the program's usual name, begin as it was started. */
    static String inQuotes(String message) {
        return message.replace("'" + PROGRAM + " ", "'" + name() + " ");
    }

    /** A text that is one word of a line, whatever it holds. */
    record Word(String text) {}

    /**
     * Words of a line.
     *
     * @param words paths and {@link Word}s become one word each, other texts are taken as they are
     */
    static String line(Object... words) {
        return Arrays.stream(words)
                .map(word -> word instanceof Path path
                        ? word(path)
                        : word instanceof Word one ? word(one.text()) : word.toString())
                .filter(word -> !word.isEmpty())
                .collect(Collectors.joining(" "));
    }

    /** The line that shows a page or a folder on the desktop. */
    static String opening(Path page) {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return (system.startsWith("mac") ? "open " : system.startsWith("windows") ? "explorer " : "xdg-open ")
                + word(page);
    }

    /** A path as one word of a line. */
    static String word(Path path) {
        return word(PathText.of(path));
    }

    /** A text as one word of a line: in quotes where it is empty or a shell would take it apart. */
    static String word(String text) {
        return text.matches("[\\w./:@%+,=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
