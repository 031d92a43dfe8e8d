package maskfeat.report;

import maskfeat.feature.FeatureView;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;

/**
 * An image, or one step of a clip, and the network's prediction for it.
 *
 * @param name of the file
 * @param image one frame, as cropped for the network
 * @param grid its tokens, one step of time
 * @param hidden [grid], true = hidden from the network
 * @param target features of the whole image
 * @param prediction in the layout of {@code target}; used only in hidden tokens
 * @param loss of this sample; NaN to leave it out
 */
@SuppressWarnings("ArrayRecordComponent") // a mask to draw, never compared
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
                    + " frames and the grid " + grid + "; a clip is a ClipSample");
        }
        if (hidden.length != grid.size()) {
            throw new IllegalArgumentException(
                    "the grid " + grid + " needs " + grid.size() + " mask entries, got " + hidden.length);
        }
        if (!FeaturePainter.sameLayout(target, prediction)) {
            throw new IllegalArgumentException("target and prediction must have the same layout, got "
                    + FeaturePainter.layout(target) + " and " + FeaturePainter.layout(prediction));
        }
    }
}
