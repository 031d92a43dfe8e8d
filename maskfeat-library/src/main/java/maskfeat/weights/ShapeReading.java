package maskfeat.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.IntStream;
import maskfeat.weights.Claims.Claim;
import maskfeat.weights.Claims.Fact;
import org.jspecify.annotations.Nullable;

/** Reads a network's shape off its tensors, all of which must fit together. */
final class ShapeReading {
    private static final int COLOURS = 3;
    private static final int MOST_BLOCKS = 1000;
    private static final int HEAD_DIM = 64; // of all published vision transformers of these sizes
    private static final int CUBE_FRAMES = 2;
    private static final int MVIT_PATCH = 4;
    private static final int MOST_TIMES = 4096;
    private static final int USUAL_POSITIONS_IN_TIME = 8; // 16 frames
    private static final List<Integer> KV_STRIDES = List.of(8, 4, 16, 2, 32, 1); // the published one first
    private static final String PATCHES = "patch_embed.proj.weight";

    private final Renamed weights;
    private final SortedMap<String, TensorEntry> tensors;
    private final Claims claims;
    private final OptionalInt heads;
    private final List<String> assumed = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();

    /** Whether it looks as supervised MViTv2 does, not as MaskFeat's. */
    private boolean supervised;

    ShapeReading(Renamed weights, OptionalInt heads) {
        this.weights = weights;
        this.tensors = weights.entries();
        this.claims = weights.claims();
        this.heads = heads;
    }

    NetworkShape read() throws UnfitWeights {
        boolean multiscale = tensors.keySet().stream().anyMatch(name -> name.contains(".attn.pool_"));
        NetworkShape shape = multiscale ? mvit() : vit();
        for (String name : tensors.keySet()) {
            if (!seen.contains(name)) {
                throw unfit(
                        "has '" + name + "', which has no place in " + (multiscale ? "an MViT" : "a ViT") + " of ours");
            }
        }
        return shape;
    }

    // ------------------------------------------------------------------ vision transformer

    private NetworkShape vit() throws UnfitWeights {
        TensorEntry patches = get(PATCHES);
        int rank = patches.shape().size();
        if (rank != 4 && rank != 5) {
            throw misshaped(patches, "[width, 3, patch, patch] or [width, 3, frames, patch, patch]");
        }
        int dim = size(patches, 0);
        int cube = rank == 5 ? size(patches, 2) : 1;
        int patch = size(patches, rank - 1);
        if (rank == 5) {
            expect(PATCHES, dim, COLOURS, cube, patch, patch);
        } else {
            expect(PATCHES, dim, COLOURS, patch, patch);
        }
        expect("patch_embed.proj.bias", dim);
        expect("cls_token", 1, 1, dim);
        int depth = blocks();
        for (int i = 0; i < depth; i++) {
            vitBlock("blocks." + i + ".", dim);
        }
        int[] widths = new int[depth];
        Arrays.fill(widths, dim);
        double mlpRatio = mlpRatio(widths);
        same(Fact.DIM, dim);
        same(Fact.PATCH, patch);
        same(Fact.CUBE_FRAMES, cube);
        TensorEntry positions = get("pos_embed");
        NetworkShape.Input input = vitInput(positions, patch, cube);
        expect("pos_embed", 1, size(positions, 1), dim);
        NetworkShape.Output output = output(dim, depth);
        int whole = checkDepth(output, depth, depth);
        return new NetworkShape(
                new NetworkShape.VitTrunk(patch, cube, dim, whole, vitHeads(dim), mlpRatio), input, output, assumed);
    }

    private void vitBlock(String block, int dim) throws UnfitWeights {
        norm(block + "norm1", dim);
        layer(block + "attn.qkv", 3 * dim, dim);
        layer(block + "attn.proj", dim, dim);
        norm(block + "norm2", dim);
        mlp(block, dim, dim);
    }

    private int vitHeads(int dim) throws UnfitWeights {
        Claim claim = claims.of(Fact.HEADS);
        long count;
        if (heads.isPresent()) {
            count = heads.getAsInt();
            if (claim != null && claim.value() != count) {
                throw unfit("has " + claim.value() + " heads of attention according to " + claim.where() + ", not "
                        + count);
            }
        } else if (claim != null) {
            count = claim.value();
        } else if (dim % HEAD_DIM == 0) {
            count = dim / HEAD_DIM;
            assumed.add(count + " heads of " + HEAD_DIM + ": shapes are the same for any number");
        } else {
            throw unfit("does not tell how many heads its attention has, and a width of " + dim + " is not of heads of "
                    + HEAD_DIM + "; the number must be given");
        }
        if (count < 1 || dim % count != 0) {
            throw unfit("has a width of " + dim + ", which does not divide into " + count + " heads"
                    + (claim == null ? "" : " (" + claim.where() + ")"));
        }
        return (int) count;
    }

    private NetworkShape.Input vitInput(TensorEntry positions, int patch, int cube) throws UnfitWeights {
        if (positions.shape().size() != 3) {
            throw misshaped(positions, "[1, 1 + tokens, width]");
        }
        int tokens = size(positions, 1) - 1;
        Claim side = claims.of(Fact.SIDE);
        Claim frames = claims.of(Fact.FRAMES);
        List<Integer> times = IntStream.rangeClosed(1, cube == 1 ? 1 : Math.min(tokens, MOST_TIMES))
                .filter(t -> tokens % t == 0 && root(tokens / t) > 0)
                .boxed()
                .toList();
        if (times.isEmpty()) {
            throw unfit("has 'pos_embed' " + positions.shape() + " for " + tokens
                    + " tokens, which are those of no square input");
        }
        List<Integer> told = times.stream()
                .filter(t -> (side == null || root(tokens / t) * patch == side.value())
                        && (frames == null || cube == 1 || t * cube == frames.value()))
                .toList();
        if (told.isEmpty()) {
            int t = times.get(0);
            throw unfit("has 'pos_embed' " + positions.shape() + " for " + tokens + " tokens, as those of "
                    + root(tokens / t) * patch + " px" + (cube == 1 ? "" : " and " + t * cube + " frames")
                    + ", and " + (side == null ? "" : side.where() + " says " + side.value() + " px")
                    + (side == null || frames == null ? "" : ", ")
                    + (frames == null || cube == 1 ? "" : frames.where() + " says " + frames.value() + " frames"));
        }
        int t = told.contains(USUAL_POSITIONS_IN_TIME) ? USUAL_POSITIONS_IN_TIME : told.get(0);
        if (told.size() > 1) {
            assumed.add(t * cube + " frames of " + root(tokens / t) * patch + " px: " + tokens
                    + " positions may be of other clips, too");
        }
        return input(t * cube, root(tokens / t) * patch);
    }

    private static int root(int square) {
        int root = (int) Math.round(Math.sqrt(square));
        return root * root == square ? root : 0;
    }

    // ------------------------------------------------------------------ multiscale transformer

    private NetworkShape mvit() throws UnfitWeights {
        int dim = size(get(PATCHES), 0);
        expect(PATCHES, dim, COLOURS, 3, 7, 7);
        expect("patch_embed.proj.bias", dim);
        boolean classToken = tensors.containsKey("cls_token");
        if (classToken) {
            expect("cls_token", 1, 1, dim);
        }
        int blocks = blocks();
        int headDim = size(get("blocks.0.attn.pool_q.weight"), 0);
        int[] in = new int[blocks];
        int[] inside = new int[blocks];
        int[] out = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            TensorEntry qkv = get("blocks." + i + ".attn.qkv.weight");
            if (qkv.shape().size() != 2) {
                throw misshaped(qkv, "[3 x width, width]");
            }
            in[i] = size(qkv, 1);
            inside[i] = size(qkv, 0) / 3;
            out[i] = size(get("blocks." + i + ".mlp.fc2.weight"), 0);
            mvitBlock("blocks." + i + ".", in[i], inside[i], out[i], headDim);
        }
        double mlpRatio = mlpRatio(inside);
        boolean widen = IntStream.range(0, blocks).anyMatch(i -> in[i] != inside[i]);
        supervised = widen && classToken;
        List<Integer> stages = stages(in, inside, out, dim, headDim, widen);
        int after = stages.stream().mapToInt(Integer::intValue).sum();
        same(Fact.DIM, dim);
        same(Fact.CLASS_TOKEN, classToken ? 1 : 0);
        if (stages.size() > 1) {
            same(Fact.WIDEN_IN_ATTENTION, widen ? 1 : 0);
        }
        NetworkShape.Output output = output(out[blocks - 1], blocks);
        int depth = checkDepth(output, blocks, after);
        if (after > blocks) { // the width of another stage begins, whose blocks were left out
            stages.set(stages.size() - 1, Math.max(1, depth - blocks));
        } else if (depth > after) {
            stages.set(stages.size() - 1, stages.get(stages.size() - 1) + depth - after);
        }
        int firstHeads = dim / headDim;
        Claim said = claims.of(Fact.HEADS);
        if (heads.isPresent() && heads.getAsInt() != firstHeads) {
            throw unfit("has 'blocks.0.attn.pool_q.weight' for " + firstHeads + " heads, and " + heads.getAsInt()
                    + " were asked for");
        }
        if (said != null) {
            same(Fact.HEADS, firstHeads);
        }
        NetworkShape.Input input = mvitInput();
        Strides strides = strides(stages, blocks, output);
        return new NetworkShape(
                new NetworkShape.MvitTrunk(
                        dim, firstHeads, stages, strides.kv, strides.poolLast, widen, classToken, mlpRatio),
                input,
                output,
                assumed);
    }

    private void mvitBlock(String block, int in, int inside, int out, int headDim) throws UnfitWeights {
        if (headDim < 1 || inside % headDim != 0) {
            throw unfit("has '" + block + "attn.qkv.weight' of width " + inside
                    + ", which does not divide into heads of " + headDim);
        }
        norm(block + "norm1", in);
        layer(block + "attn.qkv", 3 * inside, in);
        layer(block + "attn.proj", inside, inside);
        for (String which : List.of("q", "k", "v")) {
            expect(block + "attn.pool_" + which + ".weight", headDim, 1, 3, 3, 3);
            norm(block + "attn.norm_" + which, headDim);
        }
        for (String axis : List.of("h", "w", "t")) {
            String name = block + "attn.rel_pos_" + axis;
            expect(name, size(get(name), 0), headDim);
        }
        norm(block + "norm2", inside);
        mlp(block, inside, out);
        if (in != out) {
            layer(block + "proj", out, in);
        }
    }

    /** Where widths double, and that they do nothing else. */
    private List<Integer> stages(int[] in, int[] inside, int[] out, int dim, int headDim, boolean widen)
            throws UnfitWeights {
        List<Integer> stages = new ArrayList<>();
        int width = dim;
        int blocks = 0;
        for (int i = 0; i < in.length; i++) {
            if (i > 0 && inside[i] == 2 * width) {
                stages.add(blocks);
                blocks = 0;
                width *= 2;
            }
            blocks++;
            boolean fits = inside[i] == width && in[i] == (i == 0 ? dim : out[i - 1]);
            int next = i + 1 < in.length ? inside[i + 1] : out[i];
            boolean grows = widen ? out[i] == inside[i] : in[i] == inside[i] && out[i] == next;
            if (!fits || !grows || width % headDim != 0) {
                throw unfit(
                        "has block " + i + " of widths " + in[i] + ", " + inside[i] + " and " + out[i]
                                + " (in, in attention, out) with heads of " + headDim
                                + "; ours double width and heads where a stage begins, all in attention or all in the MLP before");
            }
        }
        stages.add(blocks);
        int last = out[out.length - 1];
        if (!widen && last != width) {
            if (last != 2 * width) {
                throw unfit("has a last block that widens from " + width + " to " + last + "; ours double");
            }
            stages.add(1);
        }
        return stages;
    }

    private record Strides(int kv, boolean poolLast) {}

    /** Tables of relative positions tell in which blocks rows and columns halve, and little of keys. */
    private Strides strides(List<Integer> stages, int blocks, NetworkShape.Output output) throws UnfitWeights {
        int[] rows = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            rows[i] = size(get("blocks." + i + ".attn.rel_pos_h"), 0);
        }
        Claim kvSaid = claims.of(Fact.KV_STRIDE);
        List<Strides> fitting = new ArrayList<>();
        for (boolean pool : stages.size() > 1 ? new boolean[] {true, false} : new boolean[] {false}) {
            for (int kv : kvSaid == null ? KV_STRIDES : List.of((int) kvSaid.value())) {
                if (kv > 0
                        && strideSaid(stages, pool)
                        && Arrays.equals(tables(stages, blocks, rows[0], kv, pool), rows)) {
                    fitting.add(new Strides(kv, pool));
                }
            }
        }
        if (fitting.isEmpty()) {
            throw unfit(String.format(
                    Locale.ROOT,
                    "has tables of relative positions of %s rows (blocks.*.attn.rel_pos_h), which rows and columns that halve"
                            + " where a stage begins do not make%s",
                    rows.length > 1 && rows[0] == rows[rows.length - 1]
                            ? String.valueOf(rows[0])
                            : rows[0] + " to " + rows[rows.length - 1],
                    claims.qStrides().isEmpty() && kvSaid == null
                            ? ""
                            : ", or not with cfg MVIT.POOL_Q_STRIDE "
                                    + claims.qStrides().values()
                                    + (kvSaid == null ? "" : " and " + kvSaid.where() + " " + kvSaid.value())));
        }
        boolean poolTold = fitting.stream().map(Strides::poolLast).distinct().count() == 1;
        // Pre-training leaves it out, to predict for patches of 16 px.
        boolean pool = poolTold ? fitting.get(0).poolLast : !(output instanceof NetworkShape.Predictions);
        int kv = fitting.stream()
                .filter(strides -> strides.poolLast == pool)
                .findFirst()
                .orElseThrow()
                .kv;
        if (!poolTold) {
            assumed.add("the last stage " + (pool ? "halves rows and columns" : "keeps rows and columns")
                    + ": tables are the same either way");
        }
        if (kvSaid == null && fitting.stream().map(Strides::kv).distinct().count() > 1) {
            assumed.add(
                    "one key for " + kv + " x " + kv + " tokens in the first stage: shapes are the same for others");
        }
        return new Strides(kv, pool);
    }

    /** Whether the strides of queries are those that are said, where any are. */
    private boolean strideSaid(List<Integer> stages, boolean pool) {
        for (Map.Entry<Integer, Integer> said : claims.qStrides().entrySet()) {
            if (said.getValue() != qStride(stages, said.getKey(), pool)) {
                return false;
            }
        }
        return true;
    }

    private static int qStride(List<Integer> stages, int block, boolean pool) {
        int begin = 0;
        for (int stage = 0; stage < stages.size(); begin += stages.get(stage++)) {
            if (block == begin && stage > 0) {
                return stage < stages.size() - 1 || pool ? 2 : 1;
            }
        }
        return 1;
    }

    private static int[] tables(List<Integer> stages, int blocks, int firstRows, int kvStride, boolean pool) {
        int side = (firstRows + 1) / 2;
        int kv = kvStride;
        int[] rows = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            int q = qStride(stages, i, pool);
            kv = Math.max(1, kv / q);
            rows[i] = 2 * Math.max(side / q, side / kv) - 1;
            side /= q;
        }
        return rows;
    }

    /** The smallest side that has these tables: the published ones are multiples of a patch. */
    private NetworkShape.Input mvitInput() throws UnfitWeights {
        int h = size(get("blocks.0.attn.rel_pos_h"), 0);
        int w = size(get("blocks.0.attn.rel_pos_w"), 0);
        int t = size(get("blocks.0.attn.rel_pos_t"), 0);
        if (h != w) {
            throw unfit("has 'blocks.0.attn.rel_pos_h' of " + h + " rows and 'rel_pos_w' of " + w
                    + ": it reads frames that are not square");
        }
        int side = (h + 1) / 2 * MVIT_PATCH;
        Claim said = claims.of(Fact.SIDE);
        if (said != null && said.value() / MVIT_PATCH == (h + 1) / 2) {
            side = (int) said.value();
        }
        same(Fact.SIDE, side);
        int frames = (t + 1) / 2 * CUBE_FRAMES;
        same(Fact.FRAMES, frames);
        return input(frames, side);
    }

    // ------------------------------------------------------------------ both

    private NetworkShape.Input input(int frames, int side) {
        Claim stride = claims.of(Fact.STRIDE_FRAMES);
        int strideFrames = stride == null || frames == 1 ? 0 : (int) stride.value();
        return new NetworkShape.Input(frames, side, strideFrames, claims.mean(), claims.std());
    }

    private NetworkShape.Output output(int dim, int blocks) throws UnfitWeights {
        if (tensors.containsKey("mask_token")) {
            expect("mask_token", 1, 1, size(get(PATCHES), 0));
        }
        if (tensors.containsKey("pred_head.projections.0.weight")) {
            return predictions(dim, blocks);
        }
        boolean normed = tensors.containsKey("norm.weight");
        if (normed) {
            norm("norm", dim);
        }
        if (!tensors.containsKey("head.projection.weight")) {
            return new NetworkShape.Features(normed);
        }
        int classes = size(get("head.projection.weight"), 0);
        layer("head.projection", classes, dim);
        if (!normed) {
            throw unfit("has 'head.projection.weight' and no 'norm.weight' before it");
        }
        same(Fact.CLASSES, classes);
        List<String> names = claims.classNames();
        if (!names.isEmpty() && names.size() != classes) {
            throw unfit(
                    "has " + classes + " classes ('head.projection.weight'), and config.json names " + names.size());
        }
        return new NetworkShape.Classes(classes, pooling(), names);
    }

    private NetworkShape.Pooling pooling() {
        NetworkShape.@Nullable Pooling byName = weights.variant().pooling();
        NetworkShape.@Nullable Pooling said = claims.pooling();
        if (byName == NetworkShape.Pooling.MEAN || (byName != null && said == null)) {
            if (weights.layout() == Layout.TIMM && byName == NetworkShape.Pooling.CLASS_TOKEN) {
                assumed.add(
                        "classes are read off the class token: 'norm' stands there for global_pool='avg' without fc_norm,"
                                + " too");
            }
            return byName;
        }
        if (said != null) {
            return said;
        }
        if (supervised) {
            assumed.add("classes are read off the class token, as those of supervised MViTv2 are: names do not tell");
            return NetworkShape.Pooling.CLASS_TOKEN;
        }
        assumed.add("classes are read off the mean of the patches, as MaskFeat's are: names do not tell");
        return NetworkShape.Pooling.MEAN;
    }

    private NetworkShape.Predictions predictions(int dim, int blocks) throws UnfitWeights {
        List<Integer> outputs = new ArrayList<>();
        List<Integer> widths = new ArrayList<>();
        for (int k = 0; tensors.containsKey("pred_head.projections." + k + ".weight"); k++) {
            TensorEntry projection = get("pred_head.projections." + k + ".weight");
            if (projection.shape().size() != 2) {
                throw misshaped(projection, "[outputs, width]");
            }
            outputs.add(size(projection, 0));
            widths.add(size(projection, 1));
            layer("pred_head.projections." + k, outputs.get(k), widths.get(k));
            norm("pred_head.transforms." + k + ".0", widths.get(k));
        }
        List<Integer> depths = claims.depths();
        if (outputs.size() == 1) {
            depths = List.of(blocks - 1);
        } else if (depths.isEmpty()) {
            throw unfit("predicts after " + outputs.size()
                    + " blocks ('pred_head.projections.1.weight'), and nothing tells" + " after which");
        }
        List<Integer> sorted = depths.stream().sorted().toList();
        if (sorted.size() != outputs.size() || sorted.get(sorted.size() - 1) != blocks - 1 || sorted.get(0) < 0) {
            throw unfit("has " + outputs.size() + " heads and " + blocks + " blocks, and cfg MASK.PRETRAIN_DEPTH says "
                    + depths);
        }
        for (int k = 0; k < widths.size(); k++) {
            int width = size(get("blocks." + sorted.get(k) + ".mlp.fc2.weight"), 0);
            if (width != widths.get(k)) {
                throw unfit("has 'pred_head.projections." + k + ".weight' for a width of " + widths.get(k)
                        + ", and block " + sorted.get(k) + " has " + width + " (" + dim + " in the last)");
            }
        }
        return new NetworkShape.Predictions(sorted, outputs);
    }

    /** What is said of the number of blocks; those after the last that predicts may be left out. */
    private int checkDepth(NetworkShape.Output output, int blocks, int atLeast) throws UnfitWeights {
        Claim said = claims.of(Fact.DEPTH);
        if (said == null || said.value() == blocks) {
            if (atLeast > blocks) {
                assumed.add("one more block: the last widens for it");
            }
            return atLeast;
        }
        boolean leftOut = output instanceof NetworkShape.Predictions
                && claims.depths().contains(blocks - 1)
                && said.value() >= atLeast;
        if (!leftOut || said.value() > MOST_BLOCKS) { // a number in a file must not decide how much is built
            same(Fact.DEPTH, blocks);
        }
        return (int) said.value();
    }

    private void mlp(String block, int in, int out) throws UnfitWeights {
        int hidden = size(get(block + "mlp.fc1.weight"), 0);
        layer(block + "mlp.fc1", hidden, in);
        layer(block + "mlp.fc2", out, hidden);
    }

    /**
     * The ratio whose multiples of the widths, rounded down, are the hidden widths of all MLPs: the one that is said, or
     * else the smallest.
     *
     * @param widths that each block's MLP reads
     */
    private double mlpRatio(int[] widths) throws UnfitWeights {
        int[] hidden = new int[widths.length];
        double ratio = 0;
        for (int i = 0; i < widths.length; i++) {
            hidden[i] = size(get("blocks." + i + ".mlp.fc1.weight"), 0);
            double own = (double) hidden[i] / widths[i];
            ratio = Math.max(ratio, (int) (widths[i] * own) < hidden[i] ? Math.nextUp(own) : own);
        }
        same(Fact.HIDDEN_DIM, hidden[0]);
        Claims.Ratio said = claims.mlpRatio();
        if (said != null) {
            ratio = said.value();
        }
        for (int i = 0; i < widths.length; i++) {
            if ((int) (widths[i] * ratio) != hidden[i]) {
                throw unfit("has 'blocks." + i + ".mlp.fc1.weight' [" + hidden[i] + ", " + widths[i] + "], and "
                        + (said == null
                                ? "other blocks have MLPs of " + ratio
                                        + " times their width; ours have one ratio in all"
                                : said.where() + " says that the hidden layer has " + ratio + " times the width"));
            }
        }
        return ratio;
    }

    private int blocks() throws UnfitWeights {
        int blocks = 0;
        while (tensors.containsKey("blocks." + blocks + ".norm1.weight")) {
            blocks++;
        }
        if (blocks == 0) {
            throw unfit("has no 'blocks.0.norm1.weight'");
        }
        return blocks;
    }

    private void same(Fact fact, long ofTensors) throws UnfitWeights {
        Claim claim = claims.of(fact);
        if (claim != null && claim.value() != ofTensors) {
            throw unfit("has tensors for " + fact.title() + " " + ofTensors + ", and " + claim.where() + " says "
                    + claim.value());
        }
    }

    private void norm(String name, int dim) throws UnfitWeights {
        expect(name + ".weight", dim);
        expect(name + ".bias", dim);
    }

    private void layer(String name, int out, int in) throws UnfitWeights {
        expect(name + ".weight", out, in);
        expect(name + ".bias", out);
    }

    private TensorEntry get(String name) throws UnfitWeights {
        TensorEntry entry = tensors.get(name);
        if (entry == null) {
            throw unfit("has no '" + name + "' (by our names)");
        }
        return entry;
    }

    private void expect(String name, long... shape) throws UnfitWeights {
        TensorEntry entry = get(name);
        List<Long> wanted = Arrays.stream(shape).boxed().toList();
        if (!entry.shape().equals(wanted)) {
            throw misshaped(entry, wanted.toString());
        }
        seen.add(name);
    }

    private int size(TensorEntry entry, int dimension) throws UnfitWeights {
        if (entry.shape().size() <= dimension) {
            throw misshaped(entry, "more dimensions");
        }
        long size = entry.shape().get(dimension);
        if (size < 1 || size > Integer.MAX_VALUE / 16) {
            throw misshaped(entry, "sizes from 1 to " + Integer.MAX_VALUE / 16);
        }
        return (int) size;
    }

    private UnfitWeights misshaped(TensorEntry entry, String wanted) {
        return unfit("has '" + entry.name() + "' " + entry.shape() + " (by our names) instead of " + wanted);
    }

    private UnfitWeights unfit(String reason) {
        return new UnfitWeights(weights.file(), reason);
    }
}
