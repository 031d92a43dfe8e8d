package maskfeat.boxes;

import java.nio.file.Path;
import maskfeat.eval.Corners;
import org.jspecify.annotations.Nullable;

/**
 * One row of a file of boxes: somebody at a moment, and what she does.
 *
 * @param video as the file names it
 * @param moment second or frame
 * @param corners the box
 * @param text the four numbers as they were written, which tell boxes of one moment apart
 * @param unit of the four numbers
 * @param classId number of the class as in the file; null if the row has none
 * @param className null if the row has none
 * @param score of a detection; null in the truth
 * @param person who, of those in the video; null if it is not said
 * @param file where the row is from
 * @param line counted from 1; 0 if the file has no lines
 */
public record BoxRow(
        String video,
        Moment moment,
        Corners corners,
        String text,
        BoxUnit unit,
        @Nullable Integer classId,
        @Nullable String className,
        @Nullable Double score,
        @Nullable String person,
        Path file,
        long line) {
    /** Where it stands, for messages. */
    public String place() {
        return line > 0 ? file + " line " + line : file.toString();
    }
}
