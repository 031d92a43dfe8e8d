package maskfeat.media;

import java.io.IOException;
import java.io.InputStream;

/** The LZW of TIFF 6.0, section 13: codes of 9 to 12 bits, highest bit first, each width one code early. */
final class TiffLzw extends InputStream {
    private static final int CLEAR = 256;
    private static final int END = 257;
    private static final int FIRST = 258;
    private static final int MOST_CODES = 4096;
    private static final int NONE = -1;

    private final InputStream in;
    private final short[] prefix = new short[MOST_CODES];
    private final byte[] last = new byte[MOST_CODES];
    private final byte[] waiting = new byte[MOST_CODES];
    private int waits;
    private int next = FIRST;
    private int width = 9;
    private int before = NONE;
    private int firstOfBefore;
    private int held;
    private int have;
    private boolean started;
    private boolean ended;

    TiffLzw(InputStream in) {
        this.in = in;
        for (int i = 0; i < 256; i++) {
            last[i] = (byte) i;
        }
    }

    @Override
    public int read() throws IOException {
        while (waits == 0 && !ended) {
            decode();
        }
        return waits == 0 ? -1 : waiting[--waits] & 0xff;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
        int count = 0;
        while (count < length) {
            int value = read();
            if (value < 0) {
                return count == 0 ? -1 : count;
            }
            to[offset + count++] = (byte) value;
        }
        return count;
    }

    private void decode() throws IOException {
        int code = code();
        if (code == NONE || code == END) {
            ended = true;
            return;
        }
        if (!started && code != CLEAR) {
            throw new IOException("it does not begin with a clear code, as LZW of before TIFF 5 does not");
        }
        started = true;
        if (code == CLEAR) {
            next = FIRST;
            width = 9;
            before = NONE;
            return;
        }
        if (before == NONE ? code > 255 : code > next || next == MOST_CODES && code >= next) {
            throw new IOException("code " + code + " where " + next + " are known");
        }
        int string = code;
        if (code == next) {
            waiting[waits++] = (byte) firstOfBefore;
            string = before;
        }
        while (string >= FIRST) {
            waiting[waits++] = last[string];
            string = prefix[string];
        }
        waiting[waits++] = (byte) string;
        if (before != NONE && next < MOST_CODES) {
            prefix[next] = (short) before;
            last[next] = (byte) string;
            next++;
            if (next == (1 << width) - 1 && width < 12) {
                width++;
            }
        }
        before = code;
        firstOfBefore = string;
    }

    private int code() throws IOException {
        while (have < width) {
            int value = in.read();
            if (value < 0) {
                return NONE;
            }
            held = held << 8 | value;
            have += 8;
        }
        have -= width;
        int code = held >>> have;
        held &= (1 << have) - 1;
        return code;
    }
}
