package maskfeat.disk;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.regex.Pattern;

/** Writes files atomically: after a crash, the target has its old content or all of its new one. */
public final class AtomicFile {
    private static final Pattern UNFINISHED =
            Pattern.compile("\\..+\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.tmp");

    private AtomicFile() {}

    /**
     * Writes a temporary sibling, forces it to disk, renames it to {@code target} and forces the folder.
     *
     * @return fingerprint of the written bytes
     * @throws IOException if writing fails, naming the file; {@code target} then has its old or its new content, and no
     *     sibling is left
     */
    public static Fingerprint write(Path target, Content content) throws IOException {
        Fingerprint[] fingerprint = new Fingerprint[1];
        writeAnywhere(target, file -> {
            Checksummed bytes = new Checksummed(file); // closed with the file
            content.writeTo(bytes);
            fingerprint[0] = bytes.fingerprint();
        });
        return fingerprint[0];
    }

    /** The content of a file whose parts are not written in their order. */
    @FunctionalInterface
    public interface Scattered {
        /** Writes everything. */
        void writeTo(FileChannel file) throws IOException;
    }

    /** As {@link #write}, in any order. */
    public static void writeAnywhere(Path target, Scattered content) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        Path name = target.getFileName();
        if (folder == null || name == null) {
            throw new IOException(target + " is not a file name");
        }
        // Random, so that two writers of one target do not share a sibling.
        Path temp = PathText.in(folder, "." + PathText.of(name) + "." + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel file = FileChannel.open(temp, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(file);
                file.force(true);
            }
            Files.move(temp, target, StandardCopyOption.ATOMIC_MOVE);
            forceFolder(folder);
        } catch (DamagedFile damagedSource) {
            throw damagedSource; // the source is damaged, not the target
        } catch (IOException e) {
            // The channel's message names no path: "No space left on device".
            throw WriteFailed.of(target, e);
        } finally {
            Files.deleteIfExists(temp);
        }
    }

    /** Writes text piece by piece. */
    @FunctionalInterface
    public interface Text {
        /** Writes everything. */
        void writeTo(Writer out) throws IOException;
    }

    /** Writes text in UTF-8 that may be larger than memory, as {@link #write} does. */
    public static void writeText(Path target, Text text) throws IOException {
        Content content = out -> {
            Writer writer = new BufferedWriter(Channels.newWriter(out, StandardCharsets.UTF_8));
            text.writeTo(writer);
            writer.flush();
        };
        write(target, content);
    }

    /**
     * Makes a folder and those above it, where they are not there.
     *
     * @throws WriteFailed if it cannot be made
     */
    public static Path folder(Path folder) throws IOException {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw WriteFailed.of(folder, e);
        }
    }

    /** Whether a name is that of a file which {@link #write} has not finished: what a killed process leaves behind. */
    public static boolean isUnfinished(Path file) {
        return UNFINISHED.matcher(String.valueOf(file.getFileName())).matches();
    }

    /** Writes text in UTF-8, as {@link #write} does. */
    public static void writeText(Path target, String text) throws IOException {
        write(target, Content.of(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Makes created, renamed and deleted names in {@code folder} survive a power cut. */
    public static void forceFolder(Path folder) throws IOException {
        // Windows cannot open folders, and journals names itself.
        if (!System.getProperty("os.name", "").startsWith("Windows")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
