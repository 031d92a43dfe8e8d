package maskfeat.media;

import java.nio.ByteOrder;
import java.util.Objects;
import maskfeat.media.LibavStill.Alpha;
import org.bytedeco.ffmpeg.avutil.AVComponentDescriptor;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/**
 * Converts the pixels of a decoded image to RGB.
 *
 * <p>Does not use swscale, which rounds 16-bit samples, chroma and palettes differently from Pillow and writes past
 * rows without padding.
 */
final class LibavPixels {
    private static final int WHITE = 255;
    private static final int MOST_PLANES = 4;

    private final AVFrame frame;
    private final AVPixFmtDescriptor layout;
    private final Alpha alpha;
    private final int width;
    private final int height;
    private final byte[] rgb;

    private LibavPixels(AVFrame frame, AVPixFmtDescriptor layout, Alpha alpha) {
        this.frame = frame;
        this.layout = layout;
        this.alpha = alpha;
        width = frame.width();
        height = frame.height();
        rgb = new byte[width * height * Frames.CHANNELS];
    }

    /** The pixels, [height, width, 3]. */
    static byte[] rgb(AVFrame frame, Alpha alpha) throws Refused {
        AVPixFmtDescriptor layout = avutil.av_pix_fmt_desc_get(frame.format());
        LibavPixels pixels = new LibavPixels(frame, layout, alpha);
        boolean isRgb = (layout.flags() & avutil.AV_PIX_FMT_FLAG_RGB) != 0;
        if (frame.format() == avutil.AV_PIX_FMT_PAL8) {
            pixels.lookUp();
        } else if (frame.format() == avutil.AV_PIX_FMT_MONOBLACK || frame.format() == avutil.AV_PIX_FMT_MONOWHITE) {
            pixels.unpackBits(frame.format() == avutil.AV_PIX_FMT_MONOWHITE ? 0xff : 0);
        } else if (frame.format() == avutil.AV_PIX_FMT_YUV420P) {
            pixels.fromWebP();
        } else if ((layout.flags() & (avutil.AV_PIX_FMT_FLAG_BITSTREAM | avutil.AV_PIX_FMT_FLAG_FLOAT)) == 0
                && (isRgb || layout.nb_components() <= 2)) {
            pixels.fromSamples(isRgb ? 3 : 1);
        } else {
            throw Refused.unsupported("is of a variant that is not read: its pixels are "
                    + avutil.av_get_pix_fmt_name(frame.format()).getString());
        }
        return pixels.rgb;
    }

    /**
     * Converts any layout of whole samples: packed or planar, 2 to 16 bits, either byte order, gray or RGB, with or
     * without alpha.
     */
    private void fromSamples(int colours) throws Refused {
        boolean hasAlpha = (layout.flags() & avutil.AV_PIX_FMT_FLAG_ALPHA) != 0;
        int channels = colours + (hasAlpha && alpha == Alpha.OVER_WHITE ? 1 : 0);
        byte[][] samples = new byte[channels][width];
        byte[][] row = new byte[MOST_PLANES][];
        for (int y = 0; y < height; y++) {
            for (int c = 0; c < channels; c++) {
                int component = c == colours ? layout.nb_components() - 1 : c;
                int plane = layout.comp(component).plane();
                if (c == 0 || plane != layout.comp(component - 1).plane()) {
                    row[plane] = row(plane, y, rowBytes(plane), row[plane]);
                }
                sample(layout.comp(component), Objects.requireNonNull(row[plane]), samples[c]);
            }
            int out = y * width * Frames.CHANNELS;
            for (int x = 0; x < width; x++, out += Frames.CHANNELS) {
                int opacity = channels > colours ? samples[colours][x] & 0xff : WHITE;
                put(
                        out,
                        samples[0][x] & 0xff,
                        samples[colours == 1 ? 0 : 1][x] & 0xff,
                        samples[colours == 1 ? 0 : 2][x] & 0xff,
                        opacity);
            }
        }
    }

    private int rowBytes(int plane) {
        int bytes = 0;
        for (int c = 0; c < layout.nb_components(); c++) {
            AVComponentDescriptor component = layout.comp(c);
            if (component.plane() == plane) {
                bytes = Math.max(bytes, component.step() * width);
            }
        }
        return bytes;
    }

    private void sample(AVComponentDescriptor component, byte[] row, byte[] to) {
        int step = component.step();
        int depth = component.depth();
        int shift = component.shift();
        int largest = (1 << depth) - 1;
        int at = component.offset();
        if (depth == 8 && shift == 0) {
            for (int x = 0; x < width; x++, at += step) {
                to[x] = row[at];
            }
            return;
        }
        boolean bigEndian = (layout.flags() & avutil.AV_PIX_FMT_FLAG_BE) != 0;
        for (int x = 0; x < width; x++, at += step) {
            int value = row[at] & 0xff;
            if (depth + shift > 8) {
                int next = row[at + 1] & 0xff;
                value = bigEndian ? value << 8 | next : next << 8 | value;
            }
            value = (value >> shift) & largest;
            to[x] = (byte) (depth > 8 ? value >> (depth - 8) : value * 255 / largest);
        }
    }

    private void lookUp() throws Refused {
        int[] palette = new int[256];
        // Each entry is 0xAARRGGBB in the machine's byte order.
        BytePointer entries = frame.data(1);
        if (entries == null) {
            throw Refused.damaged("its palette is missing");
        }
        entries.capacity(avutil.AVPALETTE_SIZE)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder())
                .asIntBuffer()
                .get(palette);
        byte[] row = null;
        for (int y = 0; y < height; y++) {
            row = row(0, y, width, row);
            int out = y * width * Frames.CHANNELS;
            for (int x = 0; x < width; x++, out += Frames.CHANNELS) {
                int entry = palette[row[x] & 0xff];
                put(out, entry >> 16 & 0xff, entry >> 8 & 0xff, entry & 0xff, entry >>> 24);
            }
        }
    }

    private void unpackBits(int flip) throws Refused {
        byte[] row = null;
        for (int y = 0; y < height; y++) {
            row = row(0, y, (width + 7) / 8, row);
            int out = y * width * Frames.CHANNELS;
            for (int x = 0; x < width; x++, out += Frames.CHANNELS) {
                int value = (row[x >> 3] ^ flip) >> (7 - (x & 7)) & 1;
                put(out, value * WHITE, value * WHITE, value * WHITE, WHITE);
            }
        }
    }

    /**
     * Lossy WebP (RFC 9649): studio-range BT.601 with halved chroma, in the fixed point and with the 9-3-3-1 upsampling
     * of libwebp, so that the pixels are the same.
     */
    private void fromWebP() throws Refused {
        int half = (width + 1) / 2;
        int rows = (height + 1) / 2;
        byte[] luma = null;
        byte[][] near = new byte[2][half];
        byte[][] far = new byte[2][half];
        for (int y = 0; y < height; y++) {
            luma = row(0, y, width, luma);
            int nearRow = y >> 1;
            int farRow = Math.max(0, Math.min(rows - 1, (y & 1) == 0 ? nearRow - 1 : nearRow + 1));
            for (int c = 0; c < 2; c++) {
                near[c] = row(c + 1, nearRow, half, near[c]);
                far[c] = row(c + 1, farRow, half, far[c]);
            }
            int out = y * width * Frames.CHANNELS;
            for (int x = 0; x < width; x++, out += Frames.CHANNELS) {
                int l = ((luma[x] & 0xff) * 19077) >> 8;
                int u = upsampled(near[0], far[0], x, half);
                int v = upsampled(near[1], far[1], x, half);
                put(
                        out,
                        clip6(l + ((v * 26149) >> 8) - 14234),
                        clip6(l - ((u * 6419) >> 8) - ((v * 13320) >> 8) + 8708),
                        clip6(l + ((u * 33050) >> 8) - 17685),
                        WHITE);
            }
        }
    }

    private static int upsampled(byte[] near, byte[] far, int x, int half) {
        int column = x >> 1;
        int beside = Math.max(0, Math.min(half - 1, (x & 1) == 0 ? column - 1 : column + 1));
        int nearest = near[column] & 0xff;
        int across = near[beside] & 0xff;
        int along = far[column] & 0xff;
        int diagonal = far[beside] & 0xff;
        int mixed = (nearest + across + along + diagonal + 8 + 2 * (across + along)) >> 3;
        return (mixed + nearest) >> 1;
    }

    private static int clip6(int value) {
        return Math.max(0, Math.min(255, value >> 6));
    }

    private byte[] row(int plane, int y, int bytes, byte @Nullable [] reused) throws Refused {
        BytePointer data = frame.data(plane);
        if (data == null) {
            throw Refused.damaged("plane " + plane + " of its picture is missing");
        }
        byte[] row = reused == null || reused.length != bytes ? new byte[bytes] : reused;
        // A negative line size, as BMP has, counts up from the last row in memory.
        data.position((long) y * frame.linesize(plane)).get(row, 0, bytes);
        return row;
    }

    private void put(int out, int red, int green, int blue, int opacity) {
        if (opacity == WHITE) {
            rgb[out] = (byte) red;
            rgb[out + 1] = (byte) green;
            rgb[out + 2] = (byte) blue;
        } else {
            rgb[out] = overWhite(red, opacity);
            rgb[out + 1] = overWhite(green, opacity);
            rgb[out + 2] = overWhite(blue, opacity);
        }
    }

    /**
     * Blends pixels over white.
     *
     * @param rgb three bytes a pixel, changed
     * @param opacity one byte a pixel
     */
    static void overWhite(byte[] rgb, byte[] opacity) {
        for (int i = 0, c = 0; i < opacity.length; i++) {
            int opaque = opacity[i] & 0xff;
            for (int last = c + Frames.CHANNELS; c < last; c++) {
                rgb[c] = overWhite(rgb[c] & 0xff, opaque);
            }
        }
    }

    private static byte overWhite(int value, int opacity) {
        return (byte) ((value * opacity + WHITE * (255 - opacity) + 127) / 255);
    }
}
