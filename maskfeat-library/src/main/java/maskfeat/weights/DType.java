package maskfeat.weights;

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

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
