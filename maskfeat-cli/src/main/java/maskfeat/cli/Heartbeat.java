package maskfeat.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.LongSupplier;
import maskfeat.report.Terminal;

/**
 * Says at a terminal that the program works where nothing else does: after two seconds without output, by a line that goes
 * away again. It leaves a line alone that is being redrawn.
 */
public final class Heartbeat {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration BEAT = Duration.ofMillis(200);
    private static volatile boolean silenced;

    private final PrintStream err;
    private final LongSupplier nanoTime;
    private long wroteAt;
    private boolean midLine;
    private int shown;

    /** @param err where it speaks, which nothing else may write to but through {@link #noticing} */
    Heartbeat(PrintStream err, LongSupplier nanoTime) {
        this.err = err;
        this.nanoTime = nanoTime;
        wroteAt = nanoTime.getAsLong();
    }

    /** Watches the process's standard output and error from now on, if the latter is a terminal. */
    public static void watch() {
        if (!Terminal.ofStderr().interactive()) {
            return;
        }
        Heartbeat heart = new Heartbeat(System.err, System::nanoTime);
        // Who waits has waited since the process began.
        ProcessHandle.current()
                .info()
                .startInstant()
                .ifPresent(began -> heart.since(Duration.between(began, Instant.now())));
        System.setOut(heart.noticing(System.out, StandardOutput.charset("stdout")));
        System.setErr(heart.noticing(System.err, StandardOutput.charset("stderr")));
        Thread thread = new Thread(heart::beatOn, "heartbeat");
        thread.setDaemon(true);
        thread.start();
    }

    /** Nothing was written for so long before now. */
    synchronized void since(Duration before) {
        // Where a launcher built first, or a clock was set, it tells nothing.
        if (!before.isNegative() && before.compareTo(PATIENCE) < 0) {
            wroteAt -= before.toNanos();
        }
    }

    /** No more of it: what the program does from now on is to wait for others. */
    static void silence() {
        silenced = true;
    }

    private void beatOn() {
        try {
            while (!silenced) {
                Thread.sleep(BEAT.toMillis());
                beat();
            }
        } catch (InterruptedException over) {
            // The process ends.
        }
    }

    /** Speaks if it is time. */
    synchronized void beat() {
        long now = nanoTime.getAsLong();
        if (silenced || midLine || now - wroteAt < PATIENCE.toNanos()) {
            return;
        }
        String text = String.format(
                Locale.ROOT,
                "working, for %d s",
                Duration.ofNanos(now - wroteAt).toSeconds());
        err.print("\r" + text);
        err.flush();
        shown = text.length();
    }

    /** The same stream, of which this hears what is written to it. */
    PrintStream noticing(PrintStream out, Charset charset) {
        return new PrintStream(new Noticing(out), true, charset);
    }

    private final class Noticing extends FilterOutputStream {
        Noticing(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            if (length == 0) {
                return;
            }
            synchronized (Heartbeat.this) {
                if (shown > 0) {
                    err.write(("\r" + " ".repeat(shown) + "\r").getBytes(StandardCharsets.US_ASCII));
                    err.flush();
                    shown = 0;
                }
                out.write(bytes, from, length);
                byte last = bytes[from + length - 1];
                midLine = last != '\n' && last != '\r';
                wroteAt = nanoTime.getAsLong();
            }
        }
    }
}
