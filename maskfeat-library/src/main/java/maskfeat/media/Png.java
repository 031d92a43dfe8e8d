package maskfeat.media;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import maskfeat.media.LibavStill.Alpha;
import org.bytedeco.ffmpeg.global.avcodec;

/**
 * Decodes PNG (W3C, third edition) with libav, which gets only the chunks of the image: texts and profiles could unpack
 * to any size.
 *
 * <p>libav does not report missing rows, so this class first unpacks the data, without keeping it, to check that it is
 * complete.
 */
final class Png {
    private static final int SIGNATURE = 8;
    private static final int GRAY = 0;
    private static final int RGB = 2;
    private static final int PALETTE = 3;
    private static final int GRAY_ALPHA = 4;
    private static final int RGBA = 6;

    private static final int[] PASS_X = {0, 4, 0, 2, 0, 1, 0};
    private static final int[] PASS_Y = {0, 0, 4, 0, 2, 0, 1};
    private static final int[] PASS_STEP_X = {8, 8, 4, 4, 2, 2, 1};
    private static final int[] PASS_STEP_Y = {8, 8, 8, 4, 4, 2, 2};

    private final Bytes file;
    private final ByteArrayOutputStream needed;
    private int width;
    private int height;
    private int depth;
    private int colour;
    private boolean interlaced;
    private boolean dataSeen;
    private int orientation = Orientation.UPRIGHT;
    private final Inflater inflater = new Inflater();
    private long unpacked;

    private Png(byte[] data) {
        file = Bytes.bigEndian(data);
        needed = new ByteArrayOutputStream(data.length + 64);
    }

    static Still decode(byte[] data, ImageReader.Limits limits) throws Refused {
        Png png = new Png(data);
        try {
            png.walk(limits);
        } finally {
            png.inflater.end();
        }
        Frames frames = LibavStill.decode(
                avcodec.AV_CODEC_ID_PNG, png.needed.toByteArray(), png.width, png.height, Alpha.OVER_WHITE);
        return new Still(frames, png.orientation);
    }

    private void walk(ImageReader.Limits limits) throws Refused {
        needed.write(file.data(), 0, SIGNATURE);
        int at = SIGNATURE;
        boolean ended = false;
        boolean paletteNeeded = false;
        while (!ended && at < file.length()) {
            long length = file.u32(at);
            int body = at + 8;
            if (width == 0 && !file.has(at + 4, "IHDR")) {
                throw Refused.damaged("its first chunk is not a header");
            }
            file.need(at, length + 12);
            int size = (int) length;
            if (file.has(at + 4, "IHDR") && width == 0) {
                header(at, size, limits);
                paletteNeeded = colour == PALETTE;
            } else if (file.has(at + 4, "PLTE")) {
                verify(at, size);
                // The suggested palette of a true-colour image is not needed.
                if (paletteNeeded) {
                    needed.write(file.data(), at, size + 12);
                    paletteNeeded = false;
                }
            } else if (file.has(at + 4, "tRNS") && !dataSeen) {
                verify(at, size);
                transparency(at, size);
            } else if (file.has(at + 4, "IDAT")) {
                if (paletteNeeded) {
                    throw Refused.damaged("its palette is missing");
                }
                dataSeen = true;
                verify(at, size);
                unpack(body, size);
                needed.write(file.data(), at, size + 12);
            } else if (file.has(at + 4, "eXIf")) {
                orientation = Orientation.inExif(file.data(), body, body + size);
            } else if (file.has(at + 4, "IEND")) {
                ended = true;
            }
            at = body + size + 4;
        }
        if (unpacked < expected()) {
            String found = "its data holds " + unpacked + " of " + expected() + " bytes of picture";
            throw ended ? Refused.damaged(found) : Refused.truncated(found);
        }
        chunk("IEND", new byte[0]);
    }

    private void header(int at, int size, ImageReader.Limits limits) throws Refused {
        if (size != 13) {
            throw Refused.damaged("header of " + size + " bytes");
        }
        verify(at, size);
        limits.check(file.u32(at + 8), file.u32(at + 12));
        width = (int) file.u32(at + 8);
        height = (int) file.u32(at + 12);
        depth = file.u8(at + 16);
        colour = file.u8(at + 17);
        interlaced = file.u8(at + 20) == 1;
        boolean known = switch (colour) {
            case GRAY -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
            case PALETTE -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
            case RGB, GRAY_ALPHA, RGBA -> depth == 8 || depth == 16;
            default -> false;
        };
        if (!known || file.u8(at + 18) != 0 || file.u8(at + 19) != 0 || file.u8(at + 20) > 1) {
            throw Refused.damaged("its header states colour type " + colour + " with " + depth + " bits");
        }
        needed.write(file.data(), at, size + 12);
    }

    /** libav ignores transparency of packed gray, so gray up to 8 bits is converted to a palette. */
    private void transparency(int at, int size) throws Refused {
        if (colour != GRAY || depth > 8) {
            needed.write(file.data(), at, size + 12);
            return;
        }
        int clear = size < 2 ? -1 : file.u16(at + 8);
        int shades = 1 << depth;
        byte[] palette = new byte[3 * shades];
        byte[] opacity = new byte[shades];
        for (int shade = 0; shade < shades; shade++) {
            for (int c = 0; c < 3; c++) {
                palette[3 * shade + c] = (byte) (shade * 255 / (shades - 1));
            }
            opacity[shade] = (byte) (shade == clear ? 0 : 255);
        }
        byte[] header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put((byte) depth)
                .put((byte) PALETTE)
                .put((byte) 0)
                .put((byte) 0)
                .put((byte) (interlaced ? 1 : 0))
                .array();
        needed.reset();
        needed.write(file.data(), 0, SIGNATURE);
        chunk("IHDR", header);
        chunk("PLTE", palette);
        chunk("tRNS", opacity);
    }

    private void chunk(String type, byte[] body) {
        byte[] typed = new byte[4 + body.length];
        System.arraycopy(type.getBytes(StandardCharsets.US_ASCII), 0, typed, 0, 4);
        System.arraycopy(body, 0, typed, 4, body.length);
        CRC32 sum = new CRC32();
        sum.update(typed);
        needed.writeBytes(ByteBuffer.allocate(4).putInt(body.length).array());
        needed.writeBytes(typed);
        needed.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
    }

    private void verify(int at, int size) throws Refused {
        CRC32 sum = new CRC32();
        sum.update(file.data(), at + 4, size + 4);
        if (sum.getValue() != file.u32(at + 8L + size)) {
            throw Refused.damaged("the checksum of the chunk at byte " + at + " does not match");
        }
    }

    private void unpack(int from, int size) throws Refused {
        byte[] scratch = new byte[1 << 16];
        inflater.setInput(file.data(), from, size);
        try {
            // Ignores data after the last row.
            while (!inflater.finished() && !inflater.needsInput() && unpacked < expected()) {
                int count = inflater.inflate(scratch);
                if (count == 0 && inflater.needsDictionary()) {
                    throw Refused.damaged("its data wants a dictionary");
                }
                unpacked += count;
            }
        } catch (DataFormatException e) {
            throw new Refused(
                    UnreadableFile.Verdict.DAMAGED,
                    "is damaged: its data does not unpack after " + unpacked + " of " + expected() + " bytes",
                    e);
        }
    }

    /** Bytes of all rows, each with its filter byte. */
    private long expected() {
        int channels = switch (colour) {
            case RGB -> 3;
            case GRAY_ALPHA -> 2;
            case RGBA -> 4;
            default -> 1;
        };
        long bits = (long) channels * depth;
        if (!interlaced) {
            return height * (1 + (width * bits + 7) / 8);
        }
        long bytes = 0;
        for (int pass = 0; pass < 7; pass++) {
            int columns = (width - PASS_X[pass] + PASS_STEP_X[pass] - 1) / PASS_STEP_X[pass];
            int rows = (height - PASS_Y[pass] + PASS_STEP_Y[pass] - 1) / PASS_STEP_Y[pass];
            if (columns > 0 && rows > 0) {
                bytes += rows * (1 + (columns * bits + 7) / 8);
            }
        }
        return bytes;
    }
}
