package maskfeat.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.recipe.Recipe;
import maskfeat.recipe.RunSettings;
import maskfeat.settings.Origin;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is changed of a recipe. */
final class SettingsOptions {
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

    /** Whether anything was asked for. */
    boolean isEmpty() {
        return files.isEmpty() && assignments.isEmpty() && data == null;
    }

    /** @throws SettingsException if there is none of that name */
    static <R extends RunSettings> Recipe<R> recipe(Map<String, Recipe<R>> recipes, String name) {
        Recipe<R> found = recipes.get(name);
        if (found == null) {
            throw new SettingsException(
                    "there is no recipe '" + name + "'; there are " + String.join(", ", recipes.keySet()));
        }
        return found;
    }

    /** @throws SettingsException if a key or a value is not right, or a setting would do nothing */
    <R extends RunSettings> Settings<R> settings(Class<R> type, Recipe<R> recipe) {
        return checked(type, recipe, over(Settings.of(type, recipe.name(), recipe.run())));
    }

    /** These changes over other settings. */
    <R extends RunSettings> Settings<R> over(Settings<R> base) {
        Settings<R> settings = base;
        for (Path file : files) {
            settings = settings.file(file);
        }
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return data == null ? settings : pathFlag(settings, "--data", "data.path", data);
    }

    /** A path as a flag gives it, whole, so that the run can be taken up from another folder. */
    static <R> Settings<R> pathFlag(Settings<R> settings, String flag, String key, Path path) {
        return settings.flag(flag, key, path.toAbsolutePath().normalize().toString());
    }

    /**
     * A setting that somebody asked for and that would do nothing is a misunderstanding. A file that merely repeats the
     * recipe, as those that {@code config} prints, asks for nothing.
     */
    static <R extends RunSettings> Settings<R> checked(Class<R> type, Recipe<R> recipe, Settings<R> settings) {
        List<Settings.Difference> changes = Settings.differences(type, recipe.run(), settings.value());
        for (RunSettings.Idle idle : settings.value().idle()) {
            Origin origin = settings.origins().get(idle.key());
            boolean onCommandLine = origin instanceof Origin.Assignment || origin instanceof Origin.Flag;
            boolean changed = changes.stream().anyMatch(change -> change.key().equals(idle.key()));
            if (origin != null && (onCommandLine || changed)) {
                throw new SettingsException(idle.key() + " would do nothing: " + idle.why() + " (" + origin + ")");
            }
        }
        return settings;
    }
}
