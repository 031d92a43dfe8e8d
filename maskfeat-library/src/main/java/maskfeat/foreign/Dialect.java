package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import maskfeat.model.Classifier;
import maskfeat.nn.LayerNorm;
import org.jspecify.annotations.Nullable;

/** How one family of programs names the tensors of such networks. */
interface Dialect {
    /** Whether the names are of this family. */
    boolean recognises(Names names);

    /** The network of this family that the names belong to. */
    Variant variant(Names theirs);

    /** The network of this family that ours is. */
    Variant variantFor(Names ours, Classifier.@Nullable Pooling pooling);

    /** Why the family has no network like ours; empty if it has one. */
    default String unsupported(Names ours) {
        return "";
    }

    /** The names of its tensors and of ours. */
    List<Rule> rules(Variant variant);

    /** Tensors that are not needed here, and why not. */
    List<Remark> unused(Variant variant);

    /** Our tensors that the family has no place for, and why not. */
    List<Remark> withoutPlace(Variant variant);

    /**
     * What their norms add to the variance.
     *
     * @param claimed beside the weights; NaN if unknown
     */
    default double epsilon(double claimed) {
        return Double.isNaN(claimed) ? LayerNorm.EPS : claimed;
    }

    /** As {@link #epsilon}, of the norm in front of the classifier. */
    default double headEpsilon(Variant variant, double claimed) {
        return epsilon(claimed);
    }

    /** Whether positions are sinusoids where no tensor holds them: VideoMAE's networks. */
    default boolean computesPositions() {
        return false;
    }

    /** What must be known besides when weights of ours are used there. */
    default List<String> notesOnWriting(Variant variant) {
        return List.of();
    }

    /** The tensor that shows that the network has no class token, or none of positions; empty if it is as ours. */
    default String lacks(Names theirs, Variant variant) {
        return "";
    }

    /**
     * One of a family's networks.
     *
     * @param multiscale MViT, not ViT
     * @param trunk what stands before the names of the backbone
     * @param predicts whether it has the head of pre-training
     * @param pooling how a feature is made for the classifier; null where neither names nor habit tell
     * @param norm name of the norm before the head, without {@code .weight}
     * @param head name of the classifier, without {@code .weight}; empty if there is none that could be used
     */
    record Variant(
            boolean multiscale,
            String trunk,
            boolean predicts,
            Classifier.@Nullable Pooling pooling,
            String norm,
            String head) {}

    /**
     * A reason for a group of names.
     *
     * @param names all that have a match in them
     * @param reason goes on where the name ends
     */
    record Remark(Pattern names, String reason) {
        static Remark of(String regex, String reason) {
            return new Remark(Pattern.compile(regex), reason);
        }

        boolean isAbout(String name) {
            return names.matcher(name).find();
        }
    }

    /** A vision transformer's blocks where ViT-B of timm's and of the official code are named alike. */
    static List<Rule> vitBlocks() {
        List<Rule> rules = new ArrayList<>();
        for (String layer : List.of("norm1", "attn.qkv", "norm2", "mlp.fc1")) {
            rules.addAll(Rule.layer("blocks.*." + layer, "blocks.*." + layer));
        }
        rules.addAll(Rule.scaled(
                Rule.layer("blocks.*.attn.proj", "blocks.*.attn.proj"), "blocks.*.ls1.gamma", "blocks.*.gamma_1"));
        rules.addAll(Rule.scaled(
                Rule.layer("blocks.*.mlp.fc2", "blocks.*.mlp.fc2"), "blocks.*.ls2.gamma", "blocks.*.gamma_2"));
        return rules;
    }

    /** A multiscale transformer's blocks, which all programs name alike, under a trunk. */
    static List<Rule> mvitBlocks(String trunk) {
        List<Rule> rules = new ArrayList<>();
        for (String layer : List.of(
                "norm1",
                "attn.qkv",
                "attn.proj",
                "attn.norm_q",
                "attn.norm_k",
                "attn.norm_v",
                "norm2",
                "mlp.fc1",
                "mlp.fc2",
                "proj")) {
            rules.addAll(Rule.layer("blocks.*." + layer, trunk + "blocks.*." + layer));
        }
        for (String tensor :
                List.of("rel_pos_h", "rel_pos_w", "rel_pos_t", "pool_q.weight", "pool_k.weight", "pool_v.weight")) {
            rules.add(new Rule("blocks.*.attn." + tensor, trunk + "blocks.*.attn." + tensor));
        }
        return rules;
    }
}
