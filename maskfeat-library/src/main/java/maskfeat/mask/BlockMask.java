package maskfeat.mask;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.random.RandomGenerator;

/**
 * Hides rectangles of an image's tokens until about the asked share is hidden.
 *
 * <p>Bao et al. 2022 (BEiT), algorithm 1, as SlowFast's MaskingGenerator draws it. With N = round(h * w * ratio) tokens
 * to hide: the area of a block is uniform between {@code minPatches} and what is still to be hidden, its aspect is
 * uniform in the logarithm; it never spans the whole height or width, and it must hide something new without passing
 * N. Ten failed proposals in a row end the mask, so that it often hides slightly fewer than N, and tokens in the middle
 * are hidden far more often than those at the border.
 *
 * <p>Differs from the original in what the original cannot do: N is at least 1 and leaves at least one token to be seen
 * (a grid of one token is hidden), and where no block found a place at all, as in a single row, the mask grows token by
 * token to N, because an empty mask has no loss.
 *
 * @param ratio share of tokens to hide, between 0 and 1, both excluded
 * @param exact whether to hide exactly N: tokens that the blocks left over are hidden one by one, each beside a hidden
 *     one and each such neighbour, the border included, with the same chance
 * @param minPatches area in tokens that a block should have; 0 = a fifth of N, rounded down
 * @param minAspect smallest height over width of a block, above 0 and at most 1; the largest is its inverse
 */
@JsonTypeName("block")
public record BlockMask(double ratio, boolean exact, int minPatches, double minAspect) implements MaskStrategy {
    public BlockMask {
        Ratio.check(ratio);
        if (minPatches < 0) {
            throw new IllegalArgumentException("smallest block " + minPatches
                    + " must be a number of patches, or 0 for a fifth of the hidden ones");
        }
        if (!(minAspect > 0 && minAspect <= 1)) {
            throw new IllegalArgumentException("smallest block aspect " + minAspect + " must be above 0 and at most 1");
        }
    }

    /** The published rule: blocks of at least a fifth, aspect 0.3 to 1/0.3 (SlowFast, datasets/transform.py). */
    public static BlockMask of(double ratio) {
        return new BlockMask(ratio, false, 0, HiddenBlocks.MIN_ASPECT);
    }

    /** What {@code kind: block} begins with: the published rule at 40 %. */
    public static BlockMask defaults() {
        return of(0.4);
    }

    @Override
    public void check(Grid grid) {
        if (grid.t() != 1) {
            throw new IllegalArgumentException("block masks are for images, of one step of time; the token grid " + grid
                    + " has " + grid.t() + ": cube, tube, frame or random masks would do");
        }
    }

    @Override
    public boolean[] draw(Grid grid, RandomGenerator random) {
        check(grid);
        int target = target(grid);
        HiddenBlocks blocks = new HiddenBlocks(grid, minAspect, Draws.from(random));
        blocks.fillRectangles(target, minArea(grid), target);
        if (exact || blocks.count() == 0) {
            blocks.grow(target);
        }
        return blocks.hidden();
    }

    int target(Grid grid) {
        return Ratio.target(ratio, grid);
    }

    int minArea(Grid grid) {
        return minPatches > 0 ? minPatches : target(grid) / 5;
    }
}
