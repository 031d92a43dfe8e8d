package maskfeat.nn;

import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/** Multi-head self-attention (Vaswani et al. 2017, section 3.2; Dosovitskiy et al. 2021, appendix A). */
public final class Attention extends Layer {
    private final int heads;
    private final Linear qkv;
    private final Linear proj;

    public Attention(int dim, int heads, Init init) {
        if (dim % heads != 0) {
            throw new IllegalArgumentException("dim " + dim + " does not divide into " + heads + " heads");
        }
        this.heads = heads;
        qkv = add("qkv", new Linear(dim, 3 * dim, Init.BACKBONE_BIAS, init));
        proj = add("proj", new Linear(dim, dim, Init.BACKBONE_BIAS, init));
    }

    /**
     * @param x [B, N, C]
     * @return [B, N, C]
     */
    public Tensor forward(Tensor x) {
        return proj.forward(mix(x));
    }

    /** Attention without the output projection: [B, N, C] to [B, N, C], the heads concatenated. */
    Tensor mix(Tensor x) {
        long B = x.size(0), N = x.size(1), C = x.size(2), D = C / heads;
        Tensor qkv = this.qkv.forward(x).reshape(B, N, 3, heads, D).permute(2, 0, 3, 1, 4); // [3, B, heads, N, D]
        Tensor y = Ops.attention(qkv.select(0, 0), qkv.select(0, 1), qkv.select(0, 2)); // [B, heads, N, D]
        return y.transpose(1, 2).reshape(B, N, C);
    }

    /** Only the output projection. */
    Tensor project(Tensor mixed) {
        return proj.forward(mixed);
    }
}
