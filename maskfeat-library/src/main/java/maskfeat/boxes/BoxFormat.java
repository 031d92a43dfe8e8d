package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import maskfeat.disk.DamagedFile;

/** A format of files of boxes. */
public interface BoxFormat {
    /** Its name in settings and messages. */
    String name();

    /**
     * Whether a file or folder is of this format, as far as its beginning tells.
     *
     * @throws IOException if it cannot be read
     */
    boolean recognises(Path source) throws IOException;

    /** Number of a video's first frame; empty if files of the format differ in it, or name no frames. */
    default OptionalInt firstFrame() {
        return OptionalInt.empty();
    }

    /**
     * Reads all of it.
     *
     * @throws DamagedFile if it is not of this format, naming the line and what would do
     * @throws IOException if it cannot be read
     */
    void read(Path source, BoxReceiver to) throws IOException;
}
