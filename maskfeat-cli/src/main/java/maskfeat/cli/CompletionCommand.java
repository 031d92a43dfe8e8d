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

    /** What picocli's script does not do: the command behind 'launch ... --', and values behind keys of settings. */
    private static String ofBash(String program) {
        String whole = "_complete_" + program;
        return String.join(
                "\n",
                "",
                "# The same, where a command stands behind 'launch ... --', and without a blank behind KEY=.",
                "function " + whole + "_words() {",
                "  local i",
                "  if [ \"${COMP_WORDS[1]}\" = launch ]; then",
                "    for ((i = 2; i < COMP_CWORD; i++)); do",
                "      if [ \"${COMP_WORDS[i]}\" = -- ]; then",
                "        COMP_WORDS=(\"${COMP_WORDS[0]}\" \"${COMP_WORDS[@]:i+1}\")",
                "        COMP_CWORD=$((COMP_CWORD - i))",
                "        COMP_LINE=\"${COMP_WORDS[*]}\"",
                "        if [ \"${COMP_CWORD}\" = 1 ]; then",
                "          COMPREPLY=( $(compgen -W '" + String.join(" ", new Choices.Trainings())
                        + "' -- \"${COMP_WORDS[1]}\") )",
                "          return 0",
                "        fi",
                "        break",
                "      fi",
                "    done",
                "  fi",
                "  " + whole,
                "  local code=$?",
                "  if [[ \"${COMPREPLY[0]}\" == *= ]]; then",
                "    type compopt &>/dev/null && compopt -o nospace",
                "  fi",
                "  return $code",
                "}",
                "complete -F " + whole + "_words -o default " + program + " " + program + ".sh " + program + ".bash",
                "");
    }

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        CommandLine line = Commands.line();
        // The script for bash has zsh load what it needs to read it.
        out.print(
                shell == Shell.FISH
                        ? FishCompletion.script(line)
                        : AutoComplete.bash(line.getCommandName(), line) + ofBash(line.getCommandName()));
        out.flush();
    }
}
