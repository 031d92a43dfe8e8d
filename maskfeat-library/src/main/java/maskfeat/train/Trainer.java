package maskfeat.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;
import maskfeat.data.Batch;
import maskfeat.data.Loader;
import maskfeat.data.Sample;
import maskfeat.disk.AtomicFile;
import maskfeat.torch.Generators;
import maskfeat.torch.Scopes;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The loop: forward, backward, update, report, save. What is trained is the {@link Task}'s business, what is made of the
 * reports the {@link Listener}s'.
 */
public final class Trainer {
    /** How a run ended, where it did not fail. */
    public enum Ending {
        DONE,
        STOPPED
    }

    /**
     * How long and in what portions.
     *
     * @param stepsPerEpoch optimizer steps in one pass over the data
     * @param epochs passes over the data
     * @param microBatches parts of a step that go through the network one after the other
     * @param logEvery steps between reports
     * @param saveEverySteps steps between checkpoints
     * @param saveEverySeconds the same in time, whichever comes first
     * @param maxNonFinite steps in a row that may be skipped because loss or gradient is not finite
     */
    public record Plan(
            int stepsPerEpoch,
            int epochs,
            int microBatches,
            int logEvery,
            long saveEverySteps,
            double saveEverySeconds,
            int maxNonFinite) {
        /** Optimizer steps of the whole run. */
        public long steps() {
            return (long) stepsPerEpoch * epochs;
        }
    }

    private static final String LOSS = "train/loss";
    private static final String BASELINE = "train/baseline";
    private static final String GRAD_NORM = "train/grad_norm";

    private final Task task;
    private final AdamW optimizer;
    private final Schedule schedule;
    private final Plan plan;
    private final Checkpoints checkpoints;
    private final Path nonFiniteFolder;
    private final List<Listener> listeners;
    private final BooleanSupplier stopRequested;
    private final Meter meter = new Meter();
    private final TrainingState state;
    private final Stopwatch stopwatch = new Stopwatch();
    private final Map<String, String> modelMetadata;
    private @Nullable Validation validation;
    private @Nullable MovingAverage average;
    private long savedStep = -1;

    /**
     * @param modelMetadata goes into each checkpoint's {@code model.safetensors} beside the weights
     * @param nonFiniteFolder takes a file for each step whose loss or gradient is not finite
     * @param stopRequested asked after each step
     */
    public Trainer(
            Task task,
            AdamW optimizer,
            Schedule schedule,
            Plan plan,
            Checkpoints checkpoints,
            Map<String, String> modelMetadata,
            Path nonFiniteFolder,
            List<Listener> listeners,
            BooleanSupplier stopRequested) {
        this.task = task;
        this.optimizer = optimizer;
        this.schedule = schedule;
        this.plan = plan;
        this.checkpoints = checkpoints;
        this.nonFiniteFolder = nonFiniteFolder;
        this.listeners = List.copyOf(listeners);
        this.stopRequested = stopRequested;
        this.modelMetadata = modelMetadata;
        this.state = new TrainingState(task, optimizer, meter, modelMetadata, plan.stepsPerEpoch);
    }

    /** Judges the network between passes. To be called before training or resuming. */
    public Trainer judgedBy(Validation judge) {
        validation = judge;
        state.best = judge.best();
        return this;
    }

    /** Keeps an average of the weights, which then is what is judged. To be called before training or resuming. */
    public Trainer averaging(MovingAverage of) {
        average = of;
        state.average = of;
        return this;
    }

    /**
     * Goes on from a checkpoint instead of from the beginning.
     *
     * @throws IllegalArgumentException if it was written on data of another size
     */
    public void resume(Checkpoint checkpoint) throws IOException {
        state.restore(checkpoint);
        savedStep = state.step;
    }

    /** Optimizer steps done. */
    public long step() {
        return state.step;
    }

    /**
     * Trains to the end of the plan, or until somebody asks for a stop, which finishes the step and saves.
     *
     * @param batches a loader that begins at the step it is given
     * @throws TrainingDiverged if too many steps in a row were not finite
     * @throws IOException if data or checkpoints fail
     */
    public Ending run(LongFunction<Loader> batches) throws IOException, InterruptedException {
        try (Loader loader = batches.apply(state.step)) {
            listeners.forEach(listener -> listener.started(state.step, plan.steps()));
            stopwatch.start(loader);
            boolean stop = judge(); // a run that was stopped in the middle of judging begins with that
            while (!stop && !state.judged.over() && state.step < plan.steps()) {
                try (PointerScope scope = new PointerScope()) {
                    Batch batch = loader.next();
                    byte[] generator = Generators.state();
                    double learningRate = schedule.at((double) state.step / plan.stepsPerEpoch);
                    Measured measured = backward(batch);
                    measured.gradNorm = update(measured, learningRate);
                    state.step++;
                    guard(measured, batch, learningRate, generator);
                    report(measured, batch, learningRate);
                }
                stop = judge() || stopRequested.getAsBoolean();
                if (stop || saveDue() || state.judged.over()) {
                    save();
                }
                if (state.step % plan.stepsPerEpoch == 0) {
                    int epoch = epoch();
                    listeners.forEach(listener -> listener.epoch(epoch, state.step));
                    stopwatch.pause();
                }
            }
            if (stop && !finished()) {
                return Ending.STOPPED;
            }
            return Ending.DONE;
        } finally {
            listeners.forEach(listener -> listener.ended(state.step, plan.steps()));
        }
    }

    /** Passes over the data done. */
    private int epoch() {
        return (int) (state.step / plan.stepsPerEpoch);
    }

    private boolean finished() {
        boolean judged = validation == null || state.judged.epoch() == plan.epochs;
        return state.judged.over() || state.step == plan.steps() && judged;
    }

    /**
     * Measures the network where that is due and not yet done. Not in the middle of steps that are not finite: if they are
     * taken back, what was found after them must not stand.
     *
     * @return whether it was given up, because somebody asks for a stop
     */
    private boolean judge() throws IOException, InterruptedException {
        int epoch = epoch();
        if (validation == null
                || state.step % plan.stepsPerEpoch != 0
                || state.judged.epoch() >= epoch
                || state.nonFiniteInARow > 0 && state.step < plan.steps()
                || !validation.due(epoch, plan.epochs)) {
            return false;
        }
        IOException failed = null;
        byte[] generator = Generators.state();
        swapAverage();
        try {
            Optional<Map<String, Double>> figures = validation.scorer().score(stopRequested);
            if (figures.isEmpty()) {
                return true;
            }
            remember(validation, epoch, figures.get());
        } catch (IOException unreadable) {
            failed = unreadable;
        } finally {
            swapAverage();
            Generators.restore(generator); // a judgement changes nothing, however often it is begun
        }
        stopwatch.pause();
        if (failed != null) {
            saveBecauseOf(failed);
            throw failed;
        }
        if (savedStep == state.step) {
            save(); // the checkpoint of this step was written before the judgement
        }
        return false;
    }

    /** What was trained must not be lost for a file to measure on that cannot be read. */
    private void saveBecauseOf(IOException failed) {
        if (savedStep == state.step) {
            return;
        }
        try {
            save();
        } catch (IOException alsoFailed) {
            failed.addSuppressed(alsoFailed);
        }
    }

    private void swapAverage() {
        if (average != null) {
            average.swap();
        }
    }

    /** Called while the network has the weights that were judged. */
    private void remember(Validation judge, int epoch, Map<String, Double> figures) throws IOException {
        TrainingState.Judged before = state.judged;
        double value = judge.decisive(figures);
        boolean best = before.bestEpoch() == 0 || judge.isBetter(value, before.best());
        int bestEpoch = best ? epoch : before.bestEpoch();
        boolean over = judge.patience() > 0 && epoch - bestEpoch >= judge.patience();
        if (best) {
            AtomicFile.write(judge.best(), TensorFile.content(modelMetadata, task.parameters()));
        }
        state.judged = new TrainingState.Judged(epoch, bestEpoch, best ? value : before.best(), over);
        listeners.forEach(listener -> listener.scores(state.step, figures));
    }

    /** What a step gave. */
    private static final class Measured {
        private final Map<String, Double> values = new LinkedHashMap<>();
        private float gradNorm;

        boolean lossIsFinite() {
            return Double.isFinite(values.getOrDefault(LOSS, Double.NaN));
        }

        boolean isFinite() {
            return Float.isFinite(gradNorm) && lossIsFinite();
        }
    }

    /** Leaves at the parameters the gradient of the mean loss of the whole batch, however many parts it goes in. */
    private Measured backward(Batch batch) {
        double total = weight(batch.samples());
        List<Tensor> losses = new ArrayList<>();
        Measured measured = new Measured();
        for (Batch micro : parts(batch)) {
            losses.add(Scopes.tidy(() -> {
                double share = weight(micro.samples()) / total;
                Task.Outcome outcome = task.loss(micro);
                Tensor loss =
                        plan.microBatches == 1 ? outcome.loss() : outcome.loss().mul(new Scalar(share));
                loss.backward();
                if (!Double.isNaN(outcome.baseline())) {
                    measured.values.merge(BASELINE, outcome.baseline() * share, Double::sum);
                }
                outcome.extra().forEach((name, x) -> measured.values.merge(name, x * share, Double::sum));
                return loss.detach();
            }));
        }
        double loss = 0;
        for (Tensor part : losses) {
            loss += part.item_float();
        }
        measured.values.put(LOSS, loss);
        return measured;
    }

    private double weight(List<Sample> samples) {
        return samples.stream().mapToDouble(task::weight).sum();
    }

    private List<Batch> parts(Batch batch) {
        int size = batch.size() / plan.microBatches;
        List<Batch> parts = new ArrayList<>();
        for (int from = 0; from < batch.size(); from += size) {
            parts.add(new Batch(batch.step(), parts.size(), batch.samples().subList(from, from + size)));
        }
        return parts;
    }

    /** Moves the parameters, where the loss is finite: its gradient may be so where it is not. Gives the norm of it. */
    private float update(Measured measured, double learningRate) {
        if (!measured.lossIsFinite()) {
            optimizer.clearGradients();
            return Float.NaN;
        }
        float norm = optimizer.step(learningRate).item_float(); // waits for the device
        if (average != null && Float.isFinite(norm)) {
            average.update(state.step);
        }
        return norm;
    }

    /**
     * A step that was not finite changed nothing; it is counted, and too many in a row end the run.
     *
     * @param generator libtorch's, before the step: one that changes nothing has drawn nothing either
     */
    private void guard(Measured measured, Batch batch, double learningRate, byte[] generator) throws IOException {
        if (measured.isFinite()) {
            state.nonFiniteInARow = 0;
            return;
        }
        Generators.restore(generator);
        if (state.nonFiniteInARow == 0) {
            meter.mark();
        }
        state.nonFiniteInARow++;
        state.nonFinite++;
        Path replay = writeReplay(measured, batch, learningRate);
        if (state.nonFiniteInARow >= plan.maxNonFinite) {
            int inARow = state.nonFiniteInARow;
            long first = state.step - inARow;
            // As if the run had been stopped before the first of them: a resume makes the same steps again.
            state.step = first;
            state.nonFiniteInARow = 0;
            state.nonFinite -= inARow;
            meter.rewind();
            save();
            throw new TrainingDiverged(inARow, first, learningRate, replay);
        }
    }

    private Path writeReplay(Measured measured, Batch batch, double learningRate) throws IOException {
        Files.createDirectories(nonFiniteFolder);
        Path file = nonFiniteFolder.resolve("step-" + batch.step() + ".json");
        Map<String, Object> replay = new LinkedHashMap<>();
        replay.put("step", batch.step());
        replay.put("epoch", batch.step() / plan.stepsPerEpoch);
        replay.put("learning-rate", learningRate);
        replay.put("loss", String.valueOf(measured.values.get(LOSS)));
        replay.put("grad-norm", String.valueOf(measured.gradNorm));
        replay.put("samples", batch.samples().stream().map(Sample::index).toList());
        byte[] json = JsonMapper.shared()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(replay)
                .getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, out -> out.write(ByteBuffer.wrap(json)));
        return file;
    }

    private void report(Measured measured, Batch batch, double learningRate) {
        if (measured.isFinite()) {
            measured.values.put(GRAD_NORM, (double) measured.gradNorm);
            meter.add(measured.values);
        }
        stopwatch.count(batch.size());
        if (state.step % plan.logEvery != 0 && state.step != plan.steps()) {
            return;
        }
        Map<String, Double> extra = meter.means();
        extra.keySet().removeAll(List.of(LOSS, BASELINE, GRAD_NORM));
        if (state.nonFinite > 0) {
            extra.put("train/nonfinite_steps", (double) state.nonFinite);
        }
        StepReport report = new StepReport(
                state.step,
                plan.steps(),
                (double) state.step / plan.stepsPerEpoch,
                plan.epochs,
                meter.mean(LOSS),
                meter.mean(BASELINE),
                learningRate,
                meter.mean(GRAD_NORM),
                stopwatch.samplesPerSecond(),
                stopwatch.dataShare(),
                stopwatch.stepSeconds(),
                stopwatch.stepSeconds() * (plan.steps() - state.step),
                extra);
        meter.clear();
        stopwatch.lap();
        listeners.forEach(listener -> listener.step(report));
    }

    private boolean saveDue() {
        return state.step % plan.saveEverySteps == 0
                || state.step == plan.steps()
                || stopwatch.secondsSinceSave() > plan.saveEverySeconds;
    }

    private void save() throws IOException {
        Checkpoint saved = checkpoints.save(state.step, state.files());
        savedStep = state.step;
        stopwatch.saved();
        listeners.forEach(listener -> listener.saved(saved.folder(), saved.step()));
    }
}
