package maskfeat.media;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import maskfeat.media.LibavStill.Alpha;
import org.bytedeco.ffmpeg.global.avcodec;

/**
 * Decodes the first image of a GIF (89a) with libav.
 *
 * <p>libav does not report truncated data, so this class first counts the pixels that the LZW codes give.
 */
final class Gif {
    private static final int EXTENSION = 0x21;
    private static final int IMAGE = 0x2c;
    private static final int TRAILER = 0x3b;
    private static final int GRAPHIC_CONTROL = 0xf9;
    private static final int MOST_CODES = 4096;

    private final Bytes file;
    private final ByteArrayOutputStream needed;

    private Gif(byte[] data) {
        file = Bytes.littleEndian(data);
        needed = new ByteArrayOutputStream();
    }

    static Still decode(byte[] data, ImageReader.Limits limits) throws Refused {
        Gif gif = new Gif(data);
        int width = gif.file.u16(6);
        int height = gif.file.u16(8);
        limits.check(width, height);
        gif.walk(limits);
        Frames frames =
                LibavStill.decode(avcodec.AV_CODEC_ID_GIF, gif.needed.toByteArray(), width, height, Alpha.OVER_WHITE);
        return new Still(frames, Orientation.UPRIGHT);
    }

    private void walk(ImageReader.Limits limits) throws Refused {
        int at = keep(0, 13 + colours(file.u8(10)));
        while (true) {
            if (at >= file.length()) {
                throw Refused.truncated("it holds no picture data");
            }
            int block = file.u8(at);
            if (block == EXTENSION) {
                int end = endOfBlocks(at + 2);
                at = file.u8(at + 1) == GRAPHIC_CONTROL ? keep(at, end) : end;
            } else if (block == IMAGE) {
                int data = at + 10 + colours(file.u8(at + 9));
                long pixels = (long) file.u16(at + 5) * file.u16(at + 7);
                limits.check(file.u16(at + 5), file.u16(at + 7));
                count(data, pixels);
                keep(at, Math.min(endOfBlocksIfThere(data + 1), file.length()));
                // Ends the data if the file does not; both are ignored after a complete image.
                needed.write(0);
                needed.write(TRAILER);
                return;
            } else if (block == TRAILER) {
                throw Refused.damaged("it ends without a picture");
            } else {
                throw Refused.damaged("block of unknown kind " + block + " at byte " + at);
            }
        }
    }

    private int keep(int from, int to) throws Refused {
        file.need(from, to - from);
        needed.write(file.data(), from, to - from);
        return to;
    }

    private static int colours(int flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
    }

    private int endOfBlocks(int from) throws Refused {
        int at = from;
        while (file.u8(at) != 0) {
            at += 1 + file.u8(at);
        }
        return at + 1;
    }

    private int endOfBlocksIfThere(int from) throws Refused {
        int at = from;
        while (at < file.length() && file.u8(at) != 0) {
            at += 1 + file.u8(at);
        }
        return at + 1;
    }

    /** Checks that the LZW codes from here on give at least this many pixels. */
    private void count(int at, long pixels) throws Refused {
        int rootBits = file.u8(at);
        if (rootBits < 1 || rootBits > 8) {
            throw Refused.damaged("codes of " + rootBits + " bits");
        }
        int clear = 1 << rootBits;
        int[] lengths = new int[MOST_CODES];
        Arrays.fill(lengths, 0, clear, 1);
        int codes = clear + 2;
        int bits = rootBits + 1;
        int previous = -1;
        long counted = 0;
        int block = at + 1;
        int left = 0;
        int pool = 0;
        int pooled = 0;
        while (counted < pixels) {
            while (pooled < bits) {
                if (left == 0) {
                    if (block >= file.length()) {
                        throw Refused.truncated("it holds " + counted + " of " + pixels + " pixels");
                    }
                    left = file.u8(block++);
                    if (left == 0) {
                        throw Refused.damaged("it holds " + counted + " of " + pixels + " pixels");
                    }
                }
                if (block >= file.length()) {
                    throw Refused.truncated("it holds " + counted + " of " + pixels + " pixels");
                }
                pool |= file.u8(block++) << pooled;
                pooled += 8;
                left--;
            }
            int code = pool & ((1 << bits) - 1);
            pool >>>= bits;
            pooled -= bits;
            if (code == clear) {
                codes = clear + 2;
                bits = rootBits + 1;
                previous = -1;
            } else if (code == clear + 1) {
                throw Refused.damaged("it holds " + counted + " of " + pixels + " pixels");
            } else {
                if (code > codes || (code == codes && previous < 0)) {
                    throw Refused.damaged("code " + code + " of " + codes + " after " + counted + " pixels");
                }
                if (previous >= 0 && codes < MOST_CODES) {
                    lengths[codes++] = lengths[previous] + 1;
                    if (codes == 1 << bits && bits < 12) {
                        bits++;
                    }
                }
                counted += lengths[code];
                previous = code;
            }
        }
    }
}
