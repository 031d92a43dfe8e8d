package maskfeat.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import maskfeat.data.Batch;
import maskfeat.data.Loader;
import maskfeat.torch.Flops;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Makes the first steps of a run as {@link Trainer} does, without average, validation and checkpoints, and takes the time of
 * their parts.
 */
public final class TimedSteps {
    private final List<Times> times;

    /**
     * The parts of one step, in seconds.
     *
     * @param step all of it
     * @param data waiting for samples
     * @param forward from samples to loss, frozen networks included
     * @param backward from loss to gradients
     * @param optimizer the update, and what the task does after it
     * @param flops operations of its products and convolutions, as {@link Flops} counts them
     */
    public record Times(double step, double data, double forward, double backward, double optimizer, double flops) {}

    private TimedSteps(List<Times> times) {
        this.times = times;
    }

    /**
     * Makes steps.
     *
     * @param microBatches parts of a step
     * @param warmUp steps that are made first and do not count
     * @param waitForDevice returns when all that was asked of it is done
     * @param between called before each step that counts
     */
    public static <S> TimedSteps measure(
            Task<S> task,
            AdamW optimizer,
            Schedule schedule,
            int microBatches,
            Loader<S> loader,
            int warmUp,
            int steps,
            Runnable waitForDevice,
            Runnable between)
            throws IOException, InterruptedException {
        Timed<S> timed = new Timed<>(task, waitForDevice);
        MicroBatches<S> micro = new MicroBatches<>(timed, microBatches);
        List<Times> times = new ArrayList<>();
        for (int i = 0; i < warmUp + steps; i++) {
            if (i >= warmUp) {
                between.run();
            }
            timed.clear();
            long start = System.nanoTime();
            StepSamples<S> samples = StepSamples.next(loader, timed);
            long data = System.nanoTime();
            double waitedBefore = loader.waitedSeconds();
            try (PointerScope scope = new PointerScope()) {
                StepResult result = micro.backward(samples, done -> true).orElseThrow();
                waitForDevice.run();
                long backward = System.nanoTime();
                double waited = loader.waitedSeconds() - waitedBefore; // for all micro-batches but the first
                if (result.lossIsFinite()) {
                    optimizer.step(schedule.at(0)).item_float(); // waits for the device
                    task.afterStep(i);
                } else {
                    optimizer.clearGradients();
                    task.leftOut(i);
                }
                waitForDevice.run();
                long end = System.nanoTime();
                if (i >= warmUp) {
                    times.add(new Times(
                            seconds(end - start),
                            seconds(data - start) + waited,
                            seconds(timed.forward),
                            seconds(backward - data - timed.forward) - waited,
                            seconds(end - backward),
                            result.flops()));
                }
            }
        }
        return new TimedSteps(times);
    }

    private static double seconds(long nanos) {
        return nanos * 1e-9;
    }

    /** The median of a part. */
    public double median(ToDoubleFunction<Times> part) {
        double[] sorted = times.stream().mapToDouble(part).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    /** The mean of a part. */
    public double mean(ToDoubleFunction<Times> part) {
        return times.stream().mapToDouble(part).average().orElse(Double.NaN);
    }

    /** A task that takes the time of its losses. */
    private static final class Timed<S> implements Task<S> {
        private final Task<S> task;
        private final Runnable waitForDevice;
        private long forward;

        Timed(Task<S> task, Runnable waitForDevice) {
            this.task = task;
            this.waitForDevice = waitForDevice;
        }

        void clear() {
            forward = 0;
        }

        @Override
        public Map<String, Tensor> parameters() {
            return task.parameters();
        }

        @Override
        public Outcome loss(Batch<S> batch) {
            long start = System.nanoTime();
            Outcome outcome = task.loss(batch);
            waitForDevice.run();
            forward += System.nanoTime() - start;
            return outcome;
        }

        @Override
        public double weight(S content) {
            return task.weight(content);
        }
    }
}
