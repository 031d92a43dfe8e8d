package maskfeat.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a Protocol Buffers message: fields by number, in the order of the calls.
 *
 * <p>Large fields need not fit in memory: {@link #bytes(int, long, Body)} takes the size now and the bytes when the
 * message is written.
 */
public final class ProtoMessage {
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int LENGTH_FIRST = 2;
    private static final int FOUR_BYTES = 5;

    private final List<Piece> before = new ArrayList<>();
    private ByteArrayOutputStream out = new ByteArrayOutputStream();
    private long sizeBefore;

    /** The bytes of a large field. {@code out.write} may take only part of a buffer. */
    @FunctionalInterface
    public interface Body {
        void writeTo(WritableByteChannel out) throws IOException;
    }

    private record Piece(long size, Body body) {}

    public ProtoMessage integer(int field, long value) {
        key(field, VARINT);
        varint(value);
        return this;
    }

    public ProtoMessage real(int field, double value) {
        key(field, EIGHT_BYTES);
        littleEndian(Double.doubleToLongBits(value), Double.BYTES);
        return this;
    }

    public ProtoMessage single(int field, float value) {
        key(field, FOUR_BYTES);
        littleEndian(Float.floatToIntBits(value), Float.BYTES);
        return this;
    }

    public ProtoMessage text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a copy of a message; fields added to {@code value} later are not in it. */
    public ProtoMessage message(int field, ProtoMessage value) {
        key(field, LENGTH_FIRST);
        varint(value.size());
        value.before.forEach(this::append);
        out.writeBytes(value.out.toByteArray());
        return this;
    }

    public ProtoMessage bytes(int field, byte[] value) {
        key(field, LENGTH_FIRST);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    /**
     * Adds bytes that are produced each time the message is written.
     *
     * @param size number of bytes that {@code value} writes
     */
    public ProtoMessage bytes(int field, long size, Body value) {
        key(field, LENGTH_FIRST);
        varint(size);
        append(new Piece(size, value));
        return this;
    }

    private void append(Piece piece) {
        byte[] written = out.toByteArray();
        before.add(new Piece(written.length, channel -> channel.write(ByteBuffer.wrap(written))));
        before.add(piece);
        sizeBefore += written.length + piece.size;
        out = new ByteArrayOutputStream();
    }

    /** Size of the message in bytes. */
    public long size() {
        return sizeBefore + out.size();
    }

    /**
     * Writes the message, one large field at a time.
     *
     * @throws IllegalStateException if a field does not write as many bytes as declared
     */
    public void writeTo(WritableByteChannel channel) throws IOException {
        for (Piece piece : before) {
            Counted counted = new Counted(channel);
            piece.body.writeTo(counted);
            if (counted.count != piece.size) {
                throw new IllegalStateException(
                        "a field wrote " + counted.count + " bytes, declared were " + piece.size);
            }
        }
        new Counted(channel).write(ByteBuffer.wrap(out.toByteArray()));
    }

    /** The message as an array. */
    public byte[] toBytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            writeTo(Channels.newChannel(all));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all.toByteArray();
    }

    private void key(int field, int wireType) {
        varint(((long) field << 3) | wireType);
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private void littleEndian(long bits, int count) {
        for (int i = 0; i < count; i++) {
            out.write((int) (bits >>> (8 * i)));
        }
    }

    /** Counts the bytes it passes on, and writes every buffer completely. */
    private static final class Counted implements WritableByteChannel {
        private final WritableByteChannel out;
        private long count;

        Counted(WritableByteChannel out) {
            this.out = out;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            int all = bytes.remaining();
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            count += all;
            return all;
        }

        @Override
        public boolean isOpen() {
            return out.isOpen();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}
