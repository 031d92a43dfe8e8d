package maskfeat.boxes;

import java.io.IOException;

/** Takes what a file of boxes says, piece by piece: such files may have millions of rows. */
public interface BoxReceiver {
    /**
     * A row, in the order of the file.
     *
     * @throws IOException if it cannot be used, naming file and line
     */
    void row(BoxRow row) throws IOException;

    /** A video, whether it has rows or not. */
    default void video(VideoFacts facts) {}

    /** A class, whether it has rows or not. */
    default void label(int id, String name) {}
}
