package maskfeat.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import maskfeat.report.ProgressLine;
import maskfeat.report.Terminal;

/** How far the copying of files is: a line redrawn in place on a terminal, a plain line now and then elsewhere. */
final class PreparingLine implements AutoCloseable {
    private static final Duration REDRAW_EVERY = Duration.ofMillis(400);

    private final String done;
    private final PrintStream out;
    private final Terminal terminal;
    private final LongSupplier nanoTime;
    private final long everyNanos;
    private final long began;
    private long shownAt;
    private boolean shownOnce;
    private boolean ended;
    private int shown;

    static PreparingLine onStderr(String done) {
        return new PreparingLine(done, System.err, Terminal.ofStderr(), System::nanoTime);
    }

    /** @param done what was done with a file, such as "prepared" */
    PreparingLine(String done, PrintStream out, Terminal terminal, LongSupplier nanoTime) {
        this.done = done;
        this.out = out;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
        everyNanos = (terminal.interactive() ? REDRAW_EVERY : ProgressLine.PLAIN_EVERY).toNanos();
        began = nanoTime.getAsLong();
    }

    void at(int files, int of, long frames) {
        long now = nanoTime.getAsLong();
        if (ended || shownOnce && files < of && now - shownAt < everyNanos) {
            return;
        }
        shownOnce = true;
        ended = files >= of; // shards are written, and say so, when all files are made
        shownAt = now;
        String line = String.format(Locale.ROOT, "%s %d/%d files", done, files, of);
        double seconds = (now - began) * 1e-9;
        if (frames > 0 && seconds > 0) {
            line += String.format(Locale.ROOT, "  %,d frames  %.0f a second", frames, frames / seconds);
        }
        if (files > 0 && files < of) {
            line += String.format(Locale.ROOT, "  %.0f s left", seconds / files * (of - files));
        }
        if (terminal.interactive()) {
            String fitting = line.substring(0, Math.min(line.length(), terminal.columns() - 1));
            out.print("\r" + fitting + " ".repeat(Math.max(0, shown - fitting.length())));
            shown = fitting.length();
        } else {
            out.println(line);
        }
        out.flush();
    }

    /** Takes the line away from a terminal, for others to write there. */
    void clear() {
        if (shown > 0) {
            out.print("\r" + " ".repeat(shown) + "\r");
            out.flush();
            shown = 0;
        }
    }

    @Override
    public void close() {
        clear();
    }
}
