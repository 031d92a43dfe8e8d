package maskfeat.foreign;

import java.util.List;
import maskfeat.weights.MadeUpTensors;

/** Networks of two blocks under their programs' names, as their documentation lists them. */
final class SmallNetworks {
    static final int C = 128;

    private SmallNetworks() {}

    private static void layer(MadeUpTensors tensors, String name, long... weight) {
        tensors.with(name + ".weight", weight).with(name + ".bias", weight[0]);
    }

    /** ViT-like, 32 px, patches of 16, under our names, without a head. */
    static MadeUpTensors ours() {
        MadeUpTensors t = new MadeUpTensors().with("cls_token", 1, 1, C).with("pos_embed", 1, 5, C);
        layer(t, "patch_embed.proj", C, 3, 16, 16);
        for (int i = 0; i < 2; i++) {
            String block = "blocks." + i + ".";
            layer(t, block + "norm1", C);
            layer(t, block + "attn.qkv", 3 * C, C);
            layer(t, block + "attn.proj", C, C);
            layer(t, block + "norm2", C);
            layer(t, block + "mlp.fc1", 4 * C, C);
            layer(t, block + "mlp.fc2", C, 4 * C);
        }
        return t;
    }

    static MadeUpTensors classifier() {
        MadeUpTensors t = ours();
        layer(t, "norm", C);
        layer(t, "head.projection", 7, C);
        return t;
    }

    static MadeUpTensors pretrained() {
        MadeUpTensors t = ours().with("mask_token", 1, 1, C);
        layer(t, "pred_head.transforms.0.0", C);
        layer(t, "pred_head.projections.0", 108, C);
        return t;
    }

    /** timm's vit_* with token pooling. */
    static MadeUpTensors timm() {
        MadeUpTensors t = ours();
        layer(t, "norm", C);
        layer(t, "head", 7, C);
        return t;
    }

    private static void transformersBlocks(MadeUpTensors t, String trunk) {
        for (int i = 0; i < 2; i++) {
            String block = trunk + "encoder.layer." + i + ".";
            for (String which : List.of("query", "key", "value")) {
                t.with(block + "attention.attention." + which + ".weight", C, C);
            }
            layer(t, block + "attention.output.dense", C, C);
            layer(t, block + "intermediate.dense", 4 * C, C);
            layer(t, block + "output.dense", C, 4 * C);
            layer(t, block + "layernorm_before", C);
            layer(t, block + "layernorm_after", C);
        }
    }

    /** ViTForImageClassification, or with an empty trunk and without its classifier ViTModel. */
    static MadeUpTensors transformersVit(String trunk) {
        MadeUpTensors t = new MadeUpTensors()
                .with(trunk + "embeddings.cls_token", 1, 1, C)
                .with(trunk + "embeddings.position_embeddings", 1, 5, C);
        layer(t, trunk + "embeddings.patch_embeddings.projection", C, 3, 16, 16);
        transformersBlocks(t, trunk);
        for (int i = 0; i < 2; i++) {
            for (String which : List.of("query", "key", "value")) {
                t.with(trunk + "encoder.layer." + i + ".attention.attention." + which + ".bias", C);
            }
        }
        layer(t, trunk + "layernorm", C);
        if (trunk.isEmpty()) {
            layer(t, "pooler.dense", C, C);
        } else {
            layer(t, "classifier", 7, C);
        }
        return t;
    }

    /** VideoMAEForVideoClassification. */
    static MadeUpTensors videoMae() {
        MadeUpTensors t = new MadeUpTensors();
        layer(t, "videomae.embeddings.patch_embeddings.projection", C, 3, 2, 16, 16);
        transformersBlocks(t, "videomae.");
        for (int i = 0; i < 2; i++) {
            for (String which : List.of("q_bias", "v_bias")) {
                t.with("videomae.encoder.layer." + i + ".attention.attention." + which, C);
            }
        }
        layer(t, "fc_norm", C);
        layer(t, "classifier", 7, C);
        return t;
    }

    /** An MViT of three stages of one block under our names, 4 frames of 64 px, as PySlowFast would make it. */
    static MadeUpTensors multiscale(boolean widenInAttention, boolean poolLast, boolean predicts) {
        int D = 8;
        MadeUpTensors t = new MadeUpTensors().with("cls_token", 1, 1, D);
        layer(t, "patch_embed.proj", D, 3, 3, 7, 7);
        int[] widths = {D, 2 * D, 4 * D, 4 * D};
        int[] rows = {31, 15, 15, poolLast ? 7 : 15};
        for (int i = 0; i < 4; i++) {
            int inside = widths[i];
            int in = widenInAttention && i > 0 ? widths[i - 1] : inside;
            int out = widenInAttention || i == 3 ? inside : widths[i + 1];
            multiscaleBlock(t, "blocks." + i + ".", in, inside, out, D, rows[i]);
        }
        if (predicts) {
            t.with("mask_token", 1, 1, D);
            layer(t, "pred_head.transforms.0.0", 4 * D);
            layer(t, "pred_head.projections.0", 27, 4 * D);
        } else {
            layer(t, "norm", 4 * D);
            layer(t, "head.projection", 7, 4 * D);
        }
        return t;
    }

    private static void multiscaleBlock(MadeUpTensors t, String block, int in, int inside, int out, int D, int rows) {
        layer(t, block + "norm1", in);
        layer(t, block + "attn.qkv", 3L * inside, in);
        layer(t, block + "attn.proj", inside, inside);
        for (String which : List.of("q", "k", "v")) {
            t.with(block + "attn.pool_" + which + ".weight", D, 1, 3, 3, 3);
            layer(t, block + "attn.norm_" + which, D);
        }
        t.with(block + "attn.rel_pos_h", rows, D).with(block + "attn.rel_pos_w", rows, D);
        t.with(block + "attn.rel_pos_t", 3, D);
        layer(t, block + "norm2", inside);
        layer(t, block + "mlp.fc1", 4L * inside, inside);
        layer(t, block + "mlp.fc2", out, 4L * inside);
        if (in != out) {
            layer(t, block + "proj", out, in);
        }
    }
}
