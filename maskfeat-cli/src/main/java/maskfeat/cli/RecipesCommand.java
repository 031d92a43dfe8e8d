package maskfeat.cli;

import java.io.PrintWriter;
import java.util.List;
import maskfeat.recipe.FinetuneRecipes;
import maskfeat.recipe.Recipe;
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
        print("for pretrain:", Recipes.all());
        print("for finetune:", FinetuneRecipes.all());
    }

    private void print(String title, List<? extends Recipe<?>> recipes) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(title);
        recipes.forEach(recipe -> out.printf("  %-24s %s%n", recipe.name(), recipe.summary()));
    }
}
