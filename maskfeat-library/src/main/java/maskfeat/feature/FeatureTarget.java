package maskfeat.feature;

import java.util.function.UnaryOperator;
import maskfeat.augment.Normalize;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;

/**
 * What the network must predict for a hidden token: a function of the pixels of the original clip.
 *
 * <p>Called on loader threads, so it uses plain arrays and keeps no state between calls.
 */
public sealed interface FeatureTarget extends Target permits HogTarget, PixelTarget {
    /** The features that are predicted for hidden tokens. */
    sealed interface Config extends SingleTarget permits HogTarget.Config, PixelTarget.Config {
        /**
         * Builds the target.
         *
         * @param normalize normalisation of the network's input; features are computed from normalised colours
         * @param patch side of a token in pixels
         * @throws IllegalArgumentException if these settings do not fit the patch, naming both
         */
        FeatureTarget build(Normalize normalize, int patch);

        @Override
        default TargetConfig withTeachers(UnaryOperator<TeacherTarget> known) {
            return this;
        }
    }

    /**
     * The features of the hidden tokens of one clip.
     *
     * <p>The features of a token that covers several frames are those of the first (frame 2t for SlowFast's cubes of
     * two frames).
     *
     * @param frames the clip that the network sees, before normalisation
     * @param grid the grid of tokens that covers it
     * @param hidden [grid.size()], true = hidden from the network
     * @param out receives the features of the hidden tokens in token order, [hidden, dim()], starting at {@code offset}
     * @throws IllegalArgumentException if the clip does not divide into the grid, naming both
     */
    void of(Frames frames, Grid grid, boolean[] hidden, float[] out, int offset);

    /**
     * Arranges the features of one step of time for drawing.
     *
     * @param tokens [grid.size(), dim()], features of every token, true or predicted
     * @param grid the grid of tokens
     * @param time the step of time to show
     * @throws IllegalArgumentException if the number of features does not fit the grid, or the grid has no such step
     */
    FeatureView view(float[] tokens, Grid grid, int time);
}
