package maskfeat.media;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Tells a raw MJPEG stream, one JPEG after the other, from a single picture, which begins in the same way. */
final class JpegStream {
    private static final int WINDOW = 1 << 16;
    private static final long LARGEST_PICTURE = 64 << 20;

    private static final int SOI = 0xd8;
    private static final int EOI = 0xd9;
    private static final int SOS = 0xda;

    private final FileInput input;
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW);
    private long windowFrom;
    private long at;

    private JpegStream(FileInput input) {
        this.input = input;
        window.limit(0);
    }

    /** Whether a second JPEG of the same size follows the first; pictures in pictures differ in size. */
    static boolean is(FileInput input) throws IOException {
        JpegStream stream = new JpegStream(input);
        long first = stream.size(true);
        if (first <= 0) {
            return false;
        }
        // Some writers fill up to whole blocks.
        int filler = 0;
        int next = stream.next();
        while ((next == 0 || next == 0xff) && filler++ < WINDOW) {
            if (next == 0xff && stream.peek() == SOI) {
                break;
            }
            next = stream.next();
        }
        stream.at--;
        return first == stream.size(false);
    }

    /**
     * The size that the next JPEG declares.
     *
     * @param toEnd whether to go on to its end; else only to its size
     * @return height times 65536 plus width; 0 if there is no whole JPEG
     */
    private long size(boolean toEnd) throws IOException {
        if (next() != 0xff || next() != SOI) {
            return 0;
        }
        long size = 0;
        while (at < LARGEST_PICTURE) {
            int marker = marker();
            if (marker < 0 || marker == SOI) {
                return 0;
            }
            if (marker == EOI) {
                return size;
            }
            long segment = at;
            int length = next() << 8 | next();
            if (length < 2) {
                return 0;
            }
            if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
                next();
                size = (long) next() << 24 | (long) next() << 16 | (long) next() << 8 | next();
                if (!toEnd) {
                    return size;
                }
            }
            at = segment + length;
            if (marker == SOS) {
                skipScan();
            }
        }
        return 0;
    }

    private int marker() throws IOException {
        if (next() != 0xff) {
            return -1;
        }
        int marker = next();
        while (marker == 0xff) {
            marker = next();
        }
        return marker;
    }

    /** Goes to the next marker that is neither a stuffed zero nor a restart. */
    private void skipScan() throws IOException {
        for (int one = next(); one >= 0 && at < LARGEST_PICTURE; one = next()) {
            if (one == 0xff) {
                int marker = peek();
                if (marker > 0 && marker != 0xff && (marker < 0xd0 || marker > 0xd7)) {
                    at--;
                    return;
                }
            }
        }
    }

    private int peek() throws IOException {
        int one = next();
        at--;
        return one;
    }

    /** The next byte; -1 at the end. */
    private int next() throws IOException {
        long within = at - windowFrom;
        if (within < 0 || within >= window.limit()) {
            window.clear();
            input.peek(window, at);
            window.flip();
            windowFrom = at;
            within = 0;
        }
        at++;
        return within < window.limit() ? window.get((int) within) & 0xff : -1;
    }
}
