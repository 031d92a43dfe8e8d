package maskfeat.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import maskfeat.disk.Content;

/**
 * Writes a tar file: ustar, with a pax header (POSIX.1-2001) where a name or size does not fit. The same members give the same
 * bytes. For one thread.
 */
public final class TarWriter {
    private static final int BLOCK = TarIndex.BLOCK;
    private static final int LONGEST_NAME = 100;
    private static final long LARGEST = (1L << 33) - 1;

    /** Bytes that {@link #finish} adds. */
    public static final int END = 2 * BLOCK;

    private final WritableByteChannel out;
    private long written;

    /** @param out stays open */
    public TarWriter(WritableByteChannel out) {
        this.out = out;
    }

    /** Number of bytes so far. */
    public long written() {
        return written;
    }

    /**
     * Adds a file.
     *
     * @param name with slashes
     * @param changed when, in seconds since 1970
     * @param size of the content in bytes
     * @throws IllegalStateException if the content has another size
     */
    public void add(String name, long changed, long size, Content content) throws IOException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        boolean plain = name.chars().allMatch(c -> c < 128) && bytes.length <= LONGEST_NAME;
        StringBuilder records = new StringBuilder();
        if (!plain) {
            records.append(record("path", name));
        }
        if (size > LARGEST) {
            records.append(record("size", Long.toString(size)));
        }
        if (!records.isEmpty()) {
            byte[] pax = records.toString().getBytes(StandardCharsets.UTF_8);
            write(header("PaxHeader".getBytes(StandardCharsets.US_ASCII), 'x', 0, pax.length));
            write(pax);
            pad(pax.length);
        }
        write(header(
                Arrays.copyOf(bytes, Math.min(bytes.length, LONGEST_NAME)), '0', changed, Math.min(size, LARGEST)));
        long before = written;
        content.writeTo(new Counting());
        if (written - before != size) {
            throw new IllegalStateException(name + " has " + (written - before) + " bytes, not " + size);
        }
        pad(size);
    }

    /** Ends the archive. */
    public void finish() throws IOException {
        write(new byte[END]);
    }

    /** A record of a pax header, which begins with its own length. */
    private static String record(String key, String value) {
        String rest = " " + key + "=" + value + "\n";
        int length = rest.getBytes(StandardCharsets.UTF_8).length;
        int all = length + 1;
        while (Integer.toString(all).length() + length != all) {
            all++;
        }
        return all + rest;
    }

    private static byte[] header(byte[] name, char type, long changed, long size) {
        byte[] header = new byte[BLOCK];
        System.arraycopy(name, 0, header, 0, name.length);
        put(header, 100, "0000644\0" + "0000000\0" + "0000000\0");
        put(header, 124, String.format(Locale.ROOT, "%011o\0", size));
        put(header, 136, String.format(Locale.ROOT, "%011o\0", Math.max(0, Math.min(changed, LARGEST))));
        header[156] = (byte) type;
        put(header, 257, "ustar\0" + "00");
        put(header, 148, "        ");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
        return header;
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private void pad(long size) throws IOException {
        write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
    }

    private void write(byte[] bytes) throws IOException {
        write(ByteBuffer.wrap(bytes));
    }

    private int write(ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
        written += count;
        return count;
    }

    private final class Counting implements WritableByteChannel {
        @Override
        public int write(ByteBuffer bytes) throws IOException {
            return TarWriter.this.write(bytes);
        }

        @Override
        public boolean isOpen() {
            return out.isOpen();
        }

        @Override
        public void close() {}
    }
}
