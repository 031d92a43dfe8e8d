package maskfeat.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** A channel that takes the fingerprint of the bytes it passes on. {@code write} takes the whole buffer or throws. */
public final class Checksummed implements WritableByteChannel {
    // The JDK caches a direct buffer as large as each heap buffer written, and never frees it, so pieces are small.
    private static final int PIECE = 1 << 20;

    private final WritableByteChannel out;
    private final CRC32C crc = new CRC32C();
    private final MessageDigest sha;
    private long size;

    /** Wraps a channel; closing this closes {@code out}. */
    public Checksummed(WritableByteChannel out) {
        this.out = out;
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        int count = source.remaining();
        while (source.hasRemaining()) {
            ByteBuffer piece = source.slice(source.position(), Math.min(PIECE, source.remaining()));
            crc.update(piece.duplicate());
            sha.update(piece.duplicate());
            while (piece.hasRemaining()) {
                if (out.write(piece) <= 0) {
                    throw new IOException("writing stopped after " + size + " bytes");
                }
            }
            source.position(source.position() + piece.limit());
            size += piece.limit();
        }
        return count;
    }

    /** Bytes written so far. */
    public long size() {
        return size;
    }

    /** The fingerprint of all bytes written. Nothing may be written after this. */
    public Fingerprint fingerprint() {
        return new Fingerprint(size, Fingerprint.hex(crc), HexFormat.of().formatHex(sha.digest()));
    }

    @Override
    public boolean isOpen() {
        return out.isOpen();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
