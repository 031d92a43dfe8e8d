package maskfeat.nn;

import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/** Layer normalisation over the last axis (Ba et al. 2016): {@code weight} and {@code bias} [C]. */
public final class LayerNorm extends Layer {
    /** Added to the variance. The official code uses it everywhere, instead of PyTorch's 1e-5. */
    public static final double EPS = 1e-6;

    private final Tensor weight;
    private final Tensor bias;

    public LayerNorm(int dim, double bias, Init init) {
        this.weight = parameter("weight", init.constant(1, dim));
        this.bias = parameter("bias", init.constant(bias, dim));
    }

    /**
     * @param x [..., C]
     * @return [..., C]
     */
    public Tensor forward(Tensor x) {
        return Ops.layerNorm(x, weight, bias, EPS);
    }
}
