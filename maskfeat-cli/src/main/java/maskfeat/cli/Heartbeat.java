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
import maskfeat.disk.Doing;
import maskfeat.report.ProgressLine;
import maskfeat.report.Terminal;
import org.jspecify.annotations.Nullable;

/**
 * Says what the program is {@linkplain Doing doing} where nothing else does. At a terminal after two seconds without output, by a
 * line that goes away again; it leaves a line alone that is being redrawn. Elsewhere what is known to take longer than two seconds,
 * by a line now and then.
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
    private @Nullable Doing last;

    /** @param err where it speaks, which nothing else may write to but through {@link #noticing} */
    Heartbeat(PrintStream err, LongSupplier nanoTime) {
        this.err = err;
        this.nanoTime = nanoTime;
        wroteAt = nanoTime.getAsLong();
    }

    /** Watches the process from now on; at a terminal what it writes, too. */
    public static void watch() {
        if (!Terminal.ofStderr().interactive()) {
            Heartbeat heart = new Heartbeat(System.err, System::nanoTime);
            begin(() -> heart.beatOn(heart::beatInLog));
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
        begin(() -> heart.beatOn(heart::beat));
    }

    private static void begin(Runnable beating) {
        Thread thread = new Thread(beating, "heartbeat");
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

    private void beatOn(Runnable beat) {
        try {
            while (!silenced) {
                Thread.sleep(BEAT.toMillis());
                beat.run();
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
                "%s, for %d s",
                Doing.now().map(Doing::text).orElse("working"),
                Duration.ofNanos(now - wroteAt).toSeconds());
        err.print("\r" + text + " ".repeat(Math.max(0, shown - text.length())));
        err.flush();
        shown = text.length();
    }

    /** A line for what takes long, where lines stay. */
    synchronized void beatInLog() {
        Doing doing = Doing.now().orElse(null);
        long now = nanoTime.getAsLong();
        boolean said = doing != null && doing == last;
        if (silenced
                || doing == null
                || !said && doing.seconds() < PATIENCE.toSeconds()
                || said && now - wroteAt < ProgressLine.PLAIN_EVERY.toNanos()) {
            return;
        }
        err.println(said ? String.format(Locale.ROOT, "%s, for %.0f s", doing.text(), doing.seconds()) : doing.text());
        err.flush();
        last = doing;
        wroteAt = now;
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
