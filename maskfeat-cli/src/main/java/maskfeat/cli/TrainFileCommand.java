package maskfeat.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code maskfeat train}: a run from a file, whatever its task. */
@Command(
        name = "train",
        description = "Trains any task with the settings in a file: the output of 'maskfeat config', or a few "
                + "settings and the recipe that they override ('base: RECIPE').",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat train run.yaml",
            "  maskfeat train run.yaml --set train.epochs=20 --out runs/twenty",
            "",
            "Exit codes: as for pretrain."
        })
final class TrainFileCommand extends TrainCommand {
    @Parameters(
            arity = "0..1",
            paramLabel = "RUN.yaml",
            description =
                    "YAML or JSON file of settings. With --resume its name alone counts, for the folder in runs/.")
    private @Nullable Path file;

    @Override
    String runName() {
        return file().getFileName().toString().replaceFirst("\\.(yaml|yml|json)$", "");
    }

    private Path file() {
        if (file == null || file.getNameCount() == 0) {
            throw new SettingsException(
                    resuming()
                            ? "which run is to go on? Give --out DIR, or the file that it was begun with"
                            : "which run? Name a file of settings, such as 'maskfeat config RECIPE' prints");
        }
        return file;
    }

    @Override
    Settings<Run> beginning() {
        Path named = file();
        String name = named.toString();
        if (Recipes.BOOK.names().contains(name) && !Files.exists(named)) {
            throw new SettingsException(name + " is a recipe, not a file of settings; take 'maskfeat "
                    + Recipes.named(name).task().command() + " " + name + "'");
        }
        return Recipes.BOOK.settings(named);
    }

    /** Whatever its task. */
    @Override
    void check(Run run, @Nullable Path place) {}

    @Override
    Settings<Run> withFlags(Settings<Run> settings) {
        return settings;
    }
}
