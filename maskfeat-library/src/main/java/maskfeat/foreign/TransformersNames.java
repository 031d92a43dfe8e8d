package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;
import maskfeat.model.Classifier;
import maskfeat.weights.TensorEntry;
import org.jspecify.annotations.Nullable;

/** Names of Hugging Face's transformers: ViT's for images, VideoMAE's for video. Queries, keys and values stand apart. */
final class TransformersNames implements Dialect {
    private static final double THEIR_EPSILON = 1e-12; // where config.json says nothing
    static final double OUR_EPSILON = 1e-6;

    private final boolean video;

    private TransformersNames(boolean video) {
        this.video = video;
    }

    static TransformersNames ofImages() {
        return new TransformersNames(false);
    }

    static TransformersNames ofVideo() {
        return new TransformersNames(true);
    }

    private String trunk(Names names) {
        List<String> trunks = video ? List.of("videomae.") : List.of("vit.", "deit.");
        return trunks.stream().filter(names::hasPart).findFirst().orElse("");
    }

    @Override
    public boolean recognises(Names names) {
        String trunk = trunk(names);
        TensorEntry patches = names.tensors().get(trunk + "embeddings.patch_embeddings.projection.weight");
        boolean cubes = patches != null
                && patches.shape().size() == 5
                && patches.shape().get(2) > 1;
        return patches != null
                && names.hasPart(trunk + "encoder.layer.")
                && video == (cubes || names.hasPart("videomae."));
    }

    @Override
    public Variant variant(Names theirs) {
        String trunk = trunk(theirs);
        boolean mean = video && theirs.has("fc_norm.weight");
        return new Variant(
                false,
                trunk,
                false,
                mean ? Classifier.Pooling.MEAN : Classifier.Pooling.CLASS_TOKEN,
                mean ? "fc_norm" : trunk + "layernorm",
                "classifier");
    }

    @Override
    public Variant variantFor(Names ours, Classifier.@Nullable Pooling pooling) {
        boolean predicts = ours.hasPart("pred_head.");
        if (video) {
            boolean mean = pooling == null || pooling == Classifier.Pooling.MEAN;
            return new Variant(
                    false, "videomae.", predicts, pooling, mean ? "fc_norm" : "videomae.layernorm", "classifier");
        }
        boolean same = pooling == Classifier.Pooling.CLASS_TOKEN;
        return new Variant(false, "vit.", predicts, pooling, same ? "vit.layernorm" : "", same ? "classifier" : "");
    }

    @Override
    public String unsupported(Names ours) {
        if (!video) {
            return TimmNames.onlyImages(ours, "transformers");
        }
        if (ours.hasPart("blocks.0.attn.pool_")) {
            return "has 'blocks.0.attn.pool_q.weight': VideoMAE is not multiscale";
        }
        return ours.has("cls_token") ? "has 'cls_token': VideoMAE has no class token and no learned positions" : "";
    }

    @Override
    public List<Rule> rules(Variant variant) {
        String trunk = variant.trunk();
        String block = trunk + "encoder.layer.*.";
        String attention = block + "attention.attention.";
        List<Rule> rules = new ArrayList<>();
        rules.addAll(Rule.layer("patch_embed.proj", trunk + "embeddings.patch_embeddings.projection"));
        rules.addAll(Rule.layer("blocks.*.norm1", block + "layernorm_before"));
        rules.addAll(Rule.layer("blocks.*.norm2", block + "layernorm_after"));
        rules.add(new Rule(
                "blocks.*.attn.qkv.weight",
                attention + "query.weight",
                attention + "key.weight",
                attention + "value.weight"));
        if (video) {
            rules.add(new Rule("blocks.*.attn.qkv.bias", attention + "q_bias", Rule.ZEROS, attention + "v_bias"));
        } else {
            rules.add(new Rule("cls_token", trunk + "embeddings.cls_token"));
            rules.add(new Rule("pos_embed", trunk + "embeddings.position_embeddings"));
            rules.add(new Rule(
                    "blocks.*.attn.qkv.bias",
                    attention + "query.bias",
                    attention + "key.bias",
                    attention + "value.bias"));
        }
        rules.addAll(Rule.layer("blocks.*.attn.proj", block + "attention.output.dense"));
        rules.addAll(Rule.layer("blocks.*.mlp.fc1", block + "intermediate.dense"));
        rules.addAll(Rule.layer("blocks.*.mlp.fc2", block + "output.dense"));
        if (!variant.norm().isEmpty()) {
            rules.addAll(Rule.layer("norm", variant.norm()));
        }
        if (!variant.head().isEmpty()) {
            rules.addAll(Rule.layer("head.projection", variant.head()));
        }
        return rules;
    }

    @Override
    public List<Remark> unused(Variant variant) {
        return List.of(
                Remark.of("(^|\\.)pooler\\.", "makes a sentence-like summary, which classifiers do not use"),
                Remark.of(
                        "^(decoder|encoder_to_decoder)\\.",
                        "belongs to a decoder, which is thrown away after pre-training"),
                Remark.of("(^|\\.)mask_token$", "stands for hidden tokens in front of a head that is not MaskFeat's"),
                Remark.of(
                        "^(videomae\\.embeddings\\.)?position_embeddings$",
                        "is a table of sinusoids, which is computed, not learned"));
    }

    @Override
    public List<Remark> withoutPlace(Variant variant) {
        return List.of(
                Remark.of(
                        "^(mask_token$|pred_head\\.)",
                        "is for pre-training with MaskFeat, which transformers does not do"),
                Remark.of(
                        "^(norm|head\\.projection)\\.",
                        "follows the mean of the patches; transformers' ViT takes the class token"));
    }

    @Override
    public List<String> notesOnReading(Variant variant, double epsilon) {
        return noteOnEpsilon(epsilon);
    }

    @Override
    public double epsilon(double claimed) {
        return Double.isNaN(claimed) ? THEIR_EPSILON : claimed;
    }

    /** @param epsilon NaN where nothing tells it */
    static List<String> noteOnEpsilon(double epsilon) {
        double theirs = Double.isNaN(epsilon) ? THEIR_EPSILON : epsilon;
        return theirs == OUR_EPSILON
                ? List.of()
                : List.of("LayerNorm adds " + theirs + " to the variance there and " + OUR_EPSILON
                        + " here, which changes results a little");
    }

    @Override
    public List<String> notesOnWriting(Variant variant) {
        return List.of(
                "transformers needs layer_norm_eps 1e-6, num_attention_heads and intermediate_size in config.json for"
                        + " these weights");
    }

    @Override
    public String lacks(Names theirs, Variant variant) {
        return video
                ? "has no class token and fixed positions that are not stored ('" + variant.trunk()
                        + "embeddings.patch_embeddings.projection.weight' of VideoMAE); our vision transformers have a class"
                        + " token and learn a position for each token"
                : TimmNames.lacking(
                        theirs,
                        variant.trunk() + "embeddings.cls_token",
                        variant.trunk() + "embeddings.position_embeddings");
    }
}
