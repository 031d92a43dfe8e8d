package maskfeat.boxes;

import java.util.List;

/**
 * A moment of a video with its boxes.
 *
 * @param video as the files name it
 * @param moment when
 * @param boxes by first appearance, at least one
 */
public record KeyFrame(String video, Moment moment, List<LabelledBox> boxes) {
    public KeyFrame {
        boxes = List.copyOf(boxes);
    }

    /** Its name in evaluations. */
    public String frame() {
        return ExcludedMoments.frame(video, moment);
    }
}
