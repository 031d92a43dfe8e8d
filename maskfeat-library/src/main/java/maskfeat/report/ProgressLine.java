package maskfeat.report;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import maskfeat.train.Listener;
import maskfeat.train.StepReport;
import org.jspecify.annotations.Nullable;

/**
 * Shows the progress of training: one line redrawn in place on a terminal, otherwise a plain line at intervals, and a
 * permanent line for each evaluation.
 *
 * <p>Plain ASCII without colour, so {@code NO_COLOR} is respected. Thread-safe.
 */
public final class ProgressLine implements Listener {
    /** Interval of plain lines where lines cannot be redrawn. */
    public static final Duration PLAIN_EVERY = Duration.ofSeconds(10);

    /** Limits redrawing, so that fast training loops spend little time on it. */
    private static final Duration REDRAW_EVERY = Duration.ofMillis(100);

    /** Where no step is done for longer, a line says what is being done. */
    private static final Duration SILENT = Duration.ofMillis(1500);

    private final PrintStream out;
    private final Terminal terminal;
    private final long everyNanos;
    private final LongSupplier nanoTime;

    private final ScoreLine scoreLine = new ScoreLine();
    private @Nullable StepReport latest;
    private boolean latestShown;
    private long shownAt;
    private boolean shownOnce;
    private String drawn = "";
    private Doing doing = Doing.NOTHING;
    private Doing afterwards = Doing.NOTHING;
    private String rate = "";
    private boolean stepMeasured;
    private boolean stepSaid;
    private boolean partSaid;
    private boolean ticks;
    private @Nullable ScheduledExecutorService clock;

    /**
     * What goes on where no step is done.
     *
     * @param since by {@code nanoTime}; of a micro-batch, when its step began
     */
    private record Doing(String what, boolean isStep, long since) {
        static final Doing NOTHING = new Doing("", false, 0);
    }

    /** Writes to standard error, in the form that its terminal supports, and is never silent for long. */
    public static ProgressLine onStderr() {
        ProgressLine line = new ProgressLine(System.err, Terminal.ofStderr(), PLAIN_EVERY, System::nanoTime);
        line.ticks = true;
        return line;
    }

    /**
     * @param out stream to write to
     * @param plainEvery least time between plain lines if {@code terminal} is not interactive
     * @param nanoTime as {@link System#nanoTime}
     */
    public ProgressLine(PrintStream out, Terminal terminal, Duration plainEvery, LongSupplier nanoTime) {
        this.out = out;
        this.terminal = terminal;
        this.everyNanos = (terminal.interactive() ? REDRAW_EVERY : plainEvery).toNanos();
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized void started(long step, long steps) {
        shownAt = nanoTime.getAsLong();
        doing = new Doing("making ready for the first step", false, shownAt);
        afterwards = doing;
        if (ticks && clock == null) {
            clock = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "progress");
                thread.setDaemon(true);
                return thread;
            });
            clock.scheduleWithFixedDelay(this::tick, 500, 500, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public synchronized void stepBegins(long step, long steps, int microBatches) {
        long since = doing.isStep ? doing.since : afterwards.since;
        doing = new Doing(inStep(step + 1, steps, 1, microBatches), true, since);
        afterwards = doing;
        tick();
    }

    private static String inStep(long step, long steps, int microBatch, int count) {
        return "in step " + Math.min(step, steps) + "/" + steps
                + (count == 1 ? "" : ", micro-batch " + microBatch + "/" + count);
    }

    @Override
    public synchronized void microBatch(long step, long steps, int done, int count) {
        long now = nanoTime.getAsLong();
        boolean stepEnds = done == count;
        long since = doing.isStep ? doing.since : afterwards.since;
        if (!stepMeasured) {
            rate = ", about " + Numbers.words((now - since) * 1e-9 / done * count) + " a step";
        }
        String what = inStep(step + (stepEnds ? 2 : 1), steps, done % count + 1, count);
        doing = new Doing(what, true, stepEnds ? now : since);
        afterwards = doing;
        tick();
    }

    @Override
    public synchronized void stepMade(long step, long steps, double seconds, double waited) {
        stepMeasured = true;
        rate = ", " + Numbers.words(seconds) + " a step";
    }

    @Override
    public synchronized void validating(int done, int count) {
        part("validating, ", done, count);
    }

    @Override
    public synchronized void measuringFeatures(int done, int count) {
        part("measuring features, ", done, count);
    }

    /** Of what is done between steps: when it is over, the next step goes on. */
    private void part(String what, int done, int count) {
        long now = nanoTime.getAsLong();
        if (done >= count) {
            if (!doing.what.startsWith(what)) {
                return;
            }
            doing = new Doing(afterwards.what, afterwards.isStep, now);
            afterwards = doing;
            shownAt = terminal.interactive() ? shownAt : now;
            return;
        }
        boolean begins = !doing.what.startsWith(what);
        doing = new Doing(what + done + "/" + count, false, begins ? now : doing.since);
        partSaid &= !begins;
        tick();
    }

    /** Says what is being done if nothing was said for some time. */
    synchronized void tick() {
        long now = nanoTime.getAsLong();
        if (doing.what.isEmpty() || !isDue(now)) {
            return;
        }
        // On a terminal the line counts the seconds.
        shownAt = terminal.interactive() ? now - SILENT.toNanos() + TimeUnit.SECONDS.toNanos(1) : now;
        stepSaid |= doing.isStep;
        partSaid |= !doing.isStep;
        long seconds = TimeUnit.NANOSECONDS.toSeconds(now - doing.since);
        String line = doing.what + (seconds < 1 ? "" : ", for " + seconds + " s") + (doing.isStep ? rate : "");
        int columns = terminal.interactive() ? terminal.columns() - 1 : Integer.MAX_VALUE;
        String loss = latest == null ? "" : Numbers.format("; loss of step %d: %.4f", latest.step(), latest.loss());
        write(
                line.length() + loss.length() <= columns
                        ? line + loss
                        : line.substring(0, Math.min(line.length(), columns)));
    }

    /** Where lines stay, the first of something comes soon, and more now and then; of steps only the first of all comes soon. */
    private boolean isDue(long now) {
        boolean said = doing.isStep ? stepSaid : partSaid;
        if (terminal.interactive() || !said && now - doing.since >= SILENT.toNanos()) {
            return now - shownAt >= SILENT.toNanos();
        }
        return now - shownAt >= PLAIN_EVERY.toNanos();
    }

    @Override
    public synchronized void step(StepReport report) {
        latest = report;
        scoreLine.epochs(report.epoch(), report.step());
        latestShown = false;
        long now = nanoTime.getAsLong();
        if (!shownOnce || now - shownAt >= everyNanos) {
            shownOnce = true;
            shownAt = now;
            show(report);
        }
    }

    @Override
    public synchronized void epoch(int epoch, long step) {
        scoreLine.epoch(epoch, step);
    }

    @Override
    public synchronized void scores(long step, Map<String, Double> values) {
        scoreLine
                .of(step, values)
                .ifPresent(line -> interrupt(() -> {
                    out.println(line);
                    out.flush();
                }));
    }

    @Override
    public synchronized void ended(long step, long steps) {
        doing = Doing.NOTHING;
        if (clock != null) {
            clock.shutdownNow();
            clock = null;
        }
        if (latest != null && !latestShown) {
            show(latest);
        }
        if (!drawn.isEmpty()) {
            out.println();
            out.flush();
            drawn = "";
        }
    }

    /** Runs code that writes to the same terminal, such as a log line, with the progress line erased. */
    public synchronized void interrupt(Runnable writer) {
        String line = drawn;
        if (line.isEmpty()) {
            writer.run();
            return;
        }
        erase();
        try {
            writer.run();
        } finally {
            draw(line);
        }
    }

    private void show(StepReport report) {
        latestShown = true;
        // The last column stays free, because writing there wraps on some terminals.
        write(fit(report, terminal.interactive() ? terminal.columns() - 1 : Integer.MAX_VALUE));
    }

    private void write(String line) {
        if (terminal.interactive()) {
            String padding = " ".repeat(Math.max(0, drawn.length() - line.length()));
            out.print("\r" + line + padding + "\r" + line);
            out.flush();
            drawn = line;
        } else {
            out.println(line);
            out.flush();
        }
    }

    private void draw(String line) {
        out.print(line);
        out.flush();
        drawn = line;
    }

    private void erase() {
        out.print("\r" + " ".repeat(drawn.length()) + "\r");
        out.flush();
        drawn = "";
    }

    /** The fullest line of at most {@code columns} characters. */
    static String fit(StepReport report, int columns) {
        List<ProgressField> fields = ProgressField.of(report);
        String line = ProgressField.join(fields);
        while (line.length() > columns) {
            ProgressField next = ProgressField.leastMissed(fields);
            if (next == null) {
                return line.substring(0, Math.max(0, columns));
            }
            next.shrink();
            line = ProgressField.join(fields);
        }
        return line;
    }
}
