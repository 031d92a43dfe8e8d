package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import maskfeat.model.Classifier;
import maskfeat.weights.TensorEntry;
import org.jspecify.annotations.Nullable;

/** Names of timm's vision transformers; MAE's and BEiT's own programs use them too. */
final class TimmNames implements Dialect {
    static final Pattern PRE_LOGITS = Pattern.compile("(^|\\.)pre_logits\\.");

    /** A classifier behind a layer that we do not have says nothing without it. */
    static final Remark BEFORE_LOGITS =
            Remark.of("(^|\\.)(pre_logits\\.|head\\.)", "belongs to a head with a layer before the last (pre_logits)");

    private static final Pattern MARKS = Pattern.compile(
            "^(head\\.(weight|bias)$|fc_norm\\.|norm_pre\\.|decoder_|stages\\.|head_dist\\.|(dist|reg)_token$)|pre_logits\\.");

    @Override
    public boolean recognises(Names names) {
        if (!names.hasPart("patch_embed.") || names.any(SlowFastNames.MARKS)) {
            return false;
        }
        boolean blocks = names.hasPart("blocks.") || names.hasPart("stages.");
        return blocks
                && (names.any(MARKS)
                        || names.has("norm.weight")
                        || !Unsupported.of(names).isEmpty());
    }

    @Override
    public Variant variant(Names theirs) {
        boolean mean = theirs.has("fc_norm.weight");
        boolean head = !theirs.any(PRE_LOGITS);
        return new Variant(
                false,
                "",
                false,
                mean ? Classifier.Pooling.MEAN : Classifier.Pooling.CLASS_TOKEN,
                mean ? "fc_norm" : "norm",
                head ? "head" : "");
    }

    @Override
    public Variant variantFor(Names ours, Classifier.@Nullable Pooling pooling) {
        boolean mean = pooling == null || pooling == Classifier.Pooling.MEAN;
        return new Variant(false, "", ours.hasPart("pred_head."), pooling, mean ? "fc_norm" : "norm", "head");
    }

    @Override
    public String unsupported(Names ours) {
        return onlyImages(ours, "timm");
    }

    /** Why a program of image transformers has no such network; empty if it has. */
    static String onlyImages(Names ours, String program) {
        TensorEntry patches = ours.tensors().get("patch_embed.proj.weight");
        if (ours.any(Pattern.compile("\\.attn\\.pool_"))) {
            return "has 'blocks.0.attn.pool_q.weight': " + program + " has no multiscale transformers of video";
        }
        return patches != null && patches.shape().size() == 5
                ? "has 'patch_embed.proj.weight' of cubes of several frames; " + program
                        + "'s networks of this kind read" + " images"
                : "";
    }

    @Override
    public List<Rule> rules(Variant variant) {
        List<Rule> rules = new ArrayList<>(List.of(Rule.same("cls_token"), Rule.same("pos_embed")));
        rules.addAll(Rule.layer("patch_embed.proj", "patch_embed.proj"));
        rules.addAll(Dialect.vitBlocks());
        rules.addAll(Rule.layer("norm", variant.norm()));
        if (!variant.head().isEmpty()) {
            rules.addAll(Rule.layer("head.projection", variant.head()));
        }
        return rules;
    }

    @Override
    public List<Remark> unused(Variant variant) {
        List<Remark> remarks = new ArrayList<>(List.of(
                Remark.of("^decoder_", "belongs to MAE's decoder, which is thrown away after pre-training"),
                Remark.of("^mask_token$", "stands for hidden tokens in front of a head that is not MaskFeat's")));
        if (variant.head().isEmpty()) {
            remarks.add(BEFORE_LOGITS);
        }
        return remarks;
    }

    @Override
    public List<Remark> withoutPlace(Variant variant) {
        return List.of(
                Remark.of("^(mask_token$|pred_head\\.)", "is for pre-training, which timm's networks do not do"));
    }

    @Override
    public List<String> notesOnWriting(Variant variant) {
        if (variant.predicts() || variant.pooling() == null) {
            return List.of();
        }
        return List.of(
                switch (variant.pooling()) {
                    case MEAN -> "timm needs global_pool='avg' for these weights";
                    case CLASS_TOKEN -> "timm needs global_pool='token' for these weights";
                    case NORM_MEAN -> "timm needs global_pool='avg' and fc_norm=False for these weights";
                    case FIRST_PATCH ->
                        "timm needs global_pool='token', class_token=False and no_embed_class=True for these weights";
                });
    }

    @Override
    public String lacks(Names theirs, Variant variant) {
        if (theirs.has("norm.weight") && theirs.has("fc_norm.weight")) {
            return "has both 'norm.weight' and 'fc_norm.weight': two norms before the head, where ours has one";
        }
        return lacking(theirs, "cls_token", "pos_embed");
    }

    /** What keeps positions or a class token from being ours; empty if they are. */
    static String lacking(Names theirs, String classToken, String positions) {
        if (!theirs.has(classToken)) {
            return "has no '" + classToken + "': our vision transformers always have a class token";
        }
        TensorEntry places = theirs.tensors().get(positions);
        if (places == null) {
            return "has no '" + positions + "': our vision transformers learn a position for each token";
        }
        return "";
    }
}
