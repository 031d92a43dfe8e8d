package maskfeat.mask;

import java.util.random.RandomGenerator;

/**
 * Which tokens are hidden from the network: a setting and its rule in one.
 *
 * <p>Immutable, and used by many threads at once. All randomness comes from the argument, so the same generator state
 * gives the same mask.
 */
public sealed interface MaskStrategy permits BlockMask, CubeMask, FrameMask, RandomMask, TubeMask {
    /**
     * Draws a mask. It hides at least one token and, where there are two or more, leaves at least one to be seen.
     *
     * @return [t * h * w] in the order of {@link Grid#index}; true = hidden from the network
     * @throws IllegalArgumentException as {@link #check} does
     */
    boolean[] draw(Grid grid, RandomGenerator random);

    /**
     * Checks that masks can be drawn on a grid, without drawing one.
     *
     * @throws IllegalArgumentException if not, saying which rules would do
     */
    default void check(Grid grid) {}

    /** The share of tokens to hide, between 0 and 1, both excluded. */
    double ratio();
}
