package maskfeat.media;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import maskfeat.media.LibavStill.Alpha;
import org.bytedeco.ffmpeg.global.avcodec;

/**
 * Decodes the first page of a TIFF 6.0 file with the JDK, or with libav for variants that the JDK lacks. libav lacks
 * more of them (alpha, JPEG inside, 12 bits).
 */
final class Tiff {
    private static final int WIDTH = 256;
    private static final int HEIGHT = 257;
    private static final int BITS = 258;
    private static final int COMPRESSION = 259;
    private static final int PHOTOMETRIC = 262;
    private static final int STRIP_OFFSETS = 273;
    private static final int FILL_ORDER = 266;
    private static final int ORIENTATION = 274;
    private static final int STRIP_BYTES = 279;
    private static final int TILE_OFFSETS = 324;
    private static final int TILE_BYTES = 325;
    private static final int COLOUR_MAP = 320;
    private static final int EXTRA_SAMPLES = 338;
    private static final int SAMPLE_FORMAT = 339;

    /** White is zero, black is zero, RGB, palette, ink, YCbCr: the others' numbers mean other colours. */
    private static final Set<Long> KNOWN_COLOURS = Set.of(0L, 1L, 2L, 3L, 5L, 6L);

    /** None, three of fax machines, LZW, JPEG old and new, Deflate twice, PackBits. */
    private static final Set<Long> KNOWN_COMPRESSIONS = Set.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 32946L, 32773L);

    private static final Map<Long, String> OTHER_COLOURS = Map.of(
            4L,
            "a mask",
            8L,
            "CIELAB",
            9L,
            "ICCLAB",
            10L,
            "ITULAB",
            32803L,
            "a colour filter",
            32844L,
            "LogL",
            32845L,
            "LogLuv",
            34892L,
            "raw linear colour");

    private static final Map<Long, String> OTHER_COMPRESSIONS = Map.ofEntries(
            Map.entry(50000L, "Zstandard"),
            Map.entry(50001L, "WebP"),
            Map.entry(50002L, "JPEG XL"),
            Map.entry(34925L, "LZMA"),
            Map.entry(34887L, "LERC"),
            Map.entry(34712L, "JPEG 2000"),
            Map.entry(33003L, "JPEG 2000"),
            Map.entry(33005L, "JPEG 2000"),
            Map.entry(34661L, "JBIG"),
            Map.entry(34676L, "SGILog"),
            Map.entry(32809L, "ThunderScan"));

    private static final int PALETTE = 3;
    private static final int JPEG = 7;
    private static final int SEPARATED = 5;
    private static final int MOST_STRIPS = 1 << 20;
    private static final int[] BYTES_OF_TYPE = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};

    private final Bytes file;
    private long[] extra = {};
    private long[] compression = {};
    private long[] photometric = {};
    private long[] colourMap = {};

    private Tiff(byte[] data) {
        file = new Bytes(data, data[0] == 'M');
    }

    static Still decode(byte[] data, ImageReader.Limits limits) throws Refused {
        return new Tiff(data).decode(limits);
    }

    private Still decode(ImageReader.Limits limits) throws Refused {
        long directory = file.u32(4);
        int entries = file.u16(directory);
        long[] width = {};
        long[] height = {};
        long[] orientation = {};
        long[] offsets = {};
        long[] sizes = {};
        long[] bits = {};
        long[] formats = {};
        long[] fillOrder = {};
        for (int i = 0; i < entries; i++) {
            long entry = directory + 2 + 12L * i;
            switch (file.u16(entry)) {
                case WIDTH -> width = values(entry);
                case HEIGHT -> height = values(entry);
                case ORIENTATION -> orientation = values(entry);
                case STRIP_OFFSETS, TILE_OFFSETS -> offsets = values(entry);
                case STRIP_BYTES, TILE_BYTES -> sizes = values(entry);
                case BITS -> bits = values(entry);
                case SAMPLE_FORMAT -> formats = values(entry);
                case FILL_ORDER -> fillOrder = values(entry);
                case EXTRA_SAMPLES -> extra = values(entry);
                case COMPRESSION -> compression = values(entry);
                case PHOTOMETRIC -> photometric = values(entry);
                case COLOUR_MAP -> colourMap = values(entry);
                default -> {
                    // A value beyond the file would make the decoder allocate memory for it.
                    checkPlace(entry);
                }
            }
        }
        if (width.length != 1 || height.length != 1) {
            throw Refused.damaged("its first page states no size");
        }
        limits.check(width[0], height[0]);
        if (offsets.length == 0) {
            throw Refused.damaged("its first page holds no data");
        }
        for (int i = 0; i < Math.min(offsets.length, sizes.length); i++) {
            file.need(offsets[i], sizes[i]);
        }
        refuseOtherSamples(bits, formats, fillOrder);
        if (compression.length == 1
                && compression[0] == JPEG
                && (stated(photometric) == SEPARATED || extra.length > 0)) {
            throw Refused.unsupported("is a TIFF with ink or transparency as JPEG; gray and colour are read");
        }
        Frames frames = pixels((int) width[0], (int) height[0]);
        return new Still(frames, orientation.length == 1 ? Orientation.valid(orientation[0]) : Orientation.UPRIGHT);
    }

    /** What the decoders would take for something else, and so show as a wrong picture. */
    private void refuseOtherSamples(long[] bits, long[] formats, long[] fillOrder) throws Refused {
        long colours = stated(photometric);
        if (colours >= 0 && !KNOWN_COLOURS.contains(colours)) {
            throw Refused.unsupported(
                    "is a TIFF in " + OTHER_COLOURS.getOrDefault(colours, "colours of kind " + colours)
                            + "; gray, RGB, palettes, ink and YCbCr are read");
        }
        long packed = stated(compression);
        if (packed >= 0 && !KNOWN_COMPRESSIONS.contains(packed)) {
            throw Refused.unsupported("is a TIFF compressed by "
                    + OTHER_COMPRESSIONS.getOrDefault(packed, "method " + packed)
                    + "; LZW, Deflate, PackBits, JPEG and fax are read");
        }
        for (long format : formats) {
            if (format == 3) {
                throw Refused.unsupported("is a TIFF of floating-point samples; whole numbers are read");
            }
            if (format == 2 || format > 4) {
                throw Refused.unsupported(
                        "is a TIFF of " + (format == 2 ? "signed" : "complex") + " samples; unsigned ones are read");
            }
        }
        for (long depth : bits) {
            if (depth > 16) {
                throw Refused.unsupported("is a TIFF of " + depth + "-bit samples; up to 16 bits are read");
            }
        }
        if (stated(fillOrder) == 2 && Arrays.stream(bits).anyMatch(depth -> depth > 1)) {
            throw Refused.unsupported(
                    "is a TIFF whose bytes begin with the lowest bit; only black and white is read so");
        }
    }

    private Frames pixels(int width, int height) throws Refused {
        javax.imageio.ImageReader reader = JdkReader.of(ImageFormat.TIFF);
        try {
            reader.setInput(JdkReader.input(file.data()), true, true);
            BufferedImage image = reader.read(0);
            if (image.getWidth() != width || image.getHeight() != height) {
                throw Refused.damaged("it declares " + width + " x " + height + " pixels and holds " + image.getWidth()
                        + " x " + image.getHeight());
            }
            return Frames.image(height, width, rgb(image));
        } catch (IOException | RuntimeException e) {
            // An unknown variant or broken data. The second decoder also reads 16-bit differences of neighbours.
            try {
                boolean transparent = extra.length > 0 && extra[0] > 0;
                return LibavStill.decode(
                        avcodec.AV_CODEC_ID_TIFF,
                        file.data(),
                        width,
                        height,
                        transparent ? Alpha.OVER_WHITE : Alpha.IGNORED);
            } catch (Refused alsoNot) {
                alsoNot.addSuppressed(e);
                throw alsoNot;
            }
        } finally {
            reader.dispose();
        }
    }

    /** Converts the stored samples directly, because the JDK would convert gray and ink through colour profiles. */
    private byte[] rgb(BufferedImage image) throws Refused {
        Raster raster = image.getRaster();
        int width = raster.getWidth();
        int height = raster.getHeight();
        int bands = raster.getNumBands();
        long kind = stated(photometric);
        boolean indexed = image.getColorModel() instanceof IndexColorModel;
        int colours = kind == SEPARATED ? 4 : bands >= 3 ? 3 : 1;
        boolean transparent = !indexed && bands > colours && extra.length > 0 && extra[0] > 0;
        if (raster.getTransferType() == DataBuffer.TYPE_FLOAT || raster.getTransferType() == DataBuffer.TYPE_DOUBLE) {
            throw Refused.unsupported("is a TIFF of floating-point samples; whole numbers are read");
        }
        // The JDK widens depths such as 12 bits to whole bytes.
        int depth = raster.getSampleModel().getSampleSize(0);
        int entries = colourMap.length / 3;
        byte[] rgb = new byte[width * height * Frames.CHANNELS];
        int[] row = new int[width * bands];
        int[] palette = new int[width];
        for (int y = 0, out = 0; y < height; y++) {
            raster.getPixels(0, y, width, 1, row);
            if (indexed) {
                image.getRGB(0, y, width, 1, palette, 0, width);
            }
            for (int x = 0; x < width; x++, out += Frames.CHANNELS) {
                int in = x * bands;
                if (kind == PALETTE && entries > row[in]) {
                    for (int c = 0; c < 3; c++) {
                        rgb[out + c] = (byte) (colourMap[c * entries + row[in]] >> 8);
                    }
                } else if (indexed) {
                    rgb[out] = (byte) (palette[x] >> 16);
                    rgb[out + 1] = (byte) (palette[x] >> 8);
                    rgb[out + 2] = (byte) palette[x];
                } else if (kind == SEPARATED && bands >= 4) {
                    int light = 255 - eight(row[in + 3], depth);
                    for (int c = 0; c < 3; c++) {
                        int product = eight(row[in + c], depth) * light + 128;
                        rgb[out + c] = (byte) (light - (((product >> 8) + product) >> 8));
                    }
                } else {
                    int opacity = transparent ? eight(row[in + colours], depth) : 255;
                    for (int c = 0; c < 3; c++) {
                        int value = eight(row[in + (colours == 1 ? 0 : c)], depth);
                        rgb[out + c] = (byte) ((value * opacity + 255 * (255 - opacity) + 127) / 255);
                    }
                }
            }
        }
        return rgb;
    }

    private static long stated(long[] values) {
        return values.length == 1 ? values[0] : -1;
    }

    private static int eight(int sample, int depth) {
        return depth >= 8 ? (sample >>> (depth - 8)) & 0xff : sample * 255 / ((1 << depth) - 1);
    }

    private long checkPlace(long entry) throws Refused {
        int type = file.u16(entry + 2);
        long bytes = (type < BYTES_OF_TYPE.length ? BYTES_OF_TYPE[type] : 1) * file.u32(entry + 4);
        long at = bytes <= 4 ? entry + 8 : file.u32(entry + 8);
        file.need(at, bytes);
        return at;
    }

    /** The whole numbers of an entry; empty for other types. */
    private long[] values(long entry) throws Refused {
        long at = checkPlace(entry);
        int type = file.u16(entry + 2);
        if (type != 3 && type != 4) {
            return new long[0];
        }
        if (file.u32(entry + 4) > MOST_STRIPS) {
            throw Refused.damaged("its first page is cut into " + file.u32(entry + 4) + " parts");
        }
        long[] values = new long[(int) file.u32(entry + 4)];
        for (int i = 0; i < values.length; i++) {
            values[i] = type == 3 ? file.u16(at + 2L * i) : file.u32(at + 4L * i);
        }
        return values;
    }
}
