package maskfeat.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where progress is shown.
 *
 * @param interactive whether a line can be redrawn there
 * @param columns characters in a line
 */
public record Terminal(boolean interactive, int columns) {
    private static final int USUAL_COLUMNS = 80;
    private static final Path STDERR = Path.of("/proc/self/fd/2");

    public Terminal {
        if (columns < 1) {
            throw new IllegalArgumentException("a terminal has at least one column, got " + columns);
        }
    }

    /** The terminal behind standard error, as {@code COLUMNS} and {@code TERM} describe it. */
    public static Terminal ofStderr() {
        return of(stderrIsTerminal(), System.getenv());
    }

    static Terminal of(boolean interactive, Map<String, String> environment) {
        boolean dumb = "dumb".equals(environment.get("TERM"));
        return new Terminal(interactive && !dumb, columns(environment.getOrDefault("COLUMNS", "")));
    }

    private static int columns(String text) {
        // Four digits: no terminal is wider, and no number that long overflows.
        int columns = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
        return columns > 0 ? columns : USUAL_COLUMNS;
    }

    /** {@link System#console} asks about stdin and stdout, so that it is second choice. */
    private static boolean stderrIsTerminal() {
        if (!Files.exists(STDERR)) {
            return consoleIsTerminal();
        }
        try {
            String device = STDERR.toRealPath().toString();
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
