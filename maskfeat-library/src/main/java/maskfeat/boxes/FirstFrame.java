package maskfeat.boxes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The number that a file's annotations give to the first frame of a video.
 *
 * @param number 0 or 1
 * @param guessed whether neither the format nor anybody says it: 0 if a row has the number 0, else 1
 */
public record FirstFrame(int number, boolean guessed) {
    /**
     * Finds it out.
     *
     * @param file that the key frames are of
     * @throws IOException if it cannot be read
     */
    public static FirstFrame of(Path file, List<KeyFrame> frames) throws IOException {
        BoxFormat format = BoxFormats.of(file);
        return format.firstFrame().isPresent()
                ? new FirstFrame(format.firstFrame().getAsInt(), false)
                : inTable(frames);
    }

    /** Of key frames that a table gave, which does not say it. */
    public static FirstFrame inTable(List<KeyFrame> frames) {
        boolean counted = false;
        boolean fromZero = false;
        for (KeyFrame frame : frames) {
            boolean isFrame = frame.moment().unit() == Moment.Unit.FRAME;
            counted |= isFrame;
            fromZero |= isFrame && frame.moment().value().signum() == 0;
        }
        return new FirstFrame(fromZero || !counted ? 0 : 1, counted);
    }
}
