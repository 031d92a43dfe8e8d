package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import maskfeat.model.Classifier;
import maskfeat.nn.LayerNorm;
import org.jspecify.annotations.Nullable;

/**
 * Names of Hugging Face's transformers beside those of {@link TransformersNames}: what {@code state_dict()} of version 5
 * gives for a ViT, and DINOv2, as files have it and as version 5 has it in memory. They are read, not written.
 */
final class NewTransformersNames implements Dialect {
    private final boolean dino;

    private NewTransformersNames(boolean dino) {
        this.dino = dino;
    }

    static NewTransformersNames ofVit() {
        return new NewTransformersNames(false);
    }

    static NewTransformersNames ofDino() {
        return new NewTransformersNames(true);
    }

    private String trunk(Names names) {
        return (dino ? Stream.of("dinov2.") : Stream.of("vit.", "deit."))
                .filter(names::hasPart)
                .findFirst()
                .orElse("");
    }

    @Override
    public boolean recognises(Names names) {
        String trunk = trunk(names);
        var patches = names.tensors().get(trunk + "embeddings.patch_embeddings.projection.weight");
        if (patches == null || patches.shape().size() != 4) {
            return false;
        }
        return dino
                ? names.hasPart(trunk + "encoder.layer.0.layer_scale1.")
                        || names.hasPart(trunk + "layers.0.layer_scale1.")
                : names.hasPart(trunk + "layers.");
    }

    @Override
    public Variant variant(Names theirs) {
        String trunk = trunk(theirs);
        return new Variant(
                false, trunk, false, Classifier.Pooling.CLASS_TOKEN, trunk + "layernorm", dino ? "" : "classifier");
    }

    @Override
    public Variant variantFor(Names ours, Classifier.@Nullable Pooling pooling) {
        return variant(ours);
    }

    @Override
    public String unsupported(Names ours) {
        return "is not written with these names: transformers reads those of its files (hf)";
    }

    @Override
    public List<Rule> rules(Variant variant) {
        String trunk = variant.trunk();
        List<Rule> rules = new ArrayList<>();
        rules.addAll(Rule.layer("patch_embed.proj", trunk + "embeddings.patch_embeddings.projection"));
        rules.add(new Rule("cls_token", trunk + "embeddings.cls_token"));
        rules.add(new Rule("pos_embed", trunk + "embeddings.position_embeddings"));
        // A file has one of the spellings.
        for (String block : List.of(trunk + "layers.*.", trunk + "encoder.layer.*.")) {
            rules.addAll(Rule.layer("blocks.*.norm1", block + (dino ? "norm1" : "layernorm_before")));
            rules.addAll(Rule.layer("blocks.*.norm2", block + (dino ? "norm2" : "layernorm_after")));
            for (String part : List.of("weight", "bias")) {
                rules.add(new Rule(
                        "blocks.*.attn.qkv." + part,
                        block + "attention.q_proj." + part,
                        block + "attention.k_proj." + part,
                        block + "attention.v_proj." + part));
                rules.add(new Rule(
                        "blocks.*.attn.qkv." + part,
                        block + "attention.attention.query." + part,
                        block + "attention.attention.key." + part,
                        block + "attention.attention.value." + part));
            }
            for (String out : List.of("attention.o_proj", "attention.output.dense")) {
                rules.addAll(
                        Rule.scaled(Rule.layer("blocks.*.attn.proj", block + out), block + "layer_scale1.lambda1"));
            }
            rules.addAll(Rule.layer("blocks.*.mlp.fc1", block + "mlp.fc1"));
            rules.addAll(
                    Rule.scaled(Rule.layer("blocks.*.mlp.fc2", block + "mlp.fc2"), block + "layer_scale2.lambda1"));
        }
        rules.addAll(Rule.layer("norm", variant.norm()));
        if (!variant.head().isEmpty()) {
            rules.addAll(Rule.layer("head.projection", variant.head()));
        }
        return rules;
    }

    @Override
    public List<Remark> unused(Variant variant) {
        List<Remark> remarks = new ArrayList<>(List.of(
                Remark.of("(^|\\.)pooler\\.", "makes a sentence-like summary, which classifiers do not use"),
                Remark.of("(^|\\.)mask_token$", "stands for hidden tokens in front of a head that is not MaskFeat's")));
        if (dino) {
            remarks.add(Remark.of(
                    "^classifier\\.",
                    "reads the class token and the mean of the patches together; ours read one of them"));
        }
        return remarks;
    }

    @Override
    public List<Remark> withoutPlace(Variant variant) {
        return List.of();
    }

    @Override
    public double epsilon(double claimed) {
        return !Double.isNaN(claimed) ? claimed : dino ? LayerNorm.EPS : TransformersNames.THEIR_EPSILON;
    }

    @Override
    public String lacks(Names theirs, Variant variant) {
        return TimmNames.lacking(
                theirs, variant.trunk() + "embeddings.cls_token", variant.trunk() + "embeddings.position_embeddings");
    }
}
