package maskfeat;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Work in a thread of its own. From JDK 25 on the asynchronous calls of {@link CompletableFuture} share one thread where there are
 * two cores, and of two that wait for each other the second never starts.
 */
public final class OwnThread {
    private OwnThread() {}

    /** What it gives, or the error it ended with. */
    public static <R> CompletableFuture<R> of(Callable<R> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.call();
                    } catch (Exception failed) {
                        throw new CompletionException(failed);
                    }
                },
                command -> {
                    Thread thread = new Thread(command, "own");
                    thread.setDaemon(true);
                    thread.start();
                });
    }

    /** The same of work that gives nothing. */
    public static CompletableFuture<Void> run(Runnable work) {
        return of(() -> {
            work.run();
            return null;
        });
    }
}
