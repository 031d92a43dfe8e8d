package maskfeat.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import maskfeat.disk.Extent;

/**
 * Elements of a stretch of bytes, in an order of their own: element {@code (i, j, ...)} is the one at {@code start + i *
 * strides[0] + j * strides[1] + ...}, as PyTorch's tensors lie in their storages.
 */
final class StridedView {
    private static final long WINDOW = 256L << 20; // what may be held to pick elements out of

    private final int elementBytes;
    private final long start; // in bytes
    private final long[] sizes; // of all dimensions but the run's
    private final long[] strides; // in elements
    private final long run; // elements that follow one another

    /**
     * @param elementBytes bytes of one element
     * @param start byte where the first one lies
     * @param sizes of the dimensions, none empty
     * @param strides in elements, none below zero
     */
    StridedView(int elementBytes, long start, List<Long> sizes, List<Long> strides) {
        this.elementBytes = elementBytes;
        this.start = start;
        long[] size = new long[sizes.size()];
        long[] stride = new long[sizes.size()];
        int count = 0;
        for (int i = 0; i < sizes.size(); i++) {
            if (sizes.get(i) == 1) {
                continue;
            }
            // Two dimensions that step alike are one.
            if (count > 0 && stride[count - 1] == strides.get(i) * sizes.get(i)) {
                size[count - 1] *= sizes.get(i);
                stride[count - 1] = strides.get(i);
            } else {
                size[count] = sizes.get(i);
                stride[count++] = strides.get(i);
            }
        }
        if (count > 0 && stride[count - 1] == 1) {
            run = size[--count];
        } else {
            run = 1;
        }
        this.sizes = Arrays.copyOf(size, count);
        this.strides = Arrays.copyOf(stride, count);
    }

    /** Fills the buffer with the view's bytes from {@code offset} on, in row-major order. */
    void read(Extent extent, long offset, ByteBuffer into) throws IOException {
        if (!into.hasRemaining()) {
            return;
        }
        if (sizes.length == 0) {
            extent.read(start + offset, into);
            return;
        }
        long runBytes = run * elementBytes;
        Odometer at = new Odometer(offset / runBytes);
        long skip = offset % runBytes;
        long spanBytes = spanElements() * elementBytes;
        if (spanBytes <= WINDOW && spanBytes <= 16 * (into.remaining() + 4096L)) {
            byte[] span = new byte[(int) spanBytes];
            extent.read(start, ByteBuffer.wrap(span));
            while (into.hasRemaining()) {
                int bytes = (int) Math.min(runBytes - skip, into.remaining());
                into.put(span, (int) (at.element * elementBytes + skip), bytes);
                skip = 0;
                at.step();
            }
        } else {
            while (into.hasRemaining()) {
                int bytes = (int) Math.min(runBytes - skip, into.remaining());
                extent.read(start + at.element * elementBytes + skip, into.slice(into.position(), bytes));
                into.position(into.position() + bytes);
                skip = 0;
                at.step();
            }
        }
    }

    private long spanElements() {
        long last = run - 1;
        for (int i = 0; i < sizes.length; i++) {
            last += (sizes[i] - 1) * strides[i];
        }
        return last + 1;
    }

    /** Counts through the runs. */
    private final class Odometer {
        private final long[] index = new long[sizes.length];
        private long element;

        Odometer(long number) {
            long left = number;
            for (int i = sizes.length - 1; i >= 0; i--) {
                index[i] = left % sizes[i];
                element += index[i] * strides[i];
                left /= sizes[i];
            }
        }

        void step() {
            for (int i = sizes.length - 1; i >= 0; i--) {
                element += strides[i];
                if (++index[i] < sizes[i]) {
                    return;
                }
                element -= index[i] * strides[i];
                index[i] = 0;
            }
        }
    }
}
