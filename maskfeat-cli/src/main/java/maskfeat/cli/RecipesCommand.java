package maskfeat.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.OptionalInt;
import maskfeat.report.Terminal;
import maskfeat.report.WrappedText;
import maskfeat.run.Recipes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code maskfeat recipes}. */
@Command(
        name = "recipes",
        description = "Lists the recipes.",
        mixinStandardHelpOptions = true,
        footer = {"", "Examples:", "  maskfeat recipes", "  maskfeat recipes | grep small"})
final class RecipesCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        int widest =
                Recipes.BOOK.names().stream().mapToInt(String::length).max().orElse(1);
        String name = "  %-" + widest + "s  ";
        OptionalInt columns = Terminal.columnsOfStdout();
        for (String command : Recipes.commands()) {
            out.println("for " + command + ":");
            Recipes.of(command)
                    .forEach(recipe -> out.println(WrappedText.beside(
                            String.format(Locale.ROOT, name, recipe), Recipes.BOOK.summary(recipe), columns)));
        }
        out.flush();
        Console.of(spec).next("pretrain small-video --data VIDEOS");
    }
}
