package maskfeat.mask;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.random.RandomGenerator;

/**
 * Hides single tokens, drawn uniformly.
 *
 * <p>He et al. 2022 (masked autoencoders), section 3; the rule that SlowFast calls MAE_RND_MASK. Of L tokens,
 * {@code int(L * (1 - ratio))} stay visible, but at least one, and at least one is hidden.
 *
 * <p>For images and clips. All tokens of a clip are one set, so each step of time hides about, but not exactly, the
 * same share. SlowFast supports the rule only if tokens are predicted on the grid on which they are embedded.
 *
 * @param ratio share of tokens to hide, between 0 and 1, both excluded
 */
@JsonTypeName("random")
public record RandomMask(double ratio) implements MaskStrategy {
    public RandomMask {
        Ratio.check(ratio);
    }

    /** Defaults of {@code kind: random}: 40 %, as for blocks. */
    public static RandomMask defaults() {
        return new RandomMask(0.4);
    }

    @Override
    public boolean[] draw(Grid grid, RandomGenerator random) {
        int size = grid.size();
        int wanted = Ratio.neitherNoneNorAll(size - (int) (size * (1 - ratio)), grid);
        boolean[] hidden = new boolean[size];
        // Floyd's sampling without replacement: if the drawn token is taken already, take the last possible one.
        for (int last = size - wanted; last < size; last++) {
            int token = random.nextInt(last + 1);
            hidden[hidden[token] ? last : token] = true;
        }
        return hidden;
    }
}
