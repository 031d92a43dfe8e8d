package maskfeat.pickle;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** An array of NumPy out of a pickle: its bytes, and how to read them. */
public final class NumpyArray implements Pickled.Named {
    /** Element types that are read, by NumPy's letter and size. */
    enum Type {
        F2(2),
        F4(4),
        F8(8),
        I1(1),
        I2(2),
        I4(4),
        I8(8),
        U1(1),
        U2(2),
        U4(4),
        U8(8),
        B1(1);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        int bytes() {
            return bytes;
        }

        double read(ByteBuffer from, int at) {
            return switch (this) {
                case F2 -> half(from.getShort(at));
                case F4 -> from.getFloat(at);
                case F8 -> from.getDouble(at);
                case I1 -> from.get(at);
                case I2 -> from.getShort(at);
                case I4 -> from.getInt(at);
                case I8 -> from.getLong(at);
                case U1, B1 -> from.get(at) & 0xff;
                case U2 -> from.getShort(at) & 0xffff;
                case U4 -> from.getInt(at) & 0xffffffffL;
                case U8 -> {
                    long value = from.getLong(at);
                    yield value >= 0 ? value : (value >>> 1 | value & 1) * 2.0;
                }
            };
        }

        private static double half(short bits) {
            int exponent = bits >> 10 & 0x1f;
            int fraction = bits & 0x3ff;
            double size = exponent == 0
                    ? Math.scalb(fraction, -24)
                    : exponent == 0x1f
                            ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                            : Math.scalb(1024 + fraction, exponent - 25);
            return bits < 0 ? -size : size;
        }
    }

    private static final int[] NO_SHAPE = {0};

    private int[] shape = NO_SHAPE;
    private Type type = Type.U1;
    private boolean columnsFirst;
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    NumpyArray() {}

    /** The bytes are as many as shape and type say. */
    void set(int[] newShape, Type newType, ByteOrder order, boolean fortran, byte[] data) {
        shape = newShape.clone();
        type = newType;
        columnsFirst = fortran;
        bytes = ByteBuffer.wrap(data).order(order);
    }

    @Override
    public String kind() {
        return "an array";
    }

    /** Its sizes; none for a single number. */
    public List<Integer> shape() {
        return Arrays.stream(shape).boxed().toList();
    }

    /**
     * An element of an array with two axes.
     *
     * @throws IllegalStateException if it has not two axes, or fewer elements
     */
    public double get(int row, int column) {
        if (shape.length != 2 || row < 0 || row >= shape[0] || column < 0 || column >= shape[1]) {
            throw new IllegalStateException(
                    "element (" + row + ", " + column + ") of an array of shape " + Arrays.toString(shape));
        }
        return element(columnsFirst ? column * shape[0] + row : row * shape[1] + column);
    }

    /** An element by its place in memory. */
    double element(int index) {
        return type.read(bytes, index * type.bytes());
    }

    /** Whether elements are numbers of single precision, which have fewer digits than they seem to. */
    public boolean isSingle() {
        return type == Type.F4 || type == Type.F2;
    }
}
