package maskfeat.disk;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * Where JavaCPP unpacks native libraries, in {@code ~/.javacpp/cache} or where {@code org.bytedeco.javacpp.cachedir} says. Two
 * processes that unpack the same libraries at once crash each other with SIGBUS, since one maps what the other has written half
 * of; so unpacking is one at a time. What was unpacked is recorded, and processes that find all of it there do not wait.
 */
public final class NativeCache {
    private static final String OURS = ".maskfeat-";

    /** What all of it takes once it is unpacked, about. */
    private static final long NEEDED_BYTES = 1L << 30;

    /** The largest library, about. */
    private static final int LARGEST_MIB = 400;

    /** A process cannot ask for the same file lock twice. */
    private static final Object ONE_THREAD = new Object();

    private static volatile @Nullable UnsatisfiedLinkError failure;

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

    /**
     * Why native libraries could not be loaded in this process. A second use of a class that could not be loaded fails with a
     * {@link NoClassDefFoundError} that does not say why.
     */
    public static Optional<UnsatisfiedLinkError> failure() {
        return Optional.ofNullable(failure);
    }

    /** The folder, which may not be there yet. */
    public Path folder() {
        return folder;
    }

    /**
     * Loads native libraries; while they are not unpacked yet, one process at a time.
     *
     * @param part what is loaded, with its version: names the record of what was unpacked
     * @param loading loads all of it
     * @throws UnsatisfiedLinkError if it cannot be loaded, saying why and what would do
     */
    public void load(String part, Runnable loading) {
        try {
            Path record = folder.resolve(
                    OURS + part + "-" + Integer.toHexString(jars().toString().hashCode()));
            if (isUnpacked(record)) {
                loading.run();
            } else {
                synchronized (ONE_THREAD) {
                    alone(record, loading);
                }
            }
        } catch (LinkageError failed) {
            UnsatisfiedLinkError told = new UnsatisfiedLinkError(explained(failed));
            told.initCause(failed);
            failure = told;
            throw told;
        }
    }

    private void alone(Path record, Runnable loading) {
        try (FileChannel file = FileChannel.open(
                Files.createDirectories(folder).resolve(OURS + "lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
            file.lock(); // until the file is closed or the process dies
            loading.run();
            record(record);
        } catch (IOException | OverlappingFileLockException unlockable) {
            loading.run(); // a cache that is read-only is whole, or loading says what is wrong with it
        }
    }

    /** Writes down which files there are, with their sizes. */
    private void record(Path record) {
        List<String> jars = jars();
        try (Stream<Path> all = Files.walk(folder)) {
            List<String> lines = all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .map(folder::relativize)
                    .filter(file -> jars.contains(file.getName(0).toString()))
                    .map(file -> folder.resolve(file).toFile().length() + "\t" + file)
                    .sorted()
                    .toList();
            AtomicFile.writeText(record, String.join("\n", lines) + "\n");
        } catch (IOException full) {
            // The next process waits for the lock once more.
        }
    }

    /** Whether everything that the record names is there, in its size. A cleared cache may have kept the record. */
    private boolean isUnpacked(Path record) {
        try {
            List<String> lines = Files.readAllLines(record);
            return lines.stream().anyMatch(line -> !line.isEmpty())
                    && lines.stream().allMatch(line -> isThere(line.split("\t", 2)));
        } catch (IOException none) {
            return false;
        }
    }

    private boolean isThere(String[] sizeAndFile) {
        try {
            return sizeAndFile.length == 2
                    && sizeAndFile[0].equals(Long.toString(Files.size(folder.resolve(sizeAndFile[1]))));
        } catch (IOException | InvalidPathException none) {
            return false;
        }
    }

    /** Names of the jars of the class path: JavaCPP unpacks each into a folder of its name. */
    static List<String> jars() {
        return Arrays.stream(System.getProperty("java.class.path", "").split(File.pathSeparator))
                .map(entry -> new File(entry).getName())
                .filter(name -> name.endsWith(".jar"))
                .filter(name -> name.contains(Loader.getPlatform()))
                .sorted()
                .toList();
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
        List<String> words = new ArrayList<>(List.of("the native libraries cannot be loaded: "));
        if (reason.contains("failed to map segment")) {
            words.add(folder + " lies where no program may be run (a mount with noexec?)");
        } else {
            String trouble = trouble();
            words.add(trouble.isEmpty() ? refused() : trouble);
        }
        boolean known = !words.get(1).isEmpty();
        words.add(known ? " (" + reason + ")" : reason);
        words.add(
                known
                        ? ". Make room, or choose another place with -Dorg.bytedeco.javacpp.cachedir=DIR"
                        : ". Delete " + folder + " if it is damaged, or choose another place with"
                                + " -Dorg.bytedeco.javacpp.cachedir=DIR");
        return String.join("", words);
    }

    /** What the system says to a file as large as the largest library; JavaCPP does not say it. Empty if it is written. */
    private String refused() {
        Path probe = folder.resolve(OURS + "probe-" + UUID.randomUUID());
        try (FileChannel out = FileChannel.open(
                probe, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE)) {
            ByteBuffer mebibyte = ByteBuffer.allocate(1 << 20);
            for (int i = 0; i < LARGEST_MIB; i++) {
                mebibyte.clear();
                while (mebibyte.hasRemaining()) {
                    out.write(mebibyte);
                }
            }
            return "";
        } catch (IOException refused) {
            return String.valueOf(WriteFailed.of(folder, refused).getMessage());
        }
    }
}
