package maskfeat.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import maskfeat.data.ClipSampler;
import maskfeat.data.Dataset;
import maskfeat.data.ImageDataset;
import maskfeat.data.StillImage;
import maskfeat.data.VideoDataset;
import maskfeat.disk.AtomicFile;
import maskfeat.recipe.RunSettings;
import maskfeat.report.EventFile;
import maskfeat.report.MetricsFile;
import maskfeat.report.ProgressLine;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import maskfeat.torch.Natives;
import maskfeat.torch.Threads;
import maskfeat.train.Checkpoint;
import maskfeat.train.Checkpoints;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/**
 * What commands that train have in common: settings, run folder, log, resuming.
 *
 * @param <R> all settings
 * @param <D> the data, opened
 */
abstract class TrainCommand<R extends RunSettings, D> implements Callable<Integer>, MemoryAdvice {
    static final Logger LOG = LoggerFactory.getLogger("maskfeat");

    /** What a resumed run may change: it alters no weights, or only their last bits. */
    private static final Set<String> FREE = Set.of("loader", "checkpoint", "report");

    private static final Set<String> FREE_KEYS =
            Set.of("data.path", "data.max-bad-share", "train.threads", "train.device", "train.max-non-finite");

    /** In place of the recipe's name, in a run that has its settings from its own folder. */
    static final String RESUMED = "run";
    /** Where these lie may change: the data was moved. Whether there are any may not. */
    private static final Set<String> PATHS = Set.of("data.validation", "data.class-names");

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    SettingsOptions options = new SettingsOptions();

    @Option(names = "--out", paramLabel = "DIR", description = "Run folder to make. Default: runs/RECIPE, numbered.")
    private @Nullable Path out;

    @Option(names = "--resume", description = "Go on with the run in --out (default: the last of runs/RECIPE).")
    private boolean resume;

    private final Class<R> type;

    /** Who else may ask for a stop: a command that runs this one. */
    private BooleanSupplier outer = () -> false;

    TrainCommand(Class<R> type) {
        this.type = type;
    }

    /** The recipe's name, as far as it is known before anything is read. */
    abstract String recipeName() throws IOException;

    /** What a new run is made of. */
    abstract Settings<R> settings() throws IOException;

    /** A value that files of settings can be laid over. */
    abstract R any();

    /** What options of this command change in the settings of a resumed run. */
    abstract Settings<R> over(Settings<R> before);

    /** Opens the data and refuses what would stop the run from beginning. */
    abstract D open(R run) throws IOException;

    /** Trains, reports and says the last words. */
    abstract int train(Job<R, D> job) throws IOException, InterruptedException;

    /**
     * Everything a run needs.
     *
     * @param resumed whether it goes on
     */
    record Job<R, D>(
            RunFolder folder,
            Settings<R> settings,
            D data,
            boolean resumed,
            Map<String, String> environment,
            BadFilesLog badFiles,
            MetricsFile metrics,
            EventFile events,
            ProgressLine progress) {
        /** Where to go on from. */
        Optional<Checkpoint> from() throws IOException {
            return resumed ? Checkpoints.latestIn(folder.checkpoints(), LOG::warn) : Optional.empty();
        }

        /** Files that an earlier part of this run could not use. */
        List<Path> knownBad() throws IOException {
            return badFiles.entries().stream().map(BadFilesLog.Entry::file).toList();
        }
    }

    @Override
    public final Integer call() throws IOException, InterruptedException {
        Path place = place();
        // What can be refused is refused before the folder is made, or the end of the run in it is taken back.
        Settings<R> settings = resume ? resumed(RunFolder.look(place)) : settings();
        if (!resume) {
            RunFolder.refuseUnlessEmpty(place);
        }
        D data = open(settings.value());
        try (RunFolder folder = resume ? RunFolder.resume(place) : RunFolder.create(place)) {
            // Before anything else is: a run that is killed from here on can be taken up.
            write(folder.settings(), settings.yaml());
            return logged(folder, settings, data);
        }
    }

    /** The run folder: as asked, else the first free one of runs/RECIPE, runs/RECIPE-2, ..., or the last in use. */
    private Path place() throws IOException {
        if (out != null) {
            return out;
        }
        Path runs = Path.of("runs");
        Path next = runs.resolve(recipeName());
        Path last = next;
        for (int number = 2; Files.exists(next); number++) {
            last = next;
            next = runs.resolve(recipeName() + "-" + number);
        }
        return resume ? last : next;
    }

    /** The settings that the run was begun with, under what the command line changes now. */
    private Settings<R> resumed(RunFolder folder) {
        Settings<R> before = Settings.of(type, RESUMED, any()).file(folder.settings());
        Settings<R> now = over(options.over(before));
        for (Settings.Difference difference : Settings.differences(type, before.value(), now.value())) {
            String key = difference.key();
            if (!isFree(difference)) {
                throw new SettingsException("a resumed run must stay the same run, but " + difference
                        + "; begin a new one with another --out, or leave the setting away");
            }
            if (key.equals("train.threads") || key.equals("train.device")) {
                System.err.println(difference + ": the last bits of sums will differ from the uninterrupted run's");
            }
        }
        return now;
    }

    private static boolean isFree(Settings.Difference difference) {
        boolean moved = !difference.was().equals("null") && !difference.is().equals("null");
        return FREE_KEYS.contains(difference.key())
                || PATHS.contains(difference.key()) && moved
                || FREE.contains(difference.key().split("\\.", 2)[0]);
    }

    /** What becomes of a run whose steps go through the network in smaller portions. */
    abstract String inSmallerPortions();

    @Override
    public final String lessMemory() {
        return (resume ? "A run that goes on keeps its portions; for a new one, lower" : "Lower")
                + " train.batch and raise train.accumulate by the same factor: " + inSmallerPortions()
                + ". Lower loader.ahead where data is large: that changes no result.";
    }

    /** To be stopped after a step, saved, when somebody asks for it who listened to signals before. */
    final void stoppedBy(BooleanSupplier request) {
        outer = request;
    }

    /** Asked after each step. */
    final BooleanSupplier stopping(StopSignal own) {
        return () -> own.getAsBoolean() || outer.getAsBoolean();
    }

    /** Whether a run is to go on rather than begin. */
    final boolean resuming() {
        return resume;
    }

    private int logged(RunFolder folder, Settings<R> settings, D data) throws IOException, InterruptedException {
        ProgressLine progress = ProgressLine.onStderr();
        Logging.to(progress, System.err, folder.log());
        try {
            return begin(folder, settings, data, progress);
        } catch (IOException | InterruptedException | RuntimeException e) {
            LOG.debug("failed", e);
            throw e;
        } finally {
            Logging.close();
        }
    }

    private int begin(RunFolder folder, Settings<R> settings, D data, ProgressLine progress)
            throws IOException, InterruptedException {
        Threads.use(settings.value().train().threads());
        Natives natives = Natives.load();
        Map<String, String> environment = Environment.describe(natives);
        write(
                folder.command(),
                String.join(" ", spec.commandLine().getParseResult().originalArgs()) + "\n");
        write(
                folder.environment(),
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(environment));

        LOG.info("{}", natives.summary());
        folder.killed().ifPresent(who -> LOG.info("this run was left by {}, which must have been killed", who));
        try (MetricsFile metrics = new MetricsFile(folder.metrics());
                EventFile events = new EventFile(folder.root())) {
            return train(new Job<>(
                    folder,
                    settings,
                    data,
                    resume,
                    environment,
                    new BadFilesLog(folder.badFiles()),
                    metrics,
                    events,
                    progress));
        }
    }

    /** The data of a run, or the split of the generated sample set that stands for it. */
    static Path dataPath(RunSettings run, String split) throws IOException {
        return run.dataPath() == null ? samplePath(run.clip(), split) : Path.of(run.dataPath());
    }

    /** A split of the generated sample set, which is made if need be; the folder of all splits where it is empty. */
    static Path samplePath(ClipSampler clip, String split) throws IOException {
        Path cache = Cache.folder();
        boolean images = clip instanceof StillImage;
        System.err.println("no --data: using the generated sample " + (images ? "images" : "clips") + " in " + cache);
        SampleSet.Size all = SampleSet.Size.DEFAULT;
        return SampleSet.ensure(cache, images ? all.imagesOnly() : all.clipsOnly())
                .resolve(images ? "images" : "clips")
                .resolve(split);
    }

    /** @param classes what is to be said of them */
    static void say(Dataset dataset, String classes) {
        LOG.info("{} {}{} from {}", dataset.size(), dataset.noun(), classes, dataset.source());
        long folders = dataset.items().stream()
                .filter(item -> !VideoDataset.ENDINGS.contains(ImageDataset.ending(item.file())))
                .filter(item -> Files.isDirectory(item.file()))
                .count();
        if (folders > 0) {
            LOG.info("{} of them are folders of numbered pictures, taken for the frames of a clip", folders);
        }
        if (!dataset.ignored().isEmpty()) {
            LOG.info("passed over files with other endings: {}; 'maskfeat data scan' tells more", dataset.ignored());
        }
    }

    /**
     * How long it will take and at what learning rate.
     *
     * @param lr at its highest, for {@code reference} samples
     */
    static void say(RunSettings run, Trainer.Plan plan, String noun, double lr, int reference) {
        LOG.info(String.format(
                Locale.ROOT,
                "%d epochs of %d steps of %d %s; learning rate %.3g = %.3g x %d / %d",
                run.train().epochs(),
                plan.stepsPerEpoch(),
                run.train().stepSize(),
                noun,
                lr * run.train().stepSize() / reference,
                lr,
                run.train().stepSize(),
                reference));
    }

    /** @param command that goes on with the run */
    final int conclude(RunFolder folder, int bad, Trainer.Ending ending, String command) {
        if (bad > 0) {
            LOG.warn("{} files could not be used; {} names them", bad, folder.badFiles());
        }
        if (ending == Trainer.Ending.STOPPED) {
            LOG.info("stopped and saved; go on with: maskfeat {} --resume --out {}", command, folder.root());
            return Exit.STOPPED;
        }
        LOG.info("report: {}", folder.report());
        spec.commandLine().getOut().println(folder.model());
        spec.commandLine().getOut().flush();
        return Exit.OK;
    }

    static void write(Path file, String text) throws IOException {
        AtomicFile.write(file, out -> out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
    }
}
