package maskfeat.nn;

import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Affine map of the last axis: {@code weight} [out, in], {@code bias} [out]. */
public final class Linear extends Layer {
    private final Tensor weight;
    private final Tensor bias;

    public Linear(int in, int out, double bias, Init init) {
        this(in, out, bias, 1, init);
    }

    /** @param scale factor on all initial values */
    public Linear(int in, int out, double bias, double scale, Init init) {
        this.weight = parameter("weight", init.normal(out, in).mul_(new Scalar(scale)));
        this.bias = parameter("bias", init.constant(bias * scale, out));
    }

    /**
     * @param x [..., in]
     * @return [..., out]
     */
    public Tensor forward(Tensor x) {
        return Ops.linear(x, weight, bias);
    }

    /** The weight, [out, in]. */
    Tensor weight() {
        return weight;
    }

    /** The bias, [out]. */
    Tensor bias() {
        return bias;
    }
}
