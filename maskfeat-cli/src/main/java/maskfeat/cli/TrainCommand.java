package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import maskfeat.data.OtherMedia;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.report.ProgressLine;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.run.RunJob;
import maskfeat.settings.Nearest;
import maskfeat.settings.Origin;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import maskfeat.torch.RankLost;
import maskfeat.torch.RankPlace;
import maskfeat.track.MlflowRun;
import maskfeat.train.RunFolder;
import maskfeat.train.RunRefused;
import maskfeat.train.Trainer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What commands that train have in common: settings, run folder, log, resuming. The rest is {@link RunJob}. */
abstract class TrainCommand implements Callable<Integer>, MemoryAdvice {

    private static final double LEAST_MINUTES = 0.01;
    private static final double MOST_MINUTES = 1_000_000;
    private static final DecimalFormat MINUTES =
            new DecimalFormat("0.##", DecimalFormatSymbols.getInstance(Locale.ROOT));
    private static final Logger LOG = LoggerFactory.getLogger("maskfeat");

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    SettingsOptions options = new SettingsOptions();

    @Mixin
    private TrackOptions track = new TrackOptions();

    @Option(
            names = "--out",
            converter = PlaceConverter.OnDisk.class,
            paramLabel = "DIR",
            description = "Run folder to create. Default: runs/ and the name of the recipe or file, numbered.")
    private @Nullable Path out;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            description =
                    "Train for about so many minutes on this machine: measures some steps first and sets train.epochs.")
    private @Nullable Double minutes;

    @Option(names = "--resume", description = "Continue the run in --out. Default: the last of that name in runs/.")
    private boolean resume;

    @Option(
            names = "--accept-changed-data",
            description = "With --resume: go on although files of the data were added, removed or changed.")
    private boolean acceptChangedData;

    /** Who else may ask for a stop: a command that runs this one. */
    private BooleanSupplier outer = () -> false;

    private @Nullable RunJob job;

    /** Of the run's folder in {@code runs}, as far as it is known before anything is read. */
    abstract String runName() throws IOException;

    /** What a new run begins with, before the changes of the command line. */
    abstract Settings<Run> beginning() throws IOException;

    /**
     * Refuses a run that another command is for.
     *
     * @param place the folder of a run that goes on; null for a new one
     */
    void check(Run run, @Nullable Path place) {
        String command = run.task().command();
        if (!command.equals(spec.name())) {
            throw new SettingsException(
                    place == null
                            ? "these settings are of a run of " + command + " (task.kind), not of " + spec.name()
                                    + "; take 'maskfeat " + command + "' or 'maskfeat train'"
                            : place + " holds a run of " + command + "; go on with: " + Launcher.name() + " " + command
                                    + " --resume --out " + place);
        }
    }

    /** What this command's own options change. */
    abstract Settings<Run> withFlags(Settings<Run> settings);

    @Override
    public final Integer call() throws IOException, InterruptedException {
        Optional<RankPlace> ranks = RankPlace.of(System.getenv());
        ranks.filter(rank -> rank.rank() > 0).ifPresent(rank -> {
            Logging.ofRank(rank.rank());
            Heartbeat.silence();
        });
        Path place = place();
        boolean goesOn = resume || isRestarted(ranks, place);
        if (resume && minutes != null) {
            throw new IllegalArgumentException("--minutes plans a new run; a resumed one keeps its train.epochs");
        }
        // Before data are read, which may take long.
        boolean follows = ranks.filter(rank -> rank.rank() > 0).isPresent();
        Optional<MlflowRun> server = follows ? Optional.empty() : track.connect(goesOn);
        RunJob job;
        try {
            job = goesOn
                    ? RunJob.resume(place, before -> changed(before, place), LOG::warn)
                    : begin(place, ranks.isPresent());
        } catch (OtherMedia other) {
            throw other.with(adviceFor(other));
        }
        if (acceptChangedData) {
            if (!resume) {
                throw new IllegalArgumentException("--accept-changed-data does nothing without --resume");
            }
            job.acceptingChangedData();
        }
        this.job = job;
        ranks.ifPresent(job::among);
        if (!job.leads()) {
            return follow(job);
        }
        int code = lead(job, server);
        if (code == Exit.OK) {
            Console.of(spec).next(NextSteps.ofRun(job.settings().value().task(), place));
        }
        return code;
    }

    /** Trains, and says all that there is to be said but what comes next, which is for when nothing else speaks any more. */
    private int lead(RunJob job, Optional<MlflowRun> server) throws IOException, InterruptedException {
        ProgressLine progress = ProgressLine.onStderr();
        try (RunFolder folder = job.folder()) {
            Logging.to(progress, System.err, folder.log());
            try (StopSignal stop = StopSignal.listen(StopSignal.SAVING, line -> LOG.info("{}", line));
                    MlflowRun sent = track.sending(server, folder.root(), job.settings())) {
                RunJob.Watch watch = new RunJob.Watch(
                        sent == null ? List.of(progress) : List.of(progress, sent),
                        () -> stop.getAsBoolean() || outer.getAsBoolean() || LaunchCommand.isGone(),
                        ScoringLine.onStderr(job.noun()),
                        String.join(" ", spec.commandLine().getParseResult().originalArgs()));
                return conclude(folder, job.run(folder, watch));
            } catch (IOException | InterruptedException | RuntimeException e) {
                LOG.debug("failed", e);
                if (e instanceof RankLost && folder.hasSaved()) {
                    LOG.info("the last whole step is saved; go on with: {}", toGoOn(folder.root()));
                }
                throw e;
            } finally {
                Logging.close();
            }
        }
    }

    /** What to type where the data are of the other media. */
    private String adviceFor(OtherMedia other) throws IOException {
        String wanted = other.hasImages() ? "images" : "videos";
        String recipe = runName().replace(other.hasImages() ? "video" : "image", other.hasImages() ? "image" : "video");
        String likeIt = Recipes.of(spec.name()).contains(recipe) && !recipe.equals(runName())
                ? spec.name() + " " + recipe
                : PretrainCommand.NAME + (other.hasImages() ? " small-image" : " small-video");
        return "; for " + wanted + ": '" + Launcher.named("maskfeat " + likeIt) + " --data ...'";
    }

    /** A new run, of as many epochs as fit into {@code --minutes} where these are given. */
    private RunJob begin(Path place, boolean amongRanks) throws IOException, InterruptedException {
        Settings<Run> settings = newRun();
        if (minutes == null) {
            RunJob begun = RunJob.begin(place, settings);
            options.sayConsequences(beginning());
            return begun;
        }
        String option = "--minutes " + MINUTES.format(minutes);
        if (!(minutes >= LEAST_MINUTES && minutes <= MOST_MINUTES)) {
            throw new IllegalArgumentException("--minutes " + minutes + " must be from " + MINUTES.format(LEAST_MINUTES)
                    + " to " + MINUTES.format(MOST_MINUTES));
        }
        if (amongRanks) {
            throw new IllegalArgumentException(
                    option + " is for one process: several would not measure the same; set train.epochs (--epochs)");
        }
        Origin epochs = settings.origins().get("train.epochs");
        if (epochs instanceof Origin.Assignment || epochs instanceof Origin.Flag) {
            throw new IllegalArgumentException(
                    option + " chooses train.epochs, which is set too (" + epochs + "); leave one of them away");
        }
        return RunJob.begin(place, settings).within(option, Duration.ofMillis(Math.round(minutes * 60_000)));
    }

    /** Started again by who started this process or the ranks, with the same words: a run that has its folder goes on. */
    private boolean isRestarted(Optional<RankPlace> ranks, Path place) {
        if (resume || RankPlace.restarts(System.getenv()) == 0) {
            return false;
        }
        if (out == null) {
            String needed = "what is started again (TORCHELASTIC_RESTART_COUNT, SLURM_RESTART_COUNT) needs --out:"
                    + " it tells the folder of the run to go on with";
            if (ranks.isPresent()) {
                throw new IllegalArgumentException(needed);
            }
            LOG.warn("{}; this is a new run", needed);
            return false;
        }
        try {
            return Files.exists(RunFolder.look(place).settings());
        } catch (RunRefused notBegun) {
            return false;
        }
    }

    /** A rank that does not lead: no progress, no result. */
    private int follow(RunJob job) throws IOException, InterruptedException {
        try (RunFolder folder = job.folder();
                StopSignal stop = StopSignal.listen(StopSignal.SAVING, line -> LOG.info("{}", line))) {
            RunJob.Watch watch = new RunJob.Watch(
                    List.of(),
                    () -> stop.getAsBoolean() || outer.getAsBoolean() || LaunchCommand.isGone(),
                    (done, of) -> {},
                    "");
            return job.run(folder, watch).ending() == Trainer.Ending.STOPPED ? Exit.STOPPED : Exit.OK;
        } catch (RankLost lost) {
            job.savedInPlace().ifPresent(run -> LOG.warn("go on with: {}", toGoOn(run)));
            throw lost;
        }
    }

    Settings<Run> newRun() throws IOException {
        Settings<Run> beginning = beginning();
        Settings<Run> settings = SettingsOptions.checked(beginning.value(), withFlags(options.over(beginning)));
        check(settings.value(), null);
        return settings;
    }

    private Settings<Run> changed(Settings<Run> before, Path place) {
        check(before.value(), place);
        return withFlags(options.over(before));
    }

    /** The run folder: as asked, else the first free one of runs/RECIPE, runs/RECIPE-2, ..., or the last in use. */
    private Path place() throws IOException {
        if (out != null) {
            return out;
        }
        Path runs = Path.of("runs");
        Path next = runs.resolve(runName());
        Path last = next;
        for (int number = 2; Files.exists(next); number++) {
            last = next;
            next = runs.resolve(runName() + "-" + number);
        }
        return resume ? last : next;
    }

    /** The command that goes on with the run as it was started. */
    private String toGoOn(Path run) {
        String command = spec.name() + " --resume --out " + run;
        return Launcher.name() + " "
                + LaunchCommand.launcherOfThis().map(launch -> launch + " -- ").orElse("") + command;
    }

    private int conclude(RunFolder folder, RunJob.Outcome outcome) {
        if (outcome.badFiles() > 0) {
            LOG.warn("{} could not be used; {} names them", Plural.of(outcome.badFiles(), "file"), folder.badFiles());
        }
        if (outcome.ending() == Trainer.Ending.STOPPED) {
            LOG.info("stopped and saved; go on with: {}", toGoOn(folder.root()));
            return Exit.STOPPED;
        }
        LOG.info("report: {}", folder.report());
        spec.commandLine().getOut().println(folder.model());
        spec.commandLine().getOut().flush();
        return Exit.OK;
    }

    /**
     * The recipe of this command by name.
     *
     * @throws SettingsException if there is none, naming those that there are
     */
    static String recipe(String command, String name) {
        List<String> names = Recipes.of(command);
        if (!names.contains(name)) {
            if (Assignments.isOne(name)) {
                throw new SettingsException(Assignments.advice(name));
            }
            boolean ofAnother = Recipes.BOOK.names().contains(name);
            if (!ofAnother && isThere(name)) {
                throw new SettingsException("data go with --data: --data " + Launcher.word(name));
            }
            String wrong = (ofAnother
                            ? "recipe " + name + " is for '"
                                    + Recipes.named(name).task().command() + "', not for '" + command + "'"
                            : "there is no recipe '" + name + "'")
                    + Nearest.hint(name, names);
            throw new SettingsException(wrong + " (recipes: " + RecipeNames.some(names) + ")");
        }
        return name;
    }

    private static boolean isThere(String name) {
        try {
            return !name.isBlank() && Files.exists(PathText.path(name));
        } catch (InvalidPathException noPath) {
            return false;
        }
    }

    @Override
    public final String lessMemory() {
        return (resume ? "A resumed run keeps its micro-batches; for a new one, lower" : "Lower")
                + " train.batch and raise train.accumulate by the same factor: steps stay as large; only task.mix"
                + " without a group then mixes among fewer samples. train.recompute=true takes less memory and more"
                + " time, a lower loader.ahead less memory where data is large: both change no result, and a resumed run may"
                + " set them.";
    }

    /** To be stopped after a step, saved, when somebody asks for it who listened to signals before. */
    final void stoppedBy(BooleanSupplier request) {
        outer = request;
    }

    /** Whether this process has met those that it trains with. */
    final boolean hasMet() {
        return job != null && job.hasMet();
    }

    /** Whether the error that this process ends in is that of rank 0 too. */
    final boolean isSaidByFirst() {
        return job != null && job.isSaidByFirst();
    }

    /** Whether a run is to go on rather than begin. */
    final boolean resuming() {
        return resume;
    }
}
