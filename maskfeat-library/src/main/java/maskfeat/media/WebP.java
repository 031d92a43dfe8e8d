package maskfeat.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import maskfeat.media.LibavStill.Alpha;
import org.bytedeco.ffmpeg.global.avcodec;

/**
 * Decodes WebP (RFC 9649), and the first frame of animations. libav decodes what is lossy, and gets a file with only that
 * chunk.
 */
final class WebP {
    private final Bytes file;
    private int canvasWidth;
    private int canvasHeight;
    private int x;
    private int y;
    private int alphaAt = -1;
    private int pictureAt = -1;
    private int orientation = Orientation.UPRIGHT;

    private WebP(byte[] data) {
        file = Bytes.littleEndian(data);
    }

    static Still decode(byte[] data, ImageReader.Limits limits) throws Refused {
        WebP webp = new WebP(data);
        long end = 8 + webp.file.u32(4);
        webp.file.need(0, end);
        webp.walk(12, (int) end, limits);
        if (webp.pictureAt < 0) {
            throw Refused.damaged("it holds no picture");
        }
        return new Still(webp.picture(limits), webp.orientation);
    }

    private void walk(int from, int to, ImageReader.Limits limits) throws Refused {
        int at = from;
        while (at + 8 <= to) {
            long length = file.u32(at + 4);
            int body = at + 8;
            file.need(body, length);
            if (file.has(at, "VP8X")) {
                canvasWidth = file.u24(body + 4) + 1;
                canvasHeight = file.u24(body + 7) + 1;
                limits.check(canvasWidth, canvasHeight);
            } else if (file.has(at, "ANMF") && pictureAt < 0) {
                x = 2 * file.u24(body);
                y = 2 * file.u24(body + 3);
                walk(body + 16, (int) (body + length), limits);
            } else if (file.has(at, "ALPH") && alphaAt < 0 && pictureAt < 0) {
                alphaAt = at;
            } else if ((file.has(at, "VP8 ") || file.has(at, "VP8L")) && pictureAt < 0) {
                pictureAt = at;
            } else if (file.has(at, "EXIF")) {
                // Some writers keep the Exif prefix of JPEG.
                int start = body + (file.has(body, "Exif\0\0") ? 6 : 0);
                orientation = Orientation.inExif(file.data(), start, (int) (body + length));
            }
            at = (int) Math.min(to, body + length + (length & 1));
        }
    }

    private Frames picture(ImageReader.Limits limits) throws Refused {
        boolean lossless = file.has(pictureAt, "VP8L");
        int body = pictureAt + 8;
        int width;
        int height;
        boolean transparent = alphaAt >= 0;
        if (lossless) {
            if (file.u8(body) != 0x2f) {
                throw Refused.damaged("its lossless picture has no signature");
            }
            long sizes = file.u32(body + 1);
            width = (int) (sizes & 0x3fff) + 1;
            height = (int) (sizes >> 14 & 0x3fff) + 1;
            transparent = (sizes >> 28 & 1) == 1;
            if (sizes >> 29 != 0) {
                throw Refused.unsupported("is a lossless WebP of version " + (sizes >> 29) + "; version 0 is read");
            }
        } else {
            width = file.u16(body + 6) & 0x3fff;
            height = file.u16(body + 8) & 0x3fff;
        }
        limits.check(width, height);
        if (canvasWidth == 0) {
            canvasWidth = width;
            canvasHeight = height;
        }
        if ((long) x + width > canvasWidth || (long) y + height > canvasHeight) {
            throw Refused.damaged("its picture of " + width + " x " + height + " leaves its canvas of " + canvasWidth
                    + " x " + canvasHeight);
        }
        int end = body + (int) file.u32(pictureAt + 4);
        byte[] rgb;
        byte[] opacity = null;
        if (lossless) {
            int[] pixels = LosslessWebP.pixels(file.data(), body + 5, end, width, height);
            rgb = new byte[pixels.length * Frames.CHANNELS];
            opacity = transparent ? new byte[pixels.length] : null;
            for (int i = 0, out = 0; i < pixels.length; i++, out += Frames.CHANNELS) {
                rgb[out] = (byte) (pixels[i] >> 16);
                rgb[out + 1] = (byte) (pixels[i] >> 8);
                rgb[out + 2] = (byte) pixels[i];
                if (opacity != null) {
                    opacity[i] = (byte) (pixels[i] >> 24);
                }
            }
        } else {
            rgb = LibavStill.decode(avcodec.AV_CODEC_ID_WEBP, alone(), width, height, Alpha.IGNORED)
                    .rgb();
            opacity = transparent ? opacity(width, height) : null;
        }
        if (opacity != null) {
            LibavPixels.overWhite(rgb, opacity);
        }
        return onCanvas(Frames.image(height, width, rgb));
    }

    /** The chunk of transparency beside a lossy picture. */
    private byte[] opacity(int width, int height) throws Refused {
        int body = alphaAt + 8;
        int end = body + (int) file.u32(alphaAt + 4);
        int head = file.u8(body);
        byte[] opacity = new byte[width * height];
        switch (head & 3) {
            case 0 -> {
                if (end - body - 1 < opacity.length) {
                    throw Refused.damaged("its transparency ends before its last pixel");
                }
                System.arraycopy(file.data(), body + 1, opacity, 0, opacity.length);
            }
            case 1 -> {
                int[] pixels = LosslessWebP.pixels(file.data(), body + 1, end, width, height);
                for (int i = 0; i < pixels.length; i++) {
                    opacity[i] = (byte) (pixels[i] >> 8);
                }
            }
            default -> throw Refused.unsupported("is a WebP whose transparency is packed in an unknown way");
        }
        unfilter(opacity, width, head >> 2 & 3);
        return opacity;
    }

    /** Adds to each value what its neighbours let expect: none, left, above, or the slope of both. */
    private static void unfilter(byte[] values, int width, int filter) {
        for (int i = 1; filter != 0 && i < values.length; i++) {
            int guess;
            if (i < width) {
                guess = values[i - 1] & 0xff;
            } else if (i % width == 0 || filter == 2) {
                guess = values[i - width] & 0xff;
            } else if (filter == 1) {
                guess = values[i - 1] & 0xff;
            } else {
                int slope = (values[i - 1] & 0xff) + (values[i - width] & 0xff) - (values[i - width - 1] & 0xff);
                guess = Math.max(0, Math.min(255, slope));
            }
            values[i] += (byte) guess;
        }
    }

    /** A file with only the lossy picture. */
    private byte[] alone() throws Refused {
        int picture = 8 + (int) file.u32(pictureAt + 4);
        int size = 12 + picture + (picture & 1);
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(size - 8);
        out.put("WEBP".getBytes(StandardCharsets.US_ASCII));
        out.put(file.data(), pictureAt, picture);
        return out.array();
    }

    /** Puts the first frame of an animation on its canvas, which is transparent, so white. */
    private Frames onCanvas(Frames frame) {
        if (frame.width() == canvasWidth && frame.height() == canvasHeight) {
            return frame;
        }
        byte[] canvas = new byte[canvasWidth * canvasHeight * Frames.CHANNELS];
        Arrays.fill(canvas, (byte) 255);
        for (int row = 0; row < frame.height(); row++) {
            System.arraycopy(
                    frame.rgb(),
                    frame.at(0, row, 0),
                    canvas,
                    ((y + row) * canvasWidth + x) * Frames.CHANNELS,
                    frame.width() * Frames.CHANNELS);
        }
        return Frames.image(canvasHeight, canvasWidth, canvas);
    }
}
