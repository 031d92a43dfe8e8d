package maskfeat.mask;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.random.RandomGenerator;

/**
 * Hides cuboids of a clip's tokens, each some steps of time long, until about the asked share is hidden.
 *
 * <p>Wei et al. 2022 (MaskFeat), cube masking, as SlowFast's MaskingGenerator3D draws it: on a window of cells of
 * {@code cell * cell} tokens and one step of time, 8x7x7 for the published 8x14x14 tokens. With N = round(cells *
 * ratio) cells to hide: the face of a cuboid is uniform between a fifth of a step's cells and all of them, its aspect
 * uniform in the logarithm between 0.3 and 1/0.3, its length between one step and all; it never spans the whole height
 * or width, and it must hide something new without passing N. A hundred failed proposals in a row end the mask, so
 * that it often hides slightly fewer than N cells, and those in the middle, of time as well, are hidden far more often
 * than those at the border. The cells then become tokens as {@link Grid#resize} says: where the height or width is no
 * multiple of the cell, some cells cover fewer tokens than others, and the share of tokens is near that of cells and
 * not the same: 0.426 for 0.4 on 8x7x7 tokens.
 *
 * <p>An image is a clip of one step: its masks are rectangles, which do not grow smaller towards the end as those of
 * {@link BlockMask} do.
 *
 * <p>Differs from the original in what the original cannot do: N is at least 1 and leaves at least one cell to be
 * seen; where one cell would cover a whole step, cells are half its longer side; and where no cuboid found a place at
 * all, as in a single row, the mask grows cell by cell to N, because an empty mask has no loss.
 *
 * @param ratio share of cells to hide, between 0 and 1, both excluded
 * @param exact whether to hide exactly N cells: those that the cuboids left over are hidden one by one, each beside a
 *     hidden one, in space or in time, and each such neighbour with the same chance
 * @param cell height and width in tokens of what is hidden together
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

    /** What {@code kind: cube} begins with: the published rule at 40 %. */
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
