package maskfeat.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The numbers of a tensor in a file, one after the other, whatever their type and however many. */
final class Values {
    private static final int PIECE = 1 << 18; // a multiple of every element's size

    private final TensorReader reader;
    private final TensorEntry entry;
    private final ByteBuffer piece;
    private long read;

    Values(TensorReader reader, TensorEntry entry) {
        this.reader = reader;
        this.entry = entry;
        piece = ByteBuffer.allocate((int) Math.min(PIECE, entry.size()))
                .order(ByteOrder.LITTLE_ENDIAN)
                .limit(0);
    }

    /** Whether there is another. */
    boolean hasNext() {
        return piece.hasRemaining() || read < entry.size();
    }

    double next() throws IOException {
        if (!piece.hasRemaining()) {
            piece.clear().limit((int) Math.min(piece.capacity(), entry.size() - read));
            reader.read(entry, read, piece);
            piece.flip();
            read += piece.limit();
        }
        return switch (entry.type()) {
            case BOOL, U8 -> piece.get() & 0xFF;
            case I8 -> piece.get();
            case I16 -> piece.getShort();
            case U16 -> piece.getShort() & 0xFFFF;
            case F16 -> half(piece.getShort());
            case BF16 -> Float.intBitsToFloat(piece.getShort() << 16);
            case I32 -> piece.getInt();
            case U32 -> piece.getInt() & 0xFFFFFFFFL;
            case F32 -> piece.getFloat();
            case F64 -> piece.getDouble();
            case I64 -> piece.getLong();
            case U64 -> unsigned(piece.getLong());
        };
    }

    /** IEEE 754 binary16; Java has this from 20 on. */
    static double half(short bits) {
        int exponent = bits >>> 10 & 0x1F;
        int fraction = bits & 0x3FF;
        double size;
        if (exponent == 0x1F) {
            size = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        } else if (exponent == 0) {
            size = Math.scalb((double) fraction, -24);
        } else {
            size = Math.scalb((double) (fraction | 0x400), exponent - 25);
        }
        return bits < 0 ? -size : size;
    }

    private static double unsigned(long bits) {
        return bits >= 0 ? bits : (bits >>> 1 | bits & 1) * 2.0;
    }
}
