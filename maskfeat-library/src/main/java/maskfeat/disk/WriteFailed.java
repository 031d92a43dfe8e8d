package maskfeat.disk;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Something could not be written: the disk is full, a quota is reached, the place is read-only, the device fails. The message
 * names the file, which the errors of channels do not.
 */
public final class WriteFailed extends IOException {
    private final transient Path path;

    private WriteFailed(Path path, String message, IOException cause) {
        super(message, cause);
        this.path = path;
    }

    /** Of an error met while {@code path} was written; one that is of this kind already is kept as it is. */
    public static WriteFailed of(Path path, IOException cause) {
        return cause instanceof WriteFailed known
                ? known
                : new WriteFailed(path, path + " could not be written: " + reason(path, cause), cause);
    }

    /** What could not be written. */
    public Path path() {
        return path;
    }

    private static String reason(Path path, IOException cause) {
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof NoSuchFileException) {
            return "the folder that it should lie in is not there and cannot be made";
        }
        if (cause instanceof FileSystemException failed) {
            String where = failed.getFile() == null || failed.getFile().equals(path.toString())
                    ? ""
                    : " (" + failed.getFile() + ")";
            return (failed.getReason() == null ? failed.getClass().getSimpleName() : failed.getReason()) + where;
        }
        return String.valueOf(cause.getMessage());
    }
}
