package maskfeat.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The properties of a terminal.
 *
 * @param interactive whether a line can be redrawn there
 * @param columns characters per line
 */
public record Terminal(boolean interactive, int columns) {
    private static final int USUAL_COLUMNS = 80;
    private static final Path STDOUT = Path.of("/proc/self/fd/1");
    private static final Path STDERR = Path.of("/proc/self/fd/2");

    public Terminal {
        if (columns < 1) {
            throw new IllegalArgumentException("a terminal has at least one column, got " + columns);
        }
    }

    /** The terminal behind standard error, as {@code COLUMNS} and {@code TERM} describe it. */
    public static Terminal ofStderr() {
        return of(isTerminal(STDERR), System.getenv());
    }

    /**
     * How wide lines of results may be: as {@code COLUMNS} says, else as wide as a terminal behind standard output; empty for a
     * file or a pipe, whose lines may have any length.
     */
    public static OptionalInt columnsOfStdout() {
        Map<String, String> environment = System.getenv();
        return environment.getOrDefault("COLUMNS", "").isEmpty() && !isTerminal(STDOUT)
                ? OptionalInt.empty()
                : OptionalInt.of(of(true, environment).columns());
    }

    /** What an environment says, by {@code COLUMNS} and {@code TERM}; 80 columns where it says nothing. */
    public static Terminal of(boolean interactive, Map<String, String> environment) {
        boolean dumb = "dumb".equals(environment.get("TERM"));
        return new Terminal(interactive && !dumb, columns(environment.getOrDefault("COLUMNS", "")));
    }

    private static int columns(String text) {
        // Four digits at most: enough for any terminal, and no overflow.
        int columns = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
        return columns > 0 ? columns : USUAL_COLUMNS;
    }

    /** Preferred over {@link System#console}, which checks stdin and stdout instead. */
    private static boolean isTerminal(Path stream) {
        if (!Files.exists(stream)) {
            return consoleIsTerminal();
        }
        try {
            String device = stream.toRealPath().toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
        } catch (IOException e) {
            return false; // a pipe has no path
        }
    }

    @SuppressWarnings("SystemConsoleNull") // Java 22 to 24 have a console for a pipe too: a line is redrawn there
    private static boolean consoleIsTerminal() {
        return System.console() != null;
    }
}
