package maskfeat.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A stretch of bytes in an open file.
 *
 * @param file for messages: the one that was asked for, also where {@code bytes} are of unpacked bytes of it
 * @param bytes where they lie
 * @param start of the stretch in it
 * @param size in bytes; lies within them
 */
public record Extent(Path file, FileBytes bytes, long start, long size) {
    private static final int PIECE = 1 << 18;

    /** Fills the buffer from byte {@code from} of the stretch on. */
    public void read(long from, ByteBuffer into) throws IOException {
        if (from < 0 || from > size - into.remaining()) {
            throw new IllegalArgumentException(
                    into.remaining() + " bytes from " + from + " on, of a stretch of " + size + " of " + file);
        }
        readFully(file, bytes, into, start + from);
    }

    /**
     * Fills the buffer from a byte of a file on.
     *
     * @throws DamagedFile if the file ends before
     */
    public static void readFully(Path file, FileBytes bytes, ByteBuffer into, long position) throws IOException {
        for (long at = position; into.hasRemaining(); ) {
            // In pieces: reading into a heap buffer makes the JDK keep a direct copy of the same size for good.
            ByteBuffer piece = into.slice(into.position(), Math.min(PIECE, into.remaining()));
            int count = bytes.read(piece, at);
            if (count < 0) {
                throw new DamagedFile(file, "ends at byte " + at + ", " + into.remaining() + " bytes too early");
            }
            into.position(into.position() + count);
            at += count;
        }
    }

    /** A part of it. */
    public Extent slice(long from, long count) {
        if (from < 0 || count < 0 || from > size - count) {
            throw new IllegalArgumentException(count + " bytes from " + from + " on, of a stretch of " + size);
        }
        return new Extent(file, bytes, start + from, count);
    }
}
