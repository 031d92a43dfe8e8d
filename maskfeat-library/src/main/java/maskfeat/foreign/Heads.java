package maskfeat.foreign;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import maskfeat.foreign.Claims.Claim;
import maskfeat.foreign.Claims.Fact;
import org.jspecify.annotations.Nullable;

/**
 * How many heads a vision transformer's attention has. Shapes are the same for any number, so that a wrong one gives wrong
 * features without a sign.
 */
final class Heads {
    private static final int USUAL_WIDTH = 64; // of a head
    private static final int WIDEST_USUAL = 1024;

    /**
     * A published network.
     *
     * @param architecture timm's names of it
     * @param dim width
     */
    private record Published(Pattern architecture, int dim, int heads) {
        static Published of(String architecture, int dim, int heads) {
            return new Published(Pattern.compile(architecture), dim, heads);
        }
    }

    /** timm's, vision_transformer.py and deit.py; the first that fits counts. */
    private static final List<Published> PUBLISHED = List.of(
            Published.of("vit_base_patch16_gap_.*", 768, 16),
            Published.of("(vit_small_patch(16|32)_resnet|vit_small_resnet).*", 768, 8),
            Published.of("vit_base_patch\\d+_plus_.*", 896, 14),
            Published.of("(vit|deit|deit3)_tiny_.*", 192, 3),
            Published.of("vit_d?wee_.*|vit_xsmall_.*", 256, 4),
            Published.of("vit_d?little_.*", 320, 5),
            Published.of("(vit|deit|deit3)_small_.*|flexivit_small", 384, 6),
            Published.of("(vit|deit3)_mediumd?_.*", 512, 8),
            Published.of("vit_betwixt_.*", 640, 10),
            Published.of("(vit|deit|deit3)_base_.*|flexivit_base", 768, 12),
            Published.of("vit_so150m2_.*", 832, 13),
            Published.of("vit_so150m_.*", 896, 14),
            Published.of("(vit|deit3|eva)_large_.*|flexivit_large|vit_intern300m_.*", 1024, 16),
            Published.of("vit_so400m_.*", 1152, 16),
            Published.of("(vit|deit3)_huge_.*", 1280, 16),
            Published.of("vit_giant_.*(dinov2|tipsv2).*", 1536, 24),
            Published.of("vit_giantopt_.*", 1536, 16),
            Published.of("vit_giant_.*", 1408, 16),
            Published.of("vit_gigantic_.*", 1664, 16),
            Published.of("test_vit2?", 64, 2),
            Published.of("test_vit[34]", 96, 3));

    /** VideoMAE's and V2's own, by width: modeling_finetune.py. */
    private static final Map<Integer, Integer> OF_VIDEOMAE = Map.of(384, 6, 768, 12, 1024, 16, 1280, 16, 1408, 16);

    /** MoCo v3's own, by width: vits.py. ViT-S has 12 where others have 6. */
    private static final Map<Integer, Integer> OF_MOCO_V3 = Map.of(384, 12, 768, 12);

    private Heads() {}

    /** What timm builds under a name, with or without the mark of its weights behind a dot; empty if it is not known. */
    static Optional<Integer> ofArchitecture(String name) {
        return published(name).map(Published::heads);
    }

    private static Optional<Published> published(String name) {
        String bare = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
        return PUBLISHED.stream()
                .filter(one -> one.architecture().matcher(bare).matches())
                .findFirst();
    }

    /**
     * What the caller says, else what is written beside the weights, else what all published networks of the width have.
     *
     * @throws UnfitWeights if published ones of the width differ, or two of these say different things
     */
    static int of(Evidence evidence, int dim) throws UnfitWeights {
        Claim claim = claim(evidence.claims(), dim);
        Integer given = evidence.heads();
        long count;
        if (given != null) {
            count = given;
            if (claim != null && claim.value() != count) {
                throw evidence.unfit("has " + claim.value() + " heads of attention according to " + claim.where()
                        + ", not " + count);
            }
        } else if (claim != null) {
            count = claim.value();
        } else {
            count = usual(evidence, dim);
        }
        if (count < 1 || dim % count != 0) {
            throw evidence.unfit("has a width of " + dim + ", which does not divide into " + count + " heads"
                    + (claim == null ? "" : " (" + claim.where() + ")"));
        }
        return (int) count;
    }

    /** What is written beside the weights. An architecture of another width is not theirs. */
    private static @Nullable Claim claim(Claims claims, int dim) {
        Claim said = claims.of(Fact.HEADS);
        return said != null
                ? said
                : published(claims.architecture())
                        .filter(one -> one.dim() == dim)
                        .map(one -> new Claim(one.heads(), "config.json architecture '" + claims.architecture() + "'"))
                        .orElse(null);
    }

    private static int usual(Evidence evidence, int dim) throws UnfitWeights {
        Integer ofVideoMae = evidence.layout().isVideoMae() ? OF_VIDEOMAE.get(dim) : null;
        if (ofVideoMae != null) {
            evidence.assume(ofVideoMae + " heads, as VideoMAE's networks of width " + dim
                    + " have: shapes are the same for any number");
            return ofVideoMae;
        }
        Integer ofMoco = evidence.layout() == Layout.MOCO_V3 ? OF_MOCO_V3.get(dim) : null;
        if (ofMoco != null) {
            evidence.assume(ofMoco + " heads, as MoCo v3's networks of width " + dim
                    + " have: shapes are the same for any number");
            return ofMoco;
        }
        String why = "";
        if (dim % USUAL_WIDTH != 0) {
            why = "a width of " + dim + " is not of heads of " + USUAL_WIDTH;
        } else if (dim > WIDEST_USUAL) {
            // ViT-H has 16 heads of 80, g of 88, so400m of 72, G of 104, those of DINOv2's and SigLIP's giants differ.
            why = "published networks wider than " + WIDEST_USUAL + " have heads of 64, 72, 80, 88, 96 or 104 numbers"
                    + (dim == 1280 ? " (ViT-H has 16 of 80)" : "");
        } else if (evidence.wrapper().matches(".*(base|momentum)_encoder\\.")) {
            why = "ViT-S of MoCo v3 has 12 where others of its width have 6";
        } else if (dim == 768 && evidence.blocks() == 8) {
            why = "networks of 8 blocks of width 768 have 8 heads or 12";
        }
        if (!why.isEmpty()) {
            throw evidence.unfit("does not tell how many heads its attention has, and " + why
                    + "; the number must be given (--heads N, or num_attention_heads in a config.json beside it)");
        }
        int count = dim / USUAL_WIDTH;
        evidence.assume(count + " heads of " + USUAL_WIDTH + ": shapes are the same for any number");
        return count;
    }
}
