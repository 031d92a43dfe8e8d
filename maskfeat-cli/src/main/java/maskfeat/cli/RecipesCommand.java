package maskfeat.cli;

import java.io.PrintWriter;
import java.util.Locale;
import maskfeat.run.Recipes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code maskfeat recipes}. */
@Command(name = "recipes", description = "Lists the recipes.", mixinStandardHelpOptions = true,
footer = {"",
"Examples:",
"  maskfeat recipes",
"  maskfeat recipes | grep small"})
final class RecipesCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        int widest =
                Recipes.BOOK.names().stream().mapToInt(String::length).max().orElse(1);
        String row = "  %-" + widest + "s  %s%n";
        for (String command : Recipes.commands()) {
            out.println("for " + command + ":");
            Recipes.of(command).forEach(name -> out.printf(Locale.ROOT, row, name, Recipes.BOOK.summary(name)));
        }
        out.flush();
        Console.of(spec).next("pretrain small-video --data VIDEOS");
    }
}
