package maskfeat.media;

import java.awt.image.BufferedImage;
import java.io.IOException;
import maskfeat.media.LibavStill.Alpha;
import maskfeat.media.UnreadableFile.Verdict;
import org.bytedeco.ffmpeg.global.avcodec;

/**
 * Decodes Windows and OS/2 bitmaps with libav, and run-length encoded ones with the JDK, because libav mishandles runs
 * that cross a row.
 */
final class Bmp {
    private static final int OS2_HEADER = 12;
    private static final int WINDOWS_HEADER = 40;
    // BITMAPV3INFOHEADER is the first with a mask for alpha.
    private static final int HEADER_WITH_ALPHA = 56;
    private static final int ALPHA_MASK = 66;
    private static final int BITFIELDS = 3;
    private static final int RLE8 = 1;
    private static final int RLE4 = 2;

    private Bmp() {}

    static Still decode(byte[] data, ImageReader.Limits limits) throws Refused {
        Bytes file = Bytes.littleEndian(data);
        long pixelsAt = file.u32(10);
        long headerSize = file.u32(14);
        if (headerSize == OS2_HEADER) {
            return decode(file, limits, file.u16(18), file.u16(20), file.u16(24), 0, pixelsAt);
        }
        if (headerSize < WINDOWS_HEADER) {
            throw Refused.unsupported(
                    "is a bitmap with a header of " + headerSize + " bytes; 12 or 40 and more are read");
        }
        int compression = (int) file.u32(30);
        boolean masksAlpha = headerSize >= HEADER_WITH_ALPHA && compression == BITFIELDS && file.u32(ALPHA_MASK) != 0;
        int height = (int) file.u32(22);
        // Rows from the top have a negative height.
        return decode(
                file,
                limits,
                (int) file.u32(18),
                Math.abs((long) height),
                file.u16(28),
                compression,
                pixelsAt,
                masksAlpha ? Alpha.OVER_WHITE : Alpha.IGNORED);
    }

    private static Still decode(
            Bytes file, ImageReader.Limits limits, int width, long height, int bits, int compression, long pixelsAt)
            throws Refused {
        return decode(file, limits, width, height, bits, compression, pixelsAt, Alpha.IGNORED);
    }

    private static Still decode(
            Bytes file,
            ImageReader.Limits limits,
            int width,
            long height,
            int bits,
            int compression,
            long pixelsAt,
            Alpha alpha)
            throws Refused {
        limits.check(width, height);
        if (compression == 0 || compression == BITFIELDS) {
            long row = ((long) width * bits + 31) / 32 * 4;
            // The last row may lack its padding.
            long lastRow = ((long) width * bits + 7) / 8;
            if (pixelsAt + row * (height - 1) + lastRow > file.length()) {
                throw Refused.truncated("its " + width + " x " + height + " pixels of " + bits + " bits end at byte "
                        + (pixelsAt + row * (height - 1) + lastRow) + " and it ends at " + file.length());
            }
        } else if (compression == RLE8 || compression == RLE4) {
            checkRuns(file, pixelsAt, width, height, compression == RLE4);
        } else {
            throw Refused.unsupported("is a bitmap of compression " + compression);
        }
        Frames frames = compression == RLE8 || compression == RLE4
                ? runs(file.data(), width, (int) height)
                : LibavStill.decode(avcodec.AV_CODEC_ID_BMP, file.data(), width, (int) height, alpha);
        return new Still(frames, Orientation.UPRIGHT);
    }

    private static Frames runs(byte[] data, int width, int height) throws Refused {
        javax.imageio.ImageReader reader = JdkReader.of(ImageFormat.BMP);
        try {
            reader.setInput(JdkReader.input(data), true, true);
            BufferedImage image = reader.read(0);
            if (image.getWidth() != width || image.getHeight() != height) {
                throw Refused.damaged("it declares " + width + " x " + height + " pixels and holds " + image.getWidth()
                        + " x " + image.getHeight());
            }
            int[] row = new int[width];
            byte[] rgb = new byte[width * height * Frames.CHANNELS];
            for (int y = 0, out = 0; y < height; y++) {
                image.getRGB(0, y, width, 1, row, 0, width);
                for (int x = 0; x < width; x++) {
                    rgb[out++] = (byte) (row[x] >> 16);
                    rgb[out++] = (byte) (row[x] >> 8);
                    rgb[out++] = (byte) row[x];
                }
            }
            return Frames.image(height, width, rgb);
        } catch (IOException | RuntimeException e) {
            // Any exception of the reader is caused by these bytes, its only input.
            throw new Refused(Verdict.DAMAGED, "is damaged: " + e.getMessage(), e);
        } finally {
            reader.dispose();
        }
    }

    /** Follows the runs to the end mark or the last pixel, because readers fill missing pixels with black. */
    private static void checkRuns(Bytes file, long from, int width, long height, boolean halfBytes) throws Refused {
        long at = from;
        long x = 0;
        long y = 0;
        while (y < height - 1 || (y == height - 1 && x < width)) {
            int count = file.u8(at);
            int value = file.u8(at + 1);
            at += 2;
            if (count > 0) {
                x += count;
            } else if (value == 0) {
                x = 0;
                y++;
            } else if (value == 1) {
                return;
            } else if (value == 2) {
                x += file.u8(at);
                y += file.u8(at + 1);
                at += 2;
            } else {
                x += value;
                int bytes = halfBytes ? (value + 1) / 2 : value;
                at += bytes + (bytes & 1);
            }
        }
    }
}
