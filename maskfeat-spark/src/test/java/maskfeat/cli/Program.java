package maskfeat.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** The program's own commands, whose results those of Spark are compared with. */
public final class Program {
    private Program() {}

    /**
     * Runs a command.
     *
     * @return what it printed
     */
    public static String run(int code, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Commands.line();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        int ended = line.execute(args);
        if (ended != code) {
            throw new AssertionError(String.join(" ", args) + " ended with " + ended + ": " + err);
        }
        return out.toString();
    }
}
