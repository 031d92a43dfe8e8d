package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import maskfeat.disk.Printable;
import maskfeat.network.OpenedWeights;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where a command prints.
 *
 * @param out results
 * @param err what is said beside them
 * @param forPrograms whether the results are for programs alone ({@code --json}), to which no next step is proposed
 */
record Console(PrintWriter out, PrintWriter err, boolean forPrograms) {
    static Console of(CommandSpec spec) {
        OptionSpec json = spec.findOption("--json");
        return new Console(
                spec.commandLine().getOut(),
                spec.commandLine().getErr(),
                json != null && Boolean.TRUE.equals(json.getValue()));
    }

    /**
     * Says the command that goes on from here, as a line to be pasted; the last that a command says that ended well.
     *
     * @param words those behind the program's name; paths and {@link Launcher.Word}s become one word each, other texts are taken
     *     as they are
     */
    void next(Object... words) {
        nextLine(Launcher.name() + " " + Launcher.line(words));
    }

    /** As {@link #next}, of another program's. */
    void nextLine(String line) {
        if (!forPrograms && !System.out.checkError()) { // of half a result nothing goes on
            say("next: " + line);
        }
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
