package maskfeat.augment;

import maskfeat.media.Frames;

/**
 * Between, or beyond, an image and a poorer version of it: factor 0 is the poorer one, 1 the image as it is.
 *
 * <p>Byte for byte as Pillow's ImageEnhance on each frame.
 */
final class Blend {
    private Blend() {}

    /** Blends with the grey image. */
    static Frames color(Frames frames, float factor) {
        byte[] rgb = frames.rgb();
        byte[] to = new byte[rgb.length];
        for (int i = 0; i < rgb.length; i += Frames.CHANNELS) {
            int grey = grey(rgb, i);
            to[i] = (byte) of(grey, rgb[i] & 0xFF, factor);
            to[i + 1] = (byte) of(grey, rgb[i + 1] & 0xFF, factor);
            to[i + 2] = (byte) of(grey, rgb[i + 2] & 0xFF, factor);
        }
        return new Frames(frames.count(), frames.height(), frames.width(), to);
    }

    /** The grey image alone. */
    static Frames grey(Frames frames) {
        byte[] rgb = frames.rgb();
        byte[] to = new byte[rgb.length];
        for (int i = 0; i < rgb.length; i += Frames.CHANNELS) {
            byte grey = (byte) grey(rgb, i);
            to[i] = grey;
            to[i + 1] = grey;
            to[i + 2] = grey;
        }
        return new Frames(frames.count(), frames.height(), frames.width(), to);
    }

    /** Blends with the smoothed image: each pixel five times and its eight neighbours once; the border stays. */
    static Frames sharpness(Frames frames, float factor) {
        byte[] rgb = frames.rgb();
        byte[] to = rgb.clone();
        int row = frames.width() * Frames.CHANNELS;
        int[] columns = new int[row]; // sums of three rows
        for (int frame = 0; frame < frames.count(); frame++) {
            for (int y = 1; y < frames.height() - 1; y++) {
                int start = frames.at(frame, y, 0);
                for (int i = 0; i < row; i++) {
                    int at = start + i;
                    columns[i] = (rgb[at - row] & 0xFF) + (rgb[at] & 0xFF) + (rgb[at + row] & 0xFF);
                }
                for (int i = Frames.CHANNELS; i < row - Frames.CHANNELS; i++) {
                    int centre = rgb[start + i] & 0xFF;
                    int sum = columns[i - Frames.CHANNELS] + columns[i] + columns[i + Frames.CHANNELS] + 4 * centre;
                    // A thirteenth, rounded. Pillow sums floats, whose error is far below 1/26, the least distance to
                    // a half.
                    int smoothed = (2 * sum + 13) / 26;
                    to[start + i] = (byte) of(smoothed, centre, factor);
                }
            }
        }
        return new Frames(frames.count(), frames.height(), frames.width(), to);
    }

    /** One value: rounded to float32 after each operation, then down, and cut to 0..255. */
    static int of(int poorer, int value, float factor) {
        float blended = poorer + factor * (value - poorer);
        return blended <= 0 ? 0 : blended >= 255 ? 255 : (int) blended;
    }

    /** Brightness of the pixel that starts here: ITU-R 601-2 weights in 16-bit fixed point, rounded. */
    static int grey(byte[] rgb, int at) {
        int red = rgb[at] & 0xFF;
        int green = rgb[at + 1] & 0xFF;
        int blue = rgb[at + 2] & 0xFF;
        return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
    }
}
