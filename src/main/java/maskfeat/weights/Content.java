package maskfeat.weights;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** Bytes that write themselves, so that a file larger than memory can be made piece by piece. */
@FunctionalInterface
public interface Content {
    /** Writes all of it. Each {@code write} takes the whole buffer. */
    void writeTo(WritableByteChannel out) throws IOException;
}
