package maskfeat.nn;

import maskfeat.torch.Precision;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.Tensor;

/** Pre-norm transformer block (Dosovitskiy et al. 2021, equations 2 and 3). */
public final class Block extends Layer {
    private final LayerNorm norm1;
    private final Attention attn;
    private final LayerNorm norm2;
    private final Mlp mlp;
    private final DropPath dropPath;

    /** With norms that add {@link LayerNorm#EPS}. */
    public Block(int dim, int heads, int hiddenDim, double dropPath, Init init) {
        this(dim, heads, hiddenDim, dropPath, LayerNorm.EPS, init);
    }

    /**
     * @param dim width of the tokens
     * @param hiddenDim width of the MLP's hidden layer
     * @param normEpsilon what norms add to the variance
     */
    public Block(int dim, int heads, int hiddenDim, double dropPath, double normEpsilon, Init init) {
        norm1 = add("norm1", new LayerNorm(dim, Init.BACKBONE_BIAS, normEpsilon, init));
        attn = add("attn", new Attention(dim, heads, init));
        norm2 = add("norm2", new LayerNorm(dim, Init.BACKBONE_BIAS, normEpsilon, init));
        mlp = add("mlp", new Mlp(dim, hiddenDim, dim, init));
        this.dropPath = add("drop_path", new DropPath(dropPath));
    }

    /**
     * Bytes that the backward pass needs of a block, for one sample: what its norms read, in float32, and what its products and
     * the GELU read, in the precision of products. Numbers of single rows and of drop path count nothing.
     *
     * @param tokens of a sample, the class token included
     */
    public static long keptBytes(long tokens, int dim, int hiddenDim, int heads, Precision precision) {
        long norms = 2L * dim;
        long attention = dim + 3L * dim + dim; // read by qkv, by the attention, by its projection
        long mlp = dim + 2L * hiddenDim;
        // In float32 a fused kernel builds no matrix of all tokens and all tokens.
        long scores = precision == Precision.BFLOAT16 ? heads * tokens : 0;
        return tokens * (norms * Float.BYTES + (attention + mlp + scores) * precision.bytes());
    }

    /**
     * @param x [B, N, C]
     * @return [B, N, C]
     */
    public Tensor forward(Tensor x) {
        return Scopes.trimmed(() -> {
            Tensor y = x.add(dropPath.forward(attn.forward(norm1.forward(x))));
            return y.add(dropPath.forward(mlp.forward(norm2.forward(y))));
        });
    }

    /**
     * Some rows of {@link #forward}. Attention sees all tokens, but everything after it works on single tokens, so only
     * the requested ones are computed.
     *
     * @param x [B, N, C]
     * @param rows [M], positions in [B * N], in any order
     * @return [M, C]
     */
    public Tensor forward(Tensor x, Tensor rows) {
        return Scopes.trimmed(() -> {
            if (!dropPath.identity()) {
                return forward(x).flatten(0, 1).index_select(0, rows); // drop path is drawn for whole samples
            }
            Tensor mixed = attn.mix(norm1.forward(x)).flatten(0, 1).index_select(0, rows);
            Tensor y = x.flatten(0, 1).index_select(0, rows).add(attn.project(mixed)); // [M, C]
            return y.add(mlp.forward(norm2.forward(y)));
        });
    }
}
