package maskfeat.augment;

import java.util.Arrays;
import maskfeat.media.Frames;

/**
 * What {@link Resize} must give, in the plain form that it had first: every column of every row summed by itself, then the rows.
 */
public final class PlainResize {
    // Pillow, Resample.c: 8 bits of result, 2 bits of headroom for weights that overshoot.
    private static final int PRECISION_BITS = 32 - 8 - 2;
    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private PlainResize() {}

    private static double support(Resize.Filter filter) {
        return switch (filter) {
            case BILINEAR, HAMMING -> 1;
            case BICUBIC -> 2;
            case BOX -> 0.5;
            case LANCZOS -> 3;
            case OPENCV -> throw new IllegalArgumentException("not Pillow's");
        };
    }

    /** As {@link Resize#of}. */
    public static Frames of(Frames in, Box crop, int height, int width, Resize.Filter filter) {
        return part(in, crop, height, width, Box.whole(height, width), filter);
    }

    /** As {@link Resize#part}. */
    static Frames part(Frames in, Box crop, int height, int width, Box part, Resize.Filter filter) {
        Taps across = new Taps(filter, crop.width(), width, part.left(), part.width());
        Taps down = new Taps(filter, crop.height(), height, part.top(), part.height());

        int row = part.width() * Frames.CHANNELS;
        byte[] out = new byte[Math.toIntExact((long) in.count() * part.height() * row)];
        int[] narrowed = new int[Math.multiplyExact(down.end - down.begin, row)];
        int[] sums = new int[row];
        for (int frame = 0; frame < in.count(); frame++) {
            for (int y = down.begin; y < down.end; y++) {
                int from = in.at(frame, crop.top() + y, crop.left());
                across.combinePixels(in.rgb(), from, narrowed, (y - down.begin) * row);
            }
            for (int y = 0; y < part.height(); y++) {
                down.combineRows(narrowed, y, sums, out, (frame * part.height() + y) * row);
            }
        }
        return new Frames(in.count(), part.height(), part.width(), out);
    }

    /** Rounded and cut to 0..255. */
    private static int pixel(int sum) {
        return Math.max(0, Math.min(255, sum >> PRECISION_BITS));
    }

    /** For each place along one side of the result: which places of the source count, and how much. */
    private static final class Taps {
        private final int[] first;
        private final int[] count;
        private final int[] weights; // [places, stride], fixed point
        private final int stride;

        /** First source place that any result place uses. */
        final int begin;

        /** One past the last. */
        final int end;

        /**
         * @param from source places, of which none outside {@code [0, from)} counts
         * @param to places of the whole result
         * @param offset first place wanted
         * @param places number of places wanted
         */
        Taps(Resize.Filter filter, int from, int to, int offset, int places) {
            double scale = (double) from / to;
            double widened = Math.max(scale, 1);
            double support = support(filter) * widened;
            double shrink = 1 / widened;
            stride = Math.min(from, (int) Math.ceil(support) * 2 + 1);
            first = new int[places];
            count = new int[places];
            weights = new int[Math.multiplyExact(places, stride)];
            double[] exact = new double[stride];
            int lowest = from;
            int highest = 0;
            for (int place = 0; place < places; place++) {
                double centre = (offset + place + 0.5) * scale;
                int low = Math.max(0, (int) (centre - support + 0.5));
                int high = Math.min(from, (int) (centre + support + 0.5));
                double total = 0;
                for (int i = low; i < high; i++) {
                    exact[i - low] = filter.weight((i - centre + 0.5) * shrink);
                    total += exact[i - low];
                }
                set(place, low, high, exact, total);
                lowest = Math.min(lowest, first[place]);
                highest = Math.max(highest, first[place] + count[place]);
            }
            begin = lowest;
            end = highest;
        }

        /** Quantises, and leaves out the zeros at both ends: an unchanged side becomes a plain copy. */
        private void set(int place, int low, int high, double[] exact, double total) {
            int used = 0;
            first[place] = low;
            for (int i = 0; i < high - low; i++) {
                double weight = exact[i] / total * (1 << PRECISION_BITS);
                int fixed = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
                if (fixed == 0 && used == 0) {
                    first[place]++;
                    continue;
                }
                weights[place * stride + used++] = fixed;
            }
            while (used > 1 && weights[place * stride + used - 1] == 0) {
                used--;
            }
            count[place] = used;
        }

        /** One row of pixels to a row of the result's width. */
        void combinePixels(byte[] rgb, int from, int[] to, int at) {
            for (int place = 0; place < first.length; place++) {
                int red = HALF;
                int green = HALF;
                int blue = HALF;
                int source = from + first[place] * Frames.CHANNELS;
                int begin = place * stride;
                for (int tap = begin; tap < begin + count[place]; tap++) {
                    int weight = weights[tap];
                    red += weight * (rgb[source] & 0xFF);
                    green += weight * (rgb[source + 1] & 0xFF);
                    blue += weight * (rgb[source + 2] & 0xFF);
                    source += Frames.CHANNELS;
                }
                to[at++] = pixel(red);
                to[at++] = pixel(green);
                to[at++] = pixel(blue);
            }
        }

        /** Several rows to one; the rows are ints so that the inner loop runs on vectors. */
        void combineRows(int[] rows, int place, int[] sums, byte[] to, int at) {
            Arrays.fill(sums, HALF);
            for (int tap = 0; tap < count[place]; tap++) {
                int weight = weights[place * stride + tap];
                int row = (first[place] - begin + tap) * sums.length;
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += weight * rows[row + i];
                }
            }
            for (int i = 0; i < sums.length; i++) {
                to[at + i] = (byte) pixel(sums[i]);
            }
        }
    }
}
