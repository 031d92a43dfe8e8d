package maskfeat.target;

import maskfeat.mask.Grid;
import maskfeat.media.Frames;

/**
 * What the network must predict for a hidden token: a function of the pixels of the original clip.
 *
 * <p>Called on loader threads, so it trades in plain arrays and must not keep state between calls.
 */
public sealed interface FeatureTarget permits HogTarget, PixelTarget {
    /** Numbers a token. */
    int dim();

    /**
     * The features of the hidden tokens of one clip.
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
     */
    FeatureView view(float[] tokens, Grid grid, int time);
}
