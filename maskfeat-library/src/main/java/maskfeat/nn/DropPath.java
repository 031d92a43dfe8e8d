package maskfeat.nn;

import maskfeat.torch.Generators;
import org.bytedeco.pytorch.Tensor;

/**
 * Stochastic depth (Huang et al. 2016): in training, drops a residual branch for a whole sample with probability
 * {@code rate}, and divides kept branches by {@code 1 - rate}.
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

    /** Whether this layer currently changes nothing. */
    boolean identity() {
        return rate == 0 || !training();
    }

    /** Draws a factor for each sample, 0 or 1 / (1 - rate): [B], on the device of {@code like}. */
    Tensor factors(Tensor like, long B) {
        return Generators.dropped(rate, like, B);
    }
}
