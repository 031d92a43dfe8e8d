package maskfeat.feature;

import maskfeat.augment.Normalize;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;

/**
 * What the network must predict for a hidden token: a function of the pixels of the original clip.
 *
 * <p>Called on loader threads, so it trades in plain arrays and must not keep state between calls.
 */
public sealed interface FeatureTarget permits HogTarget, PixelTarget {
    /** Settings of a target, which build it. */
    sealed interface Config permits HogTarget.Config, PixelTarget.Config {
        /**
         * The target.
         *
         * @param normalize what the network sees of a colour: the features are those of the normalised picture
         * @param patch side of a token in pixels
         * @throws IllegalArgumentException if these settings do not fit such a patch, naming both
         */
        FeatureTarget build(Normalize normalize, int patch);

        /**
         * Size of the features of one token, without building the target.
         *
         * @param patch side of a token in pixels
         */
        int dim(int patch);

        /**
         * Checks that these settings fit, without building the target.
         *
         * @param side of the input in pixels
         * @param patch side of a token in pixels
         * @throws IllegalArgumentException if not, naming both
         */
        void check(int side, int patch);
    }

    /** Numbers a token. */
    int dim();

    /**
     * The features of the hidden tokens of one clip.
     *
     * <p>A token that covers several frames is described by the first of them (frame 2t for SlowFast's cubes
     * of two frames).
     *
     * @param frames the clip that the network sees, before normalisation
     * @param grid the grid of tokens that covers it
     * @param hidden [grid.size()], true = hidden from the network
     * @param out takes the rows of the hidden tokens in token order, [hidden, dim()], from {@code offset} on
     * @throws IllegalArgumentException if the clip does not divide into the grid, naming both
     */
    void of(Frames frames, Grid grid, boolean[] hidden, float[] out, int offset);

    /**
     * What such features look like.
     *
     * @param tokens [grid.size(), dim()], features of every token, true or predicted
     * @param grid the grid of tokens
     * @param time which step of time to show
     * @throws IllegalArgumentException if the number of features is not the grid's, or the grid has no such time
     */
    FeatureView view(float[] tokens, Grid grid, int time);
}
