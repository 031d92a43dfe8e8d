package maskfeat.eval;

import java.util.List;

/**
 * A box that moves through a video: one in each of some frames.
 *
 * @param video a name that is the same for all tubes of a video
 * @param frames numbers of the frames, ascending
 * @param boxes one for each frame
 * @param score of a detection, NaN in the truth
 */
public record Tube(String video, List<Integer> frames, List<Corners> boxes, double score) {
    /** @throws IllegalArgumentException if there is no box, or not one a frame, or frames do not ascend */
    public Tube {
        frames = List.copyOf(frames);
        boxes = List.copyOf(boxes);
        if (frames.isEmpty() || frames.size() != boxes.size()) {
            throw new IllegalArgumentException("a tube in " + video + " has " + boxes.size() + " boxes for "
                    + frames.size() + " frames; it needs one for each, and at least one");
        }
        for (int i = 1; i < frames.size(); i++) {
            if (frames.get(i) <= frames.get(i - 1)) {
                throw new IllegalArgumentException("a tube in " + video + " has frame " + frames.get(i)
                        + " after frame " + frames.get(i - 1) + "; frames must ascend");
            }
        }
    }

    /**
     * Overlap in space and time, 0 to 1: the share of frames that both have among those that one has, times the mean
     * intersection over union in the frames that both have (ACT and MOC: pixels counted with both ends).
     */
    public double iou(Tube other) {
        if (!video.equals(other.video)) {
            return 0;
        }
        int common = 0;
        double sum = 0;
        int at = 0;
        for (int i = 0; i < frames.size(); i++) {
            while (at < other.frames.size() && other.frames.get(at) < frames.get(i)) {
                at++;
            }
            if (at < other.frames.size() && other.frames.get(at).equals(frames.get(i))) {
                common++;
                sum += boxes.get(i).iou(other.boxes.get(at), 1);
            }
        }
        return common == 0 ? 0 : sum / (frames.size() + other.frames.size() - common);
    }
}
