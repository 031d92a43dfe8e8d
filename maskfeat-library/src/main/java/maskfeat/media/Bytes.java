package maskfeat.media;

import java.nio.charset.StandardCharsets;

/** Reads numbers from a file's bytes. Reading past the end reports a truncated file instead of an index error. */
@SuppressWarnings("ArrayRecordComponent") // a view of the file, never compared
record Bytes(byte[] data, boolean bigEndian) {
    static Bytes bigEndian(byte[] data) {
        return new Bytes(data, true);
    }

    static Bytes littleEndian(byte[] data) {
        return new Bytes(data, false);
    }

    int length() {
        return data.length;
    }

    int u8(long at) throws Refused {
        need(at, 1);
        return data[(int) at] & 0xff;
    }

    int u16(long at) throws Refused {
        need(at, 2);
        int first = data[(int) at] & 0xff;
        int second = data[(int) at + 1] & 0xff;
        return bigEndian ? first << 8 | second : second << 8 | first;
    }

    int u24(long at) throws Refused {
        return bigEndian ? u8(at) << 16 | u16(at + 1) : u8(at + 2) << 16 | u16(at);
    }

    long u32(long at) throws Refused {
        long first = u16(at);
        long second = u16(at + 2);
        return bigEndian ? first << 16 | second : second << 16 | first;
    }

    /** Whether these ASCII characters are at a position; false past the end. */
    boolean has(long at, String ascii) {
        byte[] wanted = ascii.getBytes(StandardCharsets.ISO_8859_1);
        if (at < 0 || at + wanted.length > data.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (data[(int) at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    void need(long at, long count) throws Refused {
        if (at < 0 || count < 0 || at + count > data.length) {
            throw Refused.truncated(
                    "bytes " + at + " to " + (at + count) + " are wanted and it ends at " + data.length);
        }
    }
}
