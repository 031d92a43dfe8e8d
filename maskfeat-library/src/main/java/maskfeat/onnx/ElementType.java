package maskfeat.onnx;

/** Element types with their ONNX codes (onnx.proto, TensorProto.DataType). */
enum ElementType {
    FLOAT32(1, Float.BYTES),
    UINT8(2, Byte.BYTES),
    INT64(7, Long.BYTES);

    final int code;
    final int bytes;

    ElementType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }
}
