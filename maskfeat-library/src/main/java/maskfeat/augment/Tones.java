package maskfeat.augment;

import java.util.Arrays;
import maskfeat.media.Frames;

/**
 * Changes that look at one value of one channel alone: a table of 256 values for each channel, then a look-up.
 *
 * <p>Byte for byte as Pillow's ImageOps and ImageEnhance on each frame.
 */
final class Tones {
    private static final int LEVELS = 256;

    private Tones() {}

    /** Stretches each channel of each frame so that its darkest value becomes 0 and its brightest 255. */
    static Frames autoContrast(Frames frames) {
        return perFrame(frames, Tones::stretch);
    }

    /** Spreads the values of each channel of each frame so that all ranges of brightness are about equally frequent. */
    static Frames equalize(Frames frames) {
        return perFrame(frames, Tones::spread);
    }

    static Frames invert(Frames frames) {
        return map(frames, value -> 255 - value);
    }

    /** @param bits upper bits that stay, 0 to 8; with none all is black */
    static Frames posterize(Frames frames, int bits) {
        int mask = 0xFF << (8 - bits);
        return map(frames, value -> value & mask);
    }

    /** Inverts what reaches the threshold. */
    static Frames solarize(Frames frames, int threshold) {
        return map(frames, value -> value < threshold ? value : 255 - value);
    }

    /** Makes the darker half brighter. */
    static Frames solarizeAdd(Frames frames, int add) {
        return map(frames, value -> value < 128 ? Math.min(255, value + add) : value);
    }

    /** @param factor 0 gives black, 1 the frames as they are, more is brighter */
    static Frames brightness(Frames frames, float factor) {
        return map(frames, value -> Blend.of(0, value, factor));
    }

    /** @param factor 0 gives the mean grey of each frame, 1 the frames as they are, more is more contrast */
    static Frames contrast(Frames frames, float factor) {
        byte[] to = new byte[frames.rgb().length];
        int size = to.length / frames.count();
        for (int start = 0; start < to.length; start += size) {
            int grey = meanGrey(frames.rgb(), start, start + size);
            byte[] table = table(value -> Blend.of(grey, value, factor));
            lookUp(frames.rgb(), start, start + size, table, table, table, to);
        }
        return new Frames(frames.count(), frames.height(), frames.width(), to);
    }

    private static int meanGrey(byte[] rgb, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i += Frames.CHANNELS) {
            sum += Blend.grey(rgb, i);
        }
        return (int) ((double) sum / ((to - from) / Frames.CHANNELS) + 0.5);
    }

    private static int[] stretch(int[] histogram) {
        int lowest = 0;
        while (histogram[lowest] == 0) {
            lowest++;
        }
        int highest = LEVELS - 1;
        while (histogram[highest] == 0) {
            highest--;
        }
        int[] table = identity();
        if (lowest < highest) {
            // Scaled first and shifted then, in doubles: another order rounds some values to another byte.
            double scale = 255.0 / (highest - lowest);
            double offset = -lowest * scale;
            for (int value = 0; value < LEVELS; value++) {
                table[value] = (int) (value * scale + offset);
            }
        }
        return table;
    }

    private static int[] spread(int[] histogram) {
        int highest = LEVELS - 1;
        while (histogram[highest] == 0) {
            highest--;
        }
        int step = (Arrays.stream(histogram).sum() - histogram[highest]) / 255;
        int[] table = identity();
        // A step of 0, so a channel of one value too, is left as it is.
        if (step > 0) {
            int below = step / 2;
            for (int value = 0; value < LEVELS; value++) {
                table[value] = below / step;
                below += histogram[value];
            }
        }
        return table;
    }

    private static int[] identity() {
        int[] table = new int[LEVELS];
        Arrays.setAll(table, value -> value);
        return table;
    }

    private interface Curve {
        int at(int value);
    }

    private interface HistogramRule {
        /** From how often each value occurs to what becomes of it; not yet cut to 0..255. */
        int[] table(int[] histogram);
    }

    private static Frames map(Frames frames, Curve curve) {
        byte[] table = table(curve);
        byte[] to = new byte[frames.rgb().length];
        lookUp(frames.rgb(), 0, to.length, table, table, table, to);
        return new Frames(frames.count(), frames.height(), frames.width(), to);
    }

    private static Frames perFrame(Frames frames, HistogramRule rule) {
        byte[] rgb = frames.rgb();
        byte[] to = new byte[rgb.length];
        int size = to.length / frames.count();
        for (int start = 0; start < to.length; start += size) {
            int[] red = new int[LEVELS];
            int[] green = new int[LEVELS];
            int[] blue = new int[LEVELS];
            for (int i = start; i < start + size; i += Frames.CHANNELS) {
                red[rgb[i] & 0xFF]++;
                green[rgb[i + 1] & 0xFF]++;
                blue[rgb[i + 2] & 0xFF]++;
            }
            lookUp(rgb, start, start + size, bytes(rule, red), bytes(rule, green), bytes(rule, blue), to);
        }
        return new Frames(frames.count(), frames.height(), frames.width(), to);
    }

    private static byte[] bytes(HistogramRule rule, int[] histogram) {
        int[] values = rule.table(histogram);
        return table(value -> values[value]);
    }

    private static byte[] table(Curve curve) {
        byte[] table = new byte[LEVELS];
        for (int value = 0; value < LEVELS; value++) {
            table[value] = (byte) Math.max(0, Math.min(255, curve.at(value)));
        }
        return table;
    }

    private static void lookUp(byte[] rgb, int from, int end, byte[] red, byte[] green, byte[] blue, byte[] to) {
        for (int i = from; i < end; i += Frames.CHANNELS) {
            to[i] = red[rgb[i] & 0xFF];
            to[i + 1] = green[rgb[i + 1] & 0xFF];
            to[i + 2] = blue[rgb[i + 2] & 0xFF];
        }
    }
}
