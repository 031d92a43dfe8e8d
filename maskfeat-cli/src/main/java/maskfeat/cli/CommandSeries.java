package maskfeat.cli;

import static java.util.Objects.requireNonNull;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import maskfeat.run.RunResult;
import picocli.CommandLine;

/**
 * Commands that are run one after another, each with a folder for what comes out. What a folder says was done is not done
 * again, and a training goes on where it was left.
 */
final class CommandSeries {
    private final BooleanSupplier stop;

    /** @param stop asked before and during each command; what runs then is saved */
    CommandSeries(BooleanSupplier stop) {
        this.stop = stop;
    }

    /**
     * Runs a command, saying so on standard error.
     *
     * @param words the command, without {@code --out}
     * @return its exit code; that of a stop if one was asked for
     */
    int run(Path folder, List<String> words) {
        if (Files.exists(folder.resolve(RunResult.FILE))) {
            return Exit.OK;
        }
        if (stop.getAsBoolean()) {
            return Exit.STOPPED;
        }
        List<String> all = new ArrayList<>(words);
        if (Files.exists(folder.resolve("config.yaml"))) {
            all = new ArrayList<>(List.of(words.get(0), "--resume"));
        }
        all.addAll(List.of("--out", folder.toString()));
        System.err.println("\n$ maskfeat " + shown(all));
        CommandLine line = Commands.line().setOut(new PrintWriter(System.err, true));
        Map<String, CommandLine> commands = line.getSubcommands();
        requireNonNull(commands.get("probe")).<ProbeCommand>getCommand().stoppedBy(stop);
        // Trainings listen to signals themselves; what came before they did, they ask for here.
        requireNonNull(commands.get(PretrainCommand.NAME))
                .<PretrainCommand>getCommand()
                .stoppedBy(stop);
        requireNonNull(commands.get(FinetuneCommand.NAME))
                .<FinetuneCommand>getCommand()
                .stoppedBy(stop);
        return line.execute(all.toArray(String[]::new));
    }

    /** To be pasted into a shell. */
    static String shown(List<String> words) {
        return words.stream()
                .map(word -> word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }
}
