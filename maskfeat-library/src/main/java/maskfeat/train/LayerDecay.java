package maskfeat.train;

import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Layer-wise decay of the learning rate (Clark et al. 2020; Bao et al. 2022): the further a parameter lies from the head,
 * the slower it moves. Of D blocks, block i counts as layer i + 1, what comes before the blocks as layer 0 and what comes
 * after them as layer D + 1; the factor of layer l is {@code rate^(D + 1 - l)} (SlowFast, optimizer.py).
 *
 * @param rate above 0, at most 1; 1 for none
 * @param blocks number of blocks, D
 * @param layers of parameters by name; a name that is not in it comes after the blocks
 */
public record LayerDecay(double rate, int blocks, Map<String, Integer> layers) implements ToDoubleFunction<String> {
    public LayerDecay {
        check(rate);
        layers = Map.copyOf(layers);
    }

    /** @throws IllegalArgumentException if it is no rate */
    public static void check(double rate) {
        if (!(rate > 0 && rate <= 1)) {
            throw new IllegalArgumentException("layer-decay " + rate + " must be above 0 and at most 1; 1 is none");
        }
    }

    /** The factor on the learning rate of a parameter. */
    @Override
    public double applyAsDouble(String name) {
        return Math.pow(rate, blocks + 1 - layers.getOrDefault(name, blocks + 1));
    }
}
