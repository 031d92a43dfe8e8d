package maskfeat.media;

import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import maskfeat.media.UnreadableFile.Verdict;

/**
 * Decodes JPEG (ITU T.81 with JFIF and Adobe's marker) with the JDK's libjpeg.
 *
 * <p>libjpeg has the inverse transform and chroma upsampling of libjpeg-turbo, so the pixels are exactly Pillow's;
 * libav's differ by 1.2 levels on average and are not faster. It gets only the segments that decoding needs, so no
 * profile, thumbnail or comment can make it fail. It returns the stored components; this class converts colours.
 */
final class Jpeg {
    private static final int SOF0 = 0xc0;
    private static final int DHT = 0xc4;
    private static final int RST0 = 0xd0;
    private static final int RST7 = 0xd7;
    private static final int SOI = 0xd8;
    private static final int EOI = 0xd9;
    private static final int SOS = 0xda;
    private static final int DQT = 0xdb;
    private static final int DNL = 0xdc;
    private static final int DRI = 0xdd;
    private static final int APP1 = 0xe1;
    private static final int APP14 = 0xee;
    private static final int TEM = 0x01;

    // Each scan of a progressive file visits every block, so a small file could take hours.
    private static final int MOST_SCANS = 500;

    private static final int NO_ADOBE_MARKER = -1;

    // ITU T.871 section 7 as libjpeg rounds it: 16 fraction bits.
    private static final int RED_OF_CR = 91881;
    private static final int GREEN_OF_CB = -22554;
    private static final int GREEN_OF_CR = -46802;
    private static final int BLUE_OF_CB = 116130;
    private static final int HALF = 1 << 15;

    private final Bytes file;
    private final ByteArrayOutputStream needed;
    private int width;
    private int height;
    private int components;
    private int firstIds;
    private boolean progressive;
    private int orientation = Orientation.UPRIGHT;
    private int adobe = NO_ADOBE_MARKER;
    private boolean jfif;
    private int scans;
    private int componentsOfFirstScan;
    private boolean ended;
    private boolean tablesFirst;

    private Jpeg(byte[] data) {
        file = Bytes.bigEndian(data);
        needed = new ByteArrayOutputStream(data.length + 2);
    }

    static Still decode(byte[] data, ImageReader.Limits limits) throws Refused {
        Jpeg jpeg = new Jpeg(data);
        jpeg.walk(limits);
        return new Still(jpeg.pixels(), jpeg.orientation);
    }

    /**
     * The components of a JPEG inside another file, without conversion of colours.
     *
     * @param tables a JPEG file of tables alone, for one that lacks its own; may be empty
     */
    static Stored stored(byte[] data, byte[] tables, ImageReader.Limits limits) throws Refused {
        Jpeg jpeg = new Jpeg(data);
        int end = tables.length;
        if (end >= 4 && (tables[end - 2] & 0xff) == 0xff && (tables[end - 1] & 0xff) == EOI) {
            end -= 2;
        }
        if (end > 2) {
            jpeg.write(SOI);
            jpeg.needed.write(tables, 2, end - 2);
            jpeg.tablesFirst = true;
        }
        jpeg.walk(limits);
        return new Stored(jpeg.width, jpeg.height, jpeg.components, jpeg.stored());
    }

    /**
     * Samples as they are stored.
     *
     * @param data [height, width, components]
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Stored(int width, int height, int components, byte[] data) {
        /** Writes the samples of a row's first columns, interleaved. */
        void row(int y, int[] to, int columns) {
            int from = y * width * components;
            for (int i = 0; i < columns * components; i++) {
                to[i] = data[from + i] & 0xff;
            }
        }
    }

    /** Walks the markers up to the end of the image and keeps the segments that decoding needs. */
    private void walk(ImageReader.Limits limits) throws Refused {
        if (!tablesFirst) {
            write(SOI);
        }
        int at = 2;
        while (!ended) {
            // Bytes between segments are skipped, as libjpeg does.
            while (at < file.length() && file.u8(at) != 0xff) {
                at++;
            }
            while (at < file.length() && file.u8(at) == 0xff) {
                at++;
            }
            if (at >= file.length()) {
                break;
            }
            int marker = file.u8(at++);
            if (marker == EOI) {
                ended = true;
            } else if (marker != 0 && marker != TEM && marker != SOI && (marker < RST0 || marker > RST7)) {
                int length = file.u16(at);
                if (length < 2) {
                    throw Refused.damaged("segment of length " + length + " at byte " + at);
                }
                file.need(at, length);
                at = segment(marker, at, length, limits);
            }
        }
        write(EOI);
        if (scans == 0) {
            throw Refused.truncated("it holds no picture data");
        }
        // A single scan over all components is complete without the end marker if it decodes to its last block. After
        // several scans, more could be missing.
        if (!ended && (progressive || componentsOfFirstScan < components)) {
            throw Refused.truncated("the end marker is missing after scan " + scans);
        }
    }

    /** @return position from which to look for the next marker */
    private int segment(int marker, int at, int length, ImageReader.Limits limits) throws Refused {
        int end = at + length;
        if (marker == SOS) {
            scans++;
            if (components == 0) {
                throw Refused.damaged("picture data before the frame header");
            }
            if (scans == 1) {
                componentsOfFirstScan = file.u8(at + 2);
            }
            if (scans > MOST_SCANS) {
                throw Refused.damaged("more than " + MOST_SCANS + " scans");
            }
            end = endOfScan(end);
            keep(marker, at, end);
        } else if (marker >= SOF0 && marker <= 0xcf && marker != DHT && marker != 0xc8 && marker != 0xcc) {
            frameHeader(marker, at, length, limits);
            keep(marker, at, end);
        } else if (marker == DHT || marker == DQT || marker == DRI || marker == DNL) {
            keep(marker, at, end);
        } else if (marker == APP1 && file.has(at + 2, "Exif\0\0") && scans == 0) {
            orientation = Orientation.inExif(file.data(), at + 8, end);
        } else if (marker == 0xe0 && file.has(at + 2, "JFIF\0")) {
            jfif = true;
        } else if (marker == APP14 && length >= 14 && file.has(at + 2, "Adobe")) {
            adobe = file.u8(at + 13);
        }
        return end;
    }

    private void frameHeader(int marker, int at, int length, ImageReader.Limits limits) throws Refused {
        if (marker > 0xc2) {
            throw Refused.unsupported("is a JPEG with "
                    + (marker >= 0xc9 ? "arithmetic coding" : "lossless or hierarchical coding")
                    + "; baseline and progressive Huffman coding are read");
        }
        if (components != 0) {
            throw Refused.damaged("two frame headers");
        }
        int bits = file.u8(at + 2);
        if (bits != 8) {
            throw Refused.unsupported("is a JPEG of " + bits + " bits a sample; 8 are read");
        }
        height = file.u16(at + 3);
        width = file.u16(at + 5);
        components = file.u8(at + 7);
        if (components != 1 && components != 3 && components != 4) {
            throw Refused.unsupported("is a JPEG of " + components + " components; 1, 3 and 4 are read");
        }
        if (length < 8 + 3 * components) {
            throw Refused.damaged("frame header of " + length + " bytes for " + components + " components");
        }
        limits.check(width, height);
        progressive = marker == 0xc2;
        if (components >= 3) {
            firstIds = file.u8(at + 8) << 16 | file.u8(at + 11) << 8 | file.u8(at + 14);
        }
    }

    /**
     * The first marker after entropy-coded data that is neither a stuffed zero nor a restart; the end of the file if
     * none.
     */
    private int endOfScan(int from) {
        byte[] data = file.data();
        int at = from;
        while (at + 1 < data.length) {
            if (data[at] == (byte) 0xff) {
                int next = data[at + 1] & 0xff;
                if (next != 0 && next != 0xff && (next < RST0 || next > RST7)) {
                    return at;
                }
                at += next == 0xff ? 1 : 2;
            } else {
                at++;
            }
        }
        return data.length;
    }

    private void write(int marker) {
        needed.write(0xff);
        needed.write(marker);
    }

    private void keep(int marker, int from, int to) {
        write(marker);
        needed.write(file.data(), from, to - from);
    }

    private Frames pixels() throws Refused {
        byte[] stored = stored();
        int count = width * height;
        if (components == 3) {
            if (!storesRgb()) {
                for (int i = 0; i < stored.length; i += 3) {
                    toRgb(stored, i, stored, i);
                }
            }
            return Frames.image(height, width, stored);
        }
        byte[] rgb = new byte[count * Frames.CHANNELS];
        if (components == 1) {
            for (int i = 0, out = 0; i < count; i++, out += 3) {
                rgb[out] = stored[i];
                rgb[out + 1] = stored[i];
                rgb[out + 2] = stored[i];
            }
        } else {
            inkToRgb(stored, rgb);
        }
        return Frames.image(height, width, rgb);
    }

    /** libjpeg's rule: the JFIF marker decides, else Adobe's, else the component ids R, G, B. */
    private boolean storesRgb() {
        if (jfif) {
            return false;
        }
        return adobe == NO_ADOBE_MARKER ? firstIds == ('R' << 16 | 'G' << 8 | 'B') : adobe == 0;
    }

    /** YCbCr to RGB; the places may be the same. */
    static void toRgb(byte[] from, int in, byte[] to, int out) {
        int y = from[in] & 0xff;
        int cb = (from[in + 1] & 0xff) - 128;
        int cr = (from[in + 2] & 0xff) - 128;
        to[out] = clamp(y + ((RED_OF_CR * cr + HALF) >> 16));
        to[out + 1] = clamp(y + ((GREEN_OF_CB * cb + GREEN_OF_CR * cr + HALF) >> 16));
        to[out + 2] = clamp(y + ((BLUE_OF_CB * cb + HALF) >> 16));
    }

    private static byte clamp(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }

    /** Adobe stores four inks inverted (255 is no ink), as Pillow assumes of every JPEG of four components. */
    private void inkToRgb(byte[] stored, byte[] rgb) {
        boolean ycck = adobe == 2;
        byte[] light = new byte[3];
        for (int in = 0, out = 0; in < stored.length; in += 4, out += 3) {
            if (ycck) {
                // The three components code the colours of 255 - ink; libjpeg converts them back to ink.
                toRgb(stored, in, light, 0);
                for (int c = 0; c < 3; c++) {
                    light[c] = (byte) ~light[c];
                }
            } else {
                System.arraycopy(stored, in, light, 0, 3);
            }
            int key = stored[in + 3] & 0xff;
            for (int c = 0; c < 3; c++) {
                int product = (255 - (light[c] & 0xff)) * key + 128;
                rgb[out + c] = clamp(key - (((product >> 8) + product) >> 8));
            }
        }
    }

    /** The stored components, [height, width, components], with chroma at full size. */
    private byte[] stored() throws Refused {
        List<String> complaints = new ArrayList<>();
        javax.imageio.ImageReader libjpeg = JdkReader.of(ImageFormat.JPEG);
        try {
            libjpeg.addIIOReadWarningListener((source, warning) -> complaints.add(warning));
            libjpeg.setInput(JdkReader.input(needed.toByteArray()), true, true);
            Raster raster = libjpeg.readRaster(0, null);
            // libjpeg fills missing pixels with grey and reports it only here.
            for (String complaint : complaints) {
                if (losesPixels(complaint)) {
                    Verdict verdict = complaint.contains("remature end") ? Verdict.TRUNCATED : Verdict.DAMAGED;
                    throw new Refused(verdict, "is " + verdict + ": " + complaint);
                }
            }
            byte[] stored = ((DataBufferByte) raster.getDataBuffer()).getData();
            if (stored.length != (long) width * height * components) {
                throw Refused.damaged(stored.length + " samples for " + width + " x " + height);
            }
            return stored;
        } catch (IOException | RuntimeException e) {
            // Any exception of the reader is caused by these bytes, its only input.
            throw new Refused(Verdict.DAMAGED, "is damaged: " + e.getMessage(), e);
        } finally {
            libjpeg.dispose();
        }
    }

    private static boolean losesPixels(String complaint) {
        // Extra bytes before the end or the next scan are padding; before a restart, data was misread.
        boolean leftOver = complaint.contains("extraneous bytes") && !complaint.matches(".*before marker 0xd[0-7]");
        return complaint.startsWith("Premature") || (complaint.startsWith("Corrupt") && !leftOver);
    }
}
