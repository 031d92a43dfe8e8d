package maskfeat.mask;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.random.RandomGenerator;

/**
 * Hides the same rectangles of a clip's tokens in every step of time.
 *
 * <p>Wei et al. 2022 (MaskFeat), tube masking; SlowFast's AUG.MASK_TUBE: one step's mask is drawn as {@link BlockMask}
 * draws it, in cells of {@code cell * cell} tokens, of which N = round(cells of a step * ratio) are hidden, or
 * slightly fewer. The cells then become tokens as {@link Grid#resize} says; where the height or width is no multiple
 * of the cell, some cover fewer tokens than others.
 *
 * <p>An image is a clip of one step: with a cell of one token its masks are those of {@link BlockMask}.
 *
 * <p>Differs from the original in that all steps of the clip are hidden, not always 8; and, as {@link CubeMask} does,
 * in what the original cannot do.
 *
 * @param ratio share of a step's cells to hide, between 0 and 1, both excluded
 * @param exact whether to hide exactly N cells of each step: those that the rectangles left over are hidden one by one,
 *     each beside a hidden one and each such neighbour with the same chance
 * @param cell height and width in tokens of what is hidden together
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

    /** What {@code kind: tube} begins with: the published rule at 40 %. */
    public static TubeMask defaults() {
        return of(0.4);
    }

    /** @throws IllegalArgumentException if a step of time has a single token, whose tube would be the whole clip */
    @Override
    public void check(Grid grid) {
        if (grid.h() * grid.w() == 1) {
            throw new IllegalArgumentException("tube masks hide the same places in every step of time; each step of the"
                    + " token grid " + grid.t() + "x1x1 has one token: cube or random masks would do");
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
