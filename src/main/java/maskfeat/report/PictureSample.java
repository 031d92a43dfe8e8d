package maskfeat.report;

import java.util.Arrays;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.target.FeatureView;

/**
 * An image, or one moment of a clip, and what the network made of it.
 *
 * @param name of the file
 * @param image one frame, as cropped for the network
 * @param grid its tokens, one step of time
 * @param hidden [grid], true = hidden from the network
 * @param target what should have been predicted, of the whole image
 * @param prediction laid out like {@code target}; looked at in hidden tokens only
 * @param loss of this sample; NaN to leave it out
 */
@SuppressWarnings("ArrayRecordComponent") // a mask to draw; nobody compares samples with equals
public record PictureSample(
        String name,
        Frames image,
        Grid grid,
        boolean[] hidden,
        FeatureView target,
        FeatureView prediction,
        double loss) {
    public PictureSample {
        if (image.count() != 1 || grid.t() != 1) {
            throw new IllegalArgumentException("a picture shows one frame and one step of time, got " + image.count()
                    + " frames and the grid " + grid + "; PictureSample.ofClip takes them from a clip");
        }
        if (hidden.length != grid.size()) {
            throw new IllegalArgumentException(
                    "the grid " + grid + " wants " + grid.size() + " mask entries, got " + hidden.length);
        }
        if (!FeaturePainter.sameLayout(target, prediction)) {
            throw new IllegalArgumentException("target and prediction must be laid out alike, got "
                    + FeaturePainter.layout(target) + " and " + FeaturePainter.layout(prediction));
        }
    }

    /**
     * One moment of a clip.
     *
     * @param frame the frame of {@code clip} to show
     * @param grid the tokens of the whole clip
     * @param time the step of time in {@code grid} that belongs to the frame
     * @param hidden [grid], of the whole clip
     */
    public static PictureSample ofClip(
            String name,
            Frames clip,
            int frame,
            Grid grid,
            int time,
            boolean[] hidden,
            FeatureView target,
            FeatureView prediction,
            double loss) {
        byte[] rgb = Arrays.copyOfRange(clip.rgb(), clip.at(frame, 0, 0), clip.at(frame + 1, 0, 0));
        boolean[] now = Arrays.copyOfRange(hidden, grid.index(time, 0, 0), grid.index(time + 1, 0, 0));
        Frames image = Frames.image(clip.height(), clip.width(), rgb);
        return new PictureSample(name, image, Grid.of(grid.h(), grid.w()), now, target, prediction, loss);
    }

    /** Part of the tokens that is hidden, 0 to 1. */
    double hiddenShare() {
        int count = 0;
        for (boolean token : hidden) {
            count += token ? 1 : 0;
        }
        return (double) count / hidden.length;
    }
}
