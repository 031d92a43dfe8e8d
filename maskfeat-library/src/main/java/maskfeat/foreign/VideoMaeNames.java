package maskfeat.foreign;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import maskfeat.model.Classifier;
import maskfeat.nn.LayerNorm;
import maskfeat.weights.TensorEntry;
import org.jspecify.annotations.Nullable;

/**
 * Names of VideoMAE (Tong et al. 2022) and VideoMAE V2 (Wang et al. 2023): those of their own program, of transformers and
 * of mmaction2. The network has no class token, positions are computed, and only queries and values have a bias.
 */
final class VideoMaeNames implements Dialect {
    private static final Pattern OWN_BIAS = Pattern.compile("\\.attn\\.(q_bias|v_bias)$");
    private static final Pattern OTHERS =
            Pattern.compile(SlowFastNames.MARKS.pattern() + "|\\.attn\\.(pool_|rel_pos_)");
    private static final double FC_NORM_OF_TRANSFORMERS = 1e-5; // PyTorch's default, whatever layer_norm_eps says

    private final Spelling spelling;

    /**
     * What one program calls the parts.
     *
     * @param trunks what may stand before the backbone's names; the first is written
     * @param block what stands before the names of a block
     * @param separate whether queries, keys and values are layers of their own
     * @param meanNorm name of the norm behind the mean of the tokens, without a trunk
     * @param trunkOfMeanNorm whether the trunk stands before it too
     * @param epsilon of the norms where nothing tells it
     */
    private record Spelling(
            List<String> trunks,
            String patches,
            String positions,
            String block,
            String norm1,
            String norm2,
            String attention,
            boolean separate,
            String out,
            String fc1,
            String fc2,
            String norm,
            String meanNorm,
            boolean trunkOfMeanNorm,
            String head,
            double epsilon) {}

    private VideoMaeNames(Spelling spelling) {
        this.spelling = spelling;
    }

    /** VideoMAE's own program, and that of V2. */
    static VideoMaeNames official() {
        return new VideoMaeNames(new Spelling(
                List.of(""),
                "patch_embed.proj",
                "pos_embed",
                "blocks.*.",
                "norm1",
                "norm2",
                "attn.",
                false,
                "attn.proj",
                "mlp.fc1",
                "mlp.fc2",
                "norm",
                "fc_norm",
                false,
                "head",
                LayerNorm.EPS));
    }

    /** transformers' VideoMAEModel, VideoMAEForPreTraining and VideoMAEForVideoClassification. */
    static VideoMaeNames ofTransformers() {
        return new VideoMaeNames(new Spelling(
                List.of("videomae.", ""),
                "embeddings.patch_embeddings.projection",
                "embeddings.position_embeddings",
                "encoder.layer.*.",
                "layernorm_before",
                "layernorm_after",
                "attention.attention.",
                true,
                "attention.output.dense",
                "intermediate.dense",
                "output.dense",
                "layernorm",
                "fc_norm",
                false,
                "classifier",
                TransformersNames.THEIR_EPSILON));
    }

    /** mmaction2's VisionTransformer, which stores the computed positions. */
    static VideoMaeNames ofMmaction() {
        return new VideoMaeNames(new Spelling(
                List.of("backbone.", ""),
                "patch_embed.projection",
                "pos_embed",
                "blocks.*.",
                "norm1",
                "norm2",
                "attn.",
                false,
                "attn.proj",
                "mlp.layers.0.0",
                "mlp.layers.1",
                "norm",
                "fc_norm",
                true,
                "cls_head.fc_cls",
                LayerNorm.EPS));
    }

    private String trunk(Names names) {
        return spelling.trunks.stream()
                .filter(trunk -> names.hasPart(trunk + spelling.patches + "."))
                .findFirst()
                .orElse("");
    }

    @Override
    public boolean recognises(Names names) {
        String trunk = trunk(names);
        TensorEntry patches = names.tensors().get(trunk + spelling.patches + ".weight");
        String firstBlock = spelling.block.substring(0, spelling.block.indexOf('*'));
        if (patches == null || !names.hasPart(trunk + firstBlock)) {
            return false;
        }
        boolean cubes = patches.shape().size() == 5 && patches.shape().get(2) > 1;
        if (spelling.separate) {
            return cubes || !trunk.isEmpty();
        }
        // Others have such names for other networks.
        return cubes
                && !names.has(trunk + "cls_token")
                && !names.any(OTHERS)
                && (!names.has(trunk + spelling.positions)
                        || names.any(OWN_BIAS)
                        || names.has(meanNorm(trunk) + ".weight"));
    }

    private String meanNorm(String trunk) {
        return (spelling.trunkOfMeanNorm ? trunk : "") + spelling.meanNorm;
    }

    @Override
    public Variant variant(Names theirs) {
        String trunk = trunk(theirs);
        boolean mean = theirs.has(meanNorm(trunk) + ".weight");
        return new Variant(
                false,
                trunk,
                false,
                mean ? Classifier.Pooling.MEAN : Classifier.Pooling.FIRST_PATCH,
                mean ? meanNorm(trunk) : trunk + spelling.norm,
                spelling.head);
    }

    @Override
    public Variant variantFor(Names ours, Classifier.@Nullable Pooling pooling) {
        String trunk = spelling.trunks.get(0);
        boolean mean = pooling == null || pooling == Classifier.Pooling.MEAN;
        boolean same = mean || pooling == Classifier.Pooling.FIRST_PATCH;
        return new Variant(
                false,
                trunk,
                ours.hasPart("pred_head."),
                pooling,
                mean ? meanNorm(trunk) : same ? trunk + spelling.norm : "",
                same ? spelling.head : "");
    }

    @Override
    public String unsupported(Names ours) {
        if (ours.hasPart("blocks.0.attn.pool_")) {
            return "has 'blocks.0.attn.pool_q.weight': VideoMAE is not multiscale";
        }
        for (String learned : List.of("cls_token", "pos_embed")) {
            if (ours.has(learned)) {
                return "has '" + learned + "': VideoMAE has no class token and no learned positions";
            }
        }
        return "";
    }

    @Override
    public boolean computesPositions() {
        return true;
    }

    @Override
    public List<Rule> rules(Variant variant) {
        String trunk = variant.trunk();
        String block = trunk + spelling.block;
        String attention = block + spelling.attention;
        List<Rule> rules = new ArrayList<>();
        rules.addAll(Rule.layer("patch_embed.proj", trunk + spelling.patches));
        rules.add(new Rule("pos_embed", trunk + spelling.positions));
        rules.addAll(Rule.layer("blocks.*.norm1", block + spelling.norm1));
        rules.addAll(Rule.layer("blocks.*.norm2", block + spelling.norm2));
        // A file has one of the spellings of the bias; the first is written.
        rules.add(new Rule("blocks.*.attn.qkv.bias", attention + "q_bias", Rule.ZEROS, attention + "v_bias"));
        if (spelling.separate) {
            rules.add(new Rule(
                    "blocks.*.attn.qkv.weight",
                    attention + "query.weight",
                    attention + "key.weight",
                    attention + "value.weight"));
            rules.add(
                    new Rule("blocks.*.attn.qkv.bias", attention + "query.bias", Rule.ZEROS, attention + "value.bias"));
        } else {
            rules.addAll(Rule.layer("blocks.*.attn.qkv", attention + "qkv"));
        }
        rules.addAll(Rule.scaled(Rule.layer("blocks.*.attn.proj", block + spelling.out), block + "gamma_1"));
        rules.addAll(Rule.layer("blocks.*.mlp.fc1", block + spelling.fc1));
        rules.addAll(Rule.scaled(Rule.layer("blocks.*.mlp.fc2", block + spelling.fc2), block + "gamma_2"));
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
                Remark.of(
                        "(^|\\.)(decoder|encoder_to_decoder)\\.",
                        "belongs to a decoder, which is thrown away after pre-training"),
                Remark.of("(^|\\.)mask_token$", "stands for hidden tokens in front of a head that is not MaskFeat's"),
                Remark.of(
                        "(^|\\.)(attention\\.key\\.bias|attn\\.k_bias)$",
                        "adds the same to the scores of all keys, which softmax takes out again"),
                Remark.of("(^|\\.)position_embeddings$", "is a table of sinusoids, which is computed, not learned"));
    }

    @Override
    public List<Remark> withoutPlace(Variant variant) {
        return List.of(
                Remark.of(
                        "^(mask_token$|pred_head\\.)",
                        "is for pre-training with MaskFeat, which VideoMAE's networks do not do"),
                Remark.of(
                        "^(norm|head\\.projection)\\.",
                        "follows another pooling; VideoMAE's take the mean before the norm, or the first token"));
    }

    @Override
    public double epsilon(double claimed) {
        return Double.isNaN(claimed) ? spelling.epsilon : claimed;
    }

    @Override
    public double headEpsilon(Variant variant, double claimed) {
        return spelling.separate && variant.pooling() == Classifier.Pooling.MEAN
                ? FC_NORM_OF_TRANSFORMERS
                : epsilon(claimed);
    }
}
