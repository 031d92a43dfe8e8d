package maskfeat.train;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import maskfeat.disk.Plural;

/**
 * Chooses the number of threads of the network's arithmetic by measuring. Threads wait for one another hundreds of times in a
 * step, and where other programs use the machine, they wait for one that is not running: then fewer are faster.
 *
 * <p>What is measured is forward and backward of a step made of the first micro-batch of the coming one, which is then taken
 * back: measuring changes nothing that is trained. The number that is in use stays unless another one is clearly faster, as the
 * last bits of sums depend on it.
 */
public final class ThreadChoice {
    /** A number takes over whose steps take less than this share of the time. */
    private static final double CLEARLY = 0.75;

    /** No further number is tried past one that takes this many times as long as the fastest so far. */
    private static final double NO_HOPE = 1.1;

    private static final int WARM_UP = 3;

    /** Until then the JVM's compilers are a busy neighbour themselves. */
    private static final double WARM_UP_SECONDS = 20;

    private static final int TIMES = 3;
    private static final double LONG_STEP_SECONDS = 5;
    private static final double SHORT_RUN_SECONDS = 60;
    private static final double AGAIN_SECONDS = 600;
    private static final int AGAIN_STEPS = 200;
    private static final double SLOW = 2;
    private static final double SLOW_SECONDS = 30;
    private static final int LATELY = 9;
    private static final double NANO = 1e-9;

    private final int most;
    private final IntConsumer use;
    private final Consumer<String> notices;
    private final LongSupplier clock;
    private final Deque<Double> lately = new ArrayDeque<>();
    private int count;
    private long steps;
    private double seconds;
    private boolean chosen;
    private long chosenAt;
    private long stepBegan;
    private double expected = Double.NaN;

    /**
     * @param most threads to begin with, and the most that are tried
     * @param use sets the number of threads
     * @param notices takes a sentence when the number changes
     */
    public ThreadChoice(int most, IntConsumer use, Consumer<String> notices) {
        this(most, use, notices, System::nanoTime);
    }

    ThreadChoice(int most, IntConsumer use, Consumer<String> notices, LongSupplier clock) {
        this.most = most;
        this.count = most;
        this.use = use;
        this.notices = notices;
        this.clock = clock;
    }

    /** The number in use. */
    int count() {
        return count;
    }

    /** Goes on with the number of a run that was stopped, as far as this machine has it. */
    void resume(int before) {
        count = Math.min(before, most);
        use.accept(count);
    }

    /** Gives all threads back. */
    void end() {
        use.accept(most);
    }

    /** Forward and backward of a step begin. */
    void stepBegins() {
        stepBegan = clock.getAsLong();
    }

    /**
     * The step is made.
     *
     * @param waited seconds of it that went by waiting for samples, which no number of threads changes
     */
    void stepEnds(double waited) {
        double took = (clock.getAsLong() - stepBegan) * NANO - waited;
        steps++;
        seconds += took;
        lately.addLast(took);
        if (lately.size() > LATELY) {
            lately.removeFirst();
        }
        if (chosen && Double.isNaN(expected) && lately.size() == LATELY) {
            expected = median(lately);
        }
    }

    /**
     * Whether to measure before the next step: early in a run that takes more than a minute, now and then later, and when steps
     * have become slow.
     *
     * @param toGo steps of the run that are left
     */
    boolean due(long toGo) {
        if (lately.isEmpty() || toGo < 1) {
            return false;
        }
        if (!chosen) {
            return steps >= WARM_UP && seconds >= WARM_UP_SECONDS && median(lately) * toGo > SHORT_RUN_SECONDS;
        }
        double since = (clock.getAsLong() - chosenAt) * NANO;
        boolean slow = lately.size() == LATELY && median(lately) > SLOW * expected && since > SLOW_SECONDS;
        return slow || since > AGAIN_SECONDS && steps > AGAIN_STEPS;
    }

    /**
     * Measures the number in use, halves of it as long as they are no slower, and, where a half is, doubles of it.
     *
     * @param pass makes a forward and backward pass that changes nothing
     * @param stopRequested asked after each pass; true gives up, and the number in use stays
     */
    void choose(Runnable pass, BooleanSupplier stopRequested) {
        Passes passes = new Passes(pass, stopRequested);
        double now = passes.seconds(count, Double.POSITIVE_INFINITY);
        Timed best = walk(new Timed(count, now), passes, false);
        if (best.count == count) {
            best = walk(best, passes, true);
        }
        if (!passes.stopped && best.seconds < CLEARLY * now) {
            notices.accept(String.format(
                    Locale.ROOT,
                    "a step takes %s with %s and %s with %d: going on with %d (train.threads sets a number that stays)",
                    text(now),
                    Plural.of(count, "thread"),
                    text(best.seconds),
                    best.count,
                    best.count));
            count = best.count;
        }
        use.accept(count);
        chosen = true;
        chosenAt = clock.getAsLong();
        steps = 0;
        lately.clear();
        expected = Double.NaN;
    }

    private record Timed(int count, double seconds) {}

    private Timed walk(Timed from, Passes passes, boolean up) {
        Timed best = from;
        int next = from.count;
        while (!passes.stopped && (up ? next < most : next > 1)) {
            next = up ? Math.min(most, 2 * next) : next / 2;
            double seconds = passes.seconds(next, NO_HOPE * best.seconds);
            if (seconds > NO_HOPE * best.seconds) {
                break;
            }
            if (seconds < best.seconds) {
                best = new Timed(next, seconds);
            }
        }
        return best;
    }

    private final class Passes {
        private final Runnable pass;
        private final BooleanSupplier stopRequested;
        private boolean stopped;

        Passes(Runnable pass, BooleanSupplier stopRequested) {
            this.pass = pass;
            this.stopRequested = stopRequested;
        }

        /** The median of a few passes, or the first one if that is already slower than it may be or takes long. */
        double seconds(int threads, double atMost) {
            use.accept(threads);
            List<Double> times = new ArrayList<>();
            do {
                long start = clock.getAsLong();
                pass.run();
                times.add((clock.getAsLong() - start) * NANO);
                stopped = stopped || stopRequested.getAsBoolean();
            } while (!stopped && times.size() < TIMES && times.get(0) < LONG_STEP_SECONDS && times.get(0) <= atMost);
            return median(times);
        }
    }

    private static double median(Iterable<Double> values) {
        List<Double> sorted = new ArrayList<>();
        values.forEach(sorted::add);
        sorted.sort(null);
        return sorted.get(sorted.size() / 2);
    }

    private static String text(double seconds) {
        return seconds < 1
                ? String.format(Locale.ROOT, "%.0f ms", seconds * 1000)
                : String.format(Locale.ROOT, "%.1f s", seconds);
    }
}
