package maskfeat.cli;

import java.nio.file.Path;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.settings.Settings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code maskfeat train}: a run from a file, whatever its task. */
@Command(
        name = "train",
        description = "Trains any task with the settings in a file: the output of 'maskfeat config', or a few "
                + "settings and the recipe that they override ('base: RECIPE').",
        mixinStandardHelpOptions = true,
        footer = {"", "Exit codes: as of pretrain."})
final class TrainFileCommand extends TrainCommand {
    @Parameters(paramLabel = "RUN.yaml", description = "YAML or JSON file of settings.")
    private Path file = Path.of("");

    @Override
    String runName() {
        return file.getFileName().toString().replaceFirst("\\.(yaml|yml|json)$", "");
    }

    @Override
    Settings<Run> beginning() {
        return Recipes.BOOK.settings(file);
    }

    @Override
    Settings<Run> withFlags(Settings<Run> settings) {
        return settings;
    }
}
