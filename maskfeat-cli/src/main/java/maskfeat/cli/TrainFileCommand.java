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
        description = "Trains as a file of settings says, whatever its task: what 'maskfeat config' prints, or a few "
                + "settings and the recipe that they come over ('base: RECIPE').",
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
