package maskfeat.serve;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import maskfeat.data.Footage;
import maskfeat.media.MediaSource;
import org.jspecify.annotations.Nullable;

/** A video of a request, opened when it is first looked at. Threads take turns, and a request may give up at any time. */
final class UploadedVideo implements AutoCloseable {
    /** Something that is read of it. */
    interface Look<T> {
        T at(Footage footage) throws IOException;
    }

    private final MediaSource source;
    private @Nullable Footage footage;
    private boolean closed;

    UploadedVideo(MediaSource source) {
        this.source = source;
    }

    /**
     * @throws CancellationException if it is closed
     * @throws IOException naming it, if it cannot be read
     */
    synchronized <T> T look(Look<T> look) throws IOException {
        if (closed) {
            throw new CancellationException("the request was given up");
        }
        if (footage == null) {
            footage = Footage.open(source);
        }
        return look.at(footage);
    }

    /** Waits for the look that is going on. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        if (footage != null) {
            footage.close();
        }
    }
}
