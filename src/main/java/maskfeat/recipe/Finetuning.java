package maskfeat.recipe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import maskfeat.data.BadFiles;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.data.LabelledSamples;
import maskfeat.data.Loader;
import maskfeat.data.Order;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.data.Splits;
import maskfeat.data.Views;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.eval.Evaluation;
import maskfeat.infer.Batching;
import maskfeat.infer.Scoring;
import maskfeat.model.Classifier;
import maskfeat.network.Input;
import maskfeat.task.Classification;
import maskfeat.torch.Devices;
import maskfeat.torch.Generators;
import maskfeat.torch.Threads;
import maskfeat.train.AdamW;
import maskfeat.train.Checkpoint;
import maskfeat.train.Checkpoints;
import maskfeat.train.LayerDecay;
import maskfeat.train.Listener;
import maskfeat.train.MovingAverage;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import maskfeat.train.Validation;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Device;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Finetune} put together: labelled data, classifier, task, optimizer, loop, judge.
 *
 * <pre>
 * Splits splits = Splits.open(Path.of("actions"), null, finetune.clip(), Splits.Options.NONE);
 * try (RunFolder folder = RunFolder.create(Path.of("runs/actions"));
 *         Finetuning finetuning = Finetuning.of(finetune, splits, Path.of("runs/videos"))) {
 *     finetuning.train(folder);
 * }
 * </pre>
 */
public final class Finetuning implements AutoCloseable {
    private final Finetune settings;
    private final Splits splits;
    private final Seeds seeds;
    private final Device device;
    private final BadFiles badFiles;
    private final Samples samples;
    private final ClassifierBlueprint blueprint;
    private final Classifier model;
    private final Transfer transfer;
    private final Classification task;
    private final AdamW optimizer;
    private final @Nullable MovingAverage average;
    private final int stepsPerEpoch;
    private final Set<Path> leftOut = new HashSet<>();
    private BiConsumer<Path, String> onLeftOut = (file, reason) -> {};

    /**
     * Builds everything and loads the weights.
     *
     * @param from run folder, checkpoint folder or file of pre-trained weights; null to train from scratch
     * @throws IllegalArgumentException if the device is not here, the data does not fill one step, or the weights are for
     *     another network
     * @throws IOException if the weights cannot be read
     */
    public static Finetuning of(Finetune settings, Splits splits, @Nullable Path from) throws IOException {
        return of(settings, splits, from, List.of(), (file, reason) -> {}, (file, reason) -> {});
    }

    /**
     * As above.
     *
     * @param knownBad files that an earlier part of this run could not use
     * @param onBadFile takes each further one to train on with the reason, on a loader thread, one call at a time
     * @param onLeftOut takes each further one to measure on with the reason, on the caller's thread
     */
    public static Finetuning of(
            Finetune settings,
            Splits splits,
            @Nullable Path from,
            Collection<Path> knownBad,
            BiConsumer<Path, String> onBadFile,
            BiConsumer<Path, String> onLeftOut)
            throws IOException {
        Set<Path> training = splits.train().items().stream().map(Item::file).collect(Collectors.toSet());
        List<Path> badForTraining = knownBad.stream().filter(training::contains).toList();
        Finetuning finetuning = new Finetuning(
                settings,
                splits,
                from,
                new BadFiles(splits.train().size(), settings.data().maxBadShare(), badForTraining, onBadFile));
        finetuning.onLeftOut = onLeftOut;
        finetuning.leftOut.addAll(knownBad);
        return finetuning;
    }

    /**
     * Finds what would stop the run from beginning, without building anything.
     *
     * @throws IllegalArgumentException if the device is not here or the data does not fill one step
     */
    public static void check(Finetune settings, Splits splits) {
        stepsPerEpoch(settings, splits);
        Devices.named(settings.train().device());
    }

    private static int stepsPerEpoch(Finetune settings, Splits splits) {
        return Loader.stepsPerEpoch(
                splits.train().size(),
                settings.train().stepSize(),
                settings.augment().repeat());
    }

    private Finetuning(Finetune settings, Splits splits, @Nullable Path from, BadFiles badFiles) throws IOException {
        this.settings = settings;
        this.splits = splits;
        this.badFiles = badFiles;
        seeds = new Seeds(settings.seed());
        stepsPerEpoch = stepsPerEpoch(settings, splits);
        Threads.use(settings.train().threads());
        device = Devices.named(settings.train().device());
        Generators.seed(settings.seed());
        samples = new Samples(
                splits.train(), seeds, new LabelledSamples(settings.augmentation(), settings.erasing()), badFiles);
        blueprint = new ClassifierBlueprint(settings.input(), settings.model(), settings.head(), splits.classes());
        model = blueprint.buildModel(settings.seed(), device);
        try {
            transfer = from == null
                    ? Transfer.none(model.parameters())
                    : Pretrained.open(from).into(model, blueprint);
        } catch (Throwable failed) {
            model.close();
            throw failed;
        }
        task = new Classification(
                model, splits.classes().size(), settings.data().normalize(), objective(), seeds, device);
        LayerDecay decay =
                new LayerDecay(settings.optim().layerDecay(), settings.model().depth());
        optimizer = new AdamW(model.parameters(), settings.optim().adamw(), decay);
        average = settings.optim().ema() == 0
                ? null
                : new MovingAverage(model.parameters(), settings.optim().ema());
    }

    private Classification.Objective objective() {
        Finetune.Loss loss = settings.loss();
        Optional<float[]> weights = loss.classWeights() == Finetune.ClassWeights.BALANCED
                ? Optional.of(balancedWeights(splits.train(), splits.classes().size()))
                : Optional.empty();
        return new Classification.Objective(
                loss.smoothing(),
                weights,
                Optional.ofNullable(settings.augment().mix()));
    }

    /** One over the share of each class, so that their mean over the items is 1; 0 for a class without items. */
    private static float[] balancedWeights(Dataset dataset, int classes) {
        int[] counts = new int[classes];
        dataset.items().forEach(item -> counts[item.label()]++);
        long present =
                java.util.Arrays.stream(counts).filter(count -> count > 0).count();
        float[] weights = new float[classes];
        for (int c = 0; c < classes; c++) {
            weights[c] = counts[c] == 0 ? 0 : (float) dataset.size() / (present * counts[c]);
        }
        return weights;
    }

    /** Trains into a new run folder, to the end, without a word. */
    public void train(RunFolder folder) throws IOException, InterruptedException {
        train(folder, Optional.empty(), List.of(), () -> false, notice -> {});
    }

    /**
     * Trains into a run folder; at the end its {@code model.safetensors} is the result: the weights that did best on the
     * validation data, or the last where there is none.
     *
     * @param from where to go on from; empty to begin at the beginning
     * @param listeners are told how it goes
     * @param stopRequested asked after each step; true finishes the step, saves and returns
     * @param notices takes what a person should know about the checkpoints
     */
    public Trainer.Ending train(
            RunFolder folder,
            Optional<Checkpoint> from,
            List<Listener> listeners,
            BooleanSupplier stopRequested,
            Consumer<String> notices)
            throws IOException, InterruptedException {
        Trainer trainer = new Trainer(
                task,
                optimizer,
                settings.optim().rates().schedule(settings.train()),
                plan(),
                Checkpoints.open(folder.checkpoints(), settings.checkpoint().keep(), notices),
                blueprint.metadata(),
                folder.nonFinite(),
                listeners,
                stopRequested);
        if (average != null) {
            trainer.averaging(average);
        }
        if (splits.validation().isPresent()) {
            trainer.judgedBy(validation(folder, splits.validation().get()));
        }
        if (from.isPresent()) {
            refuseOtherClasses(from.get());
            trainer.resume(from.get());
        }
        Trainer.Ending ending = trainer.run(this::loader);
        if (ending == Trainer.Ending.DONE) {
            if (splits.validation().isPresent()) {
                AtomicFile.write(folder.model(), Content.of(folder.best()));
            } else {
                AtomicFile.write(
                        folder.model(),
                        TensorFile.content(
                                blueprint.metadata(), average == null ? model.parameters() : average.state()));
            }
            folder.done(trainer.step());
        }
        return ending;
    }

    /** Data that was moved must still number its classes in the same way. */
    private void refuseOtherClasses(Checkpoint checkpoint) throws IOException {
        List<String> before =
                ClassifierBlueprint.read(Blueprint.weights(checkpoint.folder())).classes();
        List<String> now = splits.classes();
        if (!before.equals(now)) {
            int first = 0;
            while (first < Math.min(before.size(), now.size())
                    && before.get(first).equals(now.get(first))) {
                first++;
            }
            throw new IllegalArgumentException("the data has " + now.size() + " classes, of which number " + first
                    + " is " + (first < now.size() ? "'" + now.get(first) + "'" : "missing") + "; when "
                    + checkpoint.folder().getFileName() + " was written there were " + before.size() + ", and it was "
                    + (first < before.size() ? "'" + before.get(first) + "'" : "missing")
                    + "; a resumed run needs the data that it was begun on, or begin a new one with another --out");
        }
    }

    private Validation validation(RunFolder folder, Dataset held) {
        Finetune.Validate validate = settings.validate();
        Scoring scoring = scoring(held, Views.parse(validate.views()));
        return new Validation(
                validate.everyEpochs(),
                validate.metric().tag(),
                validate.metric().smallerIsBetter(),
                validate.patience(),
                folder.best(),
                stop -> scoring.run(stop, (done, of) -> {})
                        .map(predictions ->
                                Evaluation.of(splits.classes(), predictions).figures(held.size())));
    }

    /**
     * Measures the network as it is now. Up to {@code data.max-bad-share} of the items may be unreadable; they are left
     * out, and each is told once in a run.
     */
    public Scoring scoring(Dataset held, Views views) {
        ClassifierBlueprint.Input input = blueprint.input();
        return new Scoring(
                        held,
                        task::scores,
                        new Input(input.clip(), input.side(), input.shortSide(), input.resize(), input.normalize()),
                        new Batching(
                                views,
                                settings.train().batch(),
                                settings.loader().threadCount()))
                .leavingOut(settings.data().maxBadShare(), (file, reason) -> {
                    if (leftOut.add(file)) {
                        onLeftOut.accept(file, reason);
                    }
                });
    }

    private Loader loader(long firstStep) {
        int[] labels = splits.train().items().stream().mapToInt(Item::label).toArray();
        return new Loader(
                samples,
                settings.data().balanced() ? Order.balanced(seeds, labels) : Order.shuffled(seeds, samples.size()),
                settings.train().stepSize(),
                settings.augment().repeat(),
                settings.loader().threadCount(),
                settings.loader().ahead(),
                firstStep,
                plan().steps());
    }

    /** How long and in what portions. */
    public Trainer.Plan plan() {
        return settings.plan(stepsPerEpoch);
    }

    public Finetune settings() {
        return settings;
    }

    public Splits splits() {
        return splits;
    }

    /** What became of the pre-trained weights. */
    public Transfer transfer() {
        return transfer;
    }

    public ClassifierBlueprint blueprint() {
        return blueprint;
    }

    public Samples samples() {
        return samples;
    }

    public BadFiles badFiles() {
        return badFiles;
    }

    public Classifier model() {
        return model;
    }

    public Classification task() {
        return task;
    }

    /** What it runs on, by name. */
    public String device() {
        return Devices.name(device);
    }

    @Override
    public void close() {
        if (average != null) {
            average.close();
        }
        optimizer.close();
        model.close();
    }
}
