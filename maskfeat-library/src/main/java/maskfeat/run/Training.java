package maskfeat.run;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import maskfeat.data.BadFiles;
import maskfeat.data.Footage;
import maskfeat.data.Item;
import maskfeat.data.Loader;
import maskfeat.data.Order;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.data.TooManyBadFiles;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.disk.Doing;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.eval.Metric;
import maskfeat.infer.Progress;
import maskfeat.media.Frames;
import maskfeat.model.ClipSize;
import maskfeat.network.OpenedWeights;
import maskfeat.network.Transfer;
import maskfeat.report.EventFile;
import maskfeat.report.Measurement;
import maskfeat.settings.Settings;
import maskfeat.torch.Bfloat16;
import maskfeat.torch.Devices;
import maskfeat.torch.Generators;
import maskfeat.torch.Ops;
import maskfeat.torch.Precision;
import maskfeat.torch.ProductRate;
import maskfeat.torch.Ranks;
import maskfeat.torch.Threads;
import maskfeat.train.AdamW;
import maskfeat.train.Checkpoint;
import maskfeat.train.Checkpoints;
import maskfeat.train.Heir;
import maskfeat.train.LayerDecay;
import maskfeat.train.Listener;
import maskfeat.train.MovingAverage;
import maskfeat.train.RunFolder;
import maskfeat.train.ThreadChoice;
import maskfeat.train.TimedSteps;
import maskfeat.train.Trainer;
import maskfeat.train.Validation;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Run} put together: data, network, task, optimizer, loop, evaluator. {@link RunJob} adds all that belongs into a
 * run folder; this class alone trains and saves.
 *
 * <pre>
 * Run run = Recipes.named("sample-image");
 * try (RunFolder folder = RunFolder.create(Path.of("runs/photos"));
 *         Training training = Training.of(run, RunData.open(run))) {
 *     training.train(folder);
 * }
 * </pre>
 */
public final class Training implements AutoCloseable {
    private static final String INDEXES = "video-index";
    /** Steps that are made before others are measured. */
    static final int WARM_UP = 2;

    private final Run run;
    private final RunData data;
    private final Seeds seeds;
    private final Device device;
    private final Precision precision;
    private final BadFiles badFiles;
    private final BiConsumer<Path, String> onLeftOut;
    private final TaskPlan<?> plan;
    private final AdamW optimizer;
    private final int stepsPerEpoch;
    private @Nullable Transfer transfer;
    private Ranks ranks = Ranks.ALONE;
    private Heir heir = (step, files) -> {};

    /**
     * Builds everything, and reads no file of data yet. A file that cannot be read is passed over in silence; the other
     * factory says which.
     *
     * @throws IllegalArgumentException if the device is not here or the data does not fill one step
     */
    public static Training of(Run run, RunData data) {
        return of(run, data, List.of(), (file, reason) -> {}, (file, reason) -> {});
    }

    /**
     * As above.
     *
     * @param knownBad files that an earlier part of this run could not use
     * @param onBadFile takes each further one to train on with the reason, on a loader thread, one call at a time
     * @param onLeftOut takes each further one to measure on with the reason, on the caller's thread
     */
    public static Training of(
            Run run,
            RunData data,
            Collection<Path> knownBad,
            BiConsumer<Path, String> onBadFile,
            BiConsumer<Path, String> onLeftOut) {
        Set<Path> training = data.train().items().stream().map(Item::file).collect(Collectors.toSet());
        List<Path> bad = knownBad.stream().filter(training::contains).toList();
        Set<Path> named = new HashSet<>(knownBad);
        try (Doing doing = Doing.begin("building the network")) {
            return new Training(
                    run,
                    data,
                    new BadFiles(data.train().size(), run.data().maxBadShare(), bad, onBadFile),
                    (file, reason) -> {
                        if (named.add(file)) {
                            onLeftOut.accept(file, reason);
                        }
                    });
        }
    }

    /**
     * Finds what would stop the run from beginning, without building anything.
     *
     * @throws IllegalArgumentException if the device is not here or the data does not fill one step
     */
    public static void check(Run run, RunData data) {
        stepsPerEpoch(run, data);
        Devices.named(run.train().device());
    }

    private static int stepsPerEpoch(Run run, RunData data) {
        return Loader.stepsPerEpoch(
                data.train().size(), run.train().stepSize(), run.augment().repeat());
    }

    private Training(Run run, RunData data, BadFiles badFiles, BiConsumer<Path, String> onLeftOut) {
        this.run = run;
        this.data = data;
        this.badFiles = badFiles;
        this.onLeftOut = onLeftOut;
        seeds = new Seeds(run.seed());
        stepsPerEpoch = stepsPerEpoch(run, data);
        Threads.use(run.train().threads());
        device = Devices.named(run.train().device());
        Generators.seed(run.seed());
        precision = run.train().precision().on(device);
        plan = run.task().plan(run, data, device);
        plan.backbones().forEach(backbone -> backbone.compute(precision, Precision.FLOAT32));
        plan.network().backbone().recompute(run.train().recompute());
        LayerDecay decay = new LayerDecay(
                run.optim().layerDecay(), run.model().depth(), plan.network().depths());
        optimizer = new AdamW(trained(plan.network().parameters()), run.optim().adamw(), decay);
    }

    /**
     * Trains together with others. To be called before anything else.
     *
     * @throws IllegalArgumentException if the run cannot be shared by so many, saying why
     */
    Training among(Ranks others) {
        share(run, others.size(), true);
        if (!device.is_cpu() && !others.isAlone()) {
            throw new IllegalArgumentException("train.device is " + device()
                    + ", and several processes train together on processors alone so far; set train.device=cpu");
        }
        ranks = others;
        plan.among(others);
        badFiles.tellOwn((file, reason) -> others.tell(indexOf(file) + " " + reason));
        others.heardBy(this::hear);
        return this;
    }

    /** Lets what was learned be saved where rank 0 is gone. To be called before training. */
    void inheritedBy(Heir survivor) {
        heir = survivor;
    }

    /** Paths may be others on other machines, the order of the items is not. */
    private int indexOf(Path file) {
        List<Item> items = data.train().items();
        return IntStream.range(0, items.size())
                .filter(i -> items.get(i).file().equals(file))
                .findFirst()
                .orElseThrow();
    }

    /** A file that another rank could not use. */
    private void hear(String told) {
        String[] parts = told.split(" ", 2);
        try {
            badFiles.add(data.train().items().get(Integer.parseInt(parts[0])).file(), parts[1]);
        } catch (TooManyBadFiles tooMany) {
            throw new UncheckedIOException(tooMany);
        }
    }

    /**
     * Micro-batches of each rank: as few as keep to {@code train.batch} and hold what goes through the network together.
     *
     * @param begins whether the run is a new one, whose settings may be others
     * @throws IllegalArgumentException if a step does not divide among the ranks, naming numbers of ranks among which it does
     */
    static int share(Run run, int ranks, boolean begins) {
        if (ranks == 1) {
            return run.train().accumulate();
        }
        int step = run.train().stepSize();
        int together = run.task().together(); // divides a micro-batch, and so a step
        if (step / together % ranks != 0) {
            throw new IllegalArgumentException("a step of " + Plural.of(step, "sample")
                    + " (train.batch times train.accumulate"
                    + (together > 1 ? ", in groups of task.mix.group " + together : "")
                    + ") does not divide among "
                    + ranks + " ranks; start " + nearest(step / together, ranks) + " of them"
                    + (begins
                            ? together > 1 ? ", or change train.batch or task.mix.group" : ", or change train.batch"
                            : ", for a run that goes on keeps its step"));
        }
        int own = step / ranks;
        for (int parts = 1; parts <= own; parts++) {
            if (own % parts == 0 && own / parts <= run.train().microBatch() && own / parts % together == 0) {
                return parts;
            }
        }
        throw new IllegalStateException(together + " samples are more than a micro-batch of "
                + run.train().microBatch());
    }

    /** The numbers of ranks next to one, below and above, among which so many samples or groups divide. */
    private static String nearest(int count, int ranks) {
        int fewer = ranks;
        while (fewer > 1 && count % fewer != 0) {
            fewer--;
        }
        int more = ranks;
        while (more < count && count % more != 0) {
            more++;
        }
        return more > count ? Integer.toString(fewer) : fewer + " or " + more;
    }

    /** What is not frozen. */
    private static Map<String, Tensor> trained(Map<String, Tensor> parameters) {
        Map<String, Tensor> trained = new LinkedHashMap<>(parameters);
        trained.values().removeIf(parameter -> !parameter.requires_grad());
        return trained;
    }

    /**
     * Puts the weights of {@link Run#from} into the network, where the run has any. A run that goes on from a checkpoint
     * has them from there.
     *
     * @return what became of each
     * @throws maskfeat.weights.WeightsMismatch if a weight of the backbone is missing or has another shape
     * @throws InterruptedException if the thread is interrupted while the task looks at the data
     */
    public Transfer begin() throws IOException, InterruptedException {
        return begin(() -> false).orElseThrow();
    }

    /**
     * The same, which may be stopped while the task looks at the data. The run then begins at the beginning when it goes on.
     *
     * @return empty if a stop was requested
     */
    Optional<Transfer> begin(BooleanSupplier stopRequested) throws IOException, InterruptedException {
        Transfer loaded;
        if (run.from() == null) {
            loaded = Transfer.none(plan.network().parameters());
        } else {
            // Where nothing else tells the heads of attention, they are those of the run.
            try (Doing doing = Doing.begin("reading the weights");
                    OpenedWeights weights = OpenedWeights.open(
                            PathText.path(run.from()),
                            run.model().attentionHeads(),
                            Optional.ofNullable(run.fromNetwork()))) {
                loaded = weights.into(plan.network(), plan.spec());
            }
        }
        if (!plan.begin(loaded, ranks, onLeftOut, stopRequested)) {
            return Optional.empty();
        }
        transfer = loaded;
        return Optional.of(loaded);
    }

    /** Trains to the end in a new run folder. Prints nothing. */
    public void train(RunFolder folder) throws IOException, InterruptedException {
        train(folder, Optional.empty(), List.of(), () -> false, notice -> {});
    }

    /**
     * Trains in a run folder; at the end its {@code model.safetensors} is the result: the weights that did best on the
     * validation data, or the last where there is none.
     *
     * @param from where to go on from; empty to begin at the beginning
     * @param listeners are told how it goes
     * @param stopRequested asked after each micro-batch; true saves the last whole step and returns
     * @param notices takes what a person should know about the checkpoints and the indexes of videos
     */
    public Trainer.Ending train(
            RunFolder folder,
            Optional<Checkpoint> from,
            List<Listener> listeners,
            BooleanSupplier stopRequested,
            Consumer<String> notices)
            throws IOException, InterruptedException {
        if (from.isEmpty() && transfer == null) {
            begin();
        }
        return train(plan, folder, from, listeners, stopRequested, notices);
    }

    private <S> Trainer.Ending train(
            TaskPlan<S> task,
            RunFolder folder,
            Optional<Checkpoint> from,
            List<Listener> listeners,
            BooleanSupplier stopRequested,
            Consumer<String> notices)
            throws IOException, InterruptedException {
        Footage.keepIndexesIn(run.loader().keepIndex() ? indexes(folder) : null, notices);
        Trainer<S> trainer = new Trainer<>(
                task.task(),
                optimizer,
                run.optim().schedule(run.train()),
                schedule(),
                Checkpoints.open(folder.checkpoints(), run.checkpoint().keep(), notices),
                task.spec().metadata(),
                folder.nonFinite(),
                Stream.concat(listeners.stream(), Stream.of(remembering(folder)))
                        .toList(),
                stopRequested);
        trainer.among(ranks, seeds).inheritedBy(heir).against(reached -> ProductRate.share(reached, device, precision));
        Double until = run.train().until();
        if (until != null) {
            trainer.until(until);
        }
        if (choosesThreads()) {
            trainer.choosing(new ThreadChoice(Threads.count(), Threads::use, notices));
        }
        Optional<Evaluator> evaluator = evaluator();
        evaluator.ifPresent(each -> trainer.validatedBy(validation(folder, each, listeners)));
        double decay = run.optim().ema();
        try (MovingAverage average =
                decay == 0 ? null : new MovingAverage(task.network().parameters(), decay)) {
            if (average != null) {
                trainer.averaging(average);
            }
            if (from.isPresent()) {
                checkResume(from.get());
                trainer.resume(from.get());
            }
            if (!ranks.isAlone()) {
                RankAgreement.checkBeginning(
                        ranks,
                        "step " + trainer.step() + ", weights "
                                + Long.toHexString(
                                        Ops.bits(task.network().parameters().values())));
            }
            Trainer.Ending ending = run(trainer, task);
            if (ending == Trainer.Ending.DONE && ranks.leads()) {
                AtomicFile.write(
                        folder.model(),
                        evaluator.isPresent()
                                ? Content.of(folder.best())
                                : TensorFile.content(
                                        task.spec().metadata(),
                                        kept(average == null ? task.network().parameters() : average.state())));
                folder.done(trainer.step());
            }
            return ending;
        }
    }

    private <S> Trainer.Ending run(Trainer<S> trainer, TaskPlan<S> task) throws IOException, InterruptedException {
        try {
            return trainer.run(firstStep -> loader(task, firstStep));
        } catch (UncheckedIOException unchecked) {
            if (unchecked.getCause() instanceof TooManyBadFiles heard) {
                throw heard;
            }
            throw unchecked;
        }
    }

    /**
     * Measures the weights that a run kept, which take the place of those in the network. Of ranks each makes this call.
     *
     * @param model file of the weights, which rank 0 alone reads
     * @return empty if it was given up because a stop was requested, or if there is nothing to measure
     */
    Optional<Measurement> measureKept(Path model, BooleanSupplier stopRequested, Progress progress)
            throws IOException, InterruptedException {
        Optional<Evaluator> evaluator = evaluator();
        if (evaluator.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Tensor> parameters = plan.network().parameters();
        if (ranks.leads()) {
            TensorFile.load(model, parameters);
        }
        ranks.fromFirst(parameters.values());
        return evaluator.get().measure(stopRequested, progress);
    }

    /**
     * Makes the first steps of the run, in no folder, and measures them. To be called once, in place of training.
     *
     * @param steps that count; two more are made before, to warm up
     * @throws IllegalArgumentException if the run has fewer
     */
    public MeasuredStep measure(int steps) throws IOException, InterruptedException {
        if (transfer == null) {
            begin();
        }
        try (ProductRate rate = new ProductRate(device, precision)) {
            return MeasuredStep.of(timed(plan, steps, rate::measure), rate);
        }
    }

    /**
     * What the first steps take, with the weights that are there, which cost as much as others; may be called again.
     *
     * @param steps that count; two more are made before, to warm up
     * @throws IllegalArgumentException if the run has fewer
     */
    TimedSteps timedAsItIs(int steps) throws IOException, InterruptedException {
        return timed(plan, steps, () -> {});
    }

    private <S> TimedSteps timed(TaskPlan<S> task, int steps, Runnable between)
            throws IOException, InterruptedException {
        long most = schedule().steps() - WARM_UP;
        if (steps < 1 || steps > most) {
            throw new IllegalArgumentException(
                    "steps " + steps + " must be at least 1 and at most " + most + ": the run has "
                            + schedule().steps() + " (train.epochs), of which the first " + WARM_UP + " warm up");
        }
        try (Loader<S> loader = loader(task, 0)) {
            return TimedSteps.measure(
                    task.task(),
                    optimizer,
                    run.optim().schedule(run.train()),
                    schedule().microBatches(),
                    loader,
                    WARM_UP,
                    steps,
                    () -> Devices.waitFor(device),
                    between);
        }
    }

    /** Whether the number of threads is chosen while it trains. */
    boolean choosesThreads() {
        return ranks.isAlone()
                && run.train().threads() == 0
                && !Threads.areGiven()
                && device.is_cpu()
                && Threads.count() > 1;
    }

    /** About how much memory it takes, as its settings are. */
    MemoryNeed memory(MachineMemory now) {
        return memory(now, run.train().microBatch(), run.train().recompute());
    }

    /** As above, with another micro-batch of the same step, or blocks computed a second time. */
    MemoryNeed memory(MachineMemory now, int batch, boolean recompute) {
        double all = Float.BYTES * (double) plan.network().parameterCount();
        double trained = Float.BYTES
                * trained(plan.network().parameters()).values().stream()
                        .mapToDouble(Tensor::numel)
                        .sum();
        double here = all + 2 * trained; // weights and moments
        ClipSize size = plan.network().backbone().size();
        int clips = run.task().clipsOfASample();
        double sample = (double) clips
                * plan.network()
                        .backbone()
                        .config()
                        .trainingBytes(size, plan.network().backbone().depth(), precision, recompute);
        double bytes = (double) clips * Frames.CHANNELS * size.frames() * size.height() * size.width();
        return new MemoryNeed(
                Math.max(0, now.used() - here) + MemoryNeed.WORKING,
                here + trained + (run.optim().ema() > 0 ? all : 0),
                batch * sample,
                samplesMadeReady(batch) * bytes);
    }

    /** Those ahead, and what of the step at hand is kept. */
    private double samplesMadeReady(int batch) {
        int count = run.train().stepSize() / batch;
        boolean weightsKnown = plan.maker().weight(seeds.of(0, 0, 0)).isPresent();
        int ahead = Loader.microBatchesAhead(
                run.loader().ahead(), count, batch, run.loader().threadCount(), weightsKnown);
        return ((double) ahead + (weightsKnown ? 1 : count)) * batch;
    }

    /**
     * What to set so that it would fit into memory, in a sentence's half.
     *
     * @param resumed whether only that may be set which a resumed run may change
     */
    String lessMemory(MachineMemory machine, boolean resumed) {
        Run.Train train = run.train();
        if (!train.recompute() && memory(machine, train.microBatch(), true).fits(machine)) {
            return "train.recompute=true takes more time and gives the same weights, "
                    + memory(machine, train.microBatch(), true).text(train.microBatch());
        }
        if (resumed) {
            return "a resumed run keeps its micro-batches; "
                    + (train.recompute() ? "" : "train.recompute=true takes less all the same; ")
                    + "end other programs, or begin a new run with a smaller train.batch";
        }
        for (boolean recompute : new boolean[] {train.recompute(), true}) {
            OptionalInt batch = largestThatFits(machine, recompute);
            if (batch.isPresent()) {
                int size = batch.getAsInt();
                return "train.batch=" + size + " with train.accumulate=" + train.stepSize() / size
                        + (recompute == train.recompute() ? "" : " and train.recompute=true") + " is the same step, "
                        + memory(machine, size, recompute).text(size);
            }
        }
        return "smaller micro-batches do not help; take a smaller network or step, or loader.ahead=1 where data is large";
    }

    /**
     * The settings with the micro-batch that is to be taken for {@code auto}, which the run keeps wherever it goes on. Builds the
     * network to know its size.
     *
     * @param data of the run
     * @param decided takes a sentence on what was decided; nothing where there was nothing to decide
     * @throws IllegalArgumentException if it cannot be known how much fits, or nothing does
     */
    public static Settings<Run> decided(Settings<Run> settings, RunData data, Consumer<String> decided)
            throws IOException {
        return decided(settings, data, MachineMemory::now, decided);
    }

    /** @param memory is asked when the network is built */
    static Settings<Run> decided(
            Settings<Run> settings, RunData data, MachineMemory.Source memory, Consumer<String> decided)
            throws IOException {
        Run run = settings.value();
        if (!run.train().batch().isAuto()) {
            return settings;
        }
        try (Training training = of(run, data)) {
            MachineMemory machine = memory.now();
            if (!training.device.is_cpu() || Double.isNaN(machine.free())) {
                throw new IllegalArgumentException(
                        "train.batch is auto, and how much memory there is for it is not known "
                                + (training.device.is_cpu() ? "on this system" : "on " + training.device())
                                + "; set a number");
            }
            int size = run.microBatches()
                    .filter(each -> training.memory(machine, each, run.train().recompute())
                            .fits(machine))
                    .max()
                    .orElseThrow(
                            () -> new IllegalArgumentException("train.batch is auto, and no micro-batch fits into the "
                                    + MachineMemory.text(machine.free()) + " that are free: "
                                    + training.lessMemory(machine, false)));
            int accumulate = run.train().stepSize() / size;
            decided.accept("train.batch auto is " + size + " here, with train.accumulate " + accumulate
                    + ", the same step of " + run.train().stepSize() + ": " + MachineMemory.text(machine.free())
                    + " of memory are free");
            String why = "auto, " + MachineMemory.text(machine.free()) + " free";
            return settings.flag(why, "train.batch", Integer.toString(size))
                    .flag(why, "train.accumulate", Integer.toString(accumulate));
        }
    }

    /** The largest micro-batch of the same step, not larger than the run's own, that fits into memory. */
    private OptionalInt largestThatFits(MachineMemory machine, boolean recompute) {
        return run.microBatches()
                .filter(size -> size <= run.train().microBatch())
                .filter(size -> memory(machine, size, recompute).fits(machine))
                .max();
    }

    private Map<String, Tensor> kept(Map<String, Tensor> parameters) {
        Map<String, Tensor> kept = new LinkedHashMap<>(parameters);
        kept.keySet().removeIf(name -> !plan.keeps(name));
        return kept;
    }

    private static Path indexes(RunFolder folder) {
        return PathText.beside(folder.root().toAbsolutePath().normalize(), INDEXES);
    }

    private static Listener remembering(RunFolder folder) {
        return new Listener() {
            @Override
            public void saved(Path checkpoint, long step) {
                try {
                    folder.saved(step);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
    }

    /** Refuses to go on from a checkpoint of another network or of other data. */
    void checkResume(Checkpoint checkpoint) throws IOException {
        try (OpenedWeights before = OpenedWeights.open(checkpoint.folder())) {
            plan.checkResume(before.spec(), checkpoint.folder().getFileName().toString());
        }
    }

    private Validation validation(RunFolder folder, Evaluator evaluator, List<Listener> listeners) {
        Run.Validate validate = requireNonNull(run.validate());
        Metric metric = run.metric().orElseThrow();
        return new Validation(
                validate.everyEpochs(),
                metric,
                validate.patience(),
                folder.best(),
                stop -> evaluator
                        .measure(stop, (done, of) -> listeners.forEach(listener -> listener.validating(done, of)))
                        .map(Measurement::figures));
    }

    private <S> Loader<S> loader(TaskPlan<S> task, long firstStep) {
        return new Loader<>(
                samples(task),
                order(),
                run.train().stepSize(),
                schedule().microBatches(),
                run.augment().repeat(),
                run.loader().threadCount(),
                run.loader().ahead(),
                firstStep,
                schedule().steps(),
                new Loader.Part(ranks.rank(), ranks.size()));
    }

    private Order order() {
        Run.Labels labels = run.data().labels();
        if (labels != null && labels.balanced()) {
            return Order.balanced(
                    seeds, data.train().items().stream().mapToInt(Item::label).toArray());
        }
        return Order.shuffled(seeds, data.train().size());
    }

    private <S> Samples<S> samples(TaskPlan<S> task) {
        return new Samples<>(data.train(), seeds, task.maker(), badFiles);
    }

    /** Measures the network as it is, on the validation data; empty if there is none, or the task measures nothing. */
    public Optional<Evaluator> evaluator() {
        return plan.evaluator(ranks, onLeftOut);
    }

    /**
     * Measures the features while they are learned, where the settings say so and nothing else measures the network.
     *
     * @param finished whether the run is at its end, so that they were measured there
     * @param listeners are told of the figures
     * @param say takes a line of the log
     */
    Optional<Listener> features(
            boolean finished, List<Listener> listeners, BooleanSupplier stopRequested, Consumer<String> say) {
        return measuredFeatures()
                .map(items -> new FeatureQuality(
                        run,
                        stepsPerEpoch,
                        items,
                        finished,
                        ranks,
                        plan.network().backbone(),
                        plan.spec().input(),
                        device,
                        listeners,
                        onLeftOut,
                        stopRequested,
                        say));
    }

    /** What features are measured on while they are learned; empty where they are not. */
    Optional<FeatureItems> measuredFeatures() {
        return run.report().featuresEvery() == 0 || !run.task().metrics().isEmpty()
                ? Optional.empty()
                : Optional.of(FeatureItems.of(data, run.report().features()));
    }

    /** Draws what the network sees or says into a folder, while it trains. */
    public Listener pictures(Path folder, EventFile events) {
        return pictures(plan, folder, events);
    }

    private <S> Listener pictures(TaskPlan<S> task, Path folder, EventFile events) {
        return task.pictures(samples(task), folder, events);
    }

    /** How long to train and in which micro-batches. */
    public Trainer.Plan schedule() {
        return run.plan(stepsPerEpoch, share(run, ranks.size(), true));
    }

    public Run run() {
        return run;
    }

    public RunData data() {
        return data;
    }

    /** The task, put together. */
    public TaskPlan<?> plan() {
        return plan;
    }

    public BadFiles badFiles() {
        return badFiles;
    }

    /** What it runs on, by name. */
    public String device() {
        return Devices.name(device);
    }

    /** What the backbone multiplies in while it is trained. */
    public Precision precision() {
        return precision;
    }

    /** What the device has for bfloat16. */
    Bfloat16 bfloat16() {
        return Bfloat16.of(device);
    }

    /** The precision in words, such as "bfloat16 (AMX)". */
    public String arithmetic() {
        return precision == Precision.BFLOAT16 ? precision + " (" + bfloat16().word() + ")" : precision.toString();
    }

    @Override
    public void close() {
        optimizer.close();
        plan.close();
    }
}
