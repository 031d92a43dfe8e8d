package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.regex.Pattern;
import maskfeat.model.Classifier;
import org.jspecify.annotations.Nullable;

/**
 * Names of MoCo v3's own program: timm's, with a projector of batch norms in the place of the classifier. A file has the
 * encoder twice, with a predictor beside them; the one that was trained, not the average of it, is what is used afterwards.
 */
final class MocoNames implements Dialect {
    private static final String BASE = "base_encoder";
    private static final String MOMENTUM = "momentum_encoder";
    private static final String WRITTEN = "module." + BASE + ".";

    private final TimmNames timm = new TimmNames();

    @Override
    public boolean recognises(Names names) {
        return names.hasPart("patch_embed.")
                && names.hasPart("blocks.")
                && names.has("head.0.weight")
                && names.has("head.1.running_mean");
    }

    /** The name of the encoder that is meant where none is named; null if these are not the two of MoCo v3. */
    static @Nullable String usual(SortedMap<String, String> networks) {
        List<String> names = List.copyOf(networks.keySet());
        if (names.size() != 2) {
            return null;
        }
        String base = names.get(0);
        boolean both =
                base.endsWith(BASE) && names.get(1).equals(base.substring(0, base.length() - BASE.length()) + MOMENTUM);
        return both ? base : null;
    }

    @Override
    public Variant variant(Names theirs) {
        return new Variant(false, "", false, null, "norm", "");
    }

    @Override
    public Variant variantFor(Names ours, Classifier.@Nullable Pooling pooling) {
        return new Variant(false, WRITTEN, ours.hasPart("pred_head."), null, "norm", "");
    }

    @Override
    public String unsupported(Names ours) {
        String video = TimmNames.onlyImages(ours, "MoCo v3");
        if (!video.isEmpty()) {
            return video;
        }
        return ours.has("norm.weight")
                ? ""
                : "has no 'norm.weight': MoCo v3's program reads the class token behind a norm, which these weights lack";
    }

    @Override
    public List<Rule> rules(Variant variant) {
        List<Rule> rules = new ArrayList<>();
        for (Rule rule : timm.rules(variant)) {
            List<String> theirs =
                    rule.theirs().stream().map(name -> variant.trunk() + name).toList();
            rules.add(new Rule(rule.ours(), theirs, rule.flat(), rule.scales()));
        }
        return rules;
    }

    @Override
    public List<Remark> unused(Variant variant) {
        return List.of(
                Remark.of("^head\\.", "belongs to the projector, which is thrown away after pre-training"),
                Remark.of("(^|\\.)predictor\\.", "belongs to the predictor, which is thrown away after pre-training"),
                Remark.of(
                        "(^|\\.)" + MOMENTUM + "\\.",
                        "belongs to the momentum encoder, which follows the trained one; --network takes it instead"));
    }

    @Override
    public List<Remark> withoutPlace(Variant variant) {
        return List.of(
                new Remark(Pattern.compile("^(mask_token$|pred_head\\.)"), "is for masked feature prediction"),
                new Remark(
                        Pattern.compile("^head\\."), "is a head that MoCo v3's file of pre-training has no place for"));
    }

    @Override
    public String lacks(Names theirs, Variant variant) {
        return timm.lacks(theirs, variant);
    }
}
