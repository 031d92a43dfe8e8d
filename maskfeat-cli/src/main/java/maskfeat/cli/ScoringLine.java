package maskfeat.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import maskfeat.infer.Progress;
import maskfeat.report.ProgressLine;
import maskfeat.report.Terminal;

/** How far scoring or the like is: a line redrawn in place on a terminal, a plain line now and then elsewhere. */
final class ScoringLine implements Progress {
    private static final Duration REDRAW_EVERY = Duration.ofMillis(200);

    /** The items of a batch come at once when it is done: those of the first one were made before the clock began. */
    private static final long FIRST_BATCH_NANOS = Duration.ofMillis(50).toNanos();

    private final PrintStream out;
    private final Terminal terminal;
    private final String verb;
    private final String noun;
    private final boolean passing;
    private final long everyNanos;
    private final LongSupplier nanoTime;
    private boolean begun;
    private long began;
    private int doneBefore;
    private long shownAt;
    private int shown;

    /** @param noun what is scored, as in "images" */
    static ScoringLine onStderr(String noun) {
        return new ScoringLine(System.err, Terminal.ofStderr(), "scored", noun, false, System::nanoTime);
    }

    /** Of one of many parts of the work: nothing is left of it on a terminal, and nothing said of what was quick. */
    static ScoringLine passingOnStderr(String noun) {
        return passingOnStderr("scored", noun);
    }

    /** As {@link #passingOnStderr(String)}. @param verb what is done with each, as in "scanned" */
    static ScoringLine passingOnStderr(String verb, String noun) {
        return new ScoringLine(System.err, Terminal.ofStderr(), verb, noun, true, System::nanoTime);
    }

    /** @param passing whether nothing is left of it in the end */
    ScoringLine(PrintStream out, Terminal terminal, String verb, String noun, boolean passing, LongSupplier nanoTime) {
        this.out = out;
        this.terminal = terminal;
        this.verb = verb;
        this.noun = noun;
        this.passing = passing;
        this.everyNanos = (terminal.interactive() ? REDRAW_EVERY : ProgressLine.PLAIN_EVERY).toNanos();
        this.nanoTime = nanoTime;
    }

    @Override
    public void at(int done, int of) {
        if (done >= of && passing) {
            clear();
            return;
        }
        long now = nanoTime.getAsLong();
        if (!begun) {
            // The line may be built long before the work begins, so the rate is of what follows the first call.
            begun = true;
            began = now;
            shownAt = terminal.interactive() ? now - everyNanos : now;
        }
        if (now - began < FIRST_BATCH_NANOS) {
            doneBefore = done;
        }
        if (done < of && now - shownAt < everyNanos) {
            return;
        }
        shownAt = now;
        String line = String.format(Locale.ROOT, "%s %d/%d %s", verb, done, of, noun);
        if (now > began && done > doneBefore) {
            line += String.format(Locale.ROOT, "  %.1f a second", (done - doneBefore) / ((now - began) * 1e-9));
        }
        if (!terminal.interactive()) {
            out.println(line);
            out.flush();
            return;
        }
        // A line that is wrapped cannot be redrawn.
        String fitting = line.substring(0, Math.min(line.length(), terminal.columns() - 1));
        out.print("\r" + fitting + " ".repeat(Math.max(0, shown - fitting.length())));
        shown = fitting.length();
        if (done >= of) {
            out.println();
            shown = 0;
        }
        out.flush();
    }

    /** Takes the line away from a terminal; to be called where the work ends before its end. */
    void clear() {
        if (shown > 0) {
            out.print("\r" + " ".repeat(shown) + "\r");
            out.flush();
            shown = 0;
        }
    }
}
