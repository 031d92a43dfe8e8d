package maskfeat.cli;

import maskfeat.recipe.Run;
import maskfeat.recipe.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code maskfeat config}. */
@Command(
        name = "config",
        description = "Prints all settings of a run and where each comes from, as a file for --config.",
        mixinStandardHelpOptions = true)
final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    @Option(names = "--json", description = "JSON, for machines; without the origins.")
    private boolean json;

    @Override
    public void run() {
        Settings<Run> settings = options.settings();
        String text = json ? Settings.toJson(Run.class, settings.value()) + "\n" : settings.yaml();
        spec.commandLine().getOut().print(text);
        spec.commandLine().getOut().flush();
    }
}
