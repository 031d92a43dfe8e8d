package maskfeat.weights;

import java.util.List;

/**
 * What a tensor is, without its data.
 *
 * @param name any text but {@code __metadata__}
 * @param type of its elements
 * @param shape sizes from the slowest dimension to the fastest; empty for a single number
 */
public record TensorEntry(String name, DType type, List<Long> shape) {
    public TensorEntry {
        shape = List.copyOf(shape);
        if (name.equals(SafetensorsHeader.METADATA)) {
            throw new IllegalArgumentException("a tensor named '" + name + "', which the format keeps for itself");
        }
        long bytes = type.bytes();
        for (long side : shape) {
            if (side < 0) {
                throw new IllegalArgumentException("tensor '" + name + "' of shape " + shape);
            }
            // Empty dimensions count as 1 here, so that a huge one is refused wherever it stands.
            if (Math.multiplyHigh(bytes, Math.max(1, side)) != 0 || bytes * Math.max(1, side) < 0) {
                throw new IllegalArgumentException(
                        "tensor '" + name + "' of " + type + " " + shape + ", more than 2^63 bytes");
            }
            bytes *= Math.max(1, side);
        }
    }

    /** Number of elements. */
    public long count() {
        return shape.stream().reduce(1L, (a, b) -> a * b);
    }

    /** Bytes of its data. */
    public long size() {
        return count() * type.bytes();
    }
}
