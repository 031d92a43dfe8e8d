package maskfeat.model;

import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import org.bytedeco.pytorch.Tensor;

/**
 * Turns clips into tokens and tokens into features. It knows nothing of masks, targets and heads: what hides tokens
 * stands between {@link #embed} and {@link #encode}.
 */
public abstract sealed class Backbone extends Layer permits Vit {
    /** The settings of a backbone. A new backbone is one file and one name in the two {@code permits}. */
    public sealed interface Config permits Vit.Config {
        /**
         * Builds it with first values drawn from {@code init}.
         *
         * @param side of the square input, in pixels
         */
        Backbone build(int side, Init init);

        /** Pixels a side that one token stands for in {@link #encode}'s result: what HOG is predicted for. */
        int patch();

        /** The grid of tokens of a square image with this side in pixels. */
        Grid grid(int side);
    }

    /** Width of {@link #encode}'s result, C. */
    public abstract int dim();

    /** Width of {@link #embed}'s result: what a mask token must have. */
    public abstract int embedDim();

    /** Number of blocks: what layer-wise learning rate decay counts. */
    public abstract int depth();

    /**
     * Cuts clips into patches and embeds each by itself.
     *
     * @param frames [B, 3, T, H, W], normalised
     */
    public abstract Tokens embed(Tensor frames);

    /** Adds class token and positions and runs all blocks. */
    public abstract Features encode(Tokens tokens);

    /**
     * The rows of {@link #encode} that are asked for, at less cost.
     *
     * @param rows [M], positions in [B * N], patch tokens only, long, on the device of the tokens
     * @return [M, C]
     */
    public abstract Tensor encode(Tokens tokens, Tensor rows);
}
