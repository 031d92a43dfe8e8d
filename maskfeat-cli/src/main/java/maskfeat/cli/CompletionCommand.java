package maskfeat.cli;

import java.io.PrintWriter;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat completion}. */
@Command(
        name = "completion",
        description = "Prints a script that has a shell complete commands, options and recipes.",
        mixinStandardHelpOptions = true,
        footer = {
"",
"Examples:",
"  maskfeat completion bash",
"  maskfeat completion fish | source",
            "",
            "Into the file that the shell reads when it starts:",
            "  bash, ~/.bashrc:                     source <(maskfeat completion bash)",
            "  zsh, ~/.zshrc, after compinit:       source <(maskfeat completion zsh)",
            "  fish, ~/.config/fish/config.fish:    maskfeat completion fish | source"
        })
final class CompletionCommand implements Runnable {
    /** The shells that there is a script for. */
    enum Shell {
        BASH,
        ZSH,
        FISH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Shell shell = Shell.BASH;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        CommandLine line = Commands.line();
        // The script for bash has zsh load what it needs to read it.
        out.print(shell == Shell.FISH ? FishCompletion.script(line) : AutoComplete.bash(line.getCommandName(), line));
        out.flush();
    }
}
