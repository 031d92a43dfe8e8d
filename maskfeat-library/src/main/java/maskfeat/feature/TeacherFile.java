package maskfeat.feature;

import java.nio.file.Path;
import maskfeat.settings.Added;
import org.jspecify.annotations.Nullable;

/**
 * The file of a frozen network.
 *
 * @param file of weights, or a run folder
 * @param side of the picture that it sees, in pixels: the crop is taken from the original again at this size; null for the
 *     frames as they are
 * @param width number of outputs for each cell; null for what the file has. A run keeps it with its weights
 * @param sha256 of the file's content; null for any. A run keeps it with its weights, and goes on with the same network only
 */
public record TeacherFile(
        @Nullable Path file,
        @Added(in = 6, before = "null") @Nullable Integer side,
        @Nullable Integer width,
        @Nullable String sha256) {
    /** None yet; a run refuses to begin without. */
    public static final TeacherFile NONE = new TeacherFile(null, null, null, null);

    public TeacherFile {
        if (side != null && side < 1) {
            throw new IllegalArgumentException("teacher.side " + side + " must be at least 1");
        }
        if (width != null && width < 1) {
            throw new IllegalArgumentException("teacher.width " + width + " must be at least 1");
        }
    }

    /** With where it was found and what was found in it. */
    public TeacherFile known(Path found, int newWidth, String newSha256) {
        return new TeacherFile(found, side, newWidth, newSha256);
    }
}
