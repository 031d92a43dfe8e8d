package maskfeat.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** How help is laid out. */
class HelpTextTest {
    private static List<CommandLine> all(CommandLine line) {
        List<CommandLine> all = new ArrayList<>(List.of(line));
        line.getSubcommands().values().forEach(below -> all.addAll(all(below)));
        return all;
    }

    private static String help(CommandLine line, int width) {
        return line.setUsageHelpWidth(width).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    private static List<ShellBlock.Command> examples(CommandLine line) {
        String footer = Arrays.stream(line.getCommandSpec().usageMessage().footer())
                .filter(text -> text.startsWith("  "))
                .collect(Collectors.joining("\n"));
        return ShellBlock.commands(footer).stream()
                .filter(command -> command.words().get(0).equals("maskfeat"))
                .toList();
    }

    @TestFactory
    Stream<DynamicTest> everyCommandHasTwoExamplesThatItTakes() {
        return all(Commands.line()).stream()
                .map(line -> dynamicTest(line.getCommandSpec().qualifiedName(), () -> {
                    String name = line.getCommandSpec().qualifiedName();
                    assertThat(examples(line)).hasSizeGreaterThanOrEqualTo(2).allSatisfy(example -> {
                        assertThat(String.join(" ", example.words())).startsWith(name);
                        Commands.line()
                                .parseArgs(example.words()
                                        .subList(1, example.words().size())
                                        .toArray(String[]::new));
                    });
                }));
    }

    /** Each once, under a heading; what is added to the program needs a place in the groups. */
    @TestFactory
    Stream<DynamicTest> everyOptionOfACommandWithManyIsInOneGroup() {
        return all(Commands.line()).stream()
                .map(line -> dynamicTest(line.getCommandSpec().qualifiedName(), () -> {
                    List<OptionSpec> options = line.getCommandSpec().options().stream()
                            .filter(option -> !option.hidden())
                            .toList();
                    if (options.size() <= HelpText.MOST_UNGROUPED) {
                        return;
                    }
                    String text = help(line, 80).replaceFirst("(?s)\nExamples:.*", "");
                    assertThat(text).contains("\nHelp:\n");
                    for (OptionSpec option : options) {
                        assertThat(OptionGroups.heading(line.getCommandName(), option))
                                .as(option.longestName())
                                .isNotEqualTo(OptionGroups.REST);
                        assertThat(text.lines()
                                        .filter(shown -> shown.matches(
                                                " {2}(-\\w,| {3}) " + option.longestName() + "([ =\\[].*)?")))
                                .as(option.longestName())
                                .hasSize(1);
                    }
                }));
    }

    @Test
    void everyCommandIsInOneGroup() {
        List<String> names = List.copyOf(Commands.line().getSubcommands().keySet());
        assertThat(CommandGroups.known()).containsExactlyInAnyOrderElementsOf(names);
        String help = help(Commands.line(), 80);
        assertThat(help)
                .contains("\nTrain:\n  pretrain ", "\nLook and measure:\n", "\nUse:\n", "\nData:\n", "\nOther:\n");
        assertThat(names).allSatisfy(name -> assertThat(help).containsOnlyOnce("\n  " + name + " "));
        assertThat(help(requireNonNull(Commands.line().getSubcommands().get("data")), 80))
                .contains("Commands:\n  scan ");
    }

    @TestFactory
    Stream<DynamicTest> linesFitAndBreakAtBlanksAlone() {
        return Stream.of(60, 80, 120)
                .flatMap(width -> all(Commands.line()).stream()
                        .map(line ->
                                dynamicTest(width + " " + line.getCommandSpec().qualifiedName(), () -> {
                                    String text = help(line, width);
                                    assertThat(text.lines()).allMatch(shown -> shown.length() <= width);
                                    String joined = text.replaceAll("\\s+", " ");
                                    assertThat(joined.replace(" \\ ", " "))
                                            .as("the same words as in lines of any length")
                                            .isEqualTo(help(line, 4000)
                                                    .replaceAll("\\s+", " ")
                                                    .replace(" \\ ", " "));
                                })));
    }

    @Test
    void anExampleThatIsTooWideGoesOnAsAShellReadsIt() {
        CommandLine line = requireNonNull(Commands.line().getSubcommands().get("visualize"));
        String text = help(line, 60);
        assertThat(text).contains(" \\\n      ");
        assertThat(ShellBlock.commands(text.substring(text.indexOf("Examples:") + "Examples:".length())))
                .hasSize(2);
    }
}
