package maskfeat.media;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decodes lossless WebP (RFC 9649, section 3) and the transparency of lossy WebP, which is coded in the same way. libav 8
 * refuses some sound files.
 */
final class LosslessWebP {
    private static final int LITERALS = 256;
    private static final int LENGTHS = 24;
    private static final int DISTANCES = 40;
    private static final int CODES = 5;
    private static final int MOST_CACHE_BITS = 11;
    private static final int BLACK = 0xff000000;

    private static final int[] ORDER_OF_LENGTHS = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    /** Steps to the left and up of the 120 nearest places, in pairs. */
    private static final byte[] NEAR = {
        0, 1, 1, 0, 1, 1, -1, 1, 0, 2, 2, 0, 1, 2, -1, 2, 2, 1, -2, 1, 2, 2, -2, 2, 0, 3, 3, 0, 1, 3, -1, 3, 3, 1, -3,
        1, 2, 3, -2, 3, 3, 2, -3, 2, 0, 4, 4, 0, 1, 4, -1, 4, 4, 1, -4, 1, 3, 3, -3, 3, 2, 4, -2, 4, 4, 2, -4, 2, 0, 5,
        3, 4, -3, 4, 4, 3, -4, 3, 5, 0, 1, 5, -1, 5, 5, 1, -5, 1, 2, 5, -2, 5, 5, 2, -5, 2, 4, 4, -4, 4, 3, 5, -3, 5, 5,
        3, -5, 3, 0, 6, 6, 0, 1, 6, -1, 6, 6, 1, -6, 1, 2, 6, -2, 6, 6, 2, -6, 2, 4, 5, -4, 5, 5, 4, -5, 4, 3, 6, -3, 6,
        6, 3, -6, 3, 0, 7, 7, 0, 1, 7, -1, 7, 5, 5, -5, 5, 7, 1, -7, 1, 4, 6, -4, 6, 6, 4, -6, 4, 2, 7, -2, 7, 7, 2, -7,
        2, 3, 7, -3, 7, 7, 3, -7, 3, 5, 6, -5, 6, 6, 5, -6, 5, 8, 0, 4, 7, -4, 7, 7, 4, -7, 4, 8, 1, 8, 2, 6, 6, -6, 6,
        8, 3, 5, 7, -5, 7, 7, 5, -7, 5, 8, 4, 6, 7, -6, 7, 7, 6, -7, 6, 8, 5, 7, 7, -7, 7, 8, 6, 8, 7
    };

    private enum Kind {
        PREDICTION,
        COLOUR,
        GREEN,
        PALETTE
    }

    /**
     * What was done to the pixels before they were coded.
     *
     * @param width of the pixels that it gives back
     * @param bits logarithm of the side of a block, or of the pixels that are packed into one
     * @param data a value for each block, or the palette
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Change(Kind kind, int width, int bits, int[] data) {}

    private final byte[] data;
    private final int end;
    private int at;
    private long pool;
    private int pooled;

    private LosslessWebP(byte[] data, int from, int end) {
        this.data = data;
        this.at = from;
        this.end = end;
    }

    /**
     * The pixels, 0xAARRGGBB, by rows.
     *
     * @param from first byte after the sizes and the version
     * @param end one past the last byte
     */
    static int[] pixels(byte[] data, int from, int end, int width, int height) throws Refused {
        return new LosslessWebP(data, from, end).picture(width, height);
    }

    private int[] picture(int width, int height) throws Refused {
        Change[] changes = new Change[Kind.values().length];
        int count = 0;
        int columns = width;
        while (bits(1) == 1) {
            Kind kind = Kind.values()[bits(2)];
            for (int i = 0; i < count; i++) {
                if (changes[i].kind() == kind) {
                    throw Refused.damaged("it was changed twice in the same way");
                }
            }
            if (kind == Kind.PALETTE) {
                int size = bits(8) + 1;
                int[] palette = coded(size, 1, false);
                for (int i = 1; i < size; i++) {
                    palette[i] = sum(palette[i], palette[i - 1]);
                }
                int packed = size <= 2 ? 3 : size <= 4 ? 2 : size <= 16 ? 1 : 0;
                changes[count++] = new Change(kind, columns, packed, palette);
                columns = parts(columns, packed);
            } else if (kind == Kind.GREEN) {
                changes[count++] = new Change(kind, columns, 0, new int[0]);
            } else {
                int side = bits(3) + 2;
                changes[count++] =
                        new Change(kind, columns, side, coded(parts(columns, side), parts(height, side), false));
            }
        }
        int[] pixels = coded(columns, height, true);
        while (count > 0) {
            pixels = undone(changes[--count], pixels, height);
        }
        return pixels;
    }

    private static int parts(int length, int bits) {
        return (length + (1 << bits) - 1) >> bits;
    }

    /**
     * One coded block of pixels.
     *
     * @param main whether its parts may have codes of their own
     */
    private int[] coded(int width, int height, boolean main) throws Refused {
        int cacheBits = 0;
        if (bits(1) == 1) {
            cacheBits = bits(4);
            if (cacheBits < 1 || cacheBits > MOST_CACHE_BITS) {
                throw Refused.damaged("a cache of 2^" + cacheBits + " colours");
            }
        }
        int side = 0;
        int[] groupOf = null;
        int groups = 1;
        if (main && bits(1) == 1) {
            side = bits(3) + 2;
            groupOf = coded(parts(width, side), parts(height, side), false);
            for (int i = 0; i < groupOf.length; i++) {
                groupOf[i] = groupOf[i] >> 8 & 0xffff;
                groups = Math.max(groups, groupOf[i] + 1);
            }
        }
        PrefixCode[][] codes = new PrefixCode[groups][CODES];
        for (PrefixCode[] group : codes) {
            group[0] = code(LITERALS + LENGTHS + (cacheBits == 0 ? 0 : 1 << cacheBits));
            group[1] = code(LITERALS);
            group[2] = code(LITERALS);
            group[3] = code(LITERALS);
            group[4] = code(DISTANCES);
        }
        int[] pixels = new int[width * height];
        int[] cache = cacheBits == 0 ? null : new int[1 << cacheBits];
        int x = 0;
        int y = 0;
        int blocks = parts(width, side);
        for (int i = 0; i < pixels.length; ) {
            PrefixCode[] group = codes[groupOf == null ? 0 : groupOf[(y >> side) * blocks + (x >> side)]];
            int symbol = group[0].next(this);
            int length = 1;
            if (symbol < LITERALS) {
                int red = group[1].next(this);
                int blue = group[2].next(this);
                int alpha = group[3].next(this);
                pixels[i] = alpha << 24 | red << 16 | symbol << 8 | blue;
            } else if (symbol < LITERALS + LENGTHS) {
                length = number(symbol - LITERALS);
                int distance = distance(number(group[4].next(this)), width);
                if (distance > i || length > pixels.length - i) {
                    throw Refused.damaged("it repeats " + length + " pixels from " + distance + " before pixel " + i);
                }
                for (int n = 0; n < length; n++) {
                    pixels[i + n] = pixels[i + n - distance];
                }
            } else {
                pixels[i] = Objects.requireNonNull(cache)[symbol - LITERALS - LENGTHS];
            }
            if (cache != null) {
                for (int n = 0; n < length; n++) {
                    cache[(pixels[i + n] * 0x1e35a7bd) >>> (32 - cacheBits)] = pixels[i + n];
                }
            }
            i += length;
            x += length;
            while (x >= width) {
                x -= width;
                y++;
            }
        }
        return pixels;
    }

    private int number(int symbol) throws Refused {
        if (symbol < 4) {
            return symbol + 1;
        }
        int more = (symbol - 2) >> 1;
        return ((2 + (symbol & 1)) << more) + bits(more) + 1;
    }

    private static int distance(int code, int width) {
        if (code > NEAR.length / 2) {
            return code - NEAR.length / 2;
        }
        return Math.max(1, NEAR[2 * code - 2] + NEAR[2 * code - 1] * width);
    }

    private PrefixCode code(int symbols) throws Refused {
        byte[] lengths = new byte[symbols];
        if (bits(1) == 1) {
            int count = bits(1) + 1;
            int first = bits(1) == 1 ? bits(8) : bits(1);
            int second = count == 2 ? bits(8) : first;
            if (first >= symbols || second >= symbols) {
                throw Refused.damaged("symbol " + Math.max(first, second) + " of " + symbols);
            }
            lengths[first] = 1;
            lengths[second] = 1;
            return new PrefixCode(lengths);
        }
        byte[] ofLengths = new byte[ORDER_OF_LENGTHS.length];
        int count = bits(4) + 4;
        for (int i = 0; i < count; i++) {
            ofLengths[ORDER_OF_LENGTHS[i]] = (byte) bits(3);
        }
        PrefixCode code = new PrefixCode(ofLengths);
        int left = bits(1) == 0 ? symbols : 2 + bits(2 + 2 * bits(3));
        if (left > symbols) {
            throw Refused.damaged(left + " lengths for " + symbols + " symbols");
        }
        byte previous = 8;
        for (int symbol = 0; symbol < symbols && left > 0; left--) {
            int value = code.next(this);
            if (value < 16) {
                lengths[symbol++] = (byte) value;
                previous = value == 0 ? previous : (byte) value;
            } else {
                int times = value == 16 ? 3 + bits(2) : value == 17 ? 3 + bits(3) : 11 + bits(7);
                if (times > symbols - symbol) {
                    throw Refused.damaged("lengths for more than " + symbols + " symbols");
                }
                Arrays.fill(lengths, symbol, symbol + times, value == 16 ? previous : 0);
                symbol += times;
            }
        }
        return new PrefixCode(lengths);
    }

    /** The next bits as a number, the first bit the lowest; at most 32 of them. */
    private int bits(int count) throws Refused {
        fill(count);
        int value = (int) (pool & ((1L << count) - 1));
        pool >>>= count;
        pooled -= count;
        return value;
    }

    private void fill(int count) throws Refused {
        while (pooled < count) {
            if (at >= end) {
                throw Refused.damaged("its picture ends before its last pixel");
            }
            pool |= (long) (data[at++] & 0xff) << pooled;
            pooled += 8;
        }
    }

    /** A canonical prefix code (RFC 9649, section 3.7.2). */
    private static final class PrefixCode {
        private static final int LONGEST = 15;
        private static final int FAST = 8;

        private final int single;
        private final int[] counts = new int[LONGEST + 1];
        private final short[] sorted;
        /** Symbol times 16 plus length by the next bits; 0 for longer codes. */
        private final short @Nullable [] fast;

        private final int fastBits;

        PrefixCode(byte[] lengths) throws Refused {
            int used = 0;
            int longest = 0;
            int last = -1;
            for (int symbol = 0; symbol < lengths.length; symbol++) {
                if (lengths[symbol] > 0) {
                    counts[lengths[symbol]]++;
                    longest = Math.max(longest, lengths[symbol]);
                    used++;
                    last = symbol;
                }
            }
            sorted = new short[used];
            if (used == 1) {
                // Takes no bits.
                single = last;
                fast = null;
                fastBits = 0;
                return;
            }
            single = -1;
            int open = 1;
            int[] next = new int[LONGEST + 2];
            for (int length = 1; length <= LONGEST; length++) {
                open = 2 * open - counts[length];
                if (open < 0) {
                    break;
                }
                next[length + 1] = next[length] + counts[length];
            }
            if (open != 0) {
                throw Refused.damaged("a code of " + used + " symbols is not complete");
            }
            for (int symbol = 0; symbol < lengths.length; symbol++) {
                if (lengths[symbol] > 0) {
                    sorted[next[lengths[symbol]]++] = (short) symbol;
                }
            }
            fastBits = Math.min(FAST, longest);
            fast = table();
        }

        private short[] table() {
            short[] table = new short[1 << fastBits];
            int code = 0;
            int place = 0;
            for (int length = 1; length <= fastBits; length++) {
                code <<= 1;
                for (int i = 0; i < counts[length]; i++, code++, place++) {
                    int reversed = Integer.reverse(code) >>> (32 - length);
                    for (int bits = reversed; bits < table.length; bits += 1 << length) {
                        table[bits] = (short) (sorted[place] << 4 | length);
                    }
                }
            }
            return table;
        }

        int next(LosslessWebP from) throws Refused {
            if (fast == null) {
                return single;
            }
            if (from.pooled < fastBits && from.end - from.at > 8) {
                from.fill(LONGEST);
            }
            if (from.pooled >= fastBits) {
                int entry = fast[(int) from.pool & ((1 << fastBits) - 1)] & 0xffff;
                if (entry != 0) {
                    from.pool >>>= entry & 15;
                    from.pooled -= entry & 15;
                    return entry >> 4;
                }
            }
            int code = 0;
            int first = 0;
            int place = 0;
            for (int length = 1; length <= LONGEST; length++) {
                code = code << 1 | from.bits(1);
                first <<= 1;
                if (code - first < counts[length]) {
                    return sorted[place + code - first];
                }
                first += counts[length];
                place += counts[length];
            }
            throw Refused.damaged("a code that no symbol has");
        }
    }

    private static int[] undone(Change change, int[] pixels, int height) {
        switch (change.kind()) {
            case GREEN -> {
                for (int i = 0; i < pixels.length; i++) {
                    int green = pixels[i] >> 8 & 0xff;
                    pixels[i] = sum(pixels[i], green << 16 | green);
                }
            }
            case COLOUR -> coloursBack(change, pixels, height);
            case PREDICTION -> predicted(change, pixels, height);
            case PALETTE -> {
                return lookedUp(change, pixels, height);
            }
        }
        return pixels;
    }

    private static void coloursBack(Change change, int[] pixels, int height) {
        int width = change.width();
        int blocks = parts(width, change.bits());
        for (int y = 0, i = 0; y < height; y++) {
            for (int x = 0; x < width; x++, i++) {
                int by = change.data()[(y >> change.bits()) * blocks + (x >> change.bits())];
                int green = (byte) (pixels[i] >> 8);
                int red = (pixels[i] >> 16) + ((byte) by * green >> 5) & 0xff;
                int blue = pixels[i] + ((byte) (by >> 8) * green >> 5) + ((byte) (by >> 16) * (byte) red >> 5) & 0xff;
                pixels[i] = pixels[i] & 0xff00ff00 | red << 16 | blue;
            }
        }
    }

    private static int[] lookedUp(Change change, int[] pixels, int height) {
        int width = change.width();
        int packed = change.bits();
        int columns = parts(width, packed);
        int bits = 8 >> packed;
        int[] palette = change.data();
        int[] result = new int[width * height];
        for (int y = 0, i = 0; y < height; y++) {
            for (int x = 0; x < width; x++, i++) {
                int value = pixels[y * columns + (x >> packed)] >> 8 & 0xff;
                int index = value >> (x & ((1 << packed) - 1)) * bits & ((1 << bits) - 1);
                result[i] = index < palette.length ? palette[index] : 0;
            }
        }
        return result;
    }

    private static void predicted(Change change, int[] pixels, int height) {
        int width = change.width();
        int blocks = parts(width, change.bits());
        pixels[0] = sum(pixels[0], BLACK);
        for (int x = 1; x < width; x++) {
            pixels[x] = sum(pixels[x], pixels[x - 1]);
        }
        for (int y = 1; y < height; y++) {
            int i = y * width;
            pixels[i] = sum(pixels[i], pixels[i - width]);
            for (int x = 1; x < width; x++) {
                int mode = change.data()[(y >> change.bits()) * blocks + (x >> change.bits())] >> 8 & 15;
                int here = i + x;
                // The last column has the first of its own row at its upper right.
                int guess = guess(
                        mode,
                        pixels[here - 1],
                        pixels[here - width],
                        pixels[here - width - 1],
                        pixels[here - width + 1]);
                pixels[here] = sum(pixels[here], guess);
            }
        }
    }

    private static int guess(int mode, int left, int top, int topLeft, int topRight) {
        return switch (mode) {
            case 1 -> left;
            case 2 -> top;
            case 3 -> topRight;
            case 4 -> topLeft;
            case 5 -> mean(mean(left, topRight), top);
            case 6 -> mean(left, topLeft);
            case 7 -> mean(left, top);
            case 8 -> mean(topLeft, top);
            case 9 -> mean(top, topRight);
            case 10 -> mean(mean(left, topLeft), mean(top, topRight));
            case 11 -> nearer(left, top, topLeft);
            case 12 -> slope(left, top, topLeft);
            case 13 -> halfSlope(mean(left, top), topLeft);
            default -> BLACK;
        };
    }

    /** Adds each of the four bytes. */
    private static int sum(int a, int b) {
        return (a & 0xff00ff00) + (b & 0xff00ff00) & 0xff00ff00 | (a & 0x00ff00ff) + (b & 0x00ff00ff) & 0x00ff00ff;
    }

    private static int mean(int a, int b) {
        return (((a ^ b) & 0xfefefefe) >>> 1) + (a & b);
    }

    private static int nearer(int left, int top, int topLeft) {
        int toLeft = 0;
        int toTop = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            toLeft += Math.abs((top >>> shift & 0xff) - (topLeft >>> shift & 0xff));
            toTop += Math.abs((left >>> shift & 0xff) - (topLeft >>> shift & 0xff));
        }
        return toLeft < toTop ? left : top;
    }

    private static int slope(int left, int top, int topLeft) {
        int result = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int value = (left >>> shift & 0xff) + (top >>> shift & 0xff) - (topLeft >>> shift & 0xff);
            result |= Math.max(0, Math.min(255, value)) << shift;
        }
        return result;
    }

    private static int halfSlope(int mean, int topLeft) {
        int result = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int value = mean >>> shift & 0xff;
            value += (value - (topLeft >>> shift & 0xff)) / 2;
            result |= Math.max(0, Math.min(255, value)) << shift;
        }
        return result;
    }
}
