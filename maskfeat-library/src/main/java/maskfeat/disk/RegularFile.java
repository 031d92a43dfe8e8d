package maskfeat.disk;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * What may be opened for reading. Opening a pipe waits until somebody writes into it, and reading some devices never ends,
 * so what somebody names is looked at before it is opened.
 */
public final class RegularFile {
    private static final int TYPE = 0170000;
    private static final int PIPE = 0010000;
    private static final int CHARACTERS = 0020000;
    private static final int BLOCKS = 0060000;
    private static final int SOCKET = 0140000;

    private RegularFile() {}

    /**
     * Checks that a path is no pipe, device, socket or folder. A link counts as what it leads to.
     *
     * @return the same path
     * @throws java.nio.file.NoSuchFileException if there is nothing
     * @throws FileSystemException naming the path and what it is
     */
    public static Path require(Path file) throws IOException {
        BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
        if (found.isRegularFile()) {
            return file;
        }
        throw new FileSystemException(
                file.toString(),
                null,
                found.isDirectory()
                        ? "is a folder, not a file"
                        : "is " + special(file).orElse("no regular file")
                                + ", and only regular files are opened: write its content into a file first");
    }

    /**
     * What a path is that is neither file nor folder, in words with an article; empty of files, folders and what is not
     * there.
     */
    public static Optional<String> special(Path path) {
        try {
            BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
            return found.isOther() ? Optional.of(kind(path)) : Optional.empty();
        } catch (IOException unseen) {
            return Optional.empty(); // whoever opens it will say what is wrong
        }
    }

    private static String kind(Path path) throws IOException {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("unix")
                || !(Files.getAttribute(path, "unix:mode", new LinkOption[0]) instanceof Integer mode)) {
            return "no regular file";
        }
        return switch (mode & TYPE) {
            case PIPE -> "a pipe";
            case CHARACTERS, BLOCKS -> "a device";
            case SOCKET -> "a socket";
            default -> "no regular file";
        };
    }
}
