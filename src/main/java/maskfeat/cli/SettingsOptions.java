package maskfeat.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.recipe.Origin;
import maskfeat.recipe.Recipes;
import maskfeat.recipe.Run;
import maskfeat.recipe.Settings;
import maskfeat.recipe.SettingsException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which recipe, and what is changed of it. */
final class SettingsOptions {
    @Parameters(
            arity = "0..1",
            paramLabel = "RECIPE",
            description = "The settings to begin with; see 'maskfeat recipes'. Default: " + Recipes.DEFAULT + ".")
    @Nullable String recipe;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML or JSON file of settings that come over the recipe's. May be repeated.")
    List<Path> files = new ArrayList<>();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting, such as train.batch=32, over recipe and files. May be repeated. See 'maskfeat "
                    + "config RECIPE' for all keys.")
    List<String> assignments = new ArrayList<>();

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "Folder of videos or images at any depth, or a list file with lines 'path' or 'path label'. "
                    + "Stands for data.path. Default: the generated sample set.")
    @Nullable Path data;

    String recipeName() {
        return recipe == null ? Recipes.DEFAULT : recipe;
    }

    /** Whether anything was asked for. */
    boolean isEmpty() {
        return recipe == null && files.isEmpty() && assignments.isEmpty() && data == null;
    }

    /** @throws SettingsException if the recipe, a key or a value is not right, or a setting would do nothing */
    Settings<Run> settings() {
        Recipes.Recipe found = Recipes.byName().get(recipeName());
        if (found == null) {
            throw new SettingsException("there is no recipe '" + recipeName() + "'; there are "
                    + String.join(", ", Recipes.byName().keySet()));
        }
        Settings<Run> base = Settings.of(Run.class, found.name(), found.run());
        Settings<Run> settings = over(base);
        refuseIdle(settings, Settings.differences(Run.class, found.run(), settings.value()));
        return settings;
    }

    /** These changes over other settings. */
    Settings<Run> over(Settings<Run> base) {
        Settings<Run> settings = base;
        for (Path file : files) {
            settings = settings.file(file);
        }
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        if (data != null) {
            settings = settings.flag(
                    "--data", "data.path", data.toAbsolutePath().normalize().toString());
        }
        return settings;
    }

    /**
     * A setting that somebody asked for and that would do nothing is a misunderstanding. A file that merely repeats the
     * recipe, as those that {@code config} prints, asks for nothing.
     */
    private static void refuseIdle(Settings<Run> settings, List<Settings.Difference> changes) {
        for (Run.Idle idle : settings.value().idle()) {
            Origin origin = settings.origins().get(idle.key());
            boolean onCommandLine = origin instanceof Origin.Assignment || origin instanceof Origin.Flag;
            boolean changed = changes.stream().anyMatch(change -> change.key().equals(idle.key()));
            if (origin != null && (onCommandLine || changed)) {
                throw new SettingsException(idle.key() + " would do nothing: " + idle.why() + " (" + origin + ")");
            }
        }
    }
}
