package maskfeat.media;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;

/**
 * A picture as video codecs store it: a plane of samples for luma and, if it is not gray, two for chroma, which may be of
 * half the size; or three planes of red, green and blue.
 *
 * @param width in pixels
 * @param height likewise
 * @param depth bits of a sample, 8 to 16
 * @param shiftX 1 if chroma has half as many columns
 * @param shiftY 1 if chroma has half as many rows
 * @param coding what the samples mean
 * @param planes one or three, rows without padding; a sample of more than 8 bits is two bytes, the lower first
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record CodedPicture(int width, int height, int depth, int shiftX, int shiftY, Meaning coding, byte[][] planes) {
    /**
     * What the samples mean.
     *
     * @param rgb whether the planes are red, green and blue
     * @param matrix ITU-T H.273, table 4
     * @param full whether black is 0 and white the largest number
     */
    record Meaning(boolean rgb, int matrix, boolean full) {}

    /** Copies a decoded frame. */
    static CodedPicture of(AVFrame frame) throws Refused {
        AVPixFmtDescriptor layout = avutil.av_pix_fmt_desc_get(frame.format());
        int count = layout.nb_components() >= 3 ? 3 : 1;
        int depth = layout.comp(0).depth();
        int bytes = depth > 8 ? 2 : 1;
        for (int c = 0; c < count; c++) {
            if (layout.comp(c).step() != bytes
                    || layout.comp(c).shift() != 0
                    || (layout.flags() & (avutil.AV_PIX_FMT_FLAG_BE | avutil.AV_PIX_FMT_FLAG_PAL)) != 0) {
                throw Refused.unsupported("is of a variant that is not read: its pixels are "
                        + avutil.av_get_pix_fmt_name(frame.format()).getString());
            }
        }
        boolean rgb = (layout.flags() & avutil.AV_PIX_FMT_FLAG_RGB) != 0;
        Meaning coding = new Meaning(rgb, frame.colorspace(), rgb || frame.color_range() == avutil.AVCOL_RANGE_JPEG);
        CodedPicture picture = blank(
                frame.width(),
                frame.height(),
                depth,
                count == 3 ? layout.log2_chroma_w() : 0,
                count == 3 ? layout.log2_chroma_h() : 0,
                count,
                coding);
        for (int c = 0; c < count; c++) {
            int plane = layout.comp(c).plane();
            BytePointer data = frame.data(plane);
            if (data == null) {
                throw Refused.damaged("plane " + plane + " of its picture is missing");
            }
            int row = picture.columns(c) * bytes;
            for (int y = 0; y < picture.rows(c); y++) {
                data.position((long) y * frame.linesize(plane)).get(picture.planes[c], y * row, row);
            }
        }
        return picture;
    }

    private static CodedPicture blank(
            int width, int height, int depth, int shiftX, int shiftY, int count, Meaning coding) {
        CodedPicture picture = new CodedPicture(width, height, depth, shiftX, shiftY, coding, new byte[count][]);
        for (int c = 0; c < count; c++) {
            picture.planes[c] = new byte[picture.columns(c) * picture.rows(c) * (depth > 8 ? 2 : 1)];
        }
        return picture;
    }

    /** An empty picture of another size, for tiles like this one. */
    CodedPicture canvas(int ofWidth, int ofHeight) {
        return blank(ofWidth, ofHeight, depth, shiftX, shiftY, planes.length, coding);
    }

    /** Copies a tile into this picture; what lies outside is left out. */
    void put(CodedPicture tile, int x, int y) throws Refused {
        boolean alike = tile.depth == depth
                && tile.shiftX == shiftX
                && tile.shiftY == shiftY
                && tile.planes.length == planes.length
                && tile.coding.equals(coding);
        if (!alike || (x & shiftX) != 0 || (y & shiftY) != 0) {
            throw Refused.unsupported("is a HEIF picture whose tiles are unlike each other or cut through chroma");
        }
        int bytes = depth > 8 ? 2 : 1;
        for (int c = 0; c < planes.length; c++) {
            int left = c == 0 ? x : x >> shiftX;
            int top = c == 0 ? y : y >> shiftY;
            int columns = Math.min(tile.columns(c), columns(c) - left);
            int rows = Math.min(tile.rows(c), rows(c) - top);
            for (int row = 0; row < rows; row++) {
                System.arraycopy(
                        tile.planes[c],
                        row * tile.columns(c) * bytes,
                        planes[c],
                        ((top + row) * columns(c) + left) * bytes,
                        columns * bytes);
            }
        }
    }

    CodedPicture meaning(Meaning other) {
        return new CodedPicture(width, height, depth, shiftX, shiftY, other, planes);
    }

    int columns(int plane) {
        return plane == 0 || coding.rgb ? width : (width + (1 << shiftX) - 1) >> shiftX;
    }

    int rows(int plane) {
        return plane == 0 || coding.rgb ? height : (height + (1 << shiftY) - 1) >> shiftY;
    }

    /** The samples of a row of a plane. */
    void row(int plane, int y, int[] to) {
        byte[] from = planes[plane];
        int columns = columns(plane);
        int at = y * columns * (depth > 8 ? 2 : 1);
        for (int x = 0; x < columns; x++) {
            to[x] = depth > 8 ? (from[at + 2 * x] & 0xff) | (from[at + 2 * x + 1] & 0xff) << 8 : from[at + x] & 0xff;
        }
    }

    /** How opaque each pixel is, if this picture is the transparency of another: 8 bits. */
    byte[] opacity() {
        byte[] eight = new byte[width * height];
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            row(0, y, row);
            for (int x = 0; x < width; x++) {
                int value = row[x] >> (depth - 8);
                value = coding.full ? value : ((value - 16) * 255 + 109) / 219;
                eight[y * width + x] = (byte) Math.max(0, Math.min(255, value));
            }
        }
        return eight;
    }
}
