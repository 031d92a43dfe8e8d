package maskfeat.media;

import java.util.Arrays;

/** Reads and undoes the eight camera orientations of Exif 2.3, tag 0x0112. */
final class Orientation {
    static final int UPRIGHT = 1;

    private static final int TAG = 0x0112;
    private static final int SHORT = 3;
    private static final int LONG = 4;

    private Orientation() {}

    /**
     * The orientation in an Exif block (a small TIFF file). A broken block counts as upright, because the image itself
     * may be fine.
     *
     * @param from first byte of the TIFF header
     * @param to one past the last byte of the block
     */
    static int inExif(byte[] data, int from, int to) {
        try {
            Bytes mark = Bytes.bigEndian(Arrays.copyOfRange(data, from, to));
            Bytes tiff = new Bytes(mark.data(), mark.has(0, "MM"));
            if (!mark.has(0, "MM") && !mark.has(0, "II")) {
                return UPRIGHT;
            }
            long directory = tiff.u32(4);
            int entries = tiff.u16(directory);
            for (int i = 0; i < entries; i++) {
                long entry = directory + 2 + 12L * i;
                if (tiff.u16(entry) == TAG) {
                    int type = tiff.u16(entry + 2);
                    long value = type == SHORT ? tiff.u16(entry + 8) : type == LONG ? tiff.u32(entry + 8) : UPRIGHT;
                    return valid(value);
                }
            }
        } catch (Refused brokenBlock) {
            return UPRIGHT;
        }
        return UPRIGHT;
    }

    /** The value, or upright if outside 1 to 8. */
    static int valid(long stated) {
        return stated >= 1 && stated <= 8 ? (int) stated : UPRIGHT;
    }

    /**
     * Rotates and mirrors an image so that it is upright.
     *
     * @param orientation 1 to 8: where the file's first row and first column belong (top left, top right, bottom right,
     *     bottom left, left top, right top, right bottom, left bottom)
     */
    static Frames upright(Frames image, int orientation) {
        if (orientation == UPRIGHT) {
            return image;
        }
        boolean transposed = orientation >= 5;
        int height = transposed ? image.width() : image.height();
        int width = transposed ? image.height() : image.width();
        boolean fromRight = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean fromBottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        byte[] from = image.rgb();
        byte[] to = new byte[from.length];
        int out = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++, out += Frames.CHANNELS) {
                int column = transposed ? y : x;
                int row = transposed ? x : y;
                int in = image.at(
                        0,
                        fromBottom ? image.height() - 1 - row : row,
                        fromRight ? image.width() - 1 - column : column);
                to[out] = from[in];
                to[out + 1] = from[in + 1];
                to[out + 2] = from[in + 2];
            }
        }
        return Frames.image(height, width, to);
    }
}
