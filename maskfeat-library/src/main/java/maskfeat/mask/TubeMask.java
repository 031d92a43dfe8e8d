package maskfeat.mask;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.random.RandomGenerator;

/**
 * Hides the same rectangles of a clip's tokens in every step of time.
 *
 * <p>Wei et al. 2022 (MaskFeat), tube masking; SlowFast's AUG.MASK_TUBE: the mask of one step is drawn as by
 * {@link BlockMask}, in cells of {@code cell * cell} tokens, of which N = round(cells of a step * ratio) are hidden, or
 * slightly fewer. {@link Grid#resize} turns cells into tokens; if the height or width is not a multiple of the cell,
 * some cells cover fewer tokens than others.
 *
 * <p>An image is a clip of one step; with cells of one token its masks are those of {@link BlockMask}.
 *
 * <p>Differs from the original in that it covers all steps of the clip, not always 8, and where the original fails, as
 * {@link CubeMask} does.
 *
 * @param ratio share of a step's cells to hide, between 0 and 1, both excluded
 * @param exact whether to hide exactly that share of each step's cells: those missing after the rectangles are drawn one by one,
 *     uniformly from the visible neighbours of hidden cells
 * @param cell side of a cell in tokens, which are hidden together
 */
@JsonTypeName("tube")
public record TubeMask(double ratio, boolean exact, int cell) implements MaskStrategy {
    public TubeMask {
        Ratio.check(ratio);
        CellGrid.check(cell);
    }

    /** The published rule: not always exact, cells of 2 x 2 tokens. */
    public static TubeMask of(double ratio) {
        return new TubeMask(ratio, false, CellGrid.CELL);
    }

    /** Defaults of {@code kind: tube}: the published rule at 40 %. */
    public static TubeMask defaults() {
        return of(0.4);
    }

    /** @throws IllegalArgumentException if a step of time has a single token, whose tube would be the whole clip */
    @Override
    public void check(Grid grid) {
        if (grid.h() * grid.w() == 1) {
            throw new IllegalArgumentException("tube masks hide the same places in every step of time; each step of the"
                    + " token grid " + grid.t() + "x1x1 has one token: use cube or random masks");
        }
    }

    @Override
    public boolean[] draw(Grid grid, RandomGenerator random) {
        return draw(grid, Draws.from(random));
    }

    boolean[] draw(Grid grid, Draws draws) {
        check(grid);
        Grid clip = CellGrid.of(grid, cell);
        Grid window = Grid.of(clip.h(), clip.w());
        int target = Ratio.target(ratio, window);
        HiddenBlocks blocks = new HiddenBlocks(window, HiddenBlocks.MIN_ASPECT, draws);
        blocks.fillRectangles(target, target / 5, target);
        if (exact || blocks.count() == 0) {
            blocks.grow(target);
        }
        return window.resize(blocks.hidden(), grid);
    }
}
