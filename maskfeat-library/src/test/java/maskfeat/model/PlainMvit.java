package maskfeat.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.mask.Grid;
import maskfeat.torch.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The oracle: MViTv2 (Li et al. 2022, section 4) with MaskFeat's token and head, step by step as it is published, in
 * whatever precision the parameters have.
 *
 * <p>Shares no code with {@code Mvit} or the layers. Public for the benchmark.
 */
public final class PlainMvit {
    private static final double EPS = 1e-6;

    private final Sizes shape;
    private final Map<String, Tensor> weights;

    /** How far apart the places are that are kept, along each axis. */
    public record Stride(int t, int h, int w) {
        private long[] longs() {
            return new long[] {t, h, w};
        }

        private boolean pools() {
            return t * h * w > 1;
        }
    }

    /**
     * One block.
     *
     * @param heads of attention
     * @param dim width of what comes in
     * @param dimOut width of what goes out
     * @param q what the queries are pooled by
     * @param kv what keys and values are pooled by
     */
    public record Block(int heads, int dim, int dimOut, Stride q, Stride kv) {}

    /**
     * What the parameters do not tell.
     *
     * @param patch from one patch to the next
     * @param dimMulInAtt whether a block grows wider in its attention, else in its MLP
     * @param classToken whether a token stands before the patches
     */
    public record Sizes(Stride patch, List<Block> blocks, boolean dimMulInAtt, boolean classToken) {}

    /** @param weights by official name */
    public PlainMvit(Sizes shape, Map<String, Tensor> weights) {
        this.shape = shape;
        this.weights = weights;
    }

    // ---- the network -------------------------------------------------------------------------------------------

    /** @param frames [B, 3, T, H, W] */
    public Tokens embed(Tensor frames) {
        Tensor kernel = weight("patch_embed.proj.weight");
        Tensor x = torch.conv3d(
                frames,
                kernel,
                new TensorOptional(weight("patch_embed.proj.bias")),
                shape.patch.longs(),
                new long[] {kernel.size(2) / 2, kernel.size(3) / 2, kernel.size(4) / 2},
                new long[] {1, 1, 1},
                1);
        return new Tokens(x.flatten(2, 4).transpose(1, 2), gridOf(x)); // [B, N, C]
    }

    /** @param hidden [B, N] on the grid of the embedding */
    public Tokens mask(Tokens tokens, Tensor hidden) {
        Tensor m = hidden.to(tokens.x().scalar_type()).unsqueeze(2); // [B, N, 1]
        Tensor x = tokens.x()
                .mul(m.neg().add(new Scalar(1.0)))
                .add(weight("mask_token").mul(m));
        return new Tokens(x, tokens.grid());
    }

    /** What comes out of each block. */
    public List<Features> blocks(Tokens tokens) {
        Tensor x = tokens.x();
        if (shape.classToken) {
            x = torch.cat(new TensorVector(weight("cls_token").expand(x.size(0), -1, -1), x), 1);
        }
        Features features = new Features(x, tokens.grid());
        List<Features> outputs = new ArrayList<>();
        for (int i = 0; i < shape.blocks.size(); i++) {
            features = block("blocks." + i + ".", shape.blocks.get(i), features.x(), features.grid());
            outputs.add(features);
        }
        return outputs;
    }

    /** What comes out of the last block. */
    public Features encode(Tokens tokens) {
        List<Features> outputs = blocks(tokens);
        return outputs.get(outputs.size() - 1);
    }

    /**
     * @param frames [B, 3, T, H, W]
     * @param hidden [B, N] on the grid of the embedding
     * @return [B, N, outputs] on the grid of the last block
     */
    public Tensor predictAll(Tensor frames, Tensor hidden) {
        Features features = encode(mask(embed(frames), hidden));
        Tensor all = norm("pred_head.transforms.0.0", features.x());
        Tensor patches = all.narrow(1, classTokens(), features.grid().size());
        return linear("pred_head.projections.0", patches);
    }

    /**
     * @param rows [M], positions on the grid of the last block in [B * N]
     * @return [M, outputs]
     */
    public Tensor predict(Tensor frames, Tensor hidden, Tensor rows) {
        return predictAll(frames, hidden).flatten(0, 1).index_select(0, rows);
    }

    // ---- a block -----------------------------------------------------------------------------------------------

    private Features block(String name, Block block, Tensor x, Grid grid) {
        Tensor norm1 = norm(name + "norm1", x);
        int dimAtt = shape.dimMulInAtt ? block.dimOut : block.dim;
        Features attention = attention(name + "attn.", block, dimAtt, norm1, grid);
        Tensor shortcut = dimAtt == block.dim ? x : linear(name + "proj", norm1);
        Tensor y = poolSkip(shortcut, grid, block.q).add(attention.x());
        Tensor norm2 = norm(name + "norm2", y);
        Tensor mlp = linear(name + "mlp.fc2", torch.gelu(linear(name + "mlp.fc1", norm2)));
        Tensor residual = block.dimOut == dimAtt ? y : linear(name + "proj", norm2);
        return new Features(residual.add(mlp), attention.grid());
    }

    /** The largest of the s + 1 places around each that is kept, along the axes of stride s above 1. */
    private Tensor poolSkip(Tensor x, Grid grid, Stride stride) {
        if (!stride.pools()) {
            return x;
        }
        long[] kernel = stride.longs();
        long[] padding = new long[3];
        for (int axis = 0; axis < 3; axis++) {
            kernel[axis] += kernel[axis] > 1 ? 1 : 0;
            padding[axis] = kernel[axis] / 2;
        }
        Tensor pooled = torch.max_pool3d(
                volume(patches(x), grid), kernel, stride.longs(), padding, new long[] {1, 1, 1}, false);
        return withClassTokenOf(x, pooled.flatten(2, 4).transpose(1, 2));
    }

    private Features attention(String name, Block block, int dim, Tensor x, Grid grid) {
        long b = x.size(0);
        long n = x.size(1);
        long hd = dim / block.heads;
        Tensor qkv = linear(name + "qkv", x)
                .reshape(b, n, 3, block.heads, hd)
                .permute(2, 0, 3, 1, 4); // [3, B, heads, N, hd]
        Pooled q = pool(name, "q", qkv.select(0, 0), grid, block.q);
        Pooled k = pool(name, "k", qkv.select(0, 1), grid, block.kv);
        Pooled v = pool(name, "v", qkv.select(0, 2), grid, block.kv);
        Tensor scores = torch.matmul(q.x.mul(new Scalar(Math.pow(hd, -0.5))), k.x.transpose(2, 3));
        scores = scores.add(relativePositions(name, q, k));
        Tensor y = torch.matmul(torch.softmax(scores, 3), v.x); // [B, heads, Nq, hd]
        Tensor residual = q.x;
        if (shape.classToken) {
            Tensor none = torch.zeros_like(q.x.narrow(2, 0, 1));
            residual = torch.cat(new TensorVector(none, patches(q.x)), 2);
        }
        Tensor merged = y.add(residual).transpose(1, 2).reshape(b, -1, dim);
        return new Features(linear(name + "proj", merged), q.grid);
    }

    /** Some heads' queries, keys or values, [B, heads, N, hd], on their own grid. */
    private record Pooled(Tensor x, Grid grid) {}

    private Pooled pool(String name, String which, Tensor x, Grid grid, Stride stride) {
        Tensor kernel = weights.get(name + "pool_" + which + ".weight");
        if (kernel == null) {
            return new Pooled(x, grid);
        }
        long heads = x.size(1);
        long hd = x.size(3);
        Tensor volume = volume(patches(x).flatten(0, 1), grid); // [B * heads, hd, T, H, W]
        Tensor pooled = torch.conv3d(
                volume,
                kernel,
                new TensorOptional(),
                stride.longs(),
                new long[] {kernel.size(2) / 2, kernel.size(3) / 2, kernel.size(4) / 2},
                new long[] {1, 1, 1},
                hd);
        Tensor tokens = withClassTokenOf(x, pooled.flatten(2, 4).transpose(1, 2).reshape(x.size(0), heads, -1, hd));
        return new Pooled(norm(name + "norm_" + which, tokens), gridOf(pooled));
    }

    // ---- relative positions ------------------------------------------------------------------------------------

    /** [B, heads, Nq, Nk]; nothing from or to the class token. */
    private Tensor relativePositions(String name, Pooled q, Pooled k) {
        Grid of = q.grid;
        Grid to = k.grid;
        Tensor r =
                patches(q.x).reshape(q.x.size(0), q.x.size(1), of.t(), of.h(), of.w(), -1); // [B, heads, t, y, x, hd]
        Tensor rh = table(name + "rel_pos_h", of.h(), to.h());
        Tensor rw = table(name + "rel_pos_w", of.w(), to.w());
        Tensor rt = table(name + "rel_pos_t", of.t(), to.t());
        Tensor h = torch.einsum("bntyxc,ykc->bntyxk", new TensorVector(r, rh));
        Tensor w = torch.einsum("bntyxc,xkc->bntyxk", new TensorVector(r, rw));
        Tensor t = torch.einsum("bntyxc,tkc->bntyxk", new TensorVector(r, rt));
        Tensor bias = h.unsqueeze(5)
                .unsqueeze(7)
                .add(w.unsqueeze(5).unsqueeze(5))
                .add(t.unsqueeze(6).unsqueeze(6)) // [B, heads, t, y, x, t', y', x']
                .reshape(q.x.size(0), q.x.size(1), of.size(), to.size());
        return shape.classToken ? torch.constant_pad_nd(bias, new long[] {1, 0, 1, 0}, new Scalar(0.0)) : bias;
    }

    /** [Q, K, hd]: what each query's place along an axis makes of each key's. */
    private Tensor table(String name, int q, int k) {
        Tensor table = weight(name);
        int rows = 2 * Math.max(q, k) - 1;
        if (table.size(0) != rows) {
            table = torch.upsample_linear1d(table.t().unsqueeze(0), new long[] {rows}, false)
                    .squeeze(0)
                    .t();
        }
        Tensor distances = Arrays.tensor(distances(q, k), (long) q * k).to(table.device(), ScalarType.Long);
        return table.index_select(0, distances).reshape(q, k, -1);
    }

    /** Rows of the table, [Q, K]; in float32, whose rounding decides where the ratio is no whole number. */
    static long[] distances(int q, int k) {
        double ratioQ = Math.max((double) k / q, 1);
        double ratioK = Math.max((double) q / k, 1);
        long[] distances = new long[q * k];
        for (int i = 0; i < q; i++) {
            for (int j = 0; j < k; j++) {
                float distance = i * (float) ratioQ - j * (float) ratioK;
                distance += (float) ((k - 1) * ratioK);
                distances[i * k + j] = (long) distance;
            }
        }
        return distances;
    }

    // ---- parts -------------------------------------------------------------------------------------------------

    private int classTokens() {
        return shape.classToken ? 1 : 0;
    }

    /** Of [..., 1 + N, C], the patches: the last axis but one. */
    private Tensor patches(Tensor x) {
        return x.narrow(-2, classTokens(), x.size(-2) - classTokens());
    }

    private Tensor withClassTokenOf(Tensor x, Tensor patches) {
        return shape.classToken ? torch.cat(new TensorVector(x.narrow(-2, 0, 1), patches), -2) : patches;
    }

    /** [B, N, C] as [B, C, T, H, W]. */
    private static Tensor volume(Tensor tokens, Grid grid) {
        return tokens.transpose(1, 2).reshape(tokens.size(0), tokens.size(2), grid.t(), grid.h(), grid.w());
    }

    /** Of [B, C, T, H, W]. */
    private static Grid gridOf(Tensor volume) {
        return new Grid((int) volume.size(2), (int) volume.size(3), (int) volume.size(4));
    }

    private Tensor norm(String name, Tensor x) {
        return torch.layer_norm(
                x,
                new long[] {x.size(-1)},
                new TensorOptional(weight(name + ".weight")),
                new TensorOptional(weight(name + ".bias")),
                EPS,
                false);
    }

    private Tensor linear(String name, Tensor x) {
        return torch.linear(x, weight(name + ".weight"), new TensorOptional(weight(name + ".bias")));
    }

    private Tensor weight(String name) {
        Tensor weight = weights.get(name);
        if (weight == null) {
            throw new IllegalArgumentException("no parameter " + name + " among " + weights.keySet());
        }
        return weight;
    }
}
