package maskfeat.serve;

import java.net.InetSocketAddress;
import java.time.Duration;
import maskfeat.data.Views;
import maskfeat.media.MediaSource;

/**
 * How networks are served.
 *
 * @param host name or address to listen on
 * @param port to listen on; 0 takes a free one
 * @param maxBytes of the body of a request; more are refused with 413
 * @param queue number of requests that are worked on or wait at one time; more are refused with 429
 * @param batch most views that are computed together, of one request or several
 * @param maxDelay how long the first view waits for others where fewer than a batch are there
 * @param timeout of a request, from its first line to its answer; then it gets 504
 * @param threads of computing, of each network; 0 for all cores
 * @param views of each file that are averaged
 */
public record ServeOptions(
        String host,
        int port,
        int maxBytes,
        int queue,
        int batch,
        Duration maxDelay,
        Duration timeout,
        int threads,
        Views views) {
    private static final int LAST_PORT = 65_535;

    /** This machine alone, port 8080, 64 MiB, 64 requests, batches of 16 without delay, 30 seconds. */
    public static ServeOptions defaults() {
        return new ServeOptions(
                "127.0.0.1", 8080, 64 << 20, 64, 16, Duration.ZERO, Duration.ofSeconds(30), 0, Views.MIDDLE);
    }

    public ServeOptions {
        if (port < 0 || port > LAST_PORT) {
            throw new IllegalArgumentException("port " + port + " must be from 0, for a free one, to " + LAST_PORT);
        }
        if (maxBytes < 1 || maxBytes > MediaSource.MOST_BYTES) {
            throw new IllegalArgumentException(
                    "max-bytes " + maxBytes + " must be from 1 to " + MediaSource.MOST_BYTES);
        }
        if (queue < 1) {
            throw new IllegalArgumentException("queue " + queue + " must be at least 1");
        }
        if (batch < 1 || threads < 0) {
            throw new IllegalArgumentException(
                    "batch " + batch + " must be at least 1, threads " + threads + " must not be negative");
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout " + seconds(timeout) + " s must be above 0");
        }
        if (maxDelay.isNegative() || maxDelay.compareTo(timeout) >= 0) {
            throw new IllegalArgumentException("max-delay " + maxDelay.toMillis()
                    + " ms must be at least 0 and shorter than the timeout of " + seconds(timeout) + " s");
        }
    }

    /** Whether others than this machine may reach it. */
    public boolean listensToOthers() {
        return !new InetSocketAddress(host, port).isUnresolved()
                && !new InetSocketAddress(host, port).getAddress().isLoopbackAddress();
    }

    /** A time in seconds. */
    static String seconds(Duration time) {
        double seconds = time.toMillis() / 1000.0;
        return seconds == Math.rint(seconds) ? String.valueOf((long) seconds) : String.valueOf(seconds);
    }

    /** The same on another port. */
    public ServeOptions port(int other) {
        return new ServeOptions(host, other, maxBytes, queue, batch, maxDelay, timeout, threads, views);
    }
}
