package maskfeat.foreign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import maskfeat.weights.DType;
import maskfeat.weights.Pieced;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;

/**
 * A layer's weight or bias, each row multiplied by a number of its own: LayerScale, which multiplies what a layer gives,
 * becomes part of the layer. Products are made of 64 bits and rounded once.
 *
 * @param entry what it is: 64 bits where the layer has as many, else 32
 * @param plain the layer's own
 * @param scale a number for each row
 */
record Scaled(TensorEntry entry, Pieced plain, TensorEntry scale) {
    private static final int AT_ONCE = 1 << 16; // numbers

    static Scaled of(Pieced plain, TensorEntry scale) {
        DType type = plain.entry().type() == DType.F64 ? DType.F64 : DType.F32;
        return new Scaled(
                new TensorEntry(plain.entry().name(), type, plain.entry().shape()), plain, scale);
    }

    /** Whether there is a number for each row, and all are real. */
    static boolean fits(TensorEntry layer, TensorEntry scale) {
        List<Long> shape = layer.shape();
        return layer.type().isReal()
                && scale.type().isReal()
                && !shape.isEmpty()
                && scale.shape().equals(List.of(shape.get(0)))
                && layer.count() > 0;
    }

    /** Fills the buffer with the bytes from {@code offset} on, as {@link TensorReader#read} does. */
    void read(TensorReader reader, long offset, ByteBuffer into) throws IOException {
        int width = entry.type().bytes();
        if (offset < 0 || offset > entry.size() - into.remaining()) {
            throw new IllegalArgumentException("bytes from " + offset + ", " + into.remaining()
                    + " of them, of tensor '" + entry.name() + "', which has " + entry.size());
        }
        double[] factors = numbers(reader, Pieced.whole(scale), 0, (int) scale.count());
        long row = entry.count() / factors.length;
        long at = offset / width;
        int skip = (int) (offset % width);
        while (into.hasRemaining()) {
            int count = (int) Math.min(AT_ONCE, (skip + (long) into.remaining() + width - 1) / width);
            double[] values = numbers(reader, plain, at, count);
            ByteBuffer bytes = ByteBuffer.allocate(count * width).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < count; i++) {
                double product = values[i] * factors[(int) ((at + i) / row)];
                if (entry.type() == DType.F64) {
                    bytes.putDouble(product);
                } else {
                    bytes.putFloat((float) product);
                }
            }
            bytes.flip().position(skip);
            bytes.limit(Math.min(bytes.limit(), skip + into.remaining()));
            into.put(bytes);
            at += count;
            skip = 0;
        }
    }

    private static double[] numbers(TensorReader reader, Pieced tensor, long at, int count) throws IOException {
        DType type = tensor.entry().type();
        ByteBuffer bytes = ByteBuffer.allocate(count * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        tensor.read(reader, at * type.bytes(), bytes);
        bytes.flip();
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = type.real(bytes);
        }
        return numbers;
    }
}
