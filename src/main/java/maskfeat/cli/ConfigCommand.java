package maskfeat.cli;

import java.util.ArrayList;
import java.util.List;
import maskfeat.recipe.Finetune;
import maskfeat.recipe.FinetuneRecipes;
import maskfeat.recipe.Recipe;
import maskfeat.recipe.Recipes;
import maskfeat.recipe.Run;
import maskfeat.recipe.RunSettings;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat config}. */
@Command(
        name = "config",
        description = "Prints all settings of a run and where each comes from, as a file for --config.",
        mixinStandardHelpOptions = true)
final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..1",
            paramLabel = "RECIPE",
            defaultValue = Recipes.DEFAULT,
            description = "The settings to begin with; see 'maskfeat recipes'. Default: ${DEFAULT-VALUE}.")
    private String recipe = Recipes.DEFAULT;

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    @Option(names = "--json", description = "JSON, for machines; without the origins.")
    private boolean json;

    @Option(
            names = "--explain",
            description = "Says of each setting what it means, its unit and range, and what there is to choose from.")
    private boolean explain;

    @Override
    public void run() {
        String text;
        if (Recipes.byName().containsKey(recipe)) {
            text = text(Run.class, Recipes.byName().get(recipe));
        } else if (FinetuneRecipes.byName().containsKey(recipe)) {
            text = text(Finetune.class, FinetuneRecipes.byName().get(recipe));
        } else {
            List<String> names = new ArrayList<>(Recipes.byName().keySet());
            names.addAll(FinetuneRecipes.byName().keySet());
            throw new SettingsException("there is no recipe '" + recipe + "'; there are " + String.join(", ", names));
        }
        spec.commandLine().getOut().print(text);
        spec.commandLine().getOut().flush();
    }

    private <R extends RunSettings> String text(Class<R> type, Recipe<R> of) {
        Settings<R> settings = options.settings(type, of);
        if (json) {
            return settings.json() + "\n";
        }
        return explain ? settings.explained() : settings.yaml();
    }
}
