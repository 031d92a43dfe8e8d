package maskfeat.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongFunction;
import maskfeat.data.Loader;
import maskfeat.data.Seeds;
import maskfeat.eval.NotFinite;
import maskfeat.torch.Generators;
import maskfeat.torch.RankLost;
import maskfeat.torch.Ranks;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * The loop: forward, backward, update, report, validate, save. The {@link Task} says what is trained; {@link Listener}s
 * receive the reports.
 *
 * @param <S> content of the task's samples
 */
public final class Trainer<S> {
    /** How a run ended that did not fail. */
    public enum Ending {
        DONE,
        STOPPED
    }

    /**
     * How long to train, and what happens how often.
     *
     * @param stepsPerEpoch optimizer steps in one epoch
     * @param epochs number of epochs
     * @param microBatches parts of a step, of equal size, that go through the network one after the other on each rank
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

    private static final String GRAD_NORM = "train/grad_norm";

    private final Task<S> task;
    private final AdamW optimizer;
    private final Schedule schedule;
    private final Plan plan;
    private final Checkpoints checkpoints;
    private final List<Listener> listeners;
    private final BooleanSupplier stopRequested;
    private final Map<String, String> modelMetadata;
    private final Meter meter = new Meter();
    private final Stopwatch stopwatch;
    private final TrainingState state;
    private final NonFiniteSteps nonFiniteSteps;
    private MicroBatches<S> microBatches;
    private Ranks ranks = Ranks.ALONE;
    private Seeds seeds = new Seeds(0);
    private @Nullable Validator validator;
    private @Nullable ThreadChoice threads;
    private Heir heir = (step, files) -> {};
    private long savedStep = -1;
    private DoubleUnaryOperator productShare = reached -> Double.NaN;
    private double lastRate = Double.NaN;

    /**
     * @param modelMetadata goes into each checkpoint's {@code model.safetensors} beside the weights
     * @param nonFiniteFolder takes a file for each step whose loss or gradient is not finite
     * @param stopRequested asked after each step, and within a step after each micro-batch
     */
    public Trainer(
            Task<S> task,
            AdamW optimizer,
            Schedule schedule,
            Plan plan,
            Checkpoints checkpoints,
            Map<String, String> modelMetadata,
            Path nonFiniteFolder,
            List<Listener> listeners,
            BooleanSupplier stopRequested) {
        this.task = task;
        this.stopwatch = new Stopwatch(task::teacherSeconds);
        this.optimizer = optimizer;
        this.schedule = schedule;
        this.plan = plan;
        this.checkpoints = checkpoints;
        this.listeners = List.copyOf(listeners);
        this.stopRequested = stopRequested;
        this.modelMetadata = modelMetadata;
        this.state = new TrainingState(task, optimizer, meter, modelMetadata, plan.stepsPerEpoch);
        this.microBatches = new MicroBatches<>(task, plan.microBatches);
        this.nonFiniteSteps = new NonFiniteSteps(nonFiniteFolder, plan.stepsPerEpoch, plan.maxNonFinite, state, meter);
    }

    /** Validates the network between epochs. To be called before training or resuming. */
    public Trainer<S> validatedBy(Validation validation) {
        validator = new Validator(validation, task, state, modelMetadata, listeners);
        state.best = validation.best();
        return this;
    }

    /** Lets what was learned be saved where rank 0, which does so otherwise, is gone. To be called before training or resuming. */
    public Trainer<S> inheritedBy(Heir survivor) {
        heir = survivor;
        return this;
    }

    /** Keeps an average of the weights, which is then what is validated. To be called before training or resuming. */
    public Trainer<S> averaging(MovingAverage average) {
        state.average = average;
        return this;
    }

    /**
     * Ends training early once the loss is low enough: after the first epoch over which it is at or below a share of that of the
     * best constant prediction, the learning rate falls on a line to the end of the schedule, over a tenth of the epochs done,
     * rounded up. To be called before training or resuming.
     *
     * @param share above 0 and below 1; never reached by a task without such a baseline
     */
    public Trainer<S> until(double share) {
        state.goal = new LossGoal(share, plan.epochs);
        return this;
    }

    /** Lets the number of the kernels' threads be chosen while it trains. To be called before training or resuming. */
    public Trainer<S> choosing(ThreadChoice choice) {
        threads = choice;
        return this;
    }

    /**
     * Trains together with others, each of whom calls this: every step is the one that a single process would make. Rank 0
     * alone saves. To be called before training or resuming.
     *
     * @param ofDrop seeds of drop path, which each rank draws for its own part of a step
     */
    public Trainer<S> among(Ranks others, Seeds ofDrop) {
        ranks = others;
        seeds = ofDrop;
        stopwatch.among(ranks);
        microBatches = new MicroBatches<>(task, plan.microBatches, ranks);
        return this;
    }

    /**
     * Reports what share of the rate of products the steps reach. To be called before training.
     *
     * @param share of the rate of one large product, in the precision of training: of the operations a second that are reached;
     *     NaN where it is not known
     */
    public Trainer<S> against(DoubleUnaryOperator share) {
        productShare = share;
        return this;
    }

    /**
     * Continues from a checkpoint instead of starting at the beginning.
     *
     * @throws IllegalArgumentException if it was written on data of another size or by a task with other state
     */
    public void resume(Checkpoint checkpoint) throws IOException {
        state.restore(checkpoint);
        savedStep = state.step;
        if (threads != null && state.threads != null) {
            threads.resume(state.threads);
        }
    }

    /** Optimizer steps done. */
    public long step() {
        return state.step;
    }

    /**
     * Trains to the end of the plan, or until a stop is requested, which saves the last whole step: of a step of several
     * micro-batches the rest is not computed, unless other ranks wait for it.
     *
     * @param batches a loader that begins at the step it is given, and gives steps in as many micro-batches as the plan says
     * @throws TrainingDiverged if too many steps in a row were not finite
     * @throws IOException if data or checkpoints fail
     */
    public Ending run(LongFunction<Loader<S>> batches) throws IOException, InterruptedException {
        try (Loader<S> loader = batches.apply(state.step)) {
            if (loader.microBatches() != plan.microBatches) {
                throw new IllegalArgumentException("the loader gives a step in " + loader.microBatches()
                        + " micro-batches, and the plan has " + plan.microBatches + "; give both the same");
            }
            state.epoch.last().ifPresent(mean -> listeners.forEach(listener -> listener.epochLoss(mean)));
            reached().ifPresent(goal -> listeners.forEach(listener -> listener.reached(goal)));
            listeners.forEach(listener -> listener.started(state.step, steps()));
            stopwatch.start(loader);
            boolean stop = ranks.any(validate()); // a run that was stopped during validation begins with it
            while (!stop && !lastStepDone()) {
                boolean whole = timedStep(loader);
                // Ranks stop together: a rank that went on would wait for the others.
                stop = !whole || ranks.any(validate() | stopRequested.getAsBoolean());
                if (stop ? savedStep != state.step || whole : saveDue()) {
                    save();
                }
                if (whole && state.step % plan.stepsPerEpoch == 0) {
                    listeners.forEach(listener -> listener.epoch(epoch(), state.step));
                    stopwatch.pause();
                    // A listener that gave up what was due is asked again when the run goes on from here.
                    if (!stop && ranks.any(stopRequested.getAsBoolean())) {
                        stop = true;
                        if (savedStep != state.step) {
                            save();
                        }
                    }
                }
            }
            ranks.any(false); // rank 0 has saved, and all hear what was told last
            if (stop && !finished()) {
                StepReport since = reported();
                listeners.forEach(listener -> listener.stopped(since));
                return Ending.STOPPED;
            }
            return Ending.DONE;
        } catch (RankLost lost) {
            // A step in which a rank was waited for in vain has been taken back: the state is that of a whole one.
            if (ranks.leads()) {
                saveDespite(lost);
            } else if (lost.rank() == 0 && !lost.failed() && state.step > 0) {
                heir.save(state.step, state.files());
            }
            throw lost;
        } finally {
            if (threads != null) {
                threads.end();
            }
            listeners.forEach(listener -> listener.ended(state.step, steps()));
        }
    }

    /** Lets the number of threads be chosen by passes that change nothing. */
    private void chooseThreads(StepSamples<S> samples) {
        ThreadChoice choice = threads;
        if (choice == null || !choice.due(steps() - state.step)) {
            return;
        }
        byte[] generator = Generators.state();
        stopwatch.leavingOut(() -> choice.choose(
                () -> {
                    try (PointerScope scope = new PointerScope()) {
                        microBatches.rehearse(samples.first());
                        takeBack(generator);
                    }
                },
                stopRequested));
        state.threads = choice.count();
    }

    /** As if the step had not begun. */
    private void takeBack(byte[] generator) {
        optimizer.clearGradients();
        task.leftOut(state.step);
        Generators.restore(generator);
    }

    private boolean timedStep(Loader<S> loader) throws IOException, InterruptedException {
        double waited = loader.waitedSeconds();
        double leftOut = stopwatch.leftOutSeconds();
        long start = System.nanoTime();
        StepSamples<S> samples = StepSamples.next(loader, task);
        listeners.forEach(listener -> listener.stepBegins(state.step, steps(), plan.microBatches));
        boolean whole = step(samples, loader);
        if (whole) {
            double seconds = (System.nanoTime() - start) * 1e-9 - (stopwatch.leftOutSeconds() - leftOut);
            double ofThese = loader.waitedSeconds() - waited;
            listeners.forEach(listener -> listener.stepMade(state.step, steps(), seconds, ofThese));
        }
        return whole;
    }

    /** False if it was given up because a stop was requested. */
    private boolean step(StepSamples<S> samples, Loader<S> loader) throws IOException, InterruptedException {
        chooseThreads(samples);
        try (PointerScope scope = new PointerScope()) {
            ranks.at(state.step);
            if (!ranks.isAlone()) {
                // Drawn in one stream, the numbers would depend on what the other ranks have drawn.
                Generators.seed(
                        seeds.of(Seeds.Purpose.DROP, state.step, ranks.rank()).nextLong());
            }
            byte[] generator = Generators.state();
            double learningRate = learningRate(state.step);
            if (threads != null) {
                threads.stepBegins();
            }
            double waited = loader.waitedSeconds();
            Optional<StepResult> made = backward(samples, generator);
            if (made.isEmpty()) {
                return false;
            }
            StepResult result = update(made.get(), learningRate); // waits for the device
            if (threads != null) {
                threads.stepEnds(loader.waitedSeconds() - waited);
            }
            if (result.isFinite()) {
                if (state.average != null) {
                    state.average.update(state.step);
                }
                task.afterStep(state.step);
            } else {
                task.leftOut(state.step);
            }
            state.step++;
            count(result, samples, learningRate, generator);
            countInEpoch(result);
            report(result, samples.size() * ranks.size(), learningRate);
            return true;
        }
    }

    /** That of the step after so many. */
    private double learningRate(long step) {
        return reached()
                .map(goal -> goal.learningRate(schedule, step, plan.stepsPerEpoch))
                .orElseGet(() -> schedule.at((double) step / plan.stepsPerEpoch));
    }

    /** A step whose later samples cannot be had, or that is given up, leaves nothing of itself. */
    private Optional<StepResult> backward(StepSamples<S> samples, byte[] generator)
            throws IOException, InterruptedException {
        boolean done = false;
        try {
            Optional<StepResult> result = microBatches.backward(samples, this::afterMicroBatch);
            if (!ranks.isAlone() && result.isPresent() && result.get().lossIsFinite()) {
                ranks.sum(optimizer.gradients());
            }
            done = result.isPresent();
            return result;
        } finally {
            if (!done) {
                takeBack(generator);
            }
        }
    }

    /** Tells of it, and whether to go on. */
    private boolean afterMicroBatch(int done) {
        listeners.forEach(listener -> listener.microBatch(state.step, steps(), done, plan.microBatches));
        return done == plan.microBatches || !ranks.isAlone() || !stopRequested.getAsBoolean();
    }

    /** Moves the parameters if the loss is finite; the gradient of a loss that is not may still be finite. */
    private StepResult update(StepResult result, double learningRate) {
        if (!result.lossIsFinite()) {
            optimizer.clearGradients();
            return result;
        }
        return result.withGradNorm(optimizer.step(learningRate).item_float()); // waits for the device
    }

    /** A step that was not finite changed nothing; it is counted, and too many in a row end the run. */
    private void count(StepResult result, StepSamples<S> samples, double learningRate, byte[] generator)
            throws IOException {
        Optional<TrainingDiverged> diverged = nonFiniteSteps.count(result, samples, learningRate, generator, ranks);
        if (diverged.isPresent()) {
            save();
            throw diverged.get();
        }
    }

    /** Of ranks each finds the same: loss and baseline are sums over all of them. */
    private void countInEpoch(StepResult result) {
        state.epoch.add(result);
        if (state.step % plan.stepsPerEpoch == 0) {
            state.epoch.end(epoch(), plan.stepsPerEpoch).ifPresent(this::lookForGoal);
        }
    }

    private void lookForGoal(EpochLoss ended) {
        listeners.forEach(listener -> listener.epochLoss(ended));
        if (state.goal != null) {
            state.goal.epochDone(ended).ifPresent(reached -> listeners.forEach(listener -> listener.reached(reached)));
        }
    }

    private Optional<GoalReached> reached() {
        return state.goal == null ? Optional.empty() : state.goal.reached();
    }

    private void report(StepResult result, int samples, double learningRate) {
        if (result.isFinite()) {
            Map<String, Double> values = new LinkedHashMap<>(result.values());
            values.put(GRAD_NORM, (double) result.gradNorm());
            meter.add(values);
        }
        stopwatch.count(samples, result.flops());
        lastRate = learningRate;
        if (state.step % plan.logEvery != 0 && state.step != steps()) {
            return;
        }
        StepReport report = reported();
        meter.clear();
        stopwatch.lap();
        listeners.forEach(listener -> listener.step(report));
    }

    /** How training went since the last report. */
    private StepReport reported() {
        Map<String, Double> extra = meter.means();
        extra.keySet().removeAll(List.of(StepResult.LOSS, StepResult.BASELINE, GRAD_NORM));
        if (state.nonFinite > 0) {
            extra.put("train/nonfinite_steps", (double) state.nonFinite);
        }
        double stepSeconds = stopwatch.stepSeconds();
        double samplesPerSecond = stopwatch.samplesPerSecond();
        double dataShare = stopwatch.dataShare();
        double teacherShare = stopwatch.teacherShare();
        double ranksShare = stopwatch.ranksShare();
        // After the other figures, because a product may have to be measured first.
        double ofProducts = productShare.applyAsDouble(stopwatch.flopsPerSecond());
        return new StepReport(
                state.step,
                steps(),
                (double) state.step / plan.stepsPerEpoch,
                epochs(),
                meter.mean(StepResult.LOSS),
                meter.mean(StepResult.BASELINE),
                lastRate,
                meter.mean(GRAD_NORM),
                samplesPerSecond,
                dataShare,
                teacherShare,
                ranksShare,
                ofProducts,
                stepSeconds,
                stepSeconds * (steps() - state.step),
                extra);
    }

    /**
     * Validates if that is due and not yet done. Not between steps that are not finite: if they are taken back, what was
     * measured after them must not remain.
     *
     * @return whether it was given up because a stop was requested
     */
    private boolean validate() throws IOException, InterruptedException {
        boolean epochDone = state.step % plan.stepsPerEpoch == 0;
        boolean maybeTakenBack = state.nonFiniteInARow > 0 && state.step < steps();
        if (validator == null || !epochDone || maybeTakenBack || !validator.due(epoch(), epochs())) {
            return false;
        }
        TrainingState.Validated before = state.validated;
        try {
            if (!validator.validate(epoch(), stopRequested)) {
                return true;
            }
        } catch (IOException unreadable) {
            saveDespite(unreadable);
            throw unreadable;
        } catch (NotFinite diverged) {
            // Not saved: the last checkpoint is from before, and training goes on from there at a lower rate.
            throw new TrainingDiverged(epoch(), String.valueOf(diverged.getMessage()), learningRate(state.step - 1));
        }
        agreeOnTheEnd(before);
        stopwatch.pause();
        if (savedStep == state.step) {
            save(); // this step's checkpoint was written before validation
        }
        return false;
    }

    /**
     * Processors of other kinds may compute other last bits of a figure; what rank 0 found ends training or does not.
     *
     * @param before what validation had found before
     */
    private void agreeOnTheEnd(TrainingState.Validated before) {
        boolean over = state.validated.over();
        boolean agreed;
        try {
            agreed = ranks.any(ranks.leads() && over);
        } catch (RankLost lost) {
            // Rank 0 may not have kept the best weights any more: who goes on from here validates again.
            state.validated = ranks.leads() ? state.validated : before;
            throw lost;
        }
        if (over != agreed) {
            state.validated = new TrainingState.Validated(
                    state.validated.epoch(), state.validated.bestEpoch(), state.validated.best(), agreed);
        }
    }

    /** Training must not be lost because a file for validation cannot be read, or a rank is gone. */
    private void saveDespite(Exception failure) {
        if (savedStep == state.step) {
            return;
        }
        try {
            save();
        } catch (IOException alsoFailed) {
            failure.addSuppressed(alsoFailed);
        }
    }

    private boolean saveDue() {
        return lastStepDone()
                || state.step % plan.saveEverySteps == 0
                || stopwatch.secondsSinceSave() > plan.saveEverySeconds;
    }

    private void save() throws IOException {
        if (!ranks.leads()) {
            savedStep = state.step;
            return;
        }
        Checkpoint saved = checkpoints.save(state.step, state.files());
        savedStep = state.step;
        stopwatch.saved();
        listeners.forEach(listener -> listener.saved(saved.folder(), saved.step()));
    }

    /** Epochs of the whole run. */
    private int epochs() {
        return reached().map(GoalReached::last).orElse(plan.epochs);
    }

    /** Optimizer steps of the whole run. */
    private long steps() {
        return (long) plan.stepsPerEpoch * epochs();
    }

    /** Epochs done. */
    private int epoch() {
        return (int) (state.step / plan.stepsPerEpoch);
    }

    private boolean lastStepDone() {
        return state.validated.over() || state.step >= steps();
    }

    private boolean finished() {
        boolean validated = validator == null || state.validated.epoch() == epochs();
        return state.validated.over() || state.step == steps() && validated;
    }
}
