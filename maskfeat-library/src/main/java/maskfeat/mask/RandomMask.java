package maskfeat.mask;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.random.RandomGenerator;

/**
 * Hides single tokens at random, every set of them with the same chance.
 *
 * <p>He et al. 2022 (masked autoencoders), section 3; the rule that SlowFast calls MAE_RND_MASK. Of L tokens it shows
 * {@code int(L * (1 - ratio))}, but at least one, and hides the others, but at least one.
 *
 * <p>For images and clips: all tokens of a clip are one set, so that the steps of time hide about, but not exactly, the
 * same share each. SlowFast knows the rule only where tokens are predicted on the grid on which they are embedded.
 *
 * @param ratio share of tokens to hide, between 0 and 1, both excluded
 */
@JsonTypeName("random")
public record RandomMask(double ratio) implements MaskStrategy {
    public RandomMask {
        Ratio.check(ratio);
    }

    /** What {@code kind: random} begins with: 40 %, as for blocks. */
    public static RandomMask defaults() {
        return new RandomMask(0.4);
    }

    @Override
    public boolean[] draw(Grid grid, RandomGenerator random) {
        int size = grid.size();
        int wanted = Ratio.neitherNoneNorAll(size - (int) (size * (1 - ratio)), grid);
        boolean[] hidden = new boolean[size];
        // Floyd's sampling without replacement: each step takes a new token, the last one possible if the drawn is
        // taken.
        for (int last = size - wanted; last < size; last++) {
            int token = random.nextInt(last + 1);
            hidden[hidden[token] ? last : token] = true;
        }
        return hidden;
    }
}
