package maskfeat.disk;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A folder that appears complete or not at all: filled under a temporary sibling name, then renamed.
 *
 * <p>If several threads or processes fill the same folder at once, the first to finish wins.
 */
public final class WholeFolder {
    private static final String PARTIAL = ".partial";
    private static final Duration ABANDONED = Duration.ofDays(1);

    private final Path place;

    public WholeFolder(Path place) {
        this.place = place.toAbsolutePath().normalize();
    }

    /** Writes the content of a new folder. */
    public interface Filling {
        void into(Path folder) throws IOException;
    }

    /** Whether the place is free: nothing there, or an empty folder. */
    public boolean isFree() throws IOException {
        if (!Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        if (!Files.isDirectory(place)) {
            return false;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(place)) {
            return !entries.iterator().hasNext();
        }
    }

    /**
     * Fills the folder and moves it to its place, if that is still free by then.
     *
     * @return whether this content was put in place; if not, all of it is deleted
     * @throws IOException if filling or renaming fails; all of it is deleted
     */
    public boolean fill(Filling filling) throws IOException {
        Path partial = temporarySibling();
        try {
            try {
                Files.createDirectories(partial);
            } catch (IOException e) {
                throw WriteFailed.of(place, e);
            }
            filling.into(partial);
            boolean inPlace = rename(partial);
            if (!inPlace) {
                deleteTree(partial);
            }
            return inPlace;
        } catch (IOException | RuntimeException | Error broken) {
            try {
                deleteTree(partial);
            } catch (IOException notDeleted) {
                broken.addSuppressed(notDeleted);
            }
            throw broken;
        }
    }

    /** Deletes the folder. It vanishes from its place in one step. */
    public void remove() throws IOException {
        Path partial = temporarySibling();
        Files.move(place, partial, StandardCopyOption.ATOMIC_MOVE);
        deleteTree(partial);
    }

    /** Deletes this folder's temporary siblings that killed processes left, if a day old or more. */
    public void removeAbandoned() throws IOException {
        Instant newest = Instant.now().minus(ABANDONED);
        try (DirectoryStream<Path> left =
                Files.newDirectoryStream(place.resolveSibling(""), "." + place.getFileName() + "-*" + PARTIAL)) {
            for (Path partial : left) {
                FileTime touched = Files.getLastModifiedTime(partial, LinkOption.NOFOLLOW_LINKS);
                if (touched.toInstant().isBefore(newest)) {
                    deleteTree(partial);
                }
            }
        }
    }

    private Path temporarySibling() {
        return place.resolveSibling("." + place.getFileName() + "-" + UUID.randomUUID() + PARTIAL);
    }

    private boolean rename(Path partial) throws IOException {
        try {
            if (isFree()) {
                Files.deleteIfExists(place); // not every system renames over an empty folder
            }
            Files.move(partial, place, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (FileSystemException refused) {
            if (isFree()) {
                throw refused;
            }
            return false;
        }
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException broken) throws IOException {
                if (broken != null) {
                    throw broken;
                }
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
