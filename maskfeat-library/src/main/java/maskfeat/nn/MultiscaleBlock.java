package maskfeat.nn;

import maskfeat.mask.Grid;
import maskfeat.torch.Ops;
import maskfeat.torch.Precision;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Block of a multiscale vision transformer (Li et al. 2022, section 4): pooling attention, then the MLP. The
 * attention's shortcut is max-pooled if the queries are pooled. Where attention or MLP widens the tokens, its shortcut
 * is a projection of the normalised tokens.
 *
 * <p>Tokens are rows [B + B * N, C], the class tokens of all samples first; see {@link PooledAttention}.
 */
public final class MultiscaleBlock extends Layer {
    private final Sizes shape;
    private final LayerNorm norm1;
    private final PooledAttention attn;
    private final LayerNorm norm2;
    private final Mlp mlp;
    private final DropPath dropPath;

    @Nullable private final Linear proj; // only if the width grows

    /**
     * The sizes of one block.
     *
     * @param dim width of the input tokens
     * @param dimOut width of the output tokens
     * @param heads number of attention heads
     * @param hiddenDim width of the MLP's hidden layer
     * @param widenInAttention whether the width grows in attention, not in the MLP
     * @param grid of the input tokens
     * @param tables grid that the tables of relative positions are made for
     * @param qStride stride of the queries' pooling, in rows and columns
     * @param kvStride stride of the pooling of keys and values, in rows and columns
     * @param classToken whether each sample has a class token
     */
    public record Sizes(
            int dim,
            int dimOut,
            int heads,
            int hiddenDim,
            boolean widenInAttention,
            Grid grid,
            Grid tables,
            int qStride,
            int kvStride,
            boolean classToken) {
        /** Width within attention. */
        public int attentionDim() {
            return widenInAttention ? dimOut : dim;
        }

        /** The grid of the output tokens. */
        public Grid gridOut() {
            return ConvPooling.pooled(grid, qStride);
        }

        /** The grid of the keys and values. */
        public Grid gridOfKeys() {
            return ConvPooling.pooled(grid, kvStride);
        }

        /** Tokens of a sample that enter, the class token included. */
        public long tokens() {
            return grid.size() + classTokens();
        }

        private int classTokens() {
            return classToken ? 1 : 0;
        }

        /**
         * Bytes that the backward pass needs of the block, for one sample: what its norms read, in float32, and what its other
         * parts read, in the precision of products.
         */
        public long keptBytes(Precision precision) {
            int width = attentionDim();
            long in = tokens();
            long reached = Reach.of(grid, kvStride).grid().size() + classTokens();
            long out = gridOut().size() + classTokens();
            long keys = gridOfKeys().size() + classTokens();
            long codes = (long) heads * RelativePosition.columns(gridOfKeys(), width / heads);
            long norms = in * dim + out * width;
            long queries = in * dim + in * width + 2 * out * width + out * (width + codes);
            long memory = (reached < in ? reached * dim : 0)
                    + 2 * reached * width
                    + 3 * keys * width
                    + keys * (width + codes);
            long scores = heads * out * keys;
            long mlp = 2 * out * width + 2 * out * hiddenDim;
            long largest = qStride > 1 ? out * dim * Long.BYTES : 0; // where max pooling found it
            return norms * Float.BYTES + (queries + memory + scores + mlp) * precision.bytes() + largest;
        }

        /** Whether the width grows. */
        public boolean widens() {
            return dim != dimOut;
        }
    }

    public MultiscaleBlock(Sizes shape, double dropPath, Init init) {
        this.shape = shape;
        int dim = shape.attentionDim();
        norm1 = add("norm1", new LayerNorm(shape.dim, Init.BACKBONE_BIAS, init));
        attn = add("attn", new PooledAttention(shape, init));
        norm2 = add("norm2", new LayerNorm(dim, Init.BACKBONE_BIAS, init));
        mlp = add("mlp", new Mlp(dim, shape.hiddenDim, shape.dimOut, init));
        this.dropPath = add("drop_path", new DropPath(dropPath));
        proj = shape.widens() ? add("proj", new Linear(shape.dim, shape.dimOut, Init.BACKBONE_BIAS, init)) : null;
    }

    /**
     * @param x [B + B * N, C]
     * @return [B + B * N', C'] on the pooled grid
     */
    public Tensor forward(Tensor x) {
        return Scopes.trimmed(() -> {
            Tensor n = norm1.forward(x);
            Tensor y = pooled(attentionShortcut(x, n)).add(dropped(attn.forward(n)));
            n = norm2.forward(y);
            return mlpShortcut(y, n).add(dropped(mlp.forward(n)));
        });
    }

    /**
     * Some patch rows of {@link #forward}. Attention sees all tokens, but everything after it works on single tokens,
     * so only the requested ones are computed.
     *
     * @param x [B + B * N, C]
     * @param rows [M], positions of patches in [B * N'], in any order
     * @return [M, C']
     */
    public Tensor forward(Tensor x, Tensor rows) {
        return Scopes.trimmed(() -> {
            Tensor inAll = rows.add(new Scalar(classTokens(x)));
            if (!dropPath.identity()) {
                return forward(x).index_select(0, inAll); // drop path is drawn for whole samples
            }
            Tensor n = norm1.forward(x);
            Tensor shortcut = pooled(attentionShortcut(x, n)).index_select(0, inAll);
            Tensor y = shortcut.add(attn.forward(n, rows)); // [M, C]
            n = norm2.forward(y);
            return mlpShortcut(y, n).add(mlp.forward(n));
        });
    }

    private Tensor attentionShortcut(Tensor x, Tensor normed) {
        return proj != null && shape.widenInAttention ? Ops.float32(proj.forward(normed)) : x;
    }

    private Tensor mlpShortcut(Tensor y, Tensor normed) {
        return proj != null && !shape.widenInAttention ? Ops.float32(proj.forward(normed)) : y;
    }

    /** The shortcut, max-pooled if the queries are pooled; class tokens stay as they are. */
    private Tensor pooled(Tensor x) {
        if (shape.qStride == 1) {
            return x;
        }
        if (!shape.classToken) {
            return ConvPooling.max(x, shape.grid, shape.qStride);
        }
        Tensor[] parts = Ops.split(x, 0, classTokens(x), x.size(0) - classTokens(x));
        return Ops.cat(0, parts[0], ConvPooling.max(parts[1], shape.grid, shape.qStride));
    }

    /** Applies drop path to the rows [B + B * N, C], with one factor for all tokens of a sample. */
    private Tensor dropped(Tensor branch) {
        if (dropPath.identity()) {
            return branch;
        }
        int tokens = shape.gridOut().size();
        long B = branch.size(0) / (tokens + (shape.classToken ? 1 : 0));
        Tensor factors = dropPath.factors(branch, B).unsqueeze(1); // [B, 1]
        Tensor ofPatches = factors.expand(B, tokens).reshape(B * tokens, 1);
        return branch.mul(shape.classToken ? Ops.cat(0, factors, ofPatches) : ofPatches);
    }

    /** Number of rows that are class tokens, before pooling. */
    private long classTokens(Tensor x) {
        return shape.classToken ? x.size(0) / (1 + shape.grid.size()) : 0;
    }
}
