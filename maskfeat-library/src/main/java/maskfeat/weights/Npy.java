package maskfeat.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import maskfeat.disk.Content;

/**
 * A table of numbers as NumPy's {@code np.load} reads it: NPY format, version 1.0, {@code float32}, little-endian, row
 * after row.
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

    /** The data begin at a multiple of this. */
    private static final int ALIGNMENT = 64;

    private Npy() {}

    /**
     * The bytes of such a file.
     *
     * @param rows [N][C]
     * @param columns C
     * @throws IllegalArgumentException if a row is of another length
     */
    public static Content content(List<float[]> rows, int columns) {
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).length != columns) {
                throw new IllegalArgumentException(
                        "row " + i + " has " + rows.get(i).length + " numbers; it must be " + columns);
            }
        }
        return out -> {
            out.write(header(rows.size(), columns));
            ByteBuffer row = ByteBuffer.allocate(columns * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (float[] numbers : rows) {
                row.clear().asFloatBuffer().put(numbers);
                out.write(row);
            }
        };
    }

    private static ByteBuffer header(int rows, int columns) {
        String shape = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }";
        int before = MAGIC.length + Short.BYTES;
        int end = (before + shape.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        String padded = shape + " ".repeat(end - before - shape.length() - 1) + "\n";
        return ByteBuffer.allocate(end)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putShort((short) padded.length())
                .put(padded.getBytes(StandardCharsets.US_ASCII))
                .flip();
    }
}
