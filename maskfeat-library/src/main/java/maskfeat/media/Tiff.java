package maskfeat.media;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import maskfeat.media.UnreadableFile.Verdict;

/**
 * Decodes the first page of a TIFF 6.0 file, row by row.
 *
 * <p>Read are whole numbers of 1 to 16 bits a sample as gray, RGB, palette, four inks or YCbCr, in strips or tiles,
 * uncompressed or with LZW, Deflate, PackBits or JPEG; and bilevel fax through the JDK. Everything else is refused by
 * name: the JDK and libav read more, but some of it wrong without a word.
 */
final class Tiff {
    private static final int WIDTH = 256;
    private static final int HEIGHT = 257;
    private static final int BITS = 258;
    private static final int COMPRESSION = 259;
    private static final int PHOTOMETRIC = 262;
    private static final int FILL_ORDER = 266;
    private static final int STRIP_OFFSETS = 273;
    private static final int ORIENTATION = 274;
    private static final int SAMPLES = 277;
    private static final int ROWS_PER_STRIP = 278;
    private static final int STRIP_BYTES = 279;
    private static final int PLANAR = 284;
    private static final int PREDICTOR = 317;
    private static final int COLOUR_MAP = 320;
    private static final int TILE_WIDTH = 322;
    private static final int TILE_HEIGHT = 323;
    private static final int TILE_OFFSETS = 324;
    private static final int TILE_BYTES = 325;
    private static final int INK_SET = 332;
    private static final int EXTRA_SAMPLES = 338;
    private static final int SAMPLE_FORMAT = 339;
    private static final int JPEG_TABLES = 347;
    private static final int OLD_JPEG_START = 513;
    private static final int OLD_JPEG_BYTES = 514;
    private static final int LUMA_WEIGHTS = 529;
    private static final int SUBSAMPLING = 530;
    private static final int REFERENCE_BLACK_WHITE = 532;

    private static final int WHITE_IS_ZERO = 0;
    private static final int BLACK_IS_ZERO = 1;
    private static final int RGB = 2;
    private static final int PALETTE = 3;
    private static final int SEPARATED = 5;
    private static final int YCBCR = 6;
    private static final Map<Long, String> OTHER_COLOURS = Map.of(
            4L, "a transparency mask",
            8L, "CIELAB colours",
            9L, "ICCLAB colours",
            10L, "ITULAB colours",
            32803L, "the colour filter array of a camera",
            32844L, "logarithmic luminance (LogL)",
            32845L, "logarithmic colours (LogLuv)",
            34892L, "linear data of a camera");

    private static final int NONE = 1;
    private static final int LZW = 5;
    private static final int OLD_JPEG = 6;
    private static final int JPEG = 7;
    private static final int DEFLATE = 8;
    private static final int OLD_DEFLATE = 32946;
    private static final int PACK_BITS = 32773;
    private static final Map<Long, String> OTHER_COMPRESSIONS = Map.ofEntries(
            Map.entry(9L, "JBIG"),
            Map.entry(10L, "JBIG"),
            Map.entry(32766L, "NeXT runs"),
            Map.entry(32771L, "fax with aligned words"),
            Map.entry(32809L, "ThunderScan"),
            Map.entry(32908L, "Pixar Film"),
            Map.entry(32909L, "Pixar Log"),
            Map.entry(33003L, "JPEG 2000"),
            Map.entry(33004L, "JPEG 2000"),
            Map.entry(33005L, "JPEG 2000"),
            Map.entry(34661L, "JBIG"),
            Map.entry(34676L, "SGI Log"),
            Map.entry(34677L, "SGI Log"),
            Map.entry(34712L, "JPEG 2000"),
            Map.entry(34887L, "LERC"),
            Map.entry(34892L, "lossy JPEG of a camera"),
            Map.entry(34925L, "LZMA"),
            Map.entry(50000L, "Zstandard"),
            Map.entry(50001L, "WebP"),
            Map.entry(50002L, "JPEG XL"));

    private static final int STRAIGHT = 2;
    private static final int PREMULTIPLIED = 1;
    private static final int OF_COREL = 999;

    private static final int MOST_BITS = 16;
    private static final int MOST_SAMPLES = 64;
    private static final int MOST_VALUES = 1 << 20;
    private static final int LONGEST_ROW = 1 << 25;
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int RATIONAL = 5;
    private static final int[] BYTES_OF_TYPE = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};

    private final Bytes file;
    /** Position of the entry of each tag. */
    private final Map<Integer, Long> directory = new HashMap<>();

    private int width;
    private int height;
    private long compression;
    private long photometric;
    private int bits;
    private int samples;
    private int colours;
    /** Which sample of a pixel is its opacity; -1 where all are opaque. */
    private int alpha = -1;

    private boolean premultiplied;
    private boolean planar;
    private boolean differences;
    private boolean reversed;
    private byte[] palette = {};

    private Tiff(byte[] data) {
        file = new Bytes(data, data[0] == 'M');
    }

    static Still decode(byte[] data, ImageReader.Limits limits) throws Refused {
        Tiff tiff = new Tiff(data);
        tiff.readDirectory();
        tiff.readSize(limits);
        return new Still(tiff.pixels(limits), Orientation.valid(tiff.number(ORIENTATION, Orientation.UPRIGHT)));
    }

    private void readDirectory() throws Refused {
        long at = file.u32(4);
        int entries = file.u16(at);
        for (int i = 0; i < entries; i++) {
            long entry = at + 2 + 12L * i;
            place(entry);
            directory.putIfAbsent(file.u16(entry), entry);
        }
    }

    private void readSize(ImageReader.Limits limits) throws Refused {
        long[] wide = values(WIDTH);
        long[] high = values(HEIGHT);
        if (wide.length != 1 || high.length != 1) {
            throw Refused.damaged("its first page states no size");
        }
        limits.check(wide[0], high[0]);
        width = (int) wide[0];
        height = (int) high[0];
    }

    private Frames pixels(ImageReader.Limits limits) throws Refused {
        compression = number(COMPRESSION, NONE);
        photometric = number(PHOTOMETRIC, WHITE_IS_ZERO);
        checkCompression();
        if (compression >= 2 && compression <= 4) {
            return fax();
        }
        readSamples();
        readColours();
        planar = number(PLANAR, 1) == 2 && samples > 1;
        differences = number(PREDICTOR, 1) == 2 && (compression == LZW || isDeflate());
        if (differences && bits != 8 && bits != 16) {
            throw unsupported("with differences of " + bits + "-bit samples; those of 8 and 16 bits are read");
        }
        if (number(PREDICTOR, 1) > 2 && compression != JPEG) {
            throw unsupported("with predictor " + number(PREDICTOR, 1) + "; differences of neighbours are read");
        }
        reversed = number(FILL_ORDER, 1) == 2 && compression != JPEG && compression != OLD_JPEG;
        byte[] rgb = new byte[width * height * Frames.CHANNELS];
        if (compression == OLD_JPEG) {
            oldJpeg(rgb, limits);
        } else {
            new Parts(limits).read(rgb, limits);
        }
        return Frames.image(height, width, rgb);
    }

    private boolean isDeflate() {
        return compression == DEFLATE || compression == OLD_DEFLATE;
    }

    private void checkCompression() throws Refused {
        boolean known = compression >= 1 && compression <= 8 || compression == OLD_DEFLATE || compression == PACK_BITS;
        if (!known) {
            throw unsupported("compressed with "
                    + OTHER_COMPRESSIONS.getOrDefault(compression, "method " + compression)
                    + "; without compression or with LZW, Deflate, PackBits, fax and JPEG it is read");
        }
    }

    private void readSamples() throws Refused {
        samples = (int) Math.min(number(SAMPLES, 1), MOST_SAMPLES + 1);
        if (samples < 1 || samples > MOST_SAMPLES) {
            throw unsupported("of " + number(SAMPLES, 1) + " samples a pixel");
        }
        long format = same(SAMPLE_FORMAT, 1, "sample formats");
        long depth = same(BITS, 1, "bits a sample");
        if (format != 1) {
            String what = format == 2
                    ? "signed whole numbers"
                    : format == 3
                            ? "floating-point samples"
                            : format == 4
                                    ? "samples of no stated kind"
                                    : format < 7 ? "complex samples" : "sample format " + format;
            throw unsupported("of " + what + " (" + depth + " bits); unsigned ones are read");
        }
        if (depth < 1 || depth > MOST_BITS) {
            throw unsupported("of " + depth + "-bit samples; 1 to " + MOST_BITS + " bits are read");
        }
        bits = (int) depth;
    }

    /** The value that all samples have of a tag. */
    private long same(int tag, long otherwise, String what) throws Refused {
        long[] values = values(tag);
        long[] used = Arrays.copyOf(values, Math.min(values.length, samples));
        if (used.length == 0) {
            return otherwise;
        }
        if (used.length > 1 && used.length < samples || LongStream.of(used).anyMatch(value -> value != used[0])) {
            throw unsupported("whose samples differ in " + what + ": "
                    + LongStream.of(used).mapToObj(Long::toString).collect(Collectors.joining(", ")));
        }
        return used[0];
    }

    private void readColours() throws Refused {
        colours = switch ((int) photometric) {
            case WHITE_IS_ZERO, BLACK_IS_ZERO, PALETTE -> 1;
            case RGB, YCBCR -> 3;
            case SEPARATED -> 4;
            default ->
                throw unsupported("of " + OTHER_COLOURS.getOrDefault(photometric, "colour kind " + photometric)
                        + "; gray, RGB, palettes, four inks and YCbCr are read");
        };
        if (samples < colours) {
            throw unsupported("of " + samples + " samples a pixel, where its kind of colour needs " + colours);
        }
        if (photometric == SEPARATED && number(INK_SET, 1) != 1) {
            throw unsupported("of other inks than cyan, magenta, yellow and black");
        }
        if (photometric == YCBCR && compression != JPEG && compression != OLD_JPEG) {
            checkYcbcr();
        }
        if (photometric == PALETTE) {
            readPalette();
        }
        readAlpha();
    }

    private void readAlpha() throws Refused {
        long[] extra = values(EXTRA_SAMPLES);
        int more = samples - colours;
        if (extra.length == 0 && more == 1 && photometric == RGB) {
            extra = new long[] {STRAIGHT}; // as Pillow takes it
        }
        if (extra.length < more) {
            throw unsupported("of " + samples + " samples a pixel that does not say what the last " + more + " are");
        }
        for (int i = more - 1; i >= 0; i--) {
            if (extra[i] == STRAIGHT || extra[i] == PREMULTIPLIED || extra[i] == OF_COREL) {
                alpha = colours + i;
                premultiplied = extra[i] == PREMULTIPLIED;
            }
        }
        if (alpha >= 0 && photometric == SEPARATED) {
            throw unsupported("of four inks with transparency; without it they are read");
        }
    }

    /** Only what Pillow's libtiff converts with the constants of JPEG. */
    private void checkYcbcr() throws Refused {
        if (bits != 8) {
            throw unsupported("of YCbCr with " + bits + " bits a sample; 8 are read");
        }
        long[] halved = values(SUBSAMPLING);
        if (halved.length == 0 || LongStream.of(halved).anyMatch(value -> value != 1)) {
            throw unsupported("of YCbCr with subsampled colour outside JPEG; with full colour it is read");
        }
        checkRationals(LUMA_WEIGHTS, 0.299, 0.587, 0.114);
        checkRationals(REFERENCE_BLACK_WHITE, 0, 255, 128, 255, 128, 255);
    }

    private void checkRationals(int tag, double... usual) throws Refused {
        Long entry = directory.get(tag);
        if (entry == null) {
            return;
        }
        long at = place(entry);
        boolean isUsual = file.u16(entry + 2) == RATIONAL && file.u32(entry + 4) == usual.length;
        for (int i = 0; isUsual && i < usual.length; i++) {
            double value = (double) file.u32(at + 8L * i) / file.u32(at + 8L * i + 4);
            isUsual = Math.abs(value - usual[i]) < 1e-6;
        }
        if (!isUsual) {
            throw unsupported("of YCbCr with weights or a range of its own; those of JPEG are read");
        }
    }

    private void readPalette() throws Refused {
        long[] map = values(COLOUR_MAP);
        int entries = 1 << bits;
        if (map.length != 3 * entries) {
            throw Refused.damaged("its palette has " + map.length + " values and should have " + 3 * entries);
        }
        // Some writers store 8 bits where 16 belong, and libtiff takes them so.
        int shift = LongStream.of(map).allMatch(value -> value < 256) ? 0 : 8;
        palette = new byte[3 * entries];
        for (int i = 0; i < entries; i++) {
            for (int c = 0; c < 3; c++) {
                palette[3 * i + c] = (byte) (map[c * entries + i] >> shift);
            }
        }
    }

    private Frames fax() throws Refused {
        if (number(SAMPLES, 1) != 1 || number(BITS, 1) != 1 || photometric > BLACK_IS_ZERO) {
            throw unsupported("of a fax that is not black and white");
        }
        javax.imageio.ImageReader reader = JdkReader.of(ImageFormat.TIFF);
        try {
            reader.setInput(JdkReader.input(file.data()), true, true);
            BufferedImage image = reader.read(0);
            if (image.getWidth() != width || image.getHeight() != height) {
                throw Refused.damaged("it declares " + width + " x " + height + " pixels and holds " + image.getWidth()
                        + " x " + image.getHeight());
            }
            byte[] rgb = new byte[width * height * Frames.CHANNELS];
            int[] row = new int[width];
            for (int y = 0, out = 0; y < height; y++) {
                image.getRGB(0, y, width, 1, row, 0, width);
                for (int x = 0; x < width; x++, out += Frames.CHANNELS) {
                    Arrays.fill(rgb, out, out + Frames.CHANNELS, (byte) row[x]);
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

    /** JPEG as before 1995, of which only a complete file inside is read. */
    private void oldJpeg(byte[] rgb, ImageReader.Limits limits) throws Refused {
        long start = number(OLD_JPEG_START, 0);
        long length = number(OLD_JPEG_BYTES, file.length() - start);
        if (start == 0 || length < 0 || !file.has(start, "\u00ff\u00d8\u00ff")) {
            throw unsupported("with JPEG of the old kind (compression 6) in pieces; with the new kind (7) it is read");
        }
        file.need(start, length);
        Jpeg.Stored jpeg =
                Jpeg.stored(Arrays.copyOfRange(file.data(), (int) start, (int) (start + length)), new byte[0], limits);
        checkPart(jpeg, width, height);
        int[] row = new int[width * samples];
        for (int y = 0; y < height; y++) {
            jpeg.row(y, row, width);
            convert(row, width, rgb, y * width * Frames.CHANNELS);
        }
    }

    private void checkPart(Jpeg.Stored jpeg, int wide, int rows) throws Refused {
        if (jpeg.components() != samples || jpeg.width() != wide || jpeg.height() < rows || bits != 8) {
            throw Refused.damaged("it declares parts of " + wide + " x " + rows + " x " + samples
                    + " samples and holds JPEG of " + jpeg.width() + " x " + jpeg.height() + " x " + jpeg.components());
        }
    }

    /** Turns the samples of a row into RGB. */
    private void convert(int[] row, int wide, byte[] rgb, int to) {
        int largest = (1 << bits) - 1;
        byte[] light = new byte[3];
        for (int x = 0, out = to; x < wide; x++, out += Frames.CHANNELS) {
            int in = x * samples;
            switch ((int) photometric) {
                case PALETTE -> System.arraycopy(palette, 3 * row[in], light, 0, 3);
                case WHITE_IS_ZERO -> Arrays.fill(light, (byte) eight(largest - row[in]));
                case BLACK_IS_ZERO -> Arrays.fill(light, (byte) eight(row[in]));
                case SEPARATED -> {
                    int paper = 255 - eight(row[in + 3]);
                    for (int c = 0; c < 3; c++) {
                        int product = eight(row[in + c]) * paper + 128;
                        light[c] = (byte) (paper - (((product >> 8) + product) >> 8));
                    }
                }
                default -> {
                    for (int c = 0; c < 3; c++) {
                        light[c] = (byte) eight(row[in + c]);
                    }
                    if (photometric == YCBCR) {
                        Jpeg.toRgb(light, 0, light, 0);
                    }
                }
            }
            int opacity = alpha < 0 ? 255 : eight(row[in + alpha]);
            for (int c = 0; c < 3; c++) {
                int value = light[c] & 0xff;
                if (premultiplied && opacity > 0) {
                    value = Math.min(255, 255 * value / opacity);
                }
                rgb[out + c] = (byte) ((value * opacity + 255 * (255 - opacity) + 127) / 255);
            }
        }
    }

    private int eight(int sample) {
        return bits >= 8 ? sample >>> (bits - 8) : sample * 255 / ((1 << bits) - 1);
    }

    /** The strips or tiles of the page. */
    private final class Parts {
        private final int wide;
        private final int high;
        private final int across;
        private final int count;
        private final long[] offsets;
        private final long[] sizes;
        private final byte[] tables;

        Parts(ImageReader.Limits limits) throws Refused {
            boolean tiled = directory.containsKey(TILE_OFFSETS);
            offsets = values(tiled ? TILE_OFFSETS : STRIP_OFFSETS);
            long[] stated = values(tiled ? TILE_BYTES : STRIP_BYTES);
            if (offsets.length == 0) {
                throw Refused.damaged("its first page holds no data");
            }
            long w = tiled ? number(TILE_WIDTH, 0) : width;
            long h = tiled ? number(TILE_HEIGHT, 0) : Math.min(height, number(ROWS_PER_STRIP, height));
            limits.check(w, h);
            if (w * samples > LONGEST_ROW) {
                throw unsupported("with parts of " + w + " columns of " + samples + " samples");
            }
            wide = (int) w;
            high = (int) h;
            across = (width + wide - 1) / wide;
            count = across * ((height + high - 1) / high);
            long needed = (long) count * (planar ? samples : 1);
            if (offsets.length < needed || stated.length > 0 && stated.length < needed) {
                throw Refused.damaged("its pixels are in " + needed + " parts and it lists " + offsets.length
                        + " positions and " + stated.length + " sizes");
            }
            sizes = new long[(int) needed];
            for (int i = 0; i < needed; i++) {
                sizes[i] = stated.length > 0 ? stated[i] : Math.max(0, file.length() - offsets[i]);
                file.need(offsets[i], sizes[i]);
            }
            Long entry = directory.get(JPEG_TABLES);
            if (entry == null) {
                tables = new byte[0];
            } else {
                int at = (int) place(entry);
                tables = Arrays.copyOfRange(file.data(), at, at + (int) file.u32(entry + 4));
            }
        }

        void read(byte[] rgb, ImageReader.Limits limits) throws Refused {
            if (compression == JPEG && planar) {
                throw unsupported("with JPEG in planes; interleaved it is read");
            }
            int[] row = new int[wide * samples];
            for (int part = 0; part < count; part++) {
                int left = part % across * wide;
                int top = part / across * high;
                int rows = Math.min(high, height - top);
                int columns = Math.min(wide, width - left);
                Source source = compression == JPEG ? jpeg(part, rows, limits) : new Rows(part);
                for (int y = 0; y < rows; y++) {
                    source.row(y, row);
                    convert(row, columns, rgb, ((top + y) * width + left) * Frames.CHANNELS);
                }
                source.end();
            }
        }

        private Source jpeg(int part, int rows, ImageReader.Limits limits) throws Refused {
            int from = (int) offsets[part];
            Jpeg.Stored jpeg =
                    Jpeg.stored(Arrays.copyOfRange(file.data(), from, from + (int) sizes[part]), tables, limits);
            checkPart(jpeg, wide, rows);
            return (y, row) -> jpeg.row(y, row, wide);
        }

        /** Rows of samples from the unpacked bytes of one part: of one stream, or of one for each plane. */
        private final class Rows implements Source {
            private final InputStream[] planes;
            private final int perPixel;
            private final byte[] packed;

            Rows(int part) {
                planes = new InputStream[planar ? samples : 1];
                perPixel = planar ? 1 : samples;
                packed = new byte[(int) (((long) wide * perPixel * bits + 7) / 8)];
                for (int plane = 0; plane < planes.length; plane++) {
                    int index = plane * count + part;
                    planes[plane] = unpacked((int) offsets[index], (int) sizes[index]);
                }
            }

            @Override
            public void row(int y, int[] row) throws Refused {
                for (int plane = 0; plane < planes.length; plane++) {
                    try {
                        int read = planes[plane].readNBytes(packed, 0, packed.length);
                        if (read < packed.length) {
                            throw Refused.truncated("its data ends in row " + y + " of a part");
                        }
                    } catch (EOFException early) {
                        throw Refused.truncated("its data ends in row " + y + " of a part");
                    } catch (IOException broken) {
                        throw damaged(broken);
                    }
                    unpack(row, plane);
                    if (differences) {
                        addUp(row, plane);
                    }
                }
            }

            @Override
            public void end() throws Refused {
                if (!isDeflate()) {
                    return;
                }
                for (InputStream plane : planes) {
                    try {
                        plane.read(); // compares the checksum, which may be missing
                    } catch (EOFException withoutChecksum) {
                        continue;
                    } catch (ZipException wrong) {
                        throw damaged(wrong);
                    } catch (IOException other) {
                        throw new IllegalStateException("bytes in memory cannot be read", other);
                    }
                }
            }

            private void unpack(int[] row, int plane) {
                int values = wide * perPixel;
                int step = planar ? samples : 1;
                int at = planar ? plane : 0;
                if (bits == 8) {
                    for (int i = 0; i < values; i++, at += step) {
                        row[at] = packed[i] & 0xff;
                    }
                } else if (bits == 16) {
                    int high = file.bigEndian() ? 0 : 1;
                    for (int i = 0; i < values; i++, at += step) {
                        row[at] = (packed[2 * i + high] & 0xff) << 8 | packed[2 * i + 1 - high] & 0xff;
                    }
                } else {
                    int mask = (1 << bits) - 1;
                    int held = 0;
                    int have = 0;
                    for (int i = 0, next = 0; i < values; i++, at += step) {
                        while (have < bits) {
                            held = held << 8 | packed[next++] & 0xff;
                            have += 8;
                        }
                        have -= bits;
                        row[at] = held >>> have & mask;
                        held &= (1 << have) - 1;
                    }
                }
            }

            private void addUp(int[] row, int plane) {
                int mask = (1 << bits) - 1;
                int from = planar ? plane : 0;
                int step = planar ? samples : 1;
                for (int i = from + samples; i < wide * samples; i += step) {
                    row[i] = row[i] + row[i - samples] & mask;
                }
            }
        }
    }

    private interface Source {
        /** Writes the samples of the next row, interleaved. */
        void row(int y, int[] row) throws Refused;

        default void end() throws Refused {}
    }

    private InputStream unpacked(int from, int length) {
        InputStream bytes = new ByteArrayInputStream(file.data(), from, length);
        InputStream stored = reversed ? new Reversed(bytes) : bytes;
        return switch ((int) compression) {
            case LZW -> new TiffLzw(stored);
            case DEFLATE, OLD_DEFLATE -> new Inflated(stored);
            case PACK_BITS -> new PackBits(stored);
            default -> stored;
        };
    }

    /** Frees zlib's memory at the end of the picture's row reading, at the latest when it is collected. */
    private static final class Inflated extends InflaterInputStream {
        Inflated(InputStream in) {
            super(in, new Inflater(), 1 << 13);
        }
    }

    private static final class Reversed extends InputStream {
        private final InputStream in;

        Reversed(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            return value < 0 ? value : Integer.reverse(value) >>> 24;
        }
    }

    /** Runs of bytes (TIFF 6.0, section 9). */
    private static final class PackBits extends InputStream {
        private final InputStream in;
        private int literals;
        private int repeats;
        private int repeated;

        PackBits(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            while (literals == 0 && repeats == 0) {
                int head = in.read();
                if (head < 0) {
                    return -1;
                }
                if (head < 128) {
                    literals = head + 1;
                } else if (head > 128) {
                    repeats = 257 - head;
                    repeated = in.read();
                }
            }
            if (literals > 0) {
                literals--;
                return in.read();
            }
            repeats--;
            return repeated;
        }
    }

    private static Refused damaged(IOException why) {
        return new Refused(Verdict.DAMAGED, "is damaged: its data does not unpack: " + why.getMessage(), why);
    }

    private static Refused unsupported(String what) {
        return Refused.unsupported("is a TIFF " + what);
    }

    /** @return where the values of an entry are; one beyond the file would make a decoder allocate memory for it */
    private long place(long entry) throws Refused {
        int type = file.u16(entry + 2);
        long bytes = (type < BYTES_OF_TYPE.length ? BYTES_OF_TYPE[type] : 1) * file.u32(entry + 4);
        long at = bytes <= 4 ? entry + 8 : file.u32(entry + 8);
        file.need(at, bytes);
        return at;
    }

    private long number(int tag, long otherwise) throws Refused {
        long[] values = values(tag);
        return values.length == 0 ? otherwise : values[0];
    }

    /** The whole numbers of a tag; empty for other types, or if it is missing. */
    private long[] values(int tag) throws Refused {
        Long entry = directory.get(tag);
        if (entry == null) {
            return new long[0];
        }
        long at = place(entry);
        int type = file.u16(entry + 2);
        if (type != SHORT && type != LONG) {
            return new long[0];
        }
        if (file.u32(entry + 4) > MOST_VALUES) {
            throw Refused.damaged("tag " + tag + " of its first page has " + file.u32(entry + 4) + " values");
        }
        long[] values = new long[(int) file.u32(entry + 4)];
        for (int i = 0; i < values.length; i++) {
            values[i] = type == SHORT ? file.u16(at + 2L * i) : file.u32(at + 4L * i);
        }
        return values;
    }
}
