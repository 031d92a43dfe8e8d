package maskfeat.serve;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Until when a request is worked on.
 *
 * @param nanos of the system's clock
 * @param timeout that it came from, for messages
 */
record Deadline(long nanos, Duration timeout) {
    private long left() {
        return Math.max(0, nanos - System.nanoTime());
    }

    /** Waits for a result. What cannot be read is the client's affair, what else fails the program's. */
    <T> T wait(Future<T> future) throws Refusal {
        try {
            return future.get(left(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw late();
        } catch (InterruptedException | CancellationException stopped) {
            throw stopping();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof IOException unreadable) {
                throw new Refusal(Refusal.BAD_REQUEST, String.valueOf(unreadable.getMessage()));
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(cause);
        }
    }

    /** As {@link #wait}; of a step that is given up and has not begun, nothing is done. */
    <T> T step(Future<T> future) throws Refusal {
        try {
            return wait(future);
        } finally {
            future.cancel(false); // what is done stays done
        }
    }

    /** Takes a permit, to be given back by the caller. */
    void acquire(Semaphore places) throws Refusal {
        try {
            if (!places.tryAcquire(left(), TimeUnit.NANOSECONDS)) {
                throw late();
            }
        } catch (InterruptedException stopped) {
            throw stopping();
        }
    }

    private Refusal late() {
        return new Refusal(
                Refusal.TOO_SLOW, "not done within the " + ServeOptions.seconds(timeout) + " s of --timeout");
    }

    private static Refusal stopping() {
        return new Refusal(Refusal.UNAVAILABLE, "the service is stopping");
    }
}
