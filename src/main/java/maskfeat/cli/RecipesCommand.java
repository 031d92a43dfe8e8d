package maskfeat.cli;

import maskfeat.recipe.Recipes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code maskfeat recipes}. */
@Command(name = "recipes", description = "Lists the recipes.", mixinStandardHelpOptions = true)
final class RecipesCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        for (Recipes.Recipe recipe : Recipes.all()) {
            spec.commandLine().getOut().printf("%-21s %s%n", recipe.name(), recipe.summary());
        }
    }
}
