package maskfeat.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Linear, GELU in its exact form, Linear. */
public final class Mlp extends Layer {
    private final Linear fc1;
    private final Linear fc2;

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
