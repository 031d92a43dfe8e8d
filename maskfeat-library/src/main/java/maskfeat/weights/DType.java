package maskfeat.weights;

import java.nio.ByteBuffer;

/** Element types of tensors in safetensors files, by the format's own names. All are little-endian. */
public enum DType {
    BOOL(1),
    U8(1),
    I8(1),
    I16(2),
    U16(2),
    F16(2),
    BF16(2),
    I32(4),
    U32(4),
    F32(4),
    F64(8),
    I64(8),
    U64(8);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Whether elements are numbers with a fraction, which may be infinite or none. */
    public boolean isReal() {
        return this == F16 || this == BF16 || this == F32 || this == F64;
    }

    /**
     * The next element of a buffer as a number.
     *
     * @throws IllegalStateException if elements are not {@linkplain #isReal real}
     */
    public double real(ByteBuffer littleEndian) {
        return switch (this) {
            case F16 -> Values.half(littleEndian.getShort());
            case BF16 -> Float.intBitsToFloat(littleEndian.getShort() << 16);
            case F32 -> littleEndian.getFloat();
            case F64 -> littleEndian.getDouble();
            default -> throw new IllegalStateException(this + " has no fractions");
        };
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
