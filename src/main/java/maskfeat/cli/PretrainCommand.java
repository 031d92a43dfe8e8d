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
import maskfeat.data.Dataset;
import maskfeat.data.ImageDataset;
import maskfeat.data.SampleSet;
import maskfeat.data.StillImage;
import maskfeat.data.VideoDataset;
import maskfeat.recipe.Pretraining;
import maskfeat.recipe.Recipes;
import maskfeat.recipe.Run;
import maskfeat.recipe.Settings;
import maskfeat.recipe.SettingsException;
import maskfeat.report.EventFile;
import maskfeat.report.MetricsFile;
import maskfeat.report.ProgressLine;
import maskfeat.torch.Natives;
import maskfeat.torch.Threads;
import maskfeat.train.Checkpoint;
import maskfeat.train.Checkpoints;
import maskfeat.train.Listener;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import maskfeat.weights.AtomicFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code maskfeat pretrain}. */
@Command(
        name = "pretrain",
        description = "Pre-trains a network on unlabelled video or images. Without a further word: a small one on "
                + "generated sample clips.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Exit codes: 0 done, 2 usage, 3 input missing or unusable, 4 too many bad files, 5 diverged,",
            "6 out of memory, 8 disk full, 75 stopped by a signal after saving: --resume goes on."
        })
final class PretrainCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(PretrainCommand.class);

    /** What a resumed run may change: it alters no weights, or only their last bits. */
    private static final Set<String> FREE = Set.of("loader", "checkpoint", "report");

    private static final Set<String> FREE_KEYS =
            Set.of("data.path", "data.max-bad-share", "train.threads", "train.device", "train.max-non-finite");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    @Option(names = "--out", paramLabel = "DIR", description = "Run folder to make. Default: runs/RECIPE, numbered.")
    private @Nullable Path out;

    @Option(names = "--resume", description = "Go on with the run in --out (default: the last of runs/RECIPE).")
    private boolean resume;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path place = place();
        if (resume) {
            try (RunFolder folder = RunFolder.resume(place)) {
                Settings<Run> settings = resumed(folder);
                return train(folder, settings, open(settings.value()));
            }
        }
        // What can be refused is refused before the folder is made: another try finds it free.
        Settings<Run> settings = options.settings();
        RunFolder.refuseUnlessEmpty(place);
        Dataset dataset = open(settings.value());
        try (RunFolder folder = RunFolder.create(place)) {
            return train(folder, settings, dataset);
        }
    }

    private static Dataset open(Run run) throws IOException {
        Dataset dataset = Dataset.open(dataPath(run), run.data().clip());
        Pretraining.check(run, dataset);
        return dataset;
    }

    /** The run folder: as asked, else the first free one of runs/RECIPE, runs/RECIPE-2, ..., or the last in use. */
    private Path place() {
        if (out != null) {
            return out;
        }
        Path runs = Path.of("runs");
        Path next = runs.resolve(options.recipeName());
        Path last = next;
        for (int number = 2; Files.exists(next); number++) {
            last = next;
            next = runs.resolve(options.recipeName() + "-" + number);
        }
        return resume ? last : next;
    }

    /** The settings that the run was begun with, under what the command line changes now. */
    private Settings<Run> resumed(RunFolder folder) {
        Run any = Recipes.byName().values().iterator().next().run();
        Settings<Run> before = Settings.of(Run.class, "run", any).file(folder.settings());
        Settings<Run> now = options.over(before);
        for (Settings.Difference difference : Settings.differences(Run.class, before.value(), now.value())) {
            String key = difference.key();
            if (!FREE_KEYS.contains(key) && !FREE.contains(key.split("\\.", 2)[0])) {
                throw new SettingsException("a resumed run must stay the same run, but " + difference
                        + "; begin a new one with another --out, or leave the setting away");
            }
            if (key.equals("train.threads") || key.equals("train.device")) {
                System.err.println(difference + ": the last bits of sums will differ from the uninterrupted run's");
            }
        }
        return now;
    }

    private int train(RunFolder folder, Settings<Run> settings, Dataset dataset)
            throws IOException, InterruptedException {
        ProgressLine progress = ProgressLine.onStderr();
        Logging.to(progress, System.err, folder.log());
        try {
            return train(folder, settings, dataset, progress);
        } catch (IOException | InterruptedException | RuntimeException e) {
            LOG.debug("failed", e);
            throw e;
        } finally {
            Logging.close();
        }
    }

    private int train(RunFolder folder, Settings<Run> settings, Dataset dataset, ProgressLine progress)
            throws IOException, InterruptedException {
        Run run = settings.value();
        Threads.use(run.train().threads());
        Natives natives = Natives.load();
        Map<String, String> environment = Environment.describe(natives);
        write(folder.settings(), settings.yaml());
        write(
                folder.command(),
                String.join(" ", spec.commandLine().getParseResult().originalArgs()) + "\n");
        write(
                folder.environment(),
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(environment));

        LOG.info("{}", natives.summary());
        folder.killed().ifPresent(who -> LOG.info("this run was left by {}, which must have been killed", who));
        say(dataset);
        BadFilesLog badFiles = new BadFilesLog(folder.badFiles());
        List<Path> knownBad =
                badFiles.entries().stream().map(BadFilesLog.Entry::file).toList();
        try (Pretraining pretraining = Pretraining.of(run, dataset, knownBad, badFiles);
                MetricsFile metrics = new MetricsFile(folder.metrics());
                EventFile events = new EventFile(folder.root())) {
            Optional<Checkpoint> from =
                    resume ? Checkpoints.latestIn(folder.checkpoints(), LOG::warn) : Optional.empty();
            say(pretraining, from);
            List<Listener> listeners =
                    List.of(metrics, events, progress, new Pictures(pretraining, folder.pictures(), events));
            Trainer.Ending ending = pretraining.train(
                    folder, from, listeners, StopSignal.listen(line -> LOG.info("{}", line)), LOG::warn);
            metrics.close();
            RunReport.write(folder, folder.root().getFileName().toString(), pretraining, settings, environment, ending);
            return conclude(folder, pretraining, ending);
        }
    }

    private static Path dataPath(Run run) throws IOException {
        if (run.data().path() != null) {
            return Path.of(run.data().path());
        }
        Path cache = Cache.folder();
        boolean images = run.data().clip() instanceof StillImage;
        System.err.println("no --data: using the generated sample " + (images ? "images" : "clips") + " in " + cache);
        SampleSet.Size all = SampleSet.Size.DEFAULT;
        return SampleSet.ensure(cache, images ? all.imagesOnly() : all.clipsOnly())
                .resolve(images ? "images" : "clips")
                .resolve("train");
    }

    private static void say(Dataset dataset) {
        String classes =
                dataset.classes().isEmpty() ? "" : " in " + dataset.classes().size() + " classes (not used)";
        LOG.info("{} {}{} from {}", dataset.size(), dataset.noun(), classes, dataset.source());
        long folders = dataset instanceof VideoDataset
                ? dataset.items().stream()
                        .filter(item -> !VideoDataset.ENDINGS.contains(ImageDataset.ending(item.file())))
                        .filter(item -> Files.isDirectory(item.file()))
                        .count()
                : 0;
        if (folders > 0) {
            LOG.info("{} of them are folders of numbered pictures, taken for the frames of a clip", folders);
        }
        if (!dataset.ignored().isEmpty()) {
            LOG.info("passed over files with other endings: {}; 'maskfeat data scan' tells more", dataset.ignored());
        }
    }

    private static void say(Pretraining pretraining, Optional<Checkpoint> from) {
        Run run = pretraining.run();
        Trainer.Plan plan = pretraining.plan();
        LOG.info(String.format(
                Locale.ROOT,
                "%s tokens of %d px, %d numbers to predict for each hidden one; %,d parameters on %s",
                pretraining.targets().maskGrid(),
                run.model().patch(pretraining.targets().last().block()),
                pretraining.targets().last().target().dim(),
                pretraining.model().parameterCount(),
                pretraining.device()));
        LOG.info(String.format(
                Locale.ROOT,
                "%d epochs of %d steps of %d %s; learning rate %.3g = %.3g x %d / %d",
                run.train().epochs(),
                plan.stepsPerEpoch(),
                run.train().stepSize(),
                pretraining.dataset().noun(),
                run.optim().lr() * run.train().stepSize() / run.optim().referenceBatch(),
                run.optim().lr(),
                run.train().stepSize(),
                run.optim().referenceBatch()));
        from.ifPresent(checkpoint -> LOG.info("going on after step {}", checkpoint.step()));
    }

    private int conclude(RunFolder folder, Pretraining pretraining, Trainer.Ending ending) {
        int bad = pretraining.badFiles().count();
        if (bad > 0) {
            LOG.warn("{} files could not be used; {} names them", bad, folder.badFiles());
        }
        if (ending == Trainer.Ending.STOPPED) {
            LOG.info("stopped and saved; go on with: maskfeat pretrain --resume --out {}", folder.root());
            return Exit.STOPPED;
        }
        LOG.info("report: {}", folder.report());
        spec.commandLine().getOut().println(folder.model());
        spec.commandLine().getOut().flush();
        return Exit.OK;
    }

    private static void write(Path file, String text) throws IOException {
        AtomicFile.write(file, out -> out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
    }
}
