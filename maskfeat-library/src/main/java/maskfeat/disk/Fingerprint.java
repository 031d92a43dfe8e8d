package maskfeat.disk;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * Size and checksums of a file. The CRC finds accidental damage at disk speed, the SHA-256 identifies the content.
 *
 * @param size in bytes
 * @param crc32c Castagnoli CRC, 8 lower-case hex digits
 * @param sha256 64 lower-case hex digits
 */
public record Fingerprint(long size, String crc32c, String sha256) {
    private static final int BUFFER = 1 << 20;

    public Fingerprint {
        if (size < 0 || !crc32c.matches("[0-9a-f]{8}") || !sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "not a fingerprint: size " + size + ", CRC32C '" + crc32c + "', SHA-256 '" + sha256 + "'");
        }
    }

    /** The fingerprint of a file. */
    public static Fingerprint of(Path file) throws IOException {
        try (WritableByteChannel nowhere = Channels.newChannel(OutputStream.nullOutputStream());
                Checksummed bytes = new Checksummed(nowhere);
                InputStream in = Files.newInputStream(RegularFile.require(file))) {
            in.transferTo(Channels.newOutputStream(bytes));
            return bytes.fingerprint();
        }
    }

    /** Checks size and CRC32C of a file. */
    public void check(Path file) throws IOException {
        long found = Files.size(file);
        if (found != size) {
            throw new DamagedFile(file, "has " + found + " bytes instead of " + size);
        }
        CRC32C crc = new CRC32C();
        try (InputStream in = Files.newInputStream(RegularFile.require(file))) {
            byte[] buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                crc.update(buffer, 0, n);
            }
        }
        if (!hex(crc).equals(crc32c)) {
            throw new DamagedFile(file, "has CRC32C " + hex(crc) + " instead of " + crc32c);
        }
    }

    /** Checks size, CRC32C and SHA-256: for files from elsewhere. */
    public void checkAll(Path file) throws IOException {
        check(file);
        String found = of(file).sha256;
        if (!found.equals(sha256)) {
            throw new DamagedFile(file, "has SHA-256 " + found + " instead of " + sha256);
        }
    }

    /** A CRC in the form of {@link #crc32c()}. */
    public static String hex(CRC32C crc) {
        return String.format(Locale.ROOT, "%08x", crc.getValue());
    }
}
