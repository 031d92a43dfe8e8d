package maskfeat.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Linear, GELU in its exact form, Linear. */
public final class Mlp extends Layer {
    private final Linear fc1;
    private final Linear fc2;

    /**
     * Width of the hidden layer, rounded down as the official code does (SlowFast, slowfast/models/attention.py:
     * {@code int(dim * mlp_ratio)}).
     *
     * @param dim width of the input
     * @param ratio of the hidden width to {@code dim}
     * @throws IllegalArgumentException if the hidden width would be below 1 or above {@link Integer#MAX_VALUE}
     */
    public static int hiddenDim(int dim, double ratio) {
        double hidden = dim * ratio;
        if (!(hidden >= 1 && hidden <= Integer.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "mlp-ratio " + ratio + " must be above 0 and make a hidden layer of 1 to " + Integer.MAX_VALUE
                            + " channels; from a width of " + dim + " it makes " + hidden);
        }
        return (int) hidden;
    }

    public Mlp(int in, int hidden, int out, Init init) {
        fc1 = add("fc1", new Linear(in, hidden, Init.BACKBONE_BIAS, init));
        fc2 = add("fc2", new Linear(hidden, out, Init.BACKBONE_BIAS, init));
    }

    /**
     * @param x [..., in]
     * @return [..., out]
     */
    public Tensor forward(Tensor x) {
        return fc2.forward(torch.gelu(fc1.forward(x)));
    }
}
