package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import maskfeat.model.Classifier;
import maskfeat.weights.TensorEntry;
import org.jspecify.annotations.Nullable;

/**
 * Names of OpenMMLab: vision transformers of mmpretrain and mmselfsup, multiscale ones of mmaction2. The backbone's final
 * norm is there what stands in the head here.
 */
final class OpenMmlabNames implements Dialect {
    private static final Pattern POOLED = Pattern.compile("\\.attn\\.pool_");
    private static final int MOST_SCALES = 8;

    private static String trunk(Names names) {
        return names.hasPart("backbone.") ? "backbone." : "";
    }

    @Override
    public boolean recognises(Names names) {
        String trunk = trunk(names);
        return names.hasPart(trunk + "patch_embed.projection.")
                && (names.hasPart(trunk + "layers.") || names.hasPart(trunk + "blocks."));
    }

    @Override
    public Variant variant(Names theirs) {
        String trunk = trunk(theirs);
        boolean predicts = theirs.has("neck.fc.weight");
        boolean preLogits = theirs.any(TimmNames.PRE_LOGITS);
        String head = preLogits
                ? ""
                : List.of("cls_head.fc_cls", "head.fc", "head.layers.head").stream()
                        .filter(name -> theirs.has(name + ".weight"))
                        .findFirst()
                        .orElse("");
        if (theirs.any(POOLED)) {
            int scale = IntStream.range(0, MOST_SCALES)
                    .filter(i -> theirs.has(trunk + "norm" + i + ".weight"))
                    .max()
                    .orElse(MOST_SCALES);
            Classifier.Pooling pooling =
                    theirs.has(trunk + "cls_token") ? Classifier.Pooling.CLASS_TOKEN : Classifier.Pooling.NORM_MEAN;
            return new Variant(true, trunk, predicts, pooling, trunk + "norm" + scale, head);
        }
        boolean mean = !predicts && theirs.has(trunk + "ln2.weight");
        Classifier.Pooling pooling = mean ? Classifier.Pooling.MEAN : Classifier.Pooling.CLASS_TOKEN;
        return new Variant(false, trunk, predicts, pooling, trunk + (mean ? "ln2" : "ln1"), head);
    }

    @Override
    public Variant variantFor(Names ours, Classifier.@Nullable Pooling pooling) {
        boolean predicts = ours.hasPart("pred_head.");
        String trunk = "backbone.";
        if (ours.any(POOLED)) {
            return new Variant(true, trunk, predicts, pooling, trunk + "norm" + lastScale(ours), "cls_head.fc_cls");
        }
        boolean classToken = predicts || pooling == Classifier.Pooling.CLASS_TOKEN;
        return new Variant(false, trunk, predicts, pooling, trunk + (classToken ? "ln1" : "ln2"), "head.fc");
    }

    /** How often rows and columns halve: once where a stage begins, which the last may leave out. */
    private static int lastScale(Names ours) {
        int scale = 0;
        long before = 0;
        long rows = 0;
        for (int i = 0; ours.has("blocks." + i + ".attn.rel_pos_h"); i++) {
            rows = side(ours, "blocks." + i + ".attn.rel_pos_h", 0);
            long heads = side(ours, "blocks." + i + ".attn.qkv.weight", 0);
            // The table of a stage's first block may be as large as before: that of the pooled keys.
            if (before > 0 && heads > before) {
                scale++;
            }
            before = heads;
        }
        long first = side(ours, "blocks.0.attn.rel_pos_h", 0);
        long halved = ((first + 1) / 2) >> scale;
        // Without the last halving the last table is twice as long.
        return scale > 0 && (rows + 1) / 2 > halved && !oneBlockStage(ours) ? scale - 1 : scale;
    }

    /** Whether the last stage has one block, whose table does not tell. Then only pre-training leaves its pooling out. */
    private static boolean oneBlockStage(Names ours) {
        int last = ours.blocks() - 1;
        return !ours.hasPart("pred_head.")
                && side(ours, "blocks." + last + ".attn.qkv.weight", 0)
                        > side(ours, "blocks." + (last - 1) + ".attn.qkv.weight", 0);
    }

    private static long side(Names ours, String name, int dimension) {
        TensorEntry entry = ours.tensors().get(name);
        return entry == null || entry.shape().size() <= dimension
                ? 0
                : entry.shape().get(dimension);
    }

    @Override
    public String unsupported(Names ours) {
        TensorEntry patches = ours.tensors().get("patch_embed.proj.weight");
        return !ours.any(POOLED) && patches != null && patches.shape().size() == 5
                ? "has 'patch_embed.proj.weight' of cubes of several frames; OpenMMLab's vision transformers of this kind"
                        + " read images"
                : "";
    }

    @Override
    public List<Rule> rules(Variant variant) {
        String trunk = variant.trunk();
        List<Rule> rules = new ArrayList<>(
                List.of(new Rule("cls_token", trunk + "cls_token"), new Rule("mask_token", trunk + "mask_token")));
        rules.addAll(Rule.layer("patch_embed.proj", trunk + "patch_embed.projection"));
        if (variant.multiscale()) {
            rules.addAll(Dialect.mvitBlocks(trunk));
        } else {
            rules.add(new Rule("pos_embed", trunk + "pos_embed"));
            String block = trunk + "layers.*.";
            rules.addAll(Rule.layer("blocks.*.norm1", block + "ln1"));
            rules.addAll(Rule.layer("blocks.*.norm2", block + "ln2"));
            rules.addAll(Rule.layer("blocks.*.attn.qkv", block + "attn.qkv"));
            rules.addAll(
                    Rule.scaled(Rule.layer("blocks.*.attn.proj", block + "attn.proj"), block + "attn.gamma1.weight"));
            rules.addAll(Rule.layer("blocks.*.mlp.fc1", block + "ffn.layers.0.0"));
            rules.addAll(
                    Rule.scaled(Rule.layer("blocks.*.mlp.fc2", block + "ffn.layers.1"), block + "ffn.gamma2.weight"));
        }
        if (variant.predicts()) {
            rules.addAll(Rule.layer("pred_head.transforms.0.0", variant.norm()));
            rules.addAll(Rule.layer("pred_head.projections.0", "neck.fc"));
        } else {
            rules.addAll(Rule.layer("norm", variant.norm()));
            if (!variant.head().isEmpty()) {
                rules.addAll(Rule.layer("head.projection", variant.head()));
            }
        }
        return rules;
    }

    @Override
    public List<Remark> unused(Variant variant) {
        List<Remark> remarks = new ArrayList<>(List.of(
                Remark.of("^target_generator\\.", "holds kernels of HOG, which are no weights"),
                Remark.of("^data_preprocessor\\.", "says how inputs are normalised, which is no weight")));
        if (variant.multiscale()) {
            remarks.add(Remark.of("^(backbone\\.)?norm\\d\\.", "normalises what comes out of an earlier stage"));
        }
        if (variant.head().isEmpty()) {
            remarks.add(TimmNames.BEFORE_LOGITS);
        }
        return remarks;
    }

    @Override
    public List<Remark> withoutPlace(Variant variant) {
        return List.of(
                Remark.of("^pred_head\\.", "predicts after an earlier block, which OpenMMLab's networks do not"));
    }

    @Override
    public List<String> notesOnWriting(Variant variant) {
        Classifier.Pooling pooling = variant.pooling();
        if (variant.predicts() || pooling == null) {
            return List.of();
        }
        if (variant.multiscale()) {
            return pooling == Classifier.Pooling.CLASS_TOKEN
                    ? List.of()
                    : List.of(
                            "mmaction2 reads classes off the class token behind the norm, these weights off the mean of the"
                                    + " patches: its scores are others");
        }
        return pooling == Classifier.Pooling.NORM_MEAN
                ? List.of("mmpretrain takes the mean before the norm, these weights behind it: its scores are others")
                : List.of("mmpretrain needs out_type='"
                        + (pooling == Classifier.Pooling.MEAN ? "avg_featmap' and final_norm=False" : "cls_token'")
                        + " for these weights");
    }

    @Override
    public String lacks(Names theirs, Variant variant) {
        return variant.multiscale()
                ? ""
                : TimmNames.lacking(theirs, variant.trunk() + "cls_token", variant.trunk() + "pos_embed");
    }
}
