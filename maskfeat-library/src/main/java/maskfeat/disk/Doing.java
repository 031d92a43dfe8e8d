package maskfeat.disk;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What the program is doing that may take long, for a terminal or a log to say it to who waits. Of several things begun, the last
 * counts. Nothing depends on it. Safe for use by many threads.
 *
 * <pre>
 * try (Doing doing = Doing.begin("opening the data")) {
 *     ...
 * }
 * </pre>
 */
public final class Doing implements AutoCloseable {
    private static final AtomicReference<@Nullable Doing> LAST = new AtomicReference<>();

    private final String what;
    private final @Nullable Doing before;
    private final long began = System.nanoTime();
    private volatile String count = "";
    private volatile boolean done;

    private Doing(String what, @Nullable Doing before) {
        this.what = what;
        this.before = before;
    }

    /**
     * From now until it is closed.
     *
     * @param what words to stand before a count, such as "opening the data"
     */
    public static Doing begin(String what) {
        while (true) {
            Doing last = LAST.get();
            Doing next = new Doing(what, last);
            if (LAST.compareAndSet(last, next)) {
                return next;
            }
        }
    }

    /** What was begun last and is not yet done; empty if there is nothing. */
    public static Optional<Doing> now() {
        Doing last = LAST.get();
        while (last != null && last.done) {
            LAST.compareAndSet(last, last.before);
            last = LAST.get();
        }
        return Optional.ofNullable(last);
    }

    /** How far it is. */
    public void at(long part, long of) {
        count = ", " + part + "/" + of;
    }

    /** In words, such as "generating sample clips, 120/1440". */
    public String text() {
        return what + count;
    }

    /** Since it began. */
    public double seconds() {
        return (System.nanoTime() - began) * 1e-9;
    }

    @Override
    public void close() {
        done = true;
        now(); // forgets it
    }
}
