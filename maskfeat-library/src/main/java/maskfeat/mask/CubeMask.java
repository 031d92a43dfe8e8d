package maskfeat.mask;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.random.RandomGenerator;

/**
 * Hides cuboids of a clip's tokens, each one or more steps of time long, until about the given share is hidden.
 *
 * <p>Wei et al. 2022 (MaskFeat), cube masking, as SlowFast's MaskingGenerator3D draws it: on a grid of cells of
 * {@code cell * cell} tokens and one step of time, 8x7x7 for the published 8x14x14 tokens. With N = round(cells *
 * ratio) cells to hide: the area of a cuboid's face is uniform between a fifth of a step's cells and all of them, its
 * aspect log-uniform between 0.3 and 1/0.3, its length uniform between one step and all; it never spans the whole
 * height or width, and it must hide at least one more cell without exceeding N. A hundred failed proposals in a row end
 * the mask, so it often hides slightly fewer than N cells. Cells in the middle, also of time, are hidden far more often
 * than those at the border. {@link Grid#resize} turns cells into tokens: if the height or width is not a multiple of
 * the cell, some cells cover fewer tokens than others, and the share of hidden tokens differs slightly from that of
 * cells: 0.426 for 0.4 on 8x7x7 tokens.
 *
 * <p>An image is a clip of one step. Its masks are rectangles, which do not shrink towards the end as those of
 * {@link BlockMask} do.
 *
 * <p>Differs from the original where that fails: N is at least 1 and leaves at least one cell visible. If one cell
 * would cover a whole step, cells are half its longer side. If no cuboid fits at all, as in a single row, the mask
 * grows cell by cell to N, because an empty mask has no loss.
 *
 * @param ratio share of cells to hide, between 0 and 1, both excluded
 * @param exact whether to hide exactly that share of cells: those missing after the cuboids are drawn one by one, uniformly from
 *     the visible neighbours of hidden cells in space and time
 * @param cell side of a cell in tokens, which are hidden together
 */
@JsonTypeName("cube")
public record CubeMask(double ratio, boolean exact, int cell) implements MaskStrategy {
    public CubeMask {
        Ratio.check(ratio);
        CellGrid.check(cell);
    }

    /** The published rule: not always exact, cells of 2 x 2 tokens. */
    public static CubeMask of(double ratio) {
        return new CubeMask(ratio, false, CellGrid.CELL);
    }

    /** Defaults of {@code kind: cube}: the published rule at 40 %. */
    public static CubeMask defaults() {
        return of(0.4);
    }

    @Override
    public boolean[] draw(Grid grid, RandomGenerator random) {
        return draw(grid, Draws.from(random));
    }

    boolean[] draw(Grid grid, Draws draws) {
        Grid window = CellGrid.of(grid, cell);
        int target = Ratio.target(ratio, window);
        HiddenBlocks blocks = new HiddenBlocks(window, HiddenBlocks.MIN_ASPECT, draws);
        blocks.fillCuboids(target, minArea(window), maxArea(window));
        if (exact || blocks.count() == 0) {
            blocks.grow(target);
        }
        return window.resize(blocks.hidden(), grid);
    }

    static int minArea(Grid window) {
        return maxArea(window) / 5;
    }

    static int maxArea(Grid window) {
        return window.h() * window.w();
    }
}
