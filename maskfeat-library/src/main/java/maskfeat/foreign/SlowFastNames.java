package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import maskfeat.model.Classifier;
import org.jspecify.annotations.Nullable;

/** PySlowFast's names, which are ours. */
final class SlowFastNames implements Dialect {
    /** What timm's vision transformers do not have. */
    static final Pattern MARKS = Pattern.compile(
            "^(pred_head|hogs|head\\.projection)\\.|^blocks\\.\\d+\\.attn\\.(pool_|rel_pos_[hwt]$)|^pos_embed_(spatial|temporal)$");

    @Override
    public boolean recognises(Names names) {
        return names.hasPart("patch_embed.proj.") && names.hasPart("blocks.");
    }

    @Override
    public Variant variant(Names theirs) {
        boolean predicts = theirs.hasPart("pred_head.");
        return new Variant(
                theirs.any(Pattern.compile("\\.attn\\.pool_")), "", predicts, null, "norm", "head.projection");
    }

    @Override
    public Variant variantFor(Names ours, Classifier.@Nullable Pooling pooling) {
        return variant(ours);
    }

    @Override
    public List<Rule> rules(Variant variant) {
        List<Rule> rules =
                new ArrayList<>(List.of(Rule.same("cls_token"), Rule.same("pos_embed"), Rule.same("mask_token")));
        rules.addAll(Rule.layer("patch_embed.proj", "patch_embed.proj"));
        rules.addAll(variant.multiscale() ? Dialect.mvitBlocks("") : Dialect.vitBlocks());
        rules.addAll(Rule.layer("pred_head.transforms.#.0", "pred_head.transforms.#.0"));
        rules.addAll(Rule.layer("pred_head.projections.#", "pred_head.projections.#"));
        rules.addAll(Rule.layer("norm", "norm"));
        rules.addAll(Rule.layer("head.projection", "head.projection"));
        return rules;
    }

    @Override
    public List<Remark> unused(Variant variant) {
        return List.of(
                Remark.of("^hogs\\.", "holds kernels of HOG, which are no weights"),
                Remark.of("^(decoder|dec_)", "belongs to a decoder, which is thrown away after pre-training"));
    }

    @Override
    public List<Remark> withoutPlace(Variant variant) {
        return List.of();
    }
}
