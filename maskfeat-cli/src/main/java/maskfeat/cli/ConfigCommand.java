package maskfeat.cli;

import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code maskfeat config}. */
@Command(
        name = "config",
        description =
                "Prints all settings of a run and where each comes from, as a file for --config or 'maskfeat train'.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat config small-video > run.yaml",
            "  maskfeat config small-video --set train.batch=8 --explain"
        })
final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..1",
            paramLabel = "RECIPE",
            completionCandidates = RecipeNames.class,
            defaultValue = Recipes.DEFAULT,
            description = "Recipe to start from; see 'maskfeat recipes'. Default: ${DEFAULT-VALUE}.")
    private String recipe = Recipes.DEFAULT;

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    @Option(names = "--json", description = "Print JSON, without the origins.")
    private boolean json;

    @Option(names = "--explain", description = "Explain each setting: meaning, unit, range and choices.")
    private boolean explain;

    @Override
    public void run() {
        Settings<Run> beginning = Recipes.BOOK.settings(recipe);
        Settings<Run> settings = SettingsOptions.checked(beginning.value(), options.over(beginning));
        options.sayConsequences(beginning);
        spec.commandLine()
                .getOut()
                .print(json ? settings.json() + "\n" : explain ? settings.explained() : settings.yaml());
        spec.commandLine().getOut().flush();
        Console.of(spec).next(NextSteps.ofRecipe(recipe, options.words()));
    }
}
