package maskfeat.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import maskfeat.media.LibavStill.Alpha;
import org.bytedeco.ffmpeg.global.avcodec;

/**
 * Decodes WebP (RFC 9649), lossy and lossless, with libav, and the first frame of animations, which libav alone does
 * not read.
 *
 * <p>libav gets a file with only the chunks of the image, without profiles and texts.
 */
final class WebP {
    private static final int ALPHA_FLAG = 0x10;

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
        Alpha alpha = Alpha.OVER_WHITE;
        if (lossless) {
            if (file.u8(body) != 0x2f) {
                throw Refused.damaged("its lossless picture has no signature");
            }
            long sizes = file.u32(body + 1);
            width = (int) (sizes & 0x3fff) + 1;
            height = (int) (sizes >> 14 & 0x3fff) + 1;
            alpha = (sizes >> 28 & 1) == 1 ? Alpha.OVER_WHITE : Alpha.IGNORED;
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
        Frames frame =
                LibavStill.decode(avcodec.AV_CODEC_ID_WEBP, alone(lossless, width, height), width, height, alpha);
        return onCanvas(frame);
    }

    /** A file with only this image. */
    private byte[] alone(boolean lossless, int width, int height) throws Refused {
        int picture = 8 + (int) file.u32(pictureAt + 4);
        boolean withAlpha = alphaAt >= 0 && !lossless;
        int alpha = withAlpha ? 8 + (int) file.u32(alphaAt + 4) : 0;
        int size = 12 + (withAlpha ? 18 + alpha + (alpha & 1) : 0) + picture + (picture & 1);
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(size - 8);
        out.put("WEBP".getBytes(StandardCharsets.US_ASCII));
        if (withAlpha) {
            out.put("VP8X".getBytes(StandardCharsets.US_ASCII)).putInt(10).putInt(ALPHA_FLAG);
            out.put((byte) (width - 1)).putShort((short) ((width - 1) >> 8));
            out.put((byte) (height - 1)).putShort((short) ((height - 1) >> 8));
            out.put(file.data(), alphaAt, alpha).position(out.position() + (alpha & 1));
        }
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
