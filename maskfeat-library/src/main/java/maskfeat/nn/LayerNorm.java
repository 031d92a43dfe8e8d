package maskfeat.nn;

import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/** Layer normalisation over the last axis (Ba et al. 2016): {@code weight} and {@code bias} [C]. */
public final class LayerNorm extends Layer {
    /** Added to the variance. The official code uses it everywhere, instead of PyTorch's 1e-5. */
    public static final double EPS = 1e-6;

    private static final double MOST_EPS = 0.1;

    private final double epsilon;
    private final Tensor weight;
    private final Tensor bias;

    /** @throws IllegalArgumentException if this cannot be added to a variance */
    public static void checkEpsilon(double value) {
        if (!(value > 0 && value <= MOST_EPS)) {
            throw new IllegalArgumentException("norm-epsilon " + value + " must be above 0 and at most " + MOST_EPS
                    + "; the usual value is " + EPS);
        }
    }

    public LayerNorm(int dim, double bias, Init init) {
        this(dim, bias, EPS, init);
    }

    /**
     * @param bias first value
     * @param epsilon added to the variance
     */
    public LayerNorm(int dim, double bias, double epsilon, Init init) {
        this.epsilon = epsilon;
        this.weight = parameter("weight", init.constant(1, dim));
        this.bias = parameter("bias", init.constant(bias, dim));
    }

    /**
     * @param x [..., C]
     * @return [..., C]
     */
    public Tensor forward(Tensor x) {
        return Ops.layerNorm(x, weight, bias, epsilon);
    }
}
