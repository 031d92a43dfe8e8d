package maskfeat.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * A stretch of bytes in an open file.
 *
 * @param file for messages: the one that was asked for, also where {@code channel} is of unpacked bytes of it
 * @param channel where they lie
 * @param start of the stretch in it
 * @param size in bytes; lies within the channel
 */
record Extent(Path file, FileChannel channel, long start, long size) {
    /** Fills the buffer from byte {@code from} of the stretch on. */
    void read(long from, ByteBuffer into) throws IOException {
        if (from < 0 || from > size - into.remaining()) {
            throw new IllegalArgumentException(
                    into.remaining() + " bytes from " + from + " on, of a stretch of " + size + " of " + file);
        }
        SafetensorsHeader.readFully(file, channel, into, start + from);
    }

    /** A part of it. */
    Extent slice(long from, long bytes) {
        if (from < 0 || bytes < 0 || from > size - bytes) {
            throw new IllegalArgumentException(bytes + " bytes from " + from + " on, of a stretch of " + size);
        }
        return new Extent(file, channel, start + from, bytes);
    }
}
