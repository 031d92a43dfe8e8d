package maskfeat.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.bytedeco.javacpp.Loader;

/**
 * Where JavaCPP unpacks native libraries, in {@code ~/.javacpp/cache} or where {@code org.bytedeco.javacpp.cachedir} says. Two
 * processes that unpack the same library at once crash each other with SIGBUS, so the first time is one at a time.
 */
public final class NativeCache {
    /** What all of it takes once it is unpacked, about. */
    private static final long NEEDED_BYTES = 1L << 30;

    private final Path folder;

    NativeCache(Path folder) {
        this.folder = folder;
    }

    /** The cache of this process. */
    public static NativeCache here() {
        try {
            return new NativeCache(Loader.getCacheDir().toPath());
        } catch (IOException noPlace) {
            return new NativeCache(Path.of(System.getProperty("user.home", ""), ".javacpp", "cache"));
        }
    }

    /** The folder, which may not be there yet. */
    public Path folder() {
        return folder;
    }

    /**
     * Loads native libraries; the first time on this machine while every other process waits.
     *
     * @param part what is loaded, with its version: names the file that says that it is unpacked
     * @param loading loads all of it
     * @throws UnsatisfiedLinkError if it cannot be loaded, saying why and what would do
     */
    public void load(String part, Runnable loading) {
        try {
            Path done = folder.resolve(".maskfeat-" + part);
            if (Files.exists(done)) {
                loading.run();
            } else {
                first(done, loading);
            }
        } catch (LinkageError failed) {
            UnsatisfiedLinkError told = new UnsatisfiedLinkError(explained(failed));
            told.initCause(failed);
            throw told;
        }
    }

    private void first(Path done, Runnable loading) {
        try (FileChannel lock = locked();
                FileLock held = lock.lock()) {
            loading.run();
            if (held.isValid()) {
                Files.writeString(done, "");
            }
        } catch (IOException unwritable) {
            loading.run(); // a cache that is read-only is whole, or loading says what is wrong with it
        }
    }

    private FileChannel locked() throws IOException {
        Files.createDirectories(folder);
        return FileChannel.open(folder.resolve(".maskfeat-lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    /** What is wrong with the place; empty if nothing is. */
    public String trouble() {
        Path there = folder.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there == null || !Files.isDirectory(there) || !Files.isWritable(there)) {
            return folder + " cannot be written";
        }
        try {
            long free = Files.getFileStore(there).getUsableSpace();
            return free >= NEEDED_BYTES
                    ? ""
                    : String.format(
                            Locale.ROOT,
                            "%s has %d MiB free, and the native libraries take some %d MiB",
                            folder,
                            free >> 20,
                            NEEDED_BYTES >> 20);
        } catch (IOException unknown) {
            return "";
        }
    }

    private String explained(LinkageError failed) {
        Throwable first = failed;
        while (first.getCause() != null) {
            first = first.getCause();
        }
        String reason = String.valueOf(first.getMessage()).lines().findFirst().orElse("");
        String trouble = trouble();
        return "the native libraries cannot be loaded: " + (trouble.isEmpty() ? reason : trouble + " (" + reason + ")")
                + ". Make room, choose another place with -Dorg.bytedeco.javacpp.cachedir=DIR, or delete "
                + folder + " if it is damaged";
    }
}
