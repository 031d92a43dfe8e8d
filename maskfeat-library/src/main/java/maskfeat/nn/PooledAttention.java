package maskfeat.nn;

import maskfeat.mask.Grid;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Multi-head pooling attention with decomposed relative positions and residual pooling (Li et al. 2022, section 4.1).
 *
 * <p>Tokens are rows [B + B * N, C]: the class tokens of all samples, then the patches sample by sample; without class
 * tokens [B * N, C]. So the patches are one block of memory in the layout of a convolution, and layers that work on
 * single tokens take all rows as one matrix.
 */
final class PooledAttention extends Layer {
    private final int heads;
    private final Grid grid;
    private final int qStride;
    private final Reach reach;
    private final int classTokens;
    private final Tensor reached;

    private final RelativePosition position;
    private final Tensor qkvWeight;
    private final Tensor qkvBias;
    private final Linear proj;
    private final ConvPooling poolQ;
    private final LayerNorm normQ;
    private final ConvPooling poolK;
    private final LayerNorm normK;
    private final ConvPooling poolV;
    private final LayerNorm normV;

    /** Keys [B * heads, M, D + columns] and values [B * heads, M, D]. */
    private record Memory(Tensor keys, Tensor values) {}

    PooledAttention(MultiscaleBlock.Sizes shape, Init init) {
        int dim = shape.attentionDim();
        int headDim = dim / shape.heads();
        heads = shape.heads();
        grid = shape.grid();
        qStride = shape.qStride();
        classTokens = shape.classToken() ? 1 : 0;
        reach = Reach.of(grid, shape.kvStride());
        reached = constant(init.constant(
                () -> Arrays.tensor(reach.tokens(), reach.grid().size()),
                reach.grid().size()));
        position = add(
                "",
                new RelativePosition(shape.gridOut(), shape.gridOfKeys(), shape.tables(), classTokens, headDim, init));
        Linear qkv = add("qkv", new Linear(shape.dim(), 3 * dim, Init.BACKBONE_BIAS, init));
        qkvWeight = qkv.weight();
        qkvBias = qkv.bias();
        proj = add("proj", new Linear(dim, dim, Init.BACKBONE_BIAS, init));
        poolQ = add("pool_q", new ConvPooling(headDim, init));
        normQ = add("norm_q", new LayerNorm(headDim, Init.BACKBONE_BIAS, init));
        poolK = add("pool_k", new ConvPooling(headDim, init));
        normK = add("norm_k", new LayerNorm(headDim, Init.BACKBONE_BIAS, init));
        poolV = add("pool_v", new ConvPooling(headDim, init));
        normV = add("norm_v", new LayerNorm(headDim, Init.BACKBONE_BIAS, init));
    }

    /**
     * @param x [B + B * N, C]
     * @return [B + B * N', C'] on the pooled grid
     */
    Tensor forward(Tensor x) {
        long B = samples(x);
        Memory memory = memory(x, B);
        Tensor[] q = queries(x, B);
        Tensor patches = mixPatches(q[q.length - 1], memory, B);
        return proj.forward(classTokens == 0 ? patches : Ops.cat(0, mixClass(q[0], memory), patches));
    }

    /**
     * Some patch rows of {@link #forward}.
     *
     * @param rows [M], positions in [B * N']
     * @return [M, C']
     */
    Tensor forward(Tensor x, Tensor rows) {
        long B = samples(x);
        Tensor[] q = queries(x, B);
        return proj.forward(mixPatches(q[q.length - 1], memory(x, B), B).index_select(0, rows));
    }

    private long samples(Tensor x) {
        return x.size(0) / (classTokens + grid.size());
    }

    /** Queries before pooling: class tokens [B, C] if there are any, then patches [B * N, C]. */
    private Tensor[] queries(Tensor x, long B) {
        Tensor q = Ops.linear(x, splitQkv(qkvWeight)[0], splitQkv(qkvBias)[0]);
        return classTokens == 0 ? new Tensor[] {q} : Ops.split(q, 0, B, B * grid.size());
    }

    /** Two views of the rows of the qkv weight: queries; keys and values. They are applied to different tokens. */
    private static Tensor[] splitQkv(Tensor qkv) {
        long C = qkv.size(0) / 3;
        return Ops.split(qkv, 0, C, 2 * C);
    }

    /** Keys and values, pooled in one convolution with twice the channels. */
    private Memory memory(Tensor x, long B) {
        Tensor kv = Ops.linear(reached(x, B), splitQkv(qkvWeight)[1], splitQkv(qkvBias)[1]); // [B + B * n, 2 C]
        long D = kv.size(1) / 2 / heads;
        Tensor[] parts = classTokens == 0
                ? new Tensor[] {kv}
                : Ops.split(kv, 0, B, B * reach.grid().size());
        Tensor kernels = Ops.cat(0, poolK.kernels(heads), poolV.kernels(heads));
        Tensor pooled = ConvPooling.pool(parts[parts.length - 1], kernels, reach.grid(), reach.stride());
        Tensor patches = byHead(pooled, B, D); // [2, B, heads, M, D]
        Tensor filling = patches.new_zeros(2, B, heads, position.padding(), D);
        Tensor all =
                classTokens == 0 ? Ops.cat(3, patches, filling) : Ops.cat(3, byHead(parts[0], B, D), patches, filling);
        Tensor[] kAndV = Ops.unbind(all.flatten(1, 2), 0); // [B * heads, M, D] each
        return new Memory(position.widenKeys(normK.forward(kAndV[0])), normV.forward(kAndV[1]));
    }

    private Tensor byHead(Tensor kv, long B, long D) {
        return kv.reshape(B, -1, 2, heads, D).permute(2, 0, 3, 1, 4);
    }

    /** The rows of x that keys and values depend on: all, or those that a wide stride reads. */
    private Tensor reached(Tensor x, long B) {
        if (reach.tokens().length == grid.size()) {
            return x;
        }
        Tensor samples = Ops.range(B, x); // [B]
        Tensor patches = samples.mul(new Scalar((long) grid.size()))
                .add(new Scalar(classTokens * B))
                .unsqueeze(1)
                .add(reached)
                .flatten();
        return x.index_select(0, classTokens == 0 ? patches : Ops.cat(0, samples, patches));
    }

    /** [B * N, C] to [B * N', C]. */
    private Tensor mixPatches(Tensor patches, Memory memory, long B) {
        Tensor pooled = ConvPooling.pool(patches, poolQ.kernels(heads), grid, qStride);
        Tensor q = normQ.forward(pooled.reshape(B, -1, heads, pooled.size(1) / heads)); // [B, N', heads, D]
        Tensor mixed = mix(position.widenQueries(q), memory); // [B * heads, N', D]
        // Residual pooling: adds the pooled query, which keeps training with strides stable.
        Tensor y = q.add(mixed.unflatten(0, B, heads).transpose(1, 2));
        return y.reshape(B * q.size(1), pooled.size(1));
    }

    /** Attention of class tokens: no pooling, no position, no residual. [B, C] to [B, C]. */
    private Tensor mixClass(Tensor tokens, Memory memory) {
        Tensor q = normQ.forward(tokens.reshape(tokens.size(0) * heads, 1, tokens.size(1) / heads));
        return mix(position.widenClassQueries(q), memory).reshape(tokens.shape());
    }

    private static Tensor mix(Tensor queries, Memory memory) {
        // The largest matrix of all is only there until its softmax is.
        Tensor shares = Scopes.trimmed(() -> torch.softmax(Ops.bmm(queries, memory.keys.transpose(1, 2)), -1));
        return Ops.bmm(shares, memory.values);
    }
}
