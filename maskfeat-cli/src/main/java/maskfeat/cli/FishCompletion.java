package maskfeat.cli;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** A script of completions for fish, which picocli has none for. */
final class FishCompletion {
    private final String program;
    private final List<String> commands = new ArrayList<>();
    private final StringBuilder rules = new StringBuilder();

    private FishCompletion(String program) {
        this.program = program;
    }

    /** The script for a program with its commands. */
    static String script(CommandLine line) {
        FishCompletion completion = new FishCompletion(line.getCommandName());
        completion.add(line, "");
        return completion.text();
    }

    private String text() {
        String at = "__" + program + "_at";
        return String.join(
                        "\n",
                        "# Completions of " + program + " for fish.",
                        "",
                        "# Whether the command at hand is this one; empty: none yet.",
                        "function " + at,
                        "    set -l at ''",
                        "    for word in (commandline -opc)[2..-1]",
                        "        if test \"$at\" = launch",
                        "            test \"$word\" = --; and set at ''",
                        "            continue",
                        "        end",
                        "        string match -q -- '-*' $word; and continue",
                        "        set -l next (string trim -- \"$at $word\")",
                        "        contains -- $next "
                                + String.join(
                                        " ",
                                        commands.stream()
                                                .map(FishCompletion::quoted)
                                                .toList()) + "; or break",
                        "        set at $next",
                        "    end",
                        "    test \"$at\" = \"$argv\"",
                        "end",
                        "",
                        "complete -c " + program + " -e",
                        "complete -c " + program + " -f")
                + "\n" + rules;
    }

    private void add(CommandLine line, String path) {
        for (CommandLine below : line.getSubcommands().values()) {
            String name = below.getCommandName();
            String whole = path.isEmpty() ? name : path + " " + name;
            commands.add(whole);
            rule(
                    path,
                    "-a " + name
                            + described(below.getCommandSpec().usageMessage().description()));
        }
        for (OptionSpec option : line.getCommandSpec().options()) {
            if (!option.hidden()) {
                rule(path, names(option) + value(option) + described(option.description()));
            }
        }
        for (PositionalParamSpec parameter : line.getCommandSpec().positionalParameters()) {
            if (parameter.completionCandidates() != null) {
                rule(path, "-a " + candidates(parameter));
            } else if (isFile(parameter)) {
                rule(path, "-F");
            }
        }
        for (CommandLine below : line.getSubcommands().values()) {
            String name = below.getCommandName();
            add(below, path.isEmpty() ? name : path + " " + name);
        }
    }

    private void rule(String path, String what) {
        rules.append("complete -c ")
                .append(program)
                .append(" -n ")
                .append(quoted("__" + program + "_at " + path))
                .append(' ')
                .append(what)
                .append('\n');
    }

    private static String names(OptionSpec option) {
        List<String> names = new ArrayList<>();
        for (String name : option.names()) {
            names.add(name.startsWith("--") ? "-l " + name.substring(2) : "-s " + name.substring(1));
        }
        return String.join(" ", names);
    }

    private static String value(OptionSpec option) {
        if (option.arity().max() == 0) {
            return "";
        }
        if (option.completionCandidates() != null) {
            return " -x -a " + candidates(option);
        }
        // Texts are often the name of a run or a file, or a word in its place.
        return isFile(option) || option.type() == String.class ? " -r -F" : " -x";
    }

    private static String candidates(ArgSpec argument) {
        return quoted(String.join(" ", argument.completionCandidates()));
    }

    private static boolean isFile(ArgSpec argument) {
        Class<?> type = argument.typeInfo().isMultiValue()
                ? argument.typeInfo().getAuxiliaryTypeInfos().get(0).getType()
                : argument.type();
        return type == Path.class || type == File.class;
    }

    /** The first sentence. */
    private static String described(String... description) {
        String text = Ansi.OFF
                .string(String.join(" ", description))
                .replace("%n", " ")
                .replace("%%", "%");
        String sentence = text.replaceFirst("(?s)\\.(\\s.*)?$", "").strip();
        return sentence.isEmpty() || sentence.contains("${") ? "" : " -d " + quoted(sentence);
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
