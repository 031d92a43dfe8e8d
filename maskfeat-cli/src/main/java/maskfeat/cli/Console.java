package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import maskfeat.disk.Printable;
import maskfeat.network.OpenedWeights;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where a command prints.
 *
 * @param out results
 * @param err what is said beside them
 */
record Console(PrintWriter out, PrintWriter err) {
    static Console of(CommandSpec spec) {
        return new Console(spec.commandLine().getOut(), spec.commandLine().getErr());
    }

    /** Says something beside the results, after those so far. */
    void say(String line) {
        out.flush();
        err.println(Printable.text(line));
        err.flush();
    }

    /** Says what must be known of weights. */
    void sayNotes(OpenedWeights weights) {
        weights.notes().forEach(this::say);
    }

    /** Says that a file cannot be read. */
    void sayUnreadable(String before, Path file, IOException why) {
        String message = String.valueOf(why.getMessage());
        say(before + (message.contains(file.toString()) ? message : file + ": " + message));
    }
}
