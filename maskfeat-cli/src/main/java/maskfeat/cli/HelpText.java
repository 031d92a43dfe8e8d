package maskfeat.cli;

import static java.util.Objects.requireNonNull;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_DESCRIPTION;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_FOOTER;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_PARAMETER_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_SYNOPSIS;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/**
 * Help as it is laid out here: options and commands in groups, and lines that break at blanks alone. picocli breaks names at their
 * dots and hyphens too, so it writes lines of any length, and they are broken here.
 */
final class HelpText {
    /** Of more options a list is not taken in at a glance. */
    static final int MOST_UNGROUPED = 8;

    private static final int ANY_WIDTH = 4000;

    /** Before the description of an option: two blanks, the short name, a comma, a blank. */
    private static final int BEFORE_LONG_NAME = 6;

    private static final String HEADING = "Usage: ";
    private static final String EXAMPLE = "  maskfeat ";
    private static final String CONTINUES = " \\";
    private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");

    private HelpText() {}

    /** Has a command and those below it print their help so. */
    static void arrange(CommandLine line) {
        Map<String, IHelpSectionRenderer> sections = new LinkedHashMap<>(line.getHelpSectionMap());
        IHelpSectionRenderer synopsis = sections.getOrDefault(SECTION_KEY_SYNOPSIS, help -> "");
        sections.put(SECTION_KEY_SYNOPSIS, help -> synopsis(help, wide(help, () -> synopsis.render(help))));
        sections.put(SECTION_KEY_DESCRIPTION, help -> broken(wide(help, help::description), help, 0));
        sections.put(SECTION_KEY_PARAMETER_LIST, help -> broken(wide(help, help::parameterList), help, column(help)));
        sections.put(SECTION_KEY_OPTION_LIST, HelpText::options);
        sections.put(SECTION_KEY_COMMAND_LIST_HEADING, help -> ""); // each group has its own
        sections.put(SECTION_KEY_COMMAND_LIST, HelpText::commands);
        sections.put(SECTION_KEY_FOOTER, HelpText::footer);
        line.setHelpSectionMap(sections);
        line.getSubcommands().values().forEach(HelpText::arrange);
    }

    /** Behind the heading, which stands on its first line. */
    private static String synopsis(Help help, String text) {
        int indent = HEADING.length() + help.commandSpec().qualifiedName().length() + 1;
        return broken(HEADING + text, help, indent).substring(HEADING.length());
    }

    /** Where descriptions of options and parameters begin. */
    private static int column(Help help) {
        CommandSpec spec = help.commandSpec();
        return BEFORE_LONG_NAME
                + help.calcLongOptionColumnWidth(spec.options(), spec.positionalParameters(), help.colorScheme());
    }

    private static String options(Help help) {
        CommandSpec spec = help.commandSpec();
        List<OptionSpec> shown =
                spec.options().stream().filter(option -> !option.hidden()).toList();
        if (shown.size() <= MOST_UNGROUPED) {
            return options(help, shown);
        }
        Map<String, List<OptionSpec>> groups = OptionGroups.of(spec.name(), shown);
        StringBuilder text = new StringBuilder();
        groups.forEach((heading, options) ->
                text.append(String.format(Locale.ROOT, "%n%s:%n", heading)).append(options(help, options)));
        return text.toString();
    }

    private static String options(Help help, List<OptionSpec> options) {
        CommandSpec spec = help.commandSpec();
        String text = wide(
                help,
                () -> help.optionListExcludingGroups(
                        options,
                        help.createDefaultLayout(spec.options(), spec.positionalParameters(), help.colorScheme()),
                        help.createDefaultOptionSort(),
                        help.parameterLabelRenderer()));
        return broken(text, help, column(help));
    }

    private static String commands(Help help) {
        Map<String, Help> commands = new LinkedHashMap<>();
        help.subcommands().forEach((name, below) -> {
            if (!below.commandSpec().usageMessage().hidden()) {
                commands.put(name, below);
            }
        });
        if (commands.isEmpty()) {
            return "";
        }
        int widest = commands.keySet().stream().mapToInt(String::length).max().orElse(0);
        StringBuilder text = new StringBuilder();
        CommandGroups.of(commands.keySet()).forEach((heading, names) -> {
            text.append(String.format(Locale.ROOT, "%s%n", heading));
            for (String name : names) {
                Help below = requireNonNull(commands.get(name));
                String row = "  " + help.colorScheme().commandText(name) + " ".repeat(widest - name.length() + 2)
                        + firstSentence(said(below));
                text.append(broken(row + System.lineSeparator(), help, widest + 4));
            }
        });
        return text.toString();
    }

    private static String said(Help command) {
        String[] header = command.commandSpec().usageMessage().header();
        return header.length > 0 ? String.format(Locale.ROOT, header[0]) : wide(command, command::description);
    }

    private static String firstSentence(String description) {
        return description.strip().replaceFirst("(?s)(?<=\\.)\\s.*$", "");
    }

    /** Examples are called as the program was started, and one that is too wide goes on in the next line as a shell reads it. */
    private static String footer(Help help) {
        StringBuilder text = new StringBuilder();
        wide(help, help::footer).lines().forEach(line -> {
            if (line.startsWith(EXAMPLE)) {
                String here = "  " + Launcher.name() + " " + line.substring(EXAMPLE.length());
                text.append(broken(here, width(help), EXAMPLE.indexOf('m') + 4, CONTINUES));
            } else {
                text.append(broken(line, width(help), 0, ""));
            }
        });
        return text.toString();
    }

    private static int width(Help help) {
        return help.commandSpec().usageMessage().width();
    }

    /** What picocli writes where lines need not be broken. */
    private static String wide(Help help, Supplier<String> text) {
        UsageMessageSpec usage = help.commandSpec().usageMessage();
        int width = usage.width();
        usage.width(ANY_WIDTH);
        try {
            return text.get();
        } finally {
            usage.width(width);
        }
    }

    private static String broken(String text, Help help, int indent) {
        StringBuilder broken = new StringBuilder();
        text.lines().forEach(line -> broken.append(broken(line, width(help), indent, "")));
        return broken.toString();
    }

    /** A line in lines that are wide enough, all but the first indented; blanks at its beginning stay. */
    private static String broken(String line, int width, int indent, String continues) {
        String end = System.lineSeparator();
        if (length(line) <= width) {
            return line.stripTrailing() + end;
        }
        List<String> lines = new ArrayList<>();
        StringBuilder current = new StringBuilder();
        int words = 0;
        for (String piece : line.split("(?<=\\S)(?= )")) { // each word with the blanks before it
            if (words > 0 && length(current + piece) + continues.length() > width && length(current) > 0) {
                lines.add(current.toString());
                String word = piece.stripLeading();
                int fits = Math.max(0, width - length(word)); // a long word begins further to the left
                current = new StringBuilder(" ".repeat(Math.min(indent, fits))).append(word);
            } else {
                current.append(piece);
            }
            words++;
        }
        lines.add(current.toString());
        return String.join(continues + end, lines) + end;
    }

    private static int length(CharSequence text) {
        return COLOUR.matcher(text).replaceAll("").length();
    }
}
