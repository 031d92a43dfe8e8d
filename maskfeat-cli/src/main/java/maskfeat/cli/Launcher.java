package maskfeat.cli;

import java.nio.file.Path;

/** Lines to be pasted into a shell. */
final class Launcher {
    private Launcher() {}

    /** How this program was started, such as {@code ./maskfeat}, as its script says; its name where no script did. */
    static String name() {
        return word(System.getProperty("maskfeat.launcher", "maskfeat"));
    }

    /** A path as one word of a line. */
    static String word(Path path) {
        return word(path.toString());
    }

    /** A text as one word of a line: in quotes where it is empty or a shell would take it apart. */
    static String word(String text) {
        return text.matches("[\\w./:@%+,=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
