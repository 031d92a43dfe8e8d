package maskfeat.augment;

import java.util.Arrays;
import maskfeat.media.Frames;

/**
 * Changes the size of images exactly as Pillow's {@code Image.resize} does, bit for bit; with {@link Filter#OPENCV}, as OpenCV.
 *
 * <p>The published models saw Pillow's pixels (SlowFast, datasets/transform.py and torchvision on PIL images), and its
 * filter is antialiased: the support widens with the down-scale factor. Columns first, then rows; each pass rounds and
 * clips to 8 bits, with weights in 22-bit fixed point.
 */
public final class Resize {
    /** Which neighbours count how much. */
    public enum Filter {
        /** The triangle: linear between two pixels. */
        BILINEAR(1) {
            @Override
            double weight(double distance) {
                double x = Math.abs(distance);
                return x < 1 ? 1 - x : 0;
            }
        },
        /** Keys' cubic with a = -0.5 (Keys 1981, equation 4). */
        BICUBIC(2) {
            @Override
            double weight(double distance) {
                double a = -0.5;
                double x = Math.abs(distance);
                // The order of operations is Pillow's: another one rounds some weights to another 22-bit number.
                if (x < 1) {
                    return ((a + 2) * x - (a + 3)) * x * x + 1;
                }
                return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
            }
        },
        /** The mean of the pixels that are covered. */
        BOX(0.5) {
            @Override
            double weight(double distance) {
                return distance > -0.5 && distance <= 0.5 ? 1 : 0;
            }
        },
        /** Hamming's window over the sine of the distance. */
        HAMMING(1) {
            @Override
            double weight(double distance) {
                double x = Math.abs(distance);
                if (x == 0) {
                    return 1;
                }
                double turned = x * Math.PI;
                return x >= 1 ? 0 : Math.sin(turned) / turned * (0.54f + 0.46f * Math.cos(turned));
            }
        },
        /** Lanczos' window of three sines. */
        LANCZOS(3) {
            @Override
            double weight(double distance) {
                return distance >= -3 && distance < 3 ? sinc(distance) * sinc(distance / 3) : 0;
            }

            private double sinc(double x) {
                double turned = x * Math.PI;
                return x == 0 ? 1 : Math.sin(turned) / turned;
            }
        },
        /**
         * OpenCV's {@code INTER_LINEAR} of bytes: linear between the two nearest pixels however much is left out between
         * them, not antialiased. What SlowFast's detection sees.
         */
        OPENCV(1) {
            @Override
            double weight(double distance) {
                return BILINEAR.weight(distance);
            }
        };

        private final double support;

        Filter(double support) {
            this.support = support;
        }

        /** Not yet normalised weight of a pixel at a distance, in pixels of the coarser of the two images. */
        abstract double weight(double distance);
    }

    // Pillow, Resample.c: 8 bits of result, 2 bits of headroom for weights that overshoot.
    private static final int PRECISION_BITS = 32 - 8 - 2;
    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private Resize() {}

    /**
     * Cuts a box out of every frame and resizes it with the cubic filter.
     *
     * @param in [T, H, W, 3]; not changed
     * @param crop what to keep; pixels outside it have no influence, as if it were cut out first
     * @param height of the result, in pixels
     * @param width of the result, in pixels
     * @return [T, height, width, 3]
     * @throws IllegalArgumentException if the box reaches out of the frames or the result is empty
     */
    public static Frames bicubic(Frames in, Box crop, int height, int width) {
        return of(in, crop, height, width, Filter.BICUBIC);
    }

    /**
     * Cuts a box out of every frame and resizes it with the triangle filter, antialiased.
     *
     * @param in [T, H, W, 3]; not changed
     * @param crop what to keep; pixels outside it have no influence, as if it were cut out first
     * @param height of the result, in pixels
     * @param width of the result, in pixels
     * @return [T, height, width, 3]
     * @throws IllegalArgumentException if the box reaches out of the frames or the result is empty
     */
    public static Frames bilinear(Frames in, Box crop, int height, int width) {
        return of(in, crop, height, width, Filter.BILINEAR);
    }

    /**
     * Cuts a box out of every frame and resizes it.
     *
     * @param in [T, H, W, 3]; not changed
     * @param crop what to keep; pixels outside it have no influence, as if it were cut out first
     * @param height of the result, in pixels
     * @param width of the result, in pixels
     * @return [T, height, width, 3]
     * @throws IllegalArgumentException if the box reaches out of the frames or the result is empty
     */
    public static Frames of(Frames in, Box crop, int height, int width, Filter filter) {
        return part(in, crop, height, width, new Box(0, 0, height, width), filter);
    }

    /** As {@link #of}, but computes only a part of the result: {@code part} is a box in the resized image. */
    static Frames part(Frames in, Box crop, int height, int width, Box part, Filter filter) {
        crop.requireWithin(in.height(), in.width());
        part.requireWithin(height, width);
        if (filter == Filter.OPENCV) {
            return OpenCvResize.part(in, crop, height, width, part);
        }
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
        Taps(Filter filter, int from, int to, int offset, int places) {
            double scale = (double) from / to;
            double widened = Math.max(scale, 1);
            double support = filter.support * widened;
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
