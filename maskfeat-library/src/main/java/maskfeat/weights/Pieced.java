package maskfeat.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tensor made of stretches of others' bytes, one after the other: a new name, a new shape, several along the first
 * dimension, or a part of one.
 *
 * @param entry what it is
 * @param pieces which together have as many bytes
 */
public record Pieced(TensorEntry entry, List<Piece> pieces) {
    private static final int BUFFER = 1 << 20;

    /**
     * A stretch of bytes.
     *
     * @param from the tensor that has them; null for zeros
     * @param begin first byte in it
     * @param size number of bytes
     */
    public record Piece(@Nullable TensorEntry from, long begin, long size) {
        /** All of a tensor. */
        public static Piece all(TensorEntry from) {
            return new Piece(from, 0, from.size());
        }
    }

    public Pieced {
        pieces = List.copyOf(pieces);
        long size = pieces.stream().mapToLong(Piece::size).sum();
        if (size != entry.size()) {
            throw new IllegalStateException(entry + " of " + size + " bytes");
        }
    }

    /** A tensor as it is. */
    public static Pieced whole(TensorEntry tensor) {
        return new Pieced(tensor, List.of(Piece.all(tensor)));
    }

    /** Writes all of it, a piece at a time. */
    public void writeTo(TensorReader reader, WritableByteChannel out) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER, entry.size()));
        for (long at = 0; at < entry.size(); at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(BUFFER, entry.size() - at));
            read(reader, at, buffer);
            out.write(buffer.flip());
        }
    }

    /** Fills the buffer with the bytes from {@code offset} on, as {@link TensorReader#read} does. */
    public void read(TensorReader reader, long offset, ByteBuffer into) throws IOException {
        if (offset < 0 || offset > entry.size() - into.remaining()) {
            throw new IllegalArgumentException("bytes from " + offset + ", " + into.remaining()
                    + " of them, of tensor '" + entry.name() + "', which has " + entry.size());
        }
        long skip = offset;
        for (Piece piece : pieces) {
            if (skip >= piece.size) {
                skip -= piece.size;
                continue;
            }
            int count = (int) Math.min(into.remaining(), piece.size - skip);
            ByteBuffer part = into.slice(into.position(), count);
            if (piece.from == null) {
                while (part.hasRemaining()) {
                    part.put((byte) 0);
                }
            } else {
                reader.read(piece.from, piece.begin + skip, part);
            }
            into.position(into.position() + count);
            skip = 0;
        }
    }
}
