package maskfeat.weights;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An element type of PyTorch.
 *
 * @param name as in {@code torch.float32}
 * @param bytes of one element
 * @param type ours; null where nothing here can hold it
 */
record TorchType(String name, int bytes, @Nullable DType type) {
    static final TorchType BYTE = new TorchType("uint8", 1, DType.U8);

    private static final TorchType FLOAT = new TorchType("float32", 4, DType.F32);
    private static final TorchType DOUBLE = new TorchType("float64", 8, DType.F64);
    private static final TorchType HALF = new TorchType("float16", 2, DType.F16);
    private static final TorchType BFLOAT16 = new TorchType("bfloat16", 2, DType.BF16);
    private static final TorchType LONG = new TorchType("int64", 8, DType.I64);
    private static final TorchType INT = new TorchType("int32", 4, DType.I32);
    private static final TorchType SHORT = new TorchType("int16", 2, DType.I16);
    private static final TorchType CHAR = new TorchType("int8", 1, DType.I8);
    private static final TorchType BOOL = new TorchType("bool", 1, DType.BOOL);
    private static final TorchType COMPLEX_FLOAT = new TorchType("complex64", 8, null);
    private static final TorchType COMPLEX_DOUBLE = new TorchType("complex128", 16, null);
    private static final TorchType QINT8 = new TorchType("qint8", 1, null);
    private static final TorchType QUINT8 = new TorchType("quint8", 1, null);
    private static final TorchType QINT32 = new TorchType("qint32", 4, null);
    private static final TorchType QUINT4X2 = new TorchType("quint4x2", 1, null);
    private static final TorchType QUINT2X4 = new TorchType("quint2x4", 1, null);

    private static final Map<String, TorchType> OF_STORAGES = Map.ofEntries(
            Map.entry("FloatStorage", FLOAT),
            Map.entry("DoubleStorage", DOUBLE),
            Map.entry("HalfStorage", HALF),
            Map.entry("BFloat16Storage", BFLOAT16),
            Map.entry("LongStorage", LONG),
            Map.entry("IntStorage", INT),
            Map.entry("ShortStorage", SHORT),
            Map.entry("CharStorage", CHAR),
            Map.entry("ByteStorage", BYTE),
            Map.entry("BoolStorage", BOOL),
            Map.entry("UntypedStorage", BYTE),
            Map.entry("_UntypedStorage", BYTE),
            Map.entry("ComplexFloatStorage", COMPLEX_FLOAT),
            Map.entry("ComplexDoubleStorage", COMPLEX_DOUBLE),
            Map.entry("QInt8Storage", QINT8),
            Map.entry("QUInt8Storage", QUINT8),
            Map.entry("QInt32Storage", QINT32),
            Map.entry("QUInt4x2Storage", QUINT4X2),
            Map.entry("QUInt2x4Storage", QUINT2X4));

    private static final Map<String, TorchType> BY_NAME = Map.ofEntries(
            Map.entry("float32", FLOAT),
            Map.entry("float", FLOAT),
            Map.entry("float64", DOUBLE),
            Map.entry("double", DOUBLE),
            Map.entry("float16", HALF),
            Map.entry("half", HALF),
            Map.entry("bfloat16", BFLOAT16),
            Map.entry("int64", LONG),
            Map.entry("long", LONG),
            Map.entry("int32", INT),
            Map.entry("int", INT),
            Map.entry("int16", SHORT),
            Map.entry("short", SHORT),
            Map.entry("int8", CHAR),
            Map.entry("uint8", BYTE),
            Map.entry("bool", BOOL),
            Map.entry("uint16", new TorchType("uint16", 2, DType.U16)),
            Map.entry("uint32", new TorchType("uint32", 4, DType.U32)),
            Map.entry("uint64", new TorchType("uint64", 8, DType.U64)),
            Map.entry("complex32", new TorchType("complex32", 4, null)),
            Map.entry("complex64", COMPLEX_FLOAT),
            Map.entry("cfloat", COMPLEX_FLOAT),
            Map.entry("complex128", COMPLEX_DOUBLE),
            Map.entry("cdouble", COMPLEX_DOUBLE),
            Map.entry("float8_e4m3fn", new TorchType("float8_e4m3fn", 1, null)),
            Map.entry("float8_e4m3fnuz", new TorchType("float8_e4m3fnuz", 1, null)),
            Map.entry("float8_e5m2", new TorchType("float8_e5m2", 1, null)),
            Map.entry("float8_e5m2fnuz", new TorchType("float8_e5m2fnuz", 1, null)),
            Map.entry("float8_e8m0fnu", new TorchType("float8_e8m0fnu", 1, null)),
            Map.entry("qint8", QINT8),
            Map.entry("quint8", QUINT8),
            Map.entry("qint32", QINT32),
            Map.entry("quint4x2", QUINT4X2),
            Map.entry("quint2x4", QUINT2X4));

    /** By the class of a storage, such as {@code FloatStorage}; null if there is none of the name. */
    static @Nullable TorchType ofStorage(String className) {
        return OF_STORAGES.get(className);
    }

    /** By the name in {@code torch}, such as {@code float32}; null if there is none. */
    static @Nullable TorchType named(String name) {
        return BY_NAME.get(name);
    }
}
