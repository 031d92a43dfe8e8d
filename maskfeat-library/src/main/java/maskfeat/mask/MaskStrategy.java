package maskfeat.mask;

import java.util.random.RandomGenerator;

/**
 * A rule that decides which tokens are hidden from the network, and its settings.
 *
 * <p>Immutable and thread-safe. All randomness comes from the generator argument, so the same generator state gives the
 * same mask.
 */
public sealed interface MaskStrategy permits BlockMask, CubeMask, FrameMask, RandomMask, TubeMask {
    /**
     * Draws a mask. It hides at least one token and, if there are two or more, leaves at least one visible.
     *
     * @return [t * h * w] in the order of {@link Grid#index}; true = hidden from the network
     * @throws IllegalArgumentException if {@link #check} fails
     */
    boolean[] draw(Grid grid, RandomGenerator random);

    /**
     * Checks that masks can be drawn on a grid, without drawing one.
     *
     * @throws IllegalArgumentException if they cannot, naming rules that fit
     */
    default void check(Grid grid) {}

    /** The share of tokens to hide, between 0 and 1, both excluded. */
    double ratio();
}
