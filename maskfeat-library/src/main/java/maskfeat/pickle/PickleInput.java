package maskfeat.pickle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Extent;
import org.jspecify.annotations.Nullable;

/** The bytes of a pickle, one after the other. Memory is taken only for bytes that are there. */
public final class PickleInput {
    private static final int PIECE = 1 << 13;
    private static final long USUAL_BYTES = 64L << 20; // a name and a few numbers a tensor: 100 bytes, times a million
    private static final int STEP_BYTES = 8; // at least, in the mean over a large pickle
    private static final int MAX_LINE = 1 << 20;

    private final Extent extent;
    private final long begin;
    private final long mostBytes;
    private final ByteBuffer buffer;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private long next; // position in the extent of what comes after the buffer

    /** @param from where in the extent the pickle begins */
    public PickleInput(Extent extent, long from) {
        this(extent, from, USUAL_BYTES);
    }

    /**
     * For pickles that hold more than names.
     *
     * @param from where in the extent the pickle begins
     * @param mostBytes a larger pickle is refused
     */
    public PickleInput(Extent extent, long from, long mostBytes) {
        this.mostBytes = mostBytes;
        this.extent = extent;
        this.begin = from;
        this.next = from;
        buffer = ByteBuffer.allocate((int) Math.min(PIECE, Math.max(Long.BYTES, extent.size() - from)))
                .order(ByteOrder.LITTLE_ENDIAN)
                .limit(0);
    }

    /** Where in the extent the next byte lies. */
    public long position() {
        return next - buffer.remaining();
    }

    int u8() throws IOException {
        if (!buffer.hasRemaining()) {
            need(1);
            buffer.clear().limit((int) Math.min(buffer.capacity(), extent.size() - next));
            extent.read(next, buffer);
            buffer.flip();
            next += buffer.remaining();
        }
        return buffer.get() & 0xff;
    }

    /** A little-endian number of {@code count} bytes, 8 at most; below zero only where all 8 say so. */
    long number(int count) throws IOException {
        long value = 0;
        for (int i = 0; i < count; i++) {
            value |= (long) u8() << (Byte.SIZE * i);
        }
        return value;
    }

    /** That many bytes. */
    byte[] bytes(long count) throws IOException {
        need(count);
        byte[] taken = new byte[Math.toIntExact(count)];
        int buffered = Math.min(taken.length, buffer.remaining());
        buffer.get(taken, 0, buffered);
        extent.read(next, ByteBuffer.wrap(taken, buffered, taken.length - buffered));
        next += taken.length - buffered;
        return taken;
    }

    /** What comes before the next newline, which is taken as well. */
    byte[] line() throws IOException {
        line.reset();
        for (int b = u8(); b != '\n'; b = u8()) {
            line.write(b);
            if (line.size() > MAX_LINE) {
                throw damage("has a line of more than " + MAX_LINE + " bytes");
            }
        }
        return line.toByteArray();
    }

    /** Throws unless that many bytes are there. */
    void need(long count) throws DamagedFile {
        long left = extent.size() - position();
        if (count < 0 || count > left) {
            throw damage("ends in the middle: " + left + " bytes are left and " + (count < 0 ? "2^63 or more" : count)
                    + " should follow");
        }
        if (position() - begin + count > mostBytes) {
            throw damage("is larger than " + mostBytes + " bytes");
        }
    }

    /** How many steps such a pickle may have. */
    long mostSteps() {
        return mostBytes / STEP_BYTES;
    }

    /** {@code found} goes on where "a pickle that" ends. */
    public DamagedFile damage(String found) {
        return damage(found, null);
    }

    /** As above, with the cause. */
    public DamagedFile damage(String found, @Nullable Throwable cause) {
        return new DamagedFile(
                extent.file(), "has a pickle that " + found + " (at its byte " + (position() - begin) + ")", cause);
    }

    /** For what is wrong with the file as a whole. */
    public DamagedFile refusal(String found) {
        return new DamagedFile(extent.file(), found);
    }
}
