package maskfeat.train;

import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Layer-wise decay of the learning rate (Clark et al. 2020; Bao et al. 2022): the further a parameter lies from the head,
 * the slower it moves. Of D blocks, block i counts as layer i + 1, what comes before the blocks as layer 0 and what comes
 * after them as layer D + 1; the factor of layer l is {@code rate^(D + 1 - l)} (SlowFast, optimizer.py).
 *
 * @param rate above 0, at most 1; 1 for none
 * @param depth number of blocks, D
 */
public record LayerDecay(double rate, int depth) implements ToDoubleFunction<String> {
    private static final Pattern BLOCK = Pattern.compile("blocks\\.(\\d+)\\..*");
    private static final Pattern EMBEDDING = Pattern.compile("(cls_token|mask_token|pos_embed|patch_embed).*");

    public LayerDecay {
        if (!(rate > 0 && rate <= 1)) {
            throw new IllegalArgumentException("layer-decay " + rate + " must be above 0 and at most 1; 1 is none");
        }
    }

    /** The factor on the learning rate of a parameter. */
    @Override
    public double applyAsDouble(String name) {
        return Math.pow(rate, depth + 1 - layer(name));
    }

    private int layer(String name) {
        Matcher block = BLOCK.matcher(name);
        if (block.matches()) {
            return Integer.parseInt(block.group(1)) + 1;
        }
        return EMBEDDING.matcher(name).matches() ? 0 : depth + 1;
    }
}
