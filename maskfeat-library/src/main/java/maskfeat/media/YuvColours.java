package maskfeat.media;

/**
 * Converts luma and chroma to RGB as the readers that Pillow uses do.
 *
 * <p>Both take the upper 8 bits of deeper samples. For AV1 (libavif with libyuv) chroma between the pixels is mixed 9-3-3-1
 * and sums are whole numbers of 6 fraction bits; for HEVC (libheif) the nearest chroma counts. ITU-T H.273 defines the
 * matrices.
 */
final class YuvColours {
    /** Which of two readers is followed. */
    enum Like {
        LIBAVIF,
        LIBHEIF
    }

    private static final int BT709 = 1;
    private static final int UNSPECIFIED = 2;
    private static final int FCC = 4;
    private static final int BT470BG = 5;
    private static final int BT601 = 6;
    private static final int SMPTE240 = 7;
    private static final int BT2020 = 9;

    // libyuv's row_common.cc: 64ths of what chroma adds, blue of U, green of U and V, red of V. Its fastest kernels
    // hold
    // them in bytes, so blue is at most 128.
    private static final int[][] LIMITED = {{128, 25, 52, 102}, {128, 14, 34, 115}, {128, 12, 42, 107}};
    private static final int[][] FULL = {{113, 22, 46, 90}, {119, 12, 30, 101}, {120, 11, 37, 94}};

    // Luma times 257 times these, over 2^16, in 64ths.
    private static final int[] LIMITED_LUMA = {18997, 18997, 19003};
    private static final int FULL_LUMA = 16320;

    private static final int NEUTRAL = 128;

    private final CodedPicture picture;
    private final Like like;
    private final byte[] rgb;

    private YuvColours(CodedPicture picture, Like like) {
        this.picture = picture;
        this.like = like;
        rgb = new byte[picture.width() * picture.height() * Frames.CHANNELS];
    }

    /** The pixels, [height, width, 3]. */
    static byte[] rgb(CodedPicture picture, Like like) throws Refused {
        YuvColours colours = new YuvColours(picture, like);
        colours.convert();
        return colours.rgb;
    }

    private void convert() throws Refused {
        int width = picture.width();
        boolean gray = picture.planes().length == 1;
        int[] luma = new int[width];
        int[] u = new int[width];
        int[] v = new int[width];
        int[] near = new int[width];
        int[] far = new int[width];
        Arithmetic arithmetic = arithmetic(gray);
        for (int y = 0; y < picture.height(); y++) {
            row(0, y, luma);
            if (!gray) {
                chroma(1, y, u, near, far);
                chroma(2, y, v, near, far);
            }
            int out = y * width * Frames.CHANNELS;
            for (int x = 0; x < width; x++, out += Frames.CHANNELS) {
                arithmetic.put(luma[x], u[x], v[x], out);
            }
        }
    }

    private void row(int plane, int y, int[] to) {
        picture.row(plane, y, to);
        int shift = picture.depth() - 8;
        if (shift > 0) {
            for (int x = 0; x < picture.columns(plane); x++) {
                to[x] >>= shift;
            }
        }
    }

    /** Brings a row of chroma to the full width. */
    private void chroma(int plane, int y, int[] to, int[] near, int[] far) {
        int columns = picture.columns(plane);
        int rows = picture.rows(plane);
        int shiftX = picture.coding().rgb() ? 0 : picture.shiftX();
        int shiftY = picture.coding().rgb() ? 0 : picture.shiftY();
        int nearRow = y >> shiftY;
        if (shiftX == 0 && shiftY == 0) {
            row(plane, y, to);
        } else if (like == Like.LIBHEIF) {
            row(plane, nearRow, near);
            for (int x = 0; x < picture.width(); x++) {
                to[x] = near[x >> shiftX];
            }
        } else {
            int farRow =
                    shiftY == 0 ? nearRow : Math.max(0, Math.min(rows - 1, (y & 1) == 0 ? nearRow - 1 : nearRow + 1));
            row(plane, nearRow, near);
            row(plane, farRow, far);
            for (int x = 0; x < picture.width(); x++) {
                int column = x >> shiftX;
                int beside = (x & 1) == 0 ? column - 1 : column + 1;
                if (shiftX == 0 || beside < 0 || beside == columns || x == picture.width() - 1) {
                    beside = column; // libyuv mixes no more across in the last column of an odd width
                }
                to[x] = (9 * near[column] + 3 * near[beside] + 3 * far[column] + far[beside] + 8) >> 4;
            }
        }
    }

    private interface Arithmetic {
        void put(int y, int u, int v, int out);
    }

    private Arithmetic arithmetic(boolean gray) throws Refused {
        CodedPicture.Meaning coding = picture.coding();
        if (coding.rgb()) {
            return (red, green, blue, out) -> put(out, red, green, blue);
        }
        int table = coding.matrix() == BT709 ? 1 : coding.matrix() == BT2020 ? 2 : 0;
        boolean known = switch (coding.matrix()) {
            case BT709, UNSPECIFIED, BT470BG, BT601, BT2020 -> true;
            default -> gray;
        };
        if (like == Like.LIBAVIF && known) {
            return likeLibyuv(coding.full(), table, gray);
        }
        return exact(gray);
    }

    private Arithmetic likeLibyuv(boolean full, int table, boolean gray) {
        int[] of = (full ? FULL : LIMITED)[table];
        int scale = full ? FULL_LUMA : LIMITED_LUMA[table];
        int bias = full ? 32 : -1160;
        return (y, u, v, out) -> {
            int light = (y * 0x0101 * scale >>> 16) + bias;
            int blue = gray ? 0 : u - NEUTRAL;
            int red = gray ? 0 : v - NEUTRAL;
            put(out, light + of[3] * red >> 6, light - of[1] * blue - of[2] * red >> 6, light + of[0] * blue >> 6);
        };
    }

    private Arithmetic exact(boolean gray) throws Refused {
        CodedPicture.Meaning coding = picture.coding();
        double kr;
        double kb;
        switch (coding.matrix()) {
            case UNSPECIFIED, BT470BG, BT601 -> {
                kr = 0.299;
                kb = 0.114;
            }
            case BT709 -> {
                kr = 0.2126;
                kb = 0.0722;
            }
            case FCC -> {
                kr = 0.30;
                kb = 0.11;
            }
            case SMPTE240 -> {
                kr = 0.212;
                kb = 0.087;
            }
            case BT2020 -> {
                kr = 0.2627;
                kb = 0.0593;
            }
            default -> {
                if (!gray) {
                    throw Refused.unsupported("is a picture whose colours are coded by matrix " + coding.matrix()
                            + " of H.273; 0, 1, 2, 4 to 7 and 9 are read");
                }
                kr = 0;
                kb = 0;
            }
        }
        int black = coding.full() ? 0 : 16;
        double lumaScale = 255.0 / (coding.full() ? 255 : 219);
        double chromaScale = 255.0 / (coding.full() ? 255 : 224);
        double red = 2 * (1 - kr);
        double blue = 2 * (1 - kb);
        double kg = 1 - kr - kb;
        return (y, u, v, out) -> {
            double light = (y - black) * lumaScale;
            double cb = gray ? 0 : (u - NEUTRAL) * chromaScale;
            double cr = gray ? 0 : (v - NEUTRAL) * chromaScale;
            put(
                    out,
                    (int) Math.floor(light + red * cr + 0.5),
                    (int) Math.floor(light - (kb * blue * cb + kr * red * cr) / kg + 0.5),
                    (int) Math.floor(light + blue * cb + 0.5));
        };
    }

    private void put(int out, int red, int green, int blue) {
        rgb[out] = clamp(red);
        rgb[out + 1] = clamp(green);
        rgb[out + 2] = clamp(blue);
    }

    private static byte clamp(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
