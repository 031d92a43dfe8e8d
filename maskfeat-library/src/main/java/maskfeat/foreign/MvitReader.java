package maskfeat.foreign;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import maskfeat.disk.Plural;
import maskfeat.foreign.Claims.Claim;
import maskfeat.foreign.Claims.Fact;
import maskfeat.foreign.ForeignNetwork.Output;
import maskfeat.foreign.ForeignNetwork.Predictions;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.model.Mvit;
import maskfeat.nn.MultiscaleBlock;

/**
 * Proposes a multiscale transformer. Widths tell its stages, tables of relative positions tell the clip and where rows and
 * columns halve, and little of the keys.
 */
final class MvitReader implements BackboneReader {
    private static final int CUBE_FRAMES = 2;
    private static final int PATCH = 4;
    private static final List<Integer> KV_STRIDES = List.of(8, 4, 16, 2, 32, 1); // the published one first

    @Override
    public boolean recognises(Evidence evidence) {
        return evidence.tensors().keySet().stream().anyMatch(name -> name.contains(".attn.pool_"));
    }

    @Override
    public String title() {
        return "an MViT";
    }

    /** The width of supervised MViTv2 grows in attention, that of MaskFeat's in the MLP. */
    @Override
    public Classifier.Pooling usualPooling(Evidence evidence) {
        boolean widensInAttention = evidence.tensors().entrySet().stream()
                .filter(tensor -> tensor.getKey().endsWith(".attn.qkv.weight"))
                .map(tensor -> tensor.getValue().shape())
                .anyMatch(shape -> shape.size() == 2 && shape.get(0) / 3 != shape.get(1));
        return widensInAttention && evidence.has("cls_token")
                ? Classifier.Pooling.CLASS_TOKEN
                : Classifier.Pooling.MEAN;
    }

    /** Widths of each block's tokens: as they come in, within attention, as they go out. */
    private record Widths(int[] in, int[] inside, int[] out) {
        static Widths of(Evidence evidence, int blocks) throws UnfitWeights {
            Widths widths = new Widths(new int[blocks], new int[blocks], new int[blocks]);
            for (int i = 0; i < blocks; i++) {
                widths.in[i] = evidence.size("blocks." + i + ".attn.qkv.weight", 1);
                widths.inside[i] = evidence.size("blocks." + i + ".attn.qkv.weight", 0) / 3;
                widths.out[i] = evidence.size("blocks." + i + ".mlp.fc2.weight", 0);
            }
            return widths;
        }

        boolean growInAttention() {
            return !Arrays.equals(in, inside);
        }

        /** How many blocks each stage has. One begins where the width doubles, the last perhaps after the last block. */
        List<Integer> stages() {
            List<Integer> stages = new ArrayList<>();
            int begin = 0;
            for (int i = 1; i <= inside.length; i++) {
                int next = i < inside.length ? inside[i] : growInAttention() ? 0 : out[i - 1];
                if (next == 2 * inside[begin]) {
                    stages.add(i - begin);
                    begin = i;
                }
            }
            stages.add(Math.max(1, inside.length - begin));
            return stages;
        }
    }

    @Override
    public Proposal propose(Evidence evidence, Output output) throws UnfitWeights {
        int dim = evidence.size(Evidence.PATCHES, 0);
        boolean classToken = evidence.has("cls_token");
        int blocks = evidence.blocks();
        Widths widths = Widths.of(evidence, blocks);
        boolean widen = widths.growInAttention();
        List<Integer> stages = widths.stages();
        evidence.same(Fact.DIM, dim);
        evidence.same(Fact.CLASS_TOKEN, classToken ? 1 : 0);
        if (stages.size() > 1) {
            evidence.same(Fact.WIDEN_IN_ATTENTION, widen ? 1 : 0);
        }
        int last = stages.size() - 1;
        int before = sum(stages.subList(0, last));
        stages.set(last, Math.max(1, evidence.depth(output, blocks, before + stages.get(last)) - before));
        Mvit.Config proposed = new Mvit.Config(
                dim,
                heads(evidence, dim),
                stages,
                1,
                false,
                stages.size() > 1 && widen,
                classToken,
                evidence.mlpRatio(widths.inside),
                0);
        ClipSize size = size(evidence);
        return new Proposal(withStrides(evidence, proposed, size, blocks, output), size);
    }

    private static int sum(List<Integer> numbers) {
        return numbers.stream().mapToInt(Integer::intValue).sum();
    }

    /** Of the first stage. */
    private static int heads(Evidence evidence, int dim) throws UnfitWeights {
        int heads = dim / evidence.size("blocks.0.attn.pool_q.weight", 0);
        Integer given = evidence.heads();
        if (given != null && given != heads) {
            throw evidence.unfit("has 'blocks.0.attn.pool_q.weight' for " + Plural.of(heads, "head") + ", and " + given
                    + " were asked for");
        }
        evidence.same(Fact.HEADS, heads);
        return heads;
    }

    /** The smallest side that has these tables: the published ones are multiples of a patch. */
    private static ClipSize size(Evidence evidence) throws UnfitWeights {
        int h = evidence.size("blocks.0.attn.rel_pos_h", 0);
        int w = evidence.size("blocks.0.attn.rel_pos_w", 0);
        int t = evidence.size("blocks.0.attn.rel_pos_t", 0);
        if (h != w) {
            throw evidence.unfit("has 'blocks.0.attn.rel_pos_h' of " + h + " rows and 'rel_pos_w' of " + w
                    + ": it reads frames that are not square");
        }
        int side = (h + 1) / 2 * PATCH;
        Claim claim = evidence.claims().of(Fact.SIDE);
        if (claim != null && claim.value() / PATCH == (h + 1) / 2) {
            side = (int) claim.value();
        }
        evidence.same(Fact.SIDE, side);
        int frames = (t + 1) / 2 * CUBE_FRAMES;
        evidence.same(Fact.FRAMES, frames);
        return Evidence.clip(frames, side);
    }

    private static Mvit.Config with(Mvit.Config config, int kvStride, boolean poolLastStage) {
        return new Mvit.Config(
                config.dim(),
                config.heads(),
                config.stages(),
                kvStride,
                poolLastStage,
                config.widenInAttention(),
                config.classToken(),
                config.mlpRatio(),
                config.dropPath());
    }

    /** With strides that make the tables of relative positions. */
    private static Mvit.Config withStrides(
            Evidence evidence, Mvit.Config proposed, ClipSize size, int blocks, Output output) throws UnfitWeights {
        int[] rows = new int[blocks];
        for (int i = 0; i < blocks; i++) {
            rows[i] = evidence.size("blocks." + i + ".attn.rel_pos_h", 0);
        }
        Claim claim = evidence.claims().of(Fact.KV_STRIDE);
        List<Mvit.Config> fitting = new ArrayList<>();
        for (boolean pool : proposed.stages().size() > 1 ? new boolean[] {true, false} : new boolean[] {false}) {
            for (int kv : claim == null ? KV_STRIDES : List.of((int) claim.value())) {
                if (kv > 0 && fits(with(proposed, kv, pool), size, rows, evidence.claims())) {
                    fitting.add(with(proposed, kv, pool));
                }
            }
        }
        if (fitting.isEmpty()) {
            throw noStrides(evidence, rows);
        }
        boolean poolTold =
                fitting.stream().map(Mvit.Config::poolLastStage).distinct().count() == 1;
        // Pre-training leaves it out, to predict for patches of 16 px.
        boolean pool = poolTold ? fitting.get(0).poolLastStage() : !(output instanceof Predictions);
        Mvit.Config chosen = fitting.stream()
                .filter(config -> config.poolLastStage() == pool)
                .findFirst()
                .orElseThrow();
        if (!poolTold) {
            evidence.assume("the last stage " + (pool ? "halves rows and columns" : "keeps rows and columns")
                    + ": tables are the same either way");
        }
        if (claim == null
                && fitting.stream().map(Mvit.Config::kvStride).distinct().count() > 1) {
            evidence.assume("one key for " + chosen.kvStride() + " x " + chosen.kvStride()
                    + " tokens in the first stage: shapes are the same for others");
        }
        return chosen;
    }

    /** Whether a network has these rows in its tables, and the strides of queries that are claimed. */
    private static boolean fits(Mvit.Config config, ClipSize size, int[] rows, Claims claims) {
        if (config.patch() > size.height()) {
            return false;
        }
        List<MultiscaleBlock.Sizes> shapes = config.shapes(size);
        for (Map.Entry<Integer, Integer> claim : claims.qStrides().entrySet()) {
            int block = claim.getKey(); // of a file: any number
            if (claim.getValue()
                    != (block >= 0 && block < shapes.size() ? shapes.get(block).qStride() : 1)) {
                return false;
            }
        }
        return IntStream.range(0, rows.length)
                .allMatch(i -> 2 * shapes.get(i).tables().h() - 1 == rows[i]);
    }

    private static UnfitWeights noStrides(Evidence evidence, int[] rows) {
        Claims claims = evidence.claims();
        Claim kvStride = claims.of(Fact.KV_STRIDE);
        return evidence.unfit(String.format(
                Locale.ROOT,
                "has tables of relative positions of %s rows (blocks.*.attn.rel_pos_h), which rows and columns that halve"
                        + " where a stage begins do not make%s",
                rows.length > 1 && rows[0] == rows[rows.length - 1]
                        ? String.valueOf(rows[0])
                        : rows[0] + " to " + rows[rows.length - 1],
                claims.qStrides().isEmpty() && kvStride == null
                        ? ""
                        : ", or not with cfg MVIT.POOL_Q_STRIDE "
                                + claims.qStrides().values()
                                + (kvStride == null ? "" : " and " + kvStride.where() + " " + kvStride.value())));
    }
}
