package maskfeat.mask;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Hides whole steps of time of a clip, drawn uniformly.
 *
 * <p>Wei et al. 2022 (MaskFeat), frame masking; SlowFast's AUG.MASK_FRAMES: {@code round(t * ratio)} steps, half a step
 * rounded to even, but at least one and never all. A ratio of 40 % hides 3 of 8 steps, 37.5 %.
 *
 * @param ratio share of the steps to hide, between 0 and 1, both excluded
 */
@JsonTypeName("frame")
public record FrameMask(double ratio) implements MaskStrategy {
    public FrameMask {
        Ratio.check(ratio);
    }

    /** Defaults of {@code kind: frame}: 40 %, as for cubes. */
    public static FrameMask defaults() {
        return new FrameMask(0.4);
    }

    /** @throws IllegalArgumentException if the grid has only one step of time, as an image has */
    @Override
    public void check(Grid grid) {
        if (grid.t() == 1) {
            throw new IllegalArgumentException("frame masks hide whole steps of time; the token grid " + grid
                    + " has one: use block or random masks");
        }
    }

    @Override
    public boolean[] draw(Grid grid, RandomGenerator random) {
        return draw(grid, Draws.from(random));
    }

    boolean[] draw(Grid grid, Draws draws) {
        check(grid);
        Grid steps = new Grid(grid.t(), 1, 1);
        boolean[] hidden = new boolean[grid.t()];
        int[] shown = IntStream.range(0, grid.t()).toArray();
        // Sampling without replacement with the draws of Python's random.sample: the last visible step fills the gap.
        int last = grid.t() - 1;
        for (int left = Ratio.target(ratio, steps); left > 0; left--) {
            int place = draws.randint(0, last);
            hidden[shown[place]] = true;
            shown[place] = shown[last--];
        }
        return steps.resize(hidden, grid);
    }
}
