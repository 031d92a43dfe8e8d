package maskfeat.cli;

import java.io.PrintWriter;
import maskfeat.disk.Printable;
import maskfeat.report.Terminal;
import maskfeat.report.WrappedText;
import picocli.CommandLine.Help.Ansi;

/** Errors as they are printed: at a terminal in lines of its width, elsewhere in one line, so that they can be searched. */
final class ErrorText {
    private static final String HEAD = "error: ";
    private static final int INDENT = 2;

    private ErrorText() {}

    /**
     * What is wrong, behind "error: ".
     *
     * @param mark what stands before that
     */
    static void print(PrintWriter to, String mark, String message) {
        to.println(mark
                + Ansi.AUTO.string("@|bold,red error:|@ ")
                + wrapped(message, mark.length() + HEAD.length(), Terminal.ofStderr()));
    }

    /** What belongs to it. */
    static void more(PrintWriter to, String message) {
        to.println(wrapped(message, 0, Terminal.ofStderr()));
    }

    /** @param taken characters that stand before it on its first line */
    static String wrapped(String message, int taken, Terminal terminal) {
        String line = Printable.text(Launcher.inQuotes(message));
        return terminal.interactive()
                ? WrappedText.hanging(line, terminal.columns(), taken, INDENT).replace("\n", System.lineSeparator())
                : line;
    }
}
