package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import maskfeat.model.Classifier;
import maskfeat.weights.TensorEntry;
import org.jspecify.annotations.Nullable;

/** Names of torchvision: {@code vit_b_16} and its like for images, {@code mvit_v2_s} for video. */
final class TorchvisionNames implements Dialect {
    private static final Pattern POOLED = Pattern.compile("\\.attn\\.pool_");
    private static final String VIT_BLOCK = "encoder.layers.encoder_layer_*.";

    @Override
    public boolean recognises(Names names) {
        return names.hasPart("conv_proj.")
                && (names.hasPart("encoder.layers.encoder_layer_")
                        || names.hasPart("blocks.") && names.hasPart("pos_encoding."));
    }

    @Override
    public Variant variant(Names theirs) {
        return variant(theirs.hasPart("blocks."));
    }

    @Override
    public Variant variantFor(Names ours, Classifier.@Nullable Pooling pooling) {
        Variant all = variant(ours.any(POOLED));
        boolean same = pooling == Classifier.Pooling.CLASS_TOKEN;
        return new Variant(
                all.multiscale(),
                "",
                ours.hasPart("pred_head."),
                pooling,
                same ? all.norm() : "",
                same ? all.head() : "");
    }

    private static Variant variant(boolean multiscale) {
        return new Variant(
                multiscale,
                "",
                false,
                Classifier.Pooling.CLASS_TOKEN,
                multiscale ? "norm" : "encoder.ln",
                multiscale ? "head.1" : "heads.head");
    }

    @Override
    public String unsupported(Names ours) {
        TensorEntry patches = ours.tensors().get("patch_embed.proj.weight");
        if (ours.any(POOLED)) {
            return ours.has("cls_token") ? "" : "has no 'cls_token': torchvision's networks have a class token";
        }
        return patches != null && patches.shape().size() == 5
                ? "has 'patch_embed.proj.weight' of cubes of several frames; torchvision's vision transformers read images"
                : "";
    }

    @Override
    public List<Rule> rules(Variant variant) {
        List<Rule> rules = new ArrayList<>(Rule.layer("patch_embed.proj", "conv_proj"));
        if (variant.multiscale()) {
            rules.add(Rule.flat("cls_token", "pos_encoding.class_token"));
            for (String layer : List.of("norm1", "attn.qkv", "norm2")) {
                rules.addAll(Rule.layer("blocks.*." + layer, "blocks.*." + layer));
            }
            rules.addAll(Rule.layer("blocks.*.attn.proj", "blocks.*.attn.project.0"));
            for (String which : List.of("q", "k", "v")) {
                String pool = "blocks.*.attn.pool_" + which;
                rules.add(new Rule(pool + ".weight", pool + ".pool.weight"));
                rules.addAll(Rule.layer("blocks.*.attn.norm_" + which, pool + ".norm_act.0"));
            }
            for (String which : List.of("h", "w", "t")) {
                rules.add(Rule.same("blocks.*.attn.rel_pos_" + which));
            }
            rules.addAll(Rule.layer("blocks.*.mlp.fc1", "blocks.*.mlp.0"));
            rules.addAll(Rule.layer("blocks.*.mlp.fc2", "blocks.*.mlp.3"));
            rules.addAll(Rule.layer("blocks.*.proj", "blocks.*.project"));
        } else {
            rules.add(new Rule("cls_token", "class_token"));
            rules.add(new Rule("pos_embed", "encoder.pos_embedding"));
            rules.addAll(Rule.layer("blocks.*.norm1", VIT_BLOCK + "ln_1"));
            rules.add(new Rule("blocks.*.attn.qkv.weight", VIT_BLOCK + "self_attention.in_proj_weight"));
            rules.add(new Rule("blocks.*.attn.qkv.bias", VIT_BLOCK + "self_attention.in_proj_bias"));
            rules.addAll(Rule.layer("blocks.*.attn.proj", VIT_BLOCK + "self_attention.out_proj"));
            rules.addAll(Rule.layer("blocks.*.norm2", VIT_BLOCK + "ln_2"));
            rules.addAll(Rule.layer("blocks.*.mlp.fc1", VIT_BLOCK + "mlp.0"));
            rules.addAll(Rule.layer("blocks.*.mlp.fc2", VIT_BLOCK + "mlp.3"));
        }
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
        return List.of();
    }

    @Override
    public List<Remark> withoutPlace(Variant variant) {
        return List.of(
                Remark.of("^(mask_token$|pred_head\\.)", "is for pre-training, which torchvision's networks do not do"),
                Remark.of(
                        "^(norm|head\\.projection)\\.",
                        "follows the mean of the patches; torchvision's networks take the class token"));
    }

    @Override
    public String lacks(Names theirs, Variant variant) {
        if (!variant.multiscale()) {
            return TimmNames.lacking(theirs, "class_token", "encoder.pos_embedding");
        }
        return theirs.hasPart("pos_encoding.spatial_pos")
                ? "has 'pos_encoding.spatial_pos', which adds positions of space and time before the blocks, as MViTv1 does;"
                        + " ours have relative positions"
                : "";
    }
}
