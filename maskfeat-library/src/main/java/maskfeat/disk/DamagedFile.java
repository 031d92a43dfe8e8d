package maskfeat.disk;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file does not match its format or checksum. The message names the file and what was found. */
public final class DamagedFile extends IOException {
    private final transient Path path;
    private final String found;

    /** The message is the path followed by {@code found}, for example "has 7 bytes; ...". */
    public DamagedFile(Path path, String found) {
        this(path, found, null);
    }

    /** As above, with the cause. */
    public DamagedFile(Path path, String found, @Nullable Throwable cause) {
        super(path + " " + found, cause);
        this.path = path;
        this.found = found;
    }

    /** The damaged file. */
    public Path path() {
        return path;
    }

    /** What is wrong, without the path. */
    public String found() {
        return found;
    }
}
