package maskfeat.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import maskfeat.disk.PathText;
import maskfeat.run.Run;
import maskfeat.settings.Origin;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** What is changed of a recipe. */
final class SettingsOptions {
    private static final Logger LOG = LoggerFactory.getLogger("maskfeat");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML or JSON file of settings that override the recipe's. May be repeated.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--set",
            completionCandidates = Choices.Keys.class,
            paramLabel = "KEY=VALUE",
            description = "One setting, such as train.batch=32; overrides recipe and files. May be repeated. See "
                    + "'maskfeat "
                    + "config RECIPE' for all keys.")
    private List<String> assignments = new ArrayList<>();

    @Option(names = "--epochs", paramLabel = "N", description = "Passes over the data. Sets train.epochs.")
    private @Nullable String epochs;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description =
                    "Samples that are computed at once, a number or auto: as many as fit into memory. Sets train.batch.")
    private @Nullable String batch;

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            description = "Learning rate, for steps of optim.reference-batch samples. Sets optim.lr.")
    private @Nullable String learningRate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of all that is drawn at random: weights, order, crops, masks. Sets seed.")
    private @Nullable String seed;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "Folder of videos or images at any depth, a zip or tar file of them, several such as "
                    + "'shards-{000..099}.tar', or a list file with lines 'path' or 'path label'. "
                    + "Sets data.path. Default: the generated sample set.")
    private @Nullable Path data;

    /** The same again, as words of a command. */
    List<String> words() {
        List<String> words = new ArrayList<>();
        files.forEach(file -> words.addAll(List.of("--config", PathText.of(file))));
        assignments.forEach(assignment -> words.addAll(List.of("--set", assignment)));
        add(words, "--epochs", epochs);
        add(words, "--batch", batch);
        add(words, "--lr", learningRate);
        add(words, "--seed", seed);
        add(words, "--data", data == null ? null : PathText.of(data));
        return words;
    }

    private static void add(List<String> words, String option, @Nullable String value) {
        if (value != null) {
            words.addAll(List.of(option, value));
        }
    }

    /**
     * These changes over other settings.
     *
     * @throws SettingsException if a key or a value is not right
     */
    Settings<Run> over(Settings<Run> base) {
        Settings<Run> settings = withEpochs(set(base));
        settings = flag(settings, "--batch", "train.batch", batch);
        settings = flag(settings, "--lr", "optim.lr", learningRate);
        settings = flag(settings, "--seed", "seed", seed);
        return data == null ? settings : pathFlag(settings, "--data", "data.path", data);
    }

    /** Files and assignments alone. */
    private Settings<Run> set(Settings<Run> base) {
        Settings<Run> settings = base;
        for (Path file : files) {
            settings = settings.file(file);
        }
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return settings;
    }

    private Settings<Run> withEpochs(Settings<Run> settings) {
        if (epochs == null) {
            return settings;
        }
        Settings<Run> now = settings.flag("--epochs", "train.epochs", epochs);
        OptionalDouble share = warmupShare(settings, epochs);
        return share.isEmpty()
                ? now
                : now.flag("--epochs", "optim.warmup-epochs", Double.toString(share.getAsDouble()));
    }

    /** A warm-up of the recipe that would be longer than the run keeps its share of the epochs instead. */
    private static OptionalDouble warmupShare(Settings<Run> settings, String epochs) {
        boolean ofTheRecipe = settings.origins().get("optim.warmup-epochs") instanceof Origin.Recipe;
        if (!ofTheRecipe || !epochs.matches("[1-9][0-9]{0,8}")) {
            return OptionalDouble.empty();
        }
        Run before = settings.value();
        double warmup = before.optim().warmupEpochs();
        int wanted = Integer.parseInt(epochs);
        return warmup <= wanted
                ? OptionalDouble.empty()
                : OptionalDouble.of(Math.round(100 * warmup / before.train().epochs() * wanted) / 100.0);
    }

    /**
     * Logs what these options change besides what they are called after; to be called once nothing is refused any more.
     *
     * @param base what {@link #over} was given
     */
    void sayConsequences(Settings<Run> base) {
        if (epochs == null) {
            return;
        }
        Settings<Run> settings = set(base);
        warmupShare(settings, epochs)
                .ifPresent(share -> LOG.info(
                        "optim.warmup-epochs is {}, the share of --epochs {} that it has in the recipe: its {} would not fit",
                        share,
                        epochs,
                        settings.value().optim().warmupEpochs()));
    }

    private static Settings<Run> flag(Settings<Run> settings, String flag, String key, @Nullable String value) {
        return value == null ? settings : settings.flag(flag, key, value);
    }

    /** A path as a flag gives it, whole, so that the run can be taken up from another folder. */
    static Settings<Run> pathFlag(Settings<Run> settings, String flag, String key, Path path) {
        return settings.flag(flag, key, PathText.shown(path.toAbsolutePath().normalize()));
    }

    /**
     * A setting that somebody asked for and that would do nothing is a misunderstanding. A file that merely repeats the
     * recipe, as those that {@code config} prints, asks for nothing.
     *
     * @param recipe that the settings begin with
     * @throws SettingsException if a setting would do nothing
     */
    static Settings<Run> checked(Run recipe, Settings<Run> settings) {
        List<Settings.Difference> changes = Settings.differences(Run.class, recipe, settings.value());
        for (Run.Idle idle : settings.value().idle()) {
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
