package maskfeat.data;

import java.util.List;
import maskfeat.eval.Corners;

/**
 * A box of a key frame.
 *
 * @param corners as annotated, in fractions of the frame or in pixels of the video
 * @param inPixels which of the two
 * @param actions numbers of the classes, counted from 0; none where nothing that has a class is done, or none is known
 */
public record KeyBox(Corners corners, boolean inPixels, List<Integer> actions) {
    public KeyBox {
        actions = List.copyOf(actions);
    }

    /** In fractions of a frame of that size. */
    public Corners fractions(FrameSize size) {
        return inPixels ? corners.scaled(1.0 / size.width(), 1.0 / size.height()) : corners;
    }

    /** In pixels of a frame of that size. */
    public Corners pixels(FrameSize size) {
        return inPixels ? corners : corners.scaled(size.width(), size.height());
    }
}
