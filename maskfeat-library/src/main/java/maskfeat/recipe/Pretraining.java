package maskfeat.recipe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import maskfeat.data.BadFiles;
import maskfeat.data.Dataset;
import maskfeat.data.Loader;
import maskfeat.data.MaskedClip;
import maskfeat.data.MaskedSamples;
import maskfeat.data.Order;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.disk.AtomicFile;
import maskfeat.model.MaskFeat;
import maskfeat.network.Targets;
import maskfeat.task.MaskedPrediction;
import maskfeat.torch.Devices;
import maskfeat.torch.Generators;
import maskfeat.torch.Threads;
import maskfeat.train.AdamW;
import maskfeat.train.Checkpoint;
import maskfeat.train.Checkpoints;
import maskfeat.train.Listener;
import maskfeat.train.RunFolder;
import maskfeat.train.Schedule;
import maskfeat.train.Trainer;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Device;

/**
 * A {@link Run} put together: data, network, task, optimizer, loop.
 *
 * <pre>
 * try (RunFolder folder = RunFolder.create(Path.of("runs/photos"));
 *         Pretraining pretraining = Pretraining.of(run, ImageDataset.open(Path.of("photos")))) {
 *     pretraining.train(folder);
 * }
 * </pre>
 */
public final class Pretraining implements AutoCloseable {
    private final Run run;
    private final Dataset dataset;
    private final Seeds seeds;
    private final Device device;
    private final Targets targets;
    private final Samples<MaskedClip> samples;
    private final BadFiles badFiles;
    private final MaskFeat model;
    private final MaskedPrediction task;
    private final AdamW optimizer;
    private final Schedule schedule;
    private final int stepsPerEpoch;

    /**
     * Builds everything, and reads no file yet. A file that cannot be read is passed over in silence; the other
     * factory says which.
     *
     * @throws IllegalArgumentException if the device is not here or the data does not fill one step
     */
    public static Pretraining of(Run run, Dataset dataset) {
        return of(run, dataset, List.of(), (file, reason) -> {});
    }

    /**
     * As above.
     *
     * @param knownBad files that an earlier part of this run could not use
     * @param onBadFile takes each further one with the reason, on a loader thread, one call at a time
     */
    public static Pretraining of(
            Run run, Dataset dataset, Collection<Path> knownBad, BiConsumer<Path, String> onBadFile) {
        return new Pretraining(
                run, dataset, new BadFiles(dataset.size(), run.data().maxBadShare(), knownBad, onBadFile));
    }

    /**
     * Finds what would stop the run from beginning, without building anything.
     *
     * @throws IllegalArgumentException if the device is not here or the data does not fill one step
     */
    public static void check(Run run, Dataset dataset) {
        Loader.stepsPerEpoch(dataset.size(), run.train().stepSize(), 1);
        Devices.named(run.train().device());
    }

    private Pretraining(Run run, Dataset dataset, BadFiles badFiles) {
        this.run = run;
        this.dataset = dataset;
        this.badFiles = badFiles;
        seeds = new Seeds(run.seed());
        stepsPerEpoch = Loader.stepsPerEpoch(dataset.size(), run.train().stepSize(), 1);
        schedule = run.schedule();
        Threads.use(run.train().threads());
        device = Devices.named(run.train().device());
        Generators.seed(run.seed());
        Blueprint blueprint = Blueprint.of(run);
        targets = blueprint.targets();
        samples = new Samples<>(
                dataset,
                seeds,
                new MaskedSamples(run.data().augment(), run.mask(), targets.maskGrid(), targets),
                badFiles);
        model = blueprint.buildModel(run.seed(), device);
        task = new MaskedPrediction(model, run.data().normalize(), targets, device);
        optimizer = new AdamW(model.parameters(), run.optim().adamw());
    }

    /**
     * Puts weights into the network, before training. Positions of another size are resized.
     *
     * @param from run folder, checkpoint folder or file, as {@link Run#from}
     * @return what became of each
     * @throws maskfeat.weights.WeightsMismatch if a weight of the backbone is missing or has another shape
     */
    public Transfer beginWith(Path from) throws IOException {
        return Pretrained.open(from).into(model, Blueprint.of(run));
    }

    /** Trains into a new run folder, to the end, without a word. */
    public void train(RunFolder folder) throws IOException, InterruptedException {
        if (run.from() != null) {
            beginWith(Path.of(run.from()));
        }
        train(folder, Optional.empty(), List.of(), () -> false, notice -> {});
    }

    /**
     * Trains into a run folder; at the end its {@code model.safetensors} is the result.
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
        Trainer<MaskedClip> trainer = new Trainer<>(
                task,
                optimizer,
                schedule,
                plan(),
                Checkpoints.open(folder.checkpoints(), run.checkpoint().keep(), notices),
                Blueprint.of(run).metadata(),
                folder.nonFinite(),
                listeners,
                stopRequested);
        if (from.isPresent()) {
            trainer.resume(from.get());
        }
        Trainer.Ending ending = trainer.run(this::loader);
        if (ending == Trainer.Ending.DONE) {
            AtomicFile.write(
                    folder.model(), TensorFile.content(Blueprint.of(run).metadata(), model.parameters()));
            folder.done(trainer.step());
        }
        return ending;
    }

    private Loader<MaskedClip> loader(long firstStep) {
        return new Loader<>(
                samples,
                Order.shuffled(seeds, samples.size()),
                run.train().stepSize(),
                1,
                run.loader().threadCount(),
                run.loader().ahead(),
                firstStep,
                plan().steps());
    }

    /** How long and in what portions. */
    public Trainer.Plan plan() {
        return run.plan(stepsPerEpoch);
    }

    public Run run() {
        return run;
    }

    /** What it runs on, by name. */
    public String device() {
        return Devices.name(device);
    }

    public Dataset dataset() {
        return dataset;
    }

    public Samples<MaskedClip> samples() {
        return samples;
    }

    public BadFiles badFiles() {
        return badFiles;
    }

    public MaskFeat model() {
        return model;
    }

    public MaskedPrediction task() {
        return task;
    }

    public Targets targets() {
        return targets;
    }

    @Override
    public void close() {
        optimizer.close();
        model.close();
    }
}
