package maskfeat.augment;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import maskfeat.media.Frames;

/**
 * Sums of rows of pixels, weighted in fixed point. A pixel is one int, red in its lowest byte.
 *
 * <p>Every loop is short and over ints alone: Java 17 turns such loops into vector instructions, and neither long ones nor those
 * that mix bytes and ints or call {@code Math.min}.
 */
final class PixelRows {
    /** Bits of a weight behind the point. Pillow, Resample.c: 8 bits of result, 2 bits of headroom for weights that overshoot. */
    static final int PRECISION_BITS = 32 - 8 - 2;

    private static final int HALF = 1 << (PRECISION_BITS - 1);
    private static final int BYTE = 0xFF;

    // Where in an int a colour is; red is at 0.
    private static final int GREEN = 8;
    private static final int BLUE = 16;

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final int[][] sums;

    /** For rows of so many pixels. */
    PixelRows(int length) {
        sums = new int[Frames.CHANNELS][length];
    }

    /**
     * Pixels from here and there. Each is read with the byte behind it.
     *
     * @param places in bytes from the start
     */
    static void gather(byte[] rgb, int start, int[] places, int[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = (int) INTS.get(rgb, start + places[i]);
        }
    }

    /** Writes three bytes for each pixel. */
    static void write(int[] pixels, byte[] rgb, int at) {
        int last = pixels.length - 1;
        int to = at;
        for (int i = 0; i < last; i++) {
            INTS.set(rgb, to, pixels[i]); // the fourth byte is the next pixel's, which comes after it
            to += Frames.CHANNELS;
        }
        rgb[to] = (byte) pixels[last];
        rgb[to + 1] = (byte) (pixels[last] >>> 8);
        rgb[to + 2] = (byte) (pixels[last] >>> 16);
    }

    /**
     * Copies a row of pixels, mirrored.
     *
     * @param from another array
     * @param start where it begins there
     * @param at where it begins in the copy
     */
    static void mirror(byte[] from, int start, byte[] to, int at, int length) {
        int last = (length - 1) * Frames.CHANNELS;
        copy(from, start + last, to, at); // there may be no byte behind it
        int next = at + Frames.CHANNELS;
        for (int there = start + last - Frames.CHANNELS; there > start; there -= Frames.CHANNELS) {
            INTS.set(
                    to, next, (int) INTS.get(from, there)); // the fourth byte is the next pixel's, which comes after it
            next += Frames.CHANNELS;
        }
        copy(from, start, to, at + last);
    }

    private static void copy(byte[] from, int there, byte[] to, int here) {
        to[here] = from[there];
        to[here + 1] = from[there + 1];
        to[here + 2] = from[there + 2];
    }

    /**
     * The weighted sum of rows, rounded and cut to 0..255.
     *
     * @param rows [count, length] or more, not changed
     * @param weights of each pixel of each row
     * @param to may be none of the rows
     */
    void sum(int[][] rows, int[][] weights, int count, int[] to) {
        // One call in a loop: with three, too much is compiled at once, and the inner loops stay without vectors.
        for (int colour = 0; colour < Frames.CHANNELS; colour++) {
            sum(rows, weights, count, colour * Byte.SIZE, sums[colour]);
        }
        pack(sums[0], sums[1], sums[2], to);
    }

    private static void sum(int[][] rows, int[][] weights, int count, int colour, int[] sums) {
        int next = 2;
        if (count == 1) {
            begin(rows[0], weights[0], colour, sums);
        } else {
            begin(rows[0], weights[0], rows[1], weights[1], colour, sums);
        }
        for (; next + 1 < count; next += 2) {
            add(rows[next], weights[next], rows[next + 1], weights[next + 1], colour, sums);
        }
        if (next < count) {
            add(rows[next], weights[next], colour, sums);
        }
    }

    private static void begin(int[] a, int[] weight, int colour, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = HALF + (a[i] >>> colour & BYTE) * weight[i];
        }
    }

    private static void begin(int[] a, int[] weightA, int[] b, int[] weightB, int colour, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = HALF + (a[i] >>> colour & BYTE) * weightA[i] + (b[i] >>> colour & BYTE) * weightB[i];
        }
    }

    private static void add(int[] a, int[] weight, int colour, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += (a[i] >>> colour & BYTE) * weight[i];
        }
    }

    private static void add(int[] a, int[] weightA, int[] b, int[] weightB, int colour, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += (a[i] >>> colour & BYTE) * weightA[i] + (b[i] >>> colour & BYTE) * weightB[i];
        }
    }

    private static void pack(int[] red, int[] green, int[] blue, int[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = pixel(red[i]) | pixel(green[i]) << GREEN | pixel(blue[i]) << BLUE;
        }
    }

    /** Rounded, as sums begin with a half, and cut to 0..255. */
    private static int pixel(int sum) {
        int whole = sum >> PRECISION_BITS;
        int notNegative = whole & ~(whole >> 31);
        return (notNegative | (BYTE - whole) >> 31) & BYTE;
    }
}
