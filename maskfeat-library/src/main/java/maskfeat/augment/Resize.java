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

        byte[] out = new byte[Math.toIntExact((long) in.count() * part.height() * part.width() * Frames.CHANNELS)];
        Columns columns = new Columns(in.rgb(), across);
        Rows rows = new Rows(down, part.width());
        int[] pixels = new int[part.width()];
        for (int frame = 0; frame < in.count(); frame++) {
            int next = down.begin;
            for (int y = 0; y < part.height(); y++) {
                for (; next < down.first[y] + down.count[y]; next++) {
                    columns.narrow(in.at(frame, crop.top() + next, crop.left()), rows.of(next));
                }
                rows.combine(y, pixels);
                PixelRows.write(pixels, out, (frame * part.height() + y) * part.width() * Frames.CHANNELS);
            }
        }
        return new Frames(in.count(), part.height(), part.width(), out);
    }

    /** For each place along one side of the result: which places of the source count, and how much. */
    private static final class Taps {
        private final int[] first;
        private final int[] count;
        private final int[] weights; // [places, stride], fixed point
        private final int stride;

        /** The most that count for one place. */
        final int most;

        /** From the first source place that one needs to the last that it or one before it needs: so many are kept at a time. */
        final int window;

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
            int largest = 0;
            int widest = 0;
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
                largest = Math.max(largest, count[place]);
                widest = Math.max(widest, highest - first[place]);
            }
            begin = lowest;
            end = highest;
            most = largest;
            window = widest;
        }

        /** Quantises, and leaves out the zeros at both ends: an unchanged side becomes a plain copy. */
        private void set(int place, int low, int high, double[] exact, double total) {
            int used = 0;
            first[place] = low;
            for (int i = 0; i < high - low; i++) {
                double weight = exact[i] / total * (1 << PixelRows.PRECISION_BITS);
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

        int weight(int place, int tap) {
            return weights[place * stride + tap];
        }
    }

    /** Brings single rows of the source to the width of the result. */
    private static final class Columns {
        private final byte[] rgb;
        private final int end;
        private final int[] places;
        private final int[][] weights; // [taps, places]; a place with fewer taps has zeros
        private final int[][] taken;
        private final PixelRows sums;

        Columns(byte[] rgb, Taps taps) {
            this.rgb = rgb;
            int width = taps.first.length;
            end = taps.end * Frames.CHANNELS;
            places = new int[width];
            weights = new int[taps.most][width];
            taken = new int[taps.most][width];
            sums = new PixelRows(width);
            for (int place = 0; place < width; place++) {
                int first = Math.min(taps.first[place], taps.end - taps.most); // zeros are within the source too
                places[place] = first * Frames.CHANNELS;
                for (int tap = 0; tap < taps.count[place]; tap++) {
                    weights[taps.first[place] - first + tap][place] = taps.weight(place, tap);
                }
            }
        }

        /** @param at where the row begins */
        void narrow(int at, int[] to) {
            byte[] source = rgb;
            int start = at;
            if (at + end >= rgb.length) { // the very last pixel has no byte behind it
                source = Arrays.copyOfRange(rgb, at, at + end + 1);
                start = 0;
            }
            for (int tap = 0; tap < taken.length; tap++) {
                PixelRows.gather(source, start + tap * Frames.CHANNELS, places, taken[tap]);
            }
            sums.sum(taken, weights, taken.length, to);
        }
    }

    /** Combines rows of the right width. Only those that the next row of the result needs are kept. */
    private static final class Rows {
        private final Taps taps;
        private final int[][] kept;
        private final int[][] taken;
        private final int[][] weights;
        private final PixelRows sums;

        Rows(Taps taps, int width) {
            this.taps = taps;
            kept = new int[taps.window][width];
            taken = new int[taps.most][];
            weights = new int[taps.most][width];
            sums = new PixelRows(width);
        }

        /** Where a row of the source is to be put; rows come in their order. */
        int[] of(int row) {
            return kept[row % kept.length];
        }

        void combine(int place, int[] to) {
            int count = taps.count[place];
            for (int tap = 0; tap < count; tap++) {
                taken[tap] = of(taps.first[place] + tap);
                Arrays.fill(weights[tap], taps.weight(place, tap));
            }
            sums.sum(taken, weights, count, to);
        }
    }
}
