package maskfeat.mask;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.random.RandomGenerator;

/**
 * Hides rectangles of an image's tokens until about the given share is hidden.
 *
 * <p>Bao et al. 2022 (BEiT), algorithm 1, as SlowFast's MaskingGenerator draws it. With N = round(h * w * ratio) tokens
 * to hide: a block's area is uniform between {@code minPatches} and the number still to hide, its aspect log-uniform;
 * it never spans the whole height or width, and it must hide at least one more token without exceeding N. Ten failed
 * proposals in a row end the mask, so it often hides slightly fewer than N. Tokens in the middle are hidden far more
 * often than those at the border.
 *
 * <p>Differs from the original where that fails: N is at least 1 and leaves at least one token visible (a grid of one
 * token is hidden). If no block fits at all, as in a single row, the mask grows token by token to N, because an empty
 * mask has no loss.
 *
 * @param ratio share of tokens to hide, between 0 and 1, both excluded
 * @param exact whether to hide exactly that share of the tokens: those missing after the blocks are drawn one by one, uniformly from
 *     the visible neighbours of hidden tokens
 * @param minPatches smallest area of a block in tokens, undercut only when fewer remain to hide; 0 = a fifth of the
 *     tokens to hide, rounded down
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

    /** Defaults of {@code kind: block}: the published rule at 40 %. */
    public static BlockMask defaults() {
        return of(0.4);
    }

    @Override
    public void check(Grid grid) {
        if (grid.t() != 1) {
            throw new IllegalArgumentException("block masks are for images, of one step of time; the token grid " + grid
                    + " has " + grid.t() + ": use cube, tube, frame or random masks");
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
