package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;
import maskfeat.model.Classifier;
import maskfeat.weights.TensorEntry;
import org.jspecify.annotations.Nullable;

/** Names of Hugging Face's transformers for ViT. Queries, keys and values stand apart. */
final class TransformersNames implements Dialect {
    static final double THEIR_EPSILON = 1e-12; // of norms, where config.json says nothing

    private static String trunk(Names names) {
        return List.of("vit.", "deit.").stream()
                .filter(names::hasPart)
                .findFirst()
                .orElse("");
    }

    @Override
    public boolean recognises(Names names) {
        String trunk = trunk(names);
        TensorEntry patches = names.tensors().get(trunk + "embeddings.patch_embeddings.projection.weight");
        return patches != null && names.hasPart(trunk + "encoder.layer.");
    }

    @Override
    public Variant variant(Names theirs) {
        String trunk = trunk(theirs);
        return new Variant(false, trunk, false, Classifier.Pooling.CLASS_TOKEN, trunk + "layernorm", "classifier");
    }

    @Override
    public Variant variantFor(Names ours, Classifier.@Nullable Pooling pooling) {
        boolean predicts = ours.hasPart("pred_head.");
        boolean same = pooling == Classifier.Pooling.CLASS_TOKEN;
        return new Variant(false, "vit.", predicts, pooling, same ? "vit.layernorm" : "", same ? "classifier" : "");
    }

    @Override
    public String unsupported(Names ours) {
        return TimmNames.onlyImages(ours, "transformers");
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
        rules.add(new Rule("cls_token", trunk + "embeddings.cls_token"));
        rules.add(new Rule("pos_embed", trunk + "embeddings.position_embeddings"));
        rules.add(new Rule(
                "blocks.*.attn.qkv.bias", attention + "query.bias", attention + "key.bias", attention + "value.bias"));
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
                Remark.of("(^|\\.)mask_token$", "stands for hidden tokens in front of a head that is not MaskFeat's"));
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
    public double epsilon(double claimed) {
        return Double.isNaN(claimed) ? THEIR_EPSILON : claimed;
    }

    @Override
    public List<String> notesOnWriting(Variant variant) {
        return List.of("transformers needs layer_norm_eps, num_attention_heads and intermediate_size in config.json for"
                + " these weights");
    }

    @Override
    public String lacks(Names theirs, Variant variant) {
        return TimmNames.lacking(
                theirs, variant.trunk() + "embeddings.cls_token", variant.trunk() + "embeddings.position_embeddings");
    }
}
