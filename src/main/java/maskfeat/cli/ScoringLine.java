package maskfeat.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import maskfeat.recipe.Scoring;
import maskfeat.report.ProgressLine;
import maskfeat.report.Terminal;

/** How far scoring is: a line redrawn in place on a terminal, a plain line now and then elsewhere. */
final class ScoringLine implements Scoring.Progress {
    private static final Duration REDRAW_EVERY = Duration.ofMillis(200);

    private final PrintStream out;
    private final Terminal terminal;
    private final String noun;
    private final long everyNanos;
    private final LongSupplier nanoTime;
    private final long began;
    private long shownAt;

    /** @param noun what is scored, as in "images" */
    static ScoringLine onStderr(String noun) {
        return new ScoringLine(System.err, Terminal.ofStderr(), noun, System::nanoTime);
    }

    ScoringLine(PrintStream out, Terminal terminal, String noun, LongSupplier nanoTime) {
        this.out = out;
        this.terminal = terminal;
        this.noun = noun;
        this.everyNanos = (terminal.interactive() ? REDRAW_EVERY : ProgressLine.PLAIN_EVERY).toNanos();
        this.nanoTime = nanoTime;
        this.began = nanoTime.getAsLong();
        this.shownAt = began;
    }

    @Override
    public void at(int done, int of) {
        long now = nanoTime.getAsLong();
        if (done < of && now - shownAt < everyNanos) {
            return;
        }
        shownAt = now;
        double seconds = Math.max(1e-9, (now - began) * 1e-9);
        String line = String.format(Locale.ROOT, "scored %d/%d %s  %.1f a second", done, of, noun, done / seconds);
        if (!terminal.interactive()) {
            out.println(line);
        } else if (done < of) {
            out.print("\r" + line + "  ");
        } else {
            out.println("\r" + line + "  ");
        }
        out.flush();
    }
}
