package maskfeat.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** A file that is there whole or not at all, whatever happens while it is written. */
public final class AtomicFile {
    private AtomicFile() {}

    /**
     * Writes a sibling, forces it to disk, renames it over {@code target}, forces the folder.
     *
     * @return of what was written
     * @throws IOException naming the file; {@code target} is then as it was or as it should be, and no sibling is left
     */
    public static Fingerprint write(Path target, Content content) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        Path name = target.getFileName();
        if (folder == null || name == null) {
            throw new IOException(target + " is no file name");
        }
        // A random name: two writers of one target must not share a sibling.
        Path temp = folder.resolve("." + name + "." + UUID.randomUUID() + ".tmp");
        try {
            Fingerprint fingerprint;
            try (FileChannel file = FileChannel.open(temp, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                    Checksummed bytes = new Checksummed(file)) {
                content.writeTo(bytes);
                file.force(true);
                fingerprint = bytes.fingerprint();
            }
            Files.move(temp, target, StandardCopyOption.ATOMIC_MOVE);
            forceFolder(folder);
            return fingerprint;
        } catch (DamagedFile notOurs) {
            throw notOurs; // what is copied, not what is written
        } catch (IOException e) {
            // The channel's own message has no path: "No space left on device".
            throw new IOException(target + " could not be written: " + e, e);
        } finally {
            Files.deleteIfExists(temp);
        }
    }

    /** As {@link #write}, with text in UTF-8. */
    public static void writeText(Path target, String text) throws IOException {
        write(target, Content.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Makes names that were created, renamed or deleted in {@code folder} survive a power cut. */
    public static void forceFolder(Path folder) throws IOException {
        // Windows opens no folders and journals names by itself.
        if (!System.getProperty("os.name", "").startsWith("Windows")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
