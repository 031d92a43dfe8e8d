package maskfeat.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import maskfeat.disk.Plural;

/**
 * Makes batches ahead of the training step, on threads of its own: those of whole steps, or of their micro-batches. What it
 * delivers depends on the step alone: the number of threads and where a run was resumed change nothing.
 *
 * <p>Not itself safe for several threads: one consumer calls {@link #next}.
 *
 * @param <S> type of the samples' content
 */
public final class Loader<S> implements AutoCloseable {
    private final Samples<S> samples;
    private final Order order;
    private final int batchSize;
    private final int microBatches;
    private final int copies;
    private final int stepsPerEpoch;
    private final int ahead;
    private final ExecutorService threads;
    private final Deque<Pending<S>> queue = new ArrayDeque<>();
    private final long endStep;
    private final Part part;
    private final boolean weightsKnown;
    private long nextStep;
    private long orderedEpoch = -1;
    private int[] ordered = {};
    private int[] occurrence = {};
    private long submitted;
    private OptionalDouble submittedWeight = OptionalDouble.empty();
    private OptionalDouble stepWeight = OptionalDouble.empty();
    private double waitedSeconds;

    private record Pending<S>(long step, int microBatch, OptionalDouble stepWeight, List<Future<Sample<S>>> samples) {}

    /**
     * Which of a step's samples are made: those of one of several processes that share each step evenly.
     *
     * @param index from 0
     * @param count of all parts, a divisor of the step's samples
     */
    public record Part(int index, int count) {
        /** All samples. */
        public static final Part WHOLE = new Part(0, 1);
    }

    /** Of steps that go through the network as a whole. */
    public Loader(
            Samples<S> samples,
            Order order,
            int batchSize,
            int copies,
            int threadCount,
            int ahead,
            long firstStep,
            long endStep) {
        this(samples, order, batchSize, 1, copies, threadCount, ahead, firstStep, endStep);
    }

    /**
     * @param order of the items in each pass
     * @param batchSize samples of one optimizer step, all micro-batches together
     * @param microBatches of a step, each of which {@link #next} gives by itself; a divisor of {@code batchSize}
     * @param copies samples that each item gives in a row, each augmented on its own (Hoffer et al. 2020); a divisor of
     *     {@code batchSize}
     * @param threadCount at least 1
     * @param ahead steps to keep ready or in preparation; of steps of several micro-batches see {@link #microBatchesAhead}
     * @param firstStep where to begin
     * @param endStep where to end: the number of steps of the whole run
     * @throws IllegalArgumentException if the data does not fill one step, or a step does not divide, naming both
     */
    public Loader(
            Samples<S> samples,
            Order order,
            int batchSize,
            int microBatches,
            int copies,
            int threadCount,
            int ahead,
            long firstStep,
            long endStep) {
        this(samples, order, batchSize, microBatches, copies, threadCount, ahead, firstStep, endStep, Part.WHOLE);
    }

    /**
     * As above, of a part of each step: its samples are those that the whole has at the same places.
     *
     * @param microBatches of the part
     * @throws IllegalArgumentException if a step does not divide into the parts
     */
    public Loader(
            Samples<S> samples,
            Order order,
            int batchSize,
            int microBatches,
            int copies,
            int threadCount,
            int ahead,
            long firstStep,
            long endStep,
            Part part) {
        this.part = part;
        this.samples = samples;
        this.order = order;
        this.batchSize = batchSize;
        this.copies = copies;
        this.stepsPerEpoch = stepsPerEpoch(samples.size(), batchSize, copies);
        if (batchSize % part.count != 0) {
            throw new IllegalArgumentException("a step of " + Plural.of(batchSize, "sample") + " does not divide into "
                    + part.count + " equal parts");
        }
        int own = batchSize / part.count;
        if (microBatches < 1 || own % microBatches != 0) {
            throw new IllegalArgumentException("a step of " + Plural.of(own, "sample") + " does not divide into "
                    + microBatches + " micro-batches");
        }
        this.microBatches = microBatches;
        this.weightsKnown = samples.weight(0, 0, 0).isPresent();
        this.ahead = microBatchesAhead(ahead, microBatches, own / microBatches, threadCount, weightsKnown);
        this.nextStep = firstStep;
        this.endStep = endStep;
        AtomicInteger number = new AtomicInteger();
        this.threads = Executors.newFixedThreadPool(threadCount, task -> {
            Thread thread = new Thread(task, "loader-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Optimizer steps in one pass; items that do not fill a batch at its end are left out of this epoch.
     *
     * @throws IllegalArgumentException if the data does not fill one batch, naming both
     */
    public static int stepsPerEpoch(int size, int batchSize, int copies) {
        if (batchSize % copies != 0) {
            throw new IllegalArgumentException("a step of " + Plural.of(batchSize, "sample")
                    + " does not divide into items of " + copies + " samples each");
        }
        int items = batchSize / copies;
        if (size < items) {
            throw new IllegalArgumentException(Plural.of(size, "sample does", "samples do") + " not fill one step of "
                    + items + "; lower train.batch or train.accumulate, or add data");
        }
        return size / items;
    }

    /**
     * Micro-batches to keep ready or in preparation. Where a step has one, and where only samples tell what they count in the
     * mean of their step, so that all are needed before the first is used, these are {@code ahead} steps. Else they are
     * {@code ahead} micro-batches, and more only where these have fewer than two samples for each thread.
     *
     * @param microBatches of a step
     * @param size samples of a micro-batch
     */
    public static int microBatchesAhead(int ahead, int microBatches, int size, int threadCount, boolean weightsKnown) {
        long steps = (long) ahead * microBatches;
        long busy = (2L * threadCount + size - 1) / size;
        return (int) Math.min(Integer.MAX_VALUE, weightsKnown ? Math.min(steps, Math.max(ahead, busy)) : steps);
    }

    /** In how many parts it gives a step. */
    public int microBatches() {
        return microBatches;
    }

    /**
     * What the samples of a step count in its mean loss, all micro-batches together: of the step that {@link #next} gave last.
     *
     * @return empty if only the samples tell, and for a step of one micro-batch
     */
    public OptionalDouble stepWeight() {
        return stepWeight;
    }

    /**
     * The next micro-batch, which is the whole step where it has but one; waits until it is ready.
     *
     * @throws TooManyBadFiles if the share of files that cannot be read is past the limit
     * @throws java.util.NoSuchElementException after the last step
     */
    public Batch<S> next() throws TooManyBadFiles, InterruptedException {
        fill();
        Pending<S> head = queue.remove();
        long start = System.nanoTime();
        List<Sample<S>> done = new ArrayList<>(head.samples.size());
        for (Future<Sample<S>> sample : head.samples) {
            done.add(take(sample));
        }
        waitedSeconds += (System.nanoTime() - start) * 1e-9;
        fill(); // before the step runs, so that the threads never idle during it
        stepWeight = head.stepWeight;
        return new Batch<>(head.step, part.index * microBatches + head.microBatch, done);
    }

    /** How long {@link #next} waited, all calls together. */
    public double waitedSeconds() {
        return waitedSeconds;
    }

    private void fill() {
        while (queue.size() < ahead && nextStep < endStep) {
            queue.add(submit(nextStep, (int) (submitted++ % microBatches)));
            nextStep += submitted % microBatches == 0 ? 1 : 0;
        }
    }

    private Pending<S> submit(long step, int microBatch) {
        long epoch = step / stepsPerEpoch;
        if (epoch != orderedEpoch) {
            ordered = order.of(epoch);
            occurrence = occurrences(ordered, samples.size());
            orderedEpoch = epoch;
        }
        int first = (int) (step % stepsPerEpoch) * (batchSize / copies);
        int from = part.index * (batchSize / part.count);
        if (microBatch == 0 && microBatches > 1 && weightsKnown) {
            submittedWeight = OptionalDouble.of(IntStream.range(from, from + batchSize / part.count)
                    .mapToDouble(i -> samples.weight(epoch, index(first, i), copy(first, i))
                            .orElseThrow())
                    .sum());
        }
        int size = batchSize / part.count / microBatches;
        List<Future<Sample<S>>> pending = new ArrayList<>(size);
        for (int i = from + microBatch * size; i < from + (microBatch + 1) * size; i++) {
            int index = index(first, i);
            int copy = copy(first, i);
            pending.add(threads.submit(() -> samples.get(epoch, index, copy)));
        }
        return new Pending<>(step, microBatch, submittedWeight, pending);
    }

    /** The item of sample {@code i} of the step whose first item stands at this place of the order. */
    private int index(int first, int i) {
        return ordered[first + i / copies];
    }

    private int copy(int first, int i) {
        return occurrence[first + i / copies] * copies + i % copies;
    }

    /** For each place of an order, how often its item came before in it: each occurrence is augmented differently. */
    private static int[] occurrences(int[] order, int size) {
        int[] seen = new int[size];
        int[] occurrences = new int[order.length];
        Arrays.setAll(occurrences, i -> seen[order[i]]++);
        return occurrences;
    }

    private static <S> Sample<S> take(Future<Sample<S>> future) throws TooManyBadFiles, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof TooManyBadFiles bad) {
                throw bad;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("making a sample failed: " + cause, cause);
        }
    }

    /** Stops the threads; batches not yet taken are dropped. */
    @Override
    public void close() {
        threads.shutdownNow();
        queue.clear();
    }
}
