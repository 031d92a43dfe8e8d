package maskfeat.foreign;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import maskfeat.weights.TensorEntry;

/** Tensors that show that a network computes something which ours do not. */
final class Unsupported {
    private static final List<Dialect.Remark> SIGNS = List.of(
            Dialect.Remark.of(
                    "(^|\\.)(gamma_[12]|ls[12]\\.(gamma|weight)|lambda_[12]|layer_scale[12]?\\.\\w+|gamma[12]\\.weight)$",
                    "scales what a block adds (LayerScale) where it cannot be multiplied into a layer before it"),
            Dialect.Remark.of(
                    "relative_position_(bias|index)|rel_pos_bias|rel_pos_mlp",
                    "adds a bias for relative positions, as in BEiT; our vision transformers do not"),
            Dialect.Remark.of(
                    "(^|\\.)(dist_token|distillation_token|head_dist\\.\\w+|distillation_classifier\\.\\w+|cls_classifier\\.\\w+)$",
                    "is of a second class token, as in distilled DeiT; ours have one"),
            Dialect.Remark.of(
                    "(^|\\.)(reg_token|register_tokens)$", "is of register tokens, as in DINOv2; ours have none"),
            Dialect.Remark.of(
                    "(^|\\.)(attn\\.(q_norm|k_norm)|attention\\.(q_norm|k_norm))\\.",
                    "normalises queries and keys in every block; ours do not"),
            Dialect.Remark.of(
                    "(^|\\.)(w12|weights_in|mlp\\.(w1|w2|w3|fc1_g|fc1_x|gate_proj|up_proj)|ffn\\.w12)\\.",
                    "is of a gated MLP (SwiGLU); ours has one branch"),
            Dialect.Remark.of(
                    "(^|\\.)(attn\\.norm|mlp\\.norm|attn\\.inner_attn_ln)\\.",
                    "is of a norm within a block that ours lack"),
            Dialect.Remark.of(
                    "(^|\\.)rope\\.|rotary|freqs_cis", "turns queries and keys by position (RoPE); ours do not"),
            Dialect.Remark.of(
                    "(^|\\.)attn_pool\\.", "pools by attention before the head; ours takes a token or the mean"),
            Dialect.Remark.of(
                    "(^|\\.)(patch_embed\\.(norm|backbone|proj\\.\\d+|proj\\d+|conv\\d*)|norm_pre|norm_stem|ln_pre|pre_norm|patch_norm)\\.",
                    "is of a stem that is more than one convolution; ours is one"),
            Dialect.Remark.of(
                    "(^|\\.)(class_embedding|resblocks\\.|pre_layrnorm\\.)",
                    "is of CLIP's own picture encoder, which has a norm before its blocks; ours do not"),
            Dialect.Remark.of(
                    "(^|\\.)stages\\.\\d+\\.",
                    "is of timm's multiscale transformer of images, whose pooling has two dimensions; ours is of video"),
            Dialect.Remark.of(
                    "(^|\\.)pos_embed_(spatial|temporal|class|xy|t)$",
                    "keeps positions of space and time apart; ours has one for each token"),
            Dialect.Remark.of(
                    "\\.attn\\.(q|k|v|to_q|to_k|to_v)\\.(weight|bias)$",
                    "keeps queries, keys and values in layers of their own, as SlowFast does with SEPARATE_QKV; ours is one"),
            Dialect.Remark.of(
                    "\\.attn\\.(q_bias|v_bias)$",
                    "is of attention without a bias for keys, as BEiT has it beside relative positions; our vision"
                            + " transformers have none"),
            Dialect.Remark.of(
                    "\\.attn\\.(scale|logit_scale)$",
                    "compares queries and keys by their angle (cosine attention); ours take the product"));

    private Unsupported() {}

    /** The first tensor that shows it, and what; empty if none does. */
    static String of(Names names) {
        return of(names.tensors().keySet());
    }

    /** As {@link #of(Names)}, of some of the names. */
    static String of(Collection<String> names) {
        for (Dialect.Remark sign : SIGNS) {
            Optional<String> found = names.stream().filter(sign::isAbout).findFirst();
            if (found.isPresent()) {
                return "has '" + found.get() + "', which " + sign.reason();
            }
        }
        return "";
    }

    /** What shapes show of tensors that are already under our names; empty if nothing. */
    static String ofShapes(Map<String, TensorEntry> ours) {
        for (TensorEntry entry : ours.values()) {
            String name = entry.name();
            if (name.contains(".attn.pool_") && entry.shape().size() == 4) {
                return "has '" + name + "' " + entry.shape()
                        + ", which pools images; our multiscale transformers are of video";
            }
            if (name.endsWith(".weight")
                    && !name.contains(".attn.pool_")
                    && !ours.containsKey(name.replaceFirst("weight$", "bias"))) {
                return "has '" + name + "' without a bias beside it; all our layers have one";
            }
        }
        return "";
    }
}
