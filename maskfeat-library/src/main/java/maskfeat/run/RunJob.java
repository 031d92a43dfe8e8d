package maskfeat.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import maskfeat.data.Dataset;
import maskfeat.data.ImageDataset;
import maskfeat.data.KeyFrameDataset;
import maskfeat.data.VideoDataset;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Doing;
import maskfeat.disk.Plural;
import maskfeat.infer.Progress;
import maskfeat.network.Transfer;
import maskfeat.report.EventFile;
import maskfeat.report.MetricsFile;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import maskfeat.torch.Bfloat16;
import maskfeat.torch.Devices;
import maskfeat.torch.Natives;
import maskfeat.torch.Precision;
import maskfeat.torch.RankLost;
import maskfeat.torch.RankPlace;
import maskfeat.torch.Ranks;
import maskfeat.torch.Threads;
import maskfeat.train.Checkpoint;
import maskfeat.train.Checkpoints;
import maskfeat.train.Listener;
import maskfeat.train.RunFolder;
import maskfeat.train.RunRefused;
import maskfeat.train.Trainer;
import org.bytedeco.pytorch.Device;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run in its folder, with everything that belongs there: settings, environment, metrics, TensorBoard events, pictures, the
 * files that could not be used, checkpoints, report and result. What the commands {@code pretrain}, {@code finetune} and
 * {@code train} do.
 *
 * <pre>
 * RunJob.begin(Path.of("runs/photos"), Recipes.BOOK.settings("in1k-vit-b-pt").set("data.path=photos")).run();
 * RunJob.resume(Path.of("runs/photos")).run();
 * </pre>
 *
 * <p>What a person should know is logged by SLF4J under the name {@code maskfeat}.
 */
public final class RunJob {
    private static final Logger LOG = LoggerFactory.getLogger("maskfeat");

    /** What a resumed run may change: it alters no weights, or only their last bits. */
    private static final Set<String> FREE = Set.of("loader", "checkpoint", "report");

    private static final Set<String> FREE_KEYS = Set.of(
            "data.path",
            "data.max-bad-share",
            "train.recompute",
            "train.threads",
            "train.device",
            "train.max-non-finite");

    /** Where these lie may change: the data was moved. Whether there are any may not. */
    private static final Set<String> PATHS = Set.of(
            "data.labels.validation",
            "data.labels.class-names",
            "task.boxes.source",
            "task.boxes.validation",
            "task.boxes.given",
            "task.boxes.extra",
            "task.boxes.labels",
            "task.boxes.excluded");

    private static final int INHERITING = 50;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Path place;
    private final Settings<Run> asked;
    private final Settings<Run> settings;
    private final RunData data;
    private final boolean resumed;

    /** Resumed at its end, features and all. Noted before rank 0 trains, so that all ranks find the same. */
    private final boolean finished;

    private boolean acceptsChangedData;
    private Optional<RankPlace> rankPlace = Optional.empty();
    private Ranks ranks = Ranks.ALONE;
    private KeptOrigins kept = KeptOrigins.none();
    private Optional<Path> savedInPlace = Optional.empty();
    private boolean saidByFirst;

    private RunJob(Path place, Settings<Run> settings, RunData data, boolean resumed) throws IOException {
        this.place = place;
        this.resumed = resumed;
        this.finished = resumed && isFinished(place);
        this.data = data;
        Training.check(settings.value(), data);
        this.asked = Training.decided(settings, data, LOG::info);
        this.settings = resumed ? asked : FeatureFit.fitted(asked, data);
    }

    /**
     * How a run came out.
     *
     * @param ending whether it came to its end
     * @param folder the run folder
     * @param badFiles how many files could not be used
     */
    public record Outcome(Trainer.Ending ending, Path folder, int badFiles) {}

    /**
     * Who watches a run.
     *
     * @param listeners are told how it goes, besides the files in the folder
     * @param stopRequested asked after each micro-batch; true saves the last whole step and returns
     * @param measuring is told how far the measurement at the end is
     * @param command for {@code command.txt}: what was asked for
     */
    public record Watch(List<Listener> listeners, BooleanSupplier stopRequested, Progress measuring, String command) {
        /** Nobody: trains to its end. */
        public static final Watch NONE = new Watch(List.of(), () -> false, (done, of) -> {}, "");
    }

    /**
     * A new run. What can be refused is refused here; nothing is made yet. Data that does not fill a step of the recipe gets
     * smaller steps where the settings do not say how large they are, which is logged and written down.
     *
     * @param place the run folder to make, which must be empty or not there
     * @throws IOException if the folder is in use or the data cannot be opened
     * @throws IllegalArgumentException if the device is not here or the data does not fill one step
     */
    public static RunJob begin(Path place, Settings<Run> settings) throws IOException {
        RunFolder.refuseUnlessEmpty(place);
        Settings<Run> decided = decided(settings);
        RunData data = opened(decided.value());
        Settings<Run> fitted =
                StepFit.fitted(decided, data.train().size(), data.train().noun(), LOG::warn);
        return new RunJob(place, fitted, data, false);
    }

    /**
     * The same new run with as many epochs as fit into a time. Makes some steps to measure them, which leave nothing.
     *
     * @param option as the user wrote it, such as {@code --minutes 60}: where the settings come from then
     * @param time for training and validation, counted from now
     * @throws IllegalArgumentException if one epoch takes longer
     */
    public RunJob within(String option, Duration time) throws IOException, InterruptedException {
        if (resumed) {
            throw new IllegalArgumentException(
                    option + " plans a new run; a resumed one keeps its train.epochs: leave it away");
        }
        Threads.use(settings.value().train().threads());
        return new RunJob(place, TimePlan.planned(asked, data, option, time, LOG::info), data, false);
    }

    /** With the precision that is right here, which the run keeps wherever it goes on. */
    private static Settings<Run> decided(Settings<Run> settings) {
        Run.Train train = settings.value().train();
        if (train.precision() != Precision.AUTO) {
            return settings;
        }
        Device device = Devices.named(train.device());
        Precision precision = train.precision().on(device);
        Bfloat16 here = Bfloat16.of(device);
        LOG.info("train.precision auto is {} here: {}", precision, here.reason());
        return settings.flag("auto, " + here.word(), "train.precision", precision.toString());
    }

    /** A new run of a value. */
    public static RunJob begin(Path place, Run run) throws IOException {
        return begin(place, Settings.of(RunFormat.FORMAT, "of the program", run));
    }

    /** Goes on with a run with the settings that it was begun with. */
    public static RunJob resume(Path place) throws IOException {
        return resume(place, settings -> settings, LOG::warn);
    }

    /**
     * Goes on with a run. What can be refused is refused here; nothing is changed yet.
     *
     * @param changes what is to be set now; only what changes no result may be
     * @param notices takes what a person should know of the changes
     * @throws SettingsException if another run would come of it
     */
    public static RunJob resume(Path place, UnaryOperator<Settings<Run>> changes, Consumer<String> notices)
            throws IOException {
        Settings<Run> before =
                Settings.of(RunFormat.FORMAT, RunFolder.look(place).settings());
        Settings<Run> now = changes.apply(before);
        for (Settings.Difference difference : Settings.differences(Run.class, before.value(), now.value())) {
            String key = difference.key();
            if (!isFree(difference)) {
                throw new SettingsException("a resumed run must stay the same run, but " + difference
                        + "; begin a new one in another folder, or leave the setting away");
            }
            if (key.equals("train.threads") || key.equals("train.device")) {
                notices.accept(difference + ": the last bits of sums will differ from the uninterrupted run's");
            }
            if (key.equals("report.features") || key.equals("report.features-val")) {
                notices.accept(difference
                        + (isFinished(place)
                                ? ": the run is at its end, and its features are not measured again"
                                : ": features are measured on other items from here on"));
            }
        }
        return new RunJob(place, now, opened(now.value()), true);
    }

    /** Whether a run has its result, and its features were measured at the end: a stop may have come while they were. */
    private static boolean isFinished(Path place) {
        if (!Files.exists(place.resolve(RunResult.FILE))) {
            return false;
        }
        var rows = MetricsFile.read(place.resolve("metrics.jsonl"));
        return !rows.isEmpty()
                && rows.lastEntry().getValue().keySet().stream().anyMatch(tag -> tag.startsWith("features/"));
    }

    private static RunData opened(Run run) throws IOException {
        try (Doing doing = Doing.begin("opening the data")) {
            return RunData.open(run);
        }
    }

    private DataRecord dataRecord() {
        try (Doing doing = Doing.begin("looking at the files of the data")) {
            return DataRecord.of(data);
        }
    }

    private static boolean isFree(Settings.Difference difference) {
        boolean moved = !difference.was().equals("null") && !difference.is().equals("null");
        return FREE_KEYS.contains(difference.key())
                || (PATHS.contains(difference.key()) || difference.key().endsWith(".teacher.file")) && moved
                || FREE.contains(difference.key().split("\\.", 2)[0]);
    }

    /**
     * Trains together with other processes, each of which begins or resumes the same run. Rank 0 writes the run folder, which
     * the others must be able to read; they keep what they note in a temporary folder.
     *
     * @throws IllegalArgumentException if the run cannot be shared by so many, saying why
     */
    public RunJob among(RankPlace others) {
        Training.share(settings.value(), others.size(), !resumed);
        rankPlace = Optional.of(others);
        return this;
    }

    /** Whether this process writes the run folder, as all do that train alone. */
    public boolean leads() {
        return rankPlace.map(RankPlace::rank).orElse(0) == 0;
    }

    /** What the items of the data are called in a sentence: images or clips. */
    public String noun() {
        return data.train().noun();
    }

    /** The settings, with where each comes from. */
    public Settings<Run> settings() {
        return settings;
    }

    /** Goes on although the data have changed since the run was begun: another run comes of it than without. */
    public RunJob acceptingChangedData() {
        acceptsChangedData = true;
        return this;
    }

    /**
     * Makes the run folder, or takes it up; to be closed by the caller after {@link #run(RunFolder, Watch)}.
     *
     * @throws IllegalArgumentException if the data of a resumed run are not those that it was begun on
     */
    public RunFolder folder() throws IOException {
        DataRecord now = dataRecord();
        if (resumed) {
            compare(now);
        }
        try {
            // All have looked at the folder before rank 0 makes it.
            rankPlace.ifPresent(others -> meet(others, now));
            return folder(now);
        } catch (IOException | RuntimeException failure) {
            tellOthers(failure);
            throw failure;
        }
    }

    private RunFolder folder(DataRecord now) throws IOException {
        if (!leads()) {
            return RunFolder.create(RankFolders.create(ranks.rank()));
        }
        RunFolder folder = resumed ? RunFolder.resume(place) : RunFolder.create(place);
        try {
            if (!resumed) {
                // Before anything else is: a run that is killed from here on can be taken up.
                write(folder, now);
            }
            return folder;
        } catch (IOException e) {
            folder.close();
            throw e;
        }
    }

    private void meet(RankPlace others, DataRecord now) {
        LOG.info(
                "rank {} of {}: meeting the others at {}:{}",
                others.rank(),
                others.size(),
                others.host(),
                others.port());
        ranks = Ranks.join(others, LOG::warn);
        RankAgreement.check(ranks, Environment.version(), settings.value(), now);
        Run run = settings.value();
        if (ranks.rank() == 0 && run.train().stepSize() % ranks.size() == 0) { // else it is refused
            int own = run.train().stepSize() / ranks.size() / Training.share(run, ranks.size(), true);
            run.task().amongRanks(run.train().microBatch(), own).ifPresent(LOG::warn);
        }
    }

    /** A rank that fails says so, so that the others name it instead of waiting. */
    private void tellOthers(Throwable failure) {
        if (!(failure instanceof RankLost)) {
            saidByFirst = ranks.fail(String.valueOf(failure.getMessage()));
        }
        ranks.close();
    }

    private void write(RunFolder folder, DataRecord now) throws IOException {
        AtomicFile.writeText(folder.settings(), kept.text(settings.yaml()));
        now.write(folder.root());
    }

    private void compare(DataRecord now) throws IOException {
        Optional<DataRecord> before = DataRecord.read(place);
        if (before.isEmpty()) {
            LOG.info("this run did not write down what data it was begun on, so they are not compared");
            return;
        }
        now.featuresSince(before.get())
                .filter(text -> !finished)
                .ifPresent(text ->
                        LOG.warn("features are measured on other items from here on: {} (report.features-val)", text));
        Optional<DataRecord.Change> change = now.since(before.get());
        if (change.isEmpty()) {
            return;
        }
        String text = change.get().text();
        if (!change.get().refused()) {
            LOG.warn("the data seem to be a copy of those that the run was begun on: {}", text);
        } else if (acceptsChangedData) {
            LOG.warn("going on with other data than the run was begun on: {}", text);
        } else {
            throw new IllegalArgumentException("the data in " + data.train().place()
                    + " have changed since the run was begun: " + text
                    + ". Other weights would come of it; bring the data back, begin a new run in another folder, or go on"
                    + " all the same with --accept-changed-data");
        }
    }

    /** Trains to the end, or until the process dies; then {@link #resume(Path)} goes on. */
    public Outcome run() throws IOException, InterruptedException {
        try (RunFolder folder = folder()) {
            return run(folder, Watch.NONE);
        }
    }

    /**
     * Trains and reports.
     *
     * @param folder that {@link #folder} gave
     */
    public Outcome run(RunFolder folder, Watch watch) throws IOException, InterruptedException {
        try {
            return leads() ? lead(folder, watch) : follow(folder, watch);
        } catch (IOException | InterruptedException | RuntimeException | Error failure) {
            tellOthers(failure);
            throw failure;
        } finally {
            ranks.close();
        }
    }

    /** Trains beside rank 0, which writes and reports. Nothing of the temporary folder remains. */
    private Outcome follow(RunFolder temporary, Watch watch) throws IOException, InterruptedException {
        Run run = settings.value();
        Threads.use(run.train().threads());
        List<Path> knownBad = List.of();
        Optional<Checkpoint> from = Optional.empty();
        if (resumed) {
            RunFolder kept = RunFolder.look(place);
            knownBad = new BadFilesLog(kept.badFiles())
                    .entries().stream().map(BadFilesLog.Entry::file).toList();
            from = lastOf(kept);
        }
        // Rank 0 hears of files that cannot be used, and says and writes it.
        try (Training training = Training.of(run, data, knownBad, (file, why) -> {}, (file, why) -> {})
                .among(ranks)) {
            if (from.isPresent()) {
                training.checkResume(from.get());
            }
            boolean stopped =
                    from.isEmpty() && training.begin(watch.stopRequested).isEmpty();
            if (ranks.any(stopped)) {
                return new Outcome(Trainer.Ending.STOPPED, place, 0);
            }
            training.inheritedBy(this::inherit);
            List<Listener> listeners = new ArrayList<>(watch.listeners);
            training.features(finished, listeners, watch.stopRequested, line -> {})
                    .ifPresent(listeners::add);
            Trainer.Ending ending = training.train(temporary, from, listeners, watch.stopRequested, LOG::warn);
            boolean whole = ending != Trainer.Ending.DONE
                    || training.evaluator().isEmpty()
                    || training.measureKept(place, watch.stopRequested, watch.measuring)
                            .isPresent();
            return new Outcome(whole ? ending : Trainer.Ending.STOPPED, place, 0);
        } finally {
            temporary.discard();
            Files.deleteIfExists(temporary.root()); // discarding leaves a folder that was there before
        }
    }

    /** Saves in place of rank 0, which is gone. The ranks that are left come here one after the other, the first of them saves. */
    void inherit(long step, Map<String, Content> files) {
        try (RunFolder folder = inherited()) {
            Optional<Checkpoint> last = Checkpoints.latestIn(folder.checkpoints(), LOG::warn);
            if (last.isEmpty() || last.get().step() < step) {
                int keep = settings.value().checkpoint().keep();
                Checkpoint saved =
                        Checkpoints.open(folder.checkpoints(), keep, LOG::warn).save(step, files);
                folder.saved(step);
                LOG.warn("rank 0 is gone: rank {} has saved step {} in {}", ranks.rank(), step, saved.folder());
                savedInPlace = Optional.of(folder.root());
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("rank 0 is gone, and rank {} could not save step {}: {}", ranks.rank(), step, e.getMessage());
        }
    }

    /** The run folder, which rank 0 or another that is left may not have given back yet; one of its own where it is not to be seen. */
    private RunFolder inherited() throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                if (Files.exists(place.resolve("config.yaml"))) {
                    return RunFolder.resume(place);
                }
                RunFolder own = RunFolder.create(place);
                LOG.warn(
                        "the run folder of rank 0 is not on this machine: saving in {} here; go on from here, or copy its"
                                + " checkpoint into that of rank 0",
                        own.root());
                write(own, dataRecord());
                return own;
            } catch (RunRefused inUse) {
                if (attempt == INHERITING) {
                    throw inUse;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    /** Whether this process has met those that it trains with. */
    public boolean hasMet() {
        return !ranks.isAlone();
    }

    /** Whether this is not rank 0, has failed, and rank 0 has failed for the same reason. */
    public boolean isSaidByFirst() {
        return saidByFirst;
    }

    /** Where this rank has saved in place of rank 0; empty if it has not. */
    public Optional<Path> savedInPlace() {
        return savedInPlace;
    }

    private Outcome lead(RunFolder folder, Watch watch) throws IOException, InterruptedException {
        Run run = settings.value();
        Threads.use(run.train().threads());
        Natives natives = Natives.load();
        Map<String, String> environment = Environment.describe(natives);
        String commands = resumed && Files.exists(folder.command()) ? Files.readString(folder.command()) : "";
        AtomicFile.writeText(folder.command(), commands + watch.command + "\n");
        AtomicFile.writeText(folder.environment(), pretty(environment));
        LOG.info("{}", natives.summary());
        if (resumed) {
            kept = KeptOrigins.of(folder.settings());
        }
        folder.killed().ifPresent(who -> LOG.info("this run was left by {}, which must have been killed", who));
        BadFilesLog badFiles = new BadFilesLog(folder.badFiles());
        List<Path> knownBad =
                badFiles.entries().stream().map(BadFilesLog.Entry::file).toList();
        announceData();
        try (MetricsFile metrics = new MetricsFile(folder.metrics());
                EventFile events = new EventFile(folder.root());
                Training training = Training.of(run, data, knownBad, badFiles, badFiles::leftOut)
                        .among(ranks)) {
            Optional<Checkpoint> from = resumed ? lastOf(folder) : Optional.empty();
            announce(training);
            if (!finished) {
                announceFeatures(training);
            }
            announceMemory(training, resumed);
            if (from.isPresent()) {
                training.checkResume(from.get());
            }
            if (resumed) {
                // Not before what is set now is known to fit: a refusal leaves the run as it was.
                write(folder, dataRecord());
            }
            if (from.isPresent()) {
                long done = from.get().step();
                boolean all = done >= training.schedule().steps();
                LOG.info(
                        "going on after step {}{}",
                        done,
                        all ? ", which was the last: only what follows training is done" : "");
            }
            HowItStands stands = new HowItStands();
            boolean stopped = from.isEmpty() && !beginOrLeaveNothing(training, folder, watch.stopRequested);
            if (ranks.any(stopped)) {
                report(folder, training, environment, badFiles, Trainer.Ending.STOPPED, stands)
                        .write(watch.stopRequested, watch.measuring);
                return new Outcome(
                        Trainer.Ending.STOPPED,
                        folder.root(),
                        badFiles.entries().size());
            }
            List<Listener> listeners = new ArrayList<>(List.of(metrics, events));
            listeners.addAll(watch.listeners);
            listeners.add(new WaitingAdvice(
                    run.loader(),
                    Runtime.getRuntime().availableProcessors(),
                    run.data().path() != null,
                    LOG::warn));
            Double until = run.train().until();
            listeners.add(new Outlook(
                    training.evaluator().isPresent(), until != null, run.data().path() != null, LOG::info));
            Optional<GoalNotice> goal = Optional.ofNullable(until).map(share -> new GoalNotice(share, LOG::info));
            goal.ifPresent(listeners::add);
            listeners.add(stands);
            listeners.add(training.pictures(folder.pictures(), events));
            training.features(finished, listeners, watch.stopRequested, LOG::info)
                    .ifPresent(listeners::add);
            Trainer.Ending ending = training.train(folder, from, listeners, watch.stopRequested, LOG::warn);
            if (ending == Trainer.Ending.DONE) {
                goal.ifPresent(GoalNotice::ended);
            }
            metrics.close();
            boolean whole = report(folder, training, environment, badFiles, ending, stands)
                    .write(watch.stopRequested, watch.measuring);
            return new Outcome(
                    whole ? ending : Trainer.Ending.STOPPED,
                    folder.root(),
                    badFiles.entries().size());
        }
    }

    private RunReport report(
            RunFolder folder,
            Training training,
            Map<String, String> environment,
            BadFilesLog badFiles,
            Trainer.Ending ending,
            HowItStands stands) {
        return new RunReport(folder, training, settings, finished, kept, environment, badFiles, ending, stands);
    }

    private static String pretty(Object value) {
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(value);
    }

    /** A run that has no checkpoint because it was stopped before the first begins at step 0; one that has lost it does not. */
    private static Optional<Checkpoint> lastOf(RunFolder folder) throws IOException {
        List<String> damages = new ArrayList<>();
        Optional<Checkpoint> last = Checkpoints.latestIn(folder.checkpoints(), damages::add);
        damages.forEach(LOG::warn);
        if (last.isPresent()) {
            return last;
        }
        int damaged = Checkpoints.countIn(folder.checkpoints());
        if (damaged > 0 || folder.hasSaved()) {
            throw new DamagedFile(
                    folder.checkpoints(),
                    (damaged > 0
                                    ? "has " + Plural.of(damaged, "checkpoint") + ", none of which is whole: "
                                            + String.join("; ", damages)
                                    : "has no checkpoint, and this run has saved some")
                            + ". To begin again at step 0, begin a new run in another folder");
        }
        LOG.info("this run was left before its first checkpoint; beginning at step 0");
        return last;
    }

    private boolean beginOrLeaveNothing(Training training, RunFolder folder, BooleanSupplier stopRequested)
            throws IOException, InterruptedException {
        try {
            return begin(training, folder, stopRequested);
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (!resumed) {
                try {
                    folder.discard();
                } catch (IOException alsoFailed) {
                    e.addSuppressed(alsoFailed);
                }
            }
            throw e;
        }
    }

    /** False if a stop was requested. */
    private static boolean begin(Training training, RunFolder folder, BooleanSupplier stopRequested)
            throws IOException, InterruptedException {
        Optional<Transfer> begun = training.begin(stopRequested);
        if (begun.isEmpty()) {
            return false;
        }
        Transfer transfer = begun.get();
        Run run = training.run();
        if (run.from() == null) {
            if (run.validate() != null) {
                LOG.info("from scratch, layer decay {}", run.optim().layerDecay());
            }
            return true;
        }
        AtomicFile.writeText(folder.transfer(), pretty(transfer));
        LOG.info("{}: {}", run.from(), transfer.summary());
        transfer.resized().forEach(resized -> LOG.info("resized {}", resized));
        if (!transfer.fresh().isEmpty()) {
            LOG.info("new: {}", String.join(", ", transfer.fresh()));
        }
        return true;
    }

    private void announceData() {
        Dataset train = data.train();
        int classes = data.classes().size();
        int unused = train.classes().size();
        LOG.info(
                "{}{} from {}",
                train.counted(),
                train instanceof KeyFrameDataset
                        ? " with " + Plural.of(classes, "action")
                        : classes > 0
                                ? " in " + Plural.of(classes, "class", "classes")
                                : unused > 0 ? " in " + Plural.of(unused, "class", "classes") + " (not used)" : "",
                train.place());
        long folders = train.items().stream()
                .filter(item -> !VideoDataset.ENDINGS.contains(ImageDataset.ending(item.file())))
                .filter(item -> Files.isDirectory(item.file()))
                .count();
        if (folders > 0) {
            LOG.info("{} of them are folders of numbered pictures, taken for the frames of a clip", folders);
        }
        if (!train.ignored().isEmpty()) {
            LOG.info("passed over files with other endings: {}; 'maskfeat data scan' tells more", train.ignored());
        }
        data.notices().forEach(LOG::warn);
        if (settings.value().task().metrics().isEmpty()) {
            return;
        }
        data.validation()
                .ifPresentOrElse(
                        held -> LOG.info("measured on {} from {}", held.counted(), held.place()),
                        () -> LOG.warn(
                                "nothing to measure on: set {}",
                                settings.value().task().toMeasureOn()));
    }

    /** Of a graphics card, libtorch's bindings do not tell how much it has. */
    private static void announceMemory(Training training, boolean resumed) throws IOException {
        if (!training.device().equals("cpu")) {
            return;
        }
        MachineMemory machine = MachineMemory.now();
        if (Double.isNaN(machine.used())) {
            return;
        }
        Run.Train train = training.run().train();
        MemoryNeed need = training.memory(machine);
        LOG.info(
                "memory: {}; this machine has {}, {} of it free",
                need.text(train.microBatch()),
                MachineMemory.text(machine.total()),
                MachineMemory.text(machine.free()));
        if (!need.fits(machine)) {
            LOG.warn("training will hardly fit into memory: {}", training.lessMemory(machine, resumed));
        }
    }

    private static void announce(Training training) {
        Run run = training.run();
        Run.Optim optim = run.optim();
        int stepSize = run.train().stepSize();
        LOG.info("{} on {}, {}", training.plan().describe(), training.device(), training.arithmetic());
        if (training.precision() == Precision.BFLOAT16 && !training.bfloat16().pays()) {
            LOG.warn(
                    "train.precision is bfloat16, and {}: steps take longer than in float32",
                    training.bfloat16().reason());
        }
        LOG.info(String.format(
                Locale.ROOT,
                "%s%s of %s of %s; learning rate %.3g = %.3g x %d / %d",
                run.train().until() == null ? "" : "at most ",
                Plural.of(run.train().epochs(), "epoch"),
                Plural.of(training.schedule().stepsPerEpoch(), "step"),
                Plural.ofMany(stepSize, training.data().train().noun()),
                optim.lr() * stepSize / optim.referenceBatch(),
                optim.lr(),
                stepSize,
                optim.referenceBatch()));
        if (run.train().until() != null) {
            LOG.info(
                    "ends early once an epoch's loss is at or under {}x of the constant prediction's (train.until)",
                    run.train().until());
        }
    }

    private void announceFeatures(Training training) {
        int every = training.run().report().featuresEvery();
        int measured = settings.value().report().features();
        boolean fewer = measured < asked.value().report().features()
                && measured < data.features().orElse(data.train()).size();
        training.measuredFeatures()
                .ifPresent(items -> LOG.info(
                        "features are measured at the beginning, {} and at the end on {}{}",
                        every == 1 ? "after every epoch" : "every " + every + " epochs",
                        items.text(),
                        fewer
                                ? "; more would take over 3 % of the run (set report.features to choose otherwise)"
                                : ""));
    }
}
