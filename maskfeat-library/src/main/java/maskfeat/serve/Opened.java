package maskfeat.serve;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file of a request, opened when it is first looked at. Threads take turns, and a request may give up at any time. */
final class Opened<R extends Closeable> {
    private static final Logger LOG = LoggerFactory.getLogger(Opened.class);

    /** How it is opened. */
    interface Opening<R> {
        R open() throws IOException;
    }

    /** Something that is read of it. */
    interface Look<R, T> {
        T at(R file) throws IOException;
    }

    private final Opening<R> opening;
    private @Nullable R file;
    private boolean closed;

    Opened(Opening<R> opening) {
        this.opening = opening;
    }

    /**
     * @throws CancellationException if it is closed
     * @throws IOException naming it, if it cannot be read
     */
    synchronized <T> T look(Look<R, T> look) throws IOException {
        if (closed) {
            throw new CancellationException("the request was given up");
        }
        if (file == null) {
            file = opening.open();
        }
        return look.at(file);
    }

    /** Closes it on a thread of readers: a look that is given up may still go on. */
    void closeOn(ExecutorService readers) {
        try {
            readers.execute(this::close);
        } catch (RejectedExecutionException stopped) {
            close();
        }
    }

    private synchronized void close() {
        closed = true;
        if (file != null) {
            try {
                file.close();
            } catch (IOException failed) {
                LOG.debug("a file could not be closed: {}", failed.toString());
            }
        }
    }
}
