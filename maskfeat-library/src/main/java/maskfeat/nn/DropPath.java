package maskfeat.nn;

import maskfeat.torch.Generators;
import org.bytedeco.pytorch.Tensor;

/**
 * Stochastic depth (Huang et al. 2016): in training, a residual branch is left out for a whole sample with probability
 * {@code rate}, and divided by {@code 1 - rate} where it is kept.
 */
public final class DropPath extends Layer {
    private final double rate;

    public DropPath(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("drop path rate " + rate + " must be at least 0 and below 1");
        }
        this.rate = rate;
    }

    /**
     * @param branch [B, ...]
     * @return the same shape
     */
    public Tensor forward(Tensor branch) {
        if (identity()) {
            return branch;
        }
        long[] shape = new long[(int) branch.dim()];
        java.util.Arrays.fill(shape, 1);
        shape[0] = branch.size(0);
        return branch.mul(factors(branch, shape[0]).reshape(shape));
    }

    /** Whether this layer leaves everything as it is, now. */
    boolean identity() {
        return rate == 0 || !training();
    }

    /** The factor of each sample, 0 or 1 / (1 - rate), drawn anew: [B], on the device of {@code like}. */
    Tensor factors(Tensor like, long B) {
        return Generators.dropped(rate, like, B);
    }
}
