package maskfeat.foreign;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import maskfeat.disk.Plural;
import maskfeat.foreign.Claims.Claim;
import maskfeat.foreign.Claims.Fact;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.model.MaskFeat;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.nn.LayerNorm;
import maskfeat.weights.Misfit;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * The network of ours that another program's weights are for, as far as their shapes tell and what is written beside them:
 * PySlowFast's {@code cfg}, {@code config.json} of transformers and timm.
 *
 * @param backbone without drop path, which weights do not tell
 * @param input what it reads
 * @param output what it gives
 * @param assumed what nothing tells and is taken as is usual; a sentence each
 */
public record ForeignNetwork(Backbone.Config backbone, Input input, Output output, List<String> assumed) {
    private static final String MASK_TOKEN = "mask_token";

    public ForeignNetwork {
        assumed = List.copyOf(assumed);
    }

    /**
     * What a network reads.
     *
     * @param frames 1 for images
     * @param side of the square in pixels
     * @param strideFrames from one frame to the next; 0 where nothing tells, and for images
     * @param mean of each colour that is subtracted; empty where nothing tells
     * @param std of each colour that is divided by; empty where nothing tells
     * @param preprocessing how pictures come to that size; null where nothing tells
     */
    public record Input(
            int frames,
            int side,
            int strideFrames,
            List<Double> mean,
            List<Double> std,
            @Nullable Preprocessing preprocessing) {
        /** Where nothing tells how pictures come to that size. */
        public Input(int frames, int side, int strideFrames, List<Double> mean, List<Double> std) {
            this(frames, side, strideFrames, mean, std, null);
        }

        public Input {
            mean = List.copyOf(mean);
            std = List.copyOf(std);
        }

        private static Input of(ClipSize size, Claims claims) {
            Claim stride = claims.of(Fact.STRIDE_FRAMES);
            int strideFrames = stride == null || size.frames() == 1 ? 0 : (int) stride.value();
            return new Input(
                    size.frames(), size.height(), strideFrames, claims.mean(), claims.std(), claims.preprocessing());
        }
    }

    /** What a network gives. */
    public sealed interface Output permits Features, Predictions, Classes {
        /** The backbone with what stands on it. */
        Layer on(Backbone backbone, Init init);

        /** In a few words. */
        String describe();
    }

    /**
     * Features alone: there is no head.
     *
     * @param normed whether there is a norm behind the last block all the same
     */
    public record Features(boolean normed) implements Output {
        @Override
        public Layer on(Backbone backbone, Init init) {
            return backbone;
        }

        @Override
        public String describe() {
            return "no head";
        }
    }

    /**
     * Features of hidden tokens: pre-training.
     *
     * @param depths blocks after which is predicted, ascending
     * @param outputs numbers a token after each of them
     */
    public record Predictions(List<Integer> depths, List<Integer> outputs) implements Output {
        public Predictions {
            depths = List.copyOf(depths);
            outputs = List.copyOf(outputs);
        }

        @Override
        public Layer on(Backbone backbone, Init init) {
            List<MaskFeat.Depth> heads = IntStream.range(0, depths.size())
                    .mapToObj(i -> new MaskFeat.Depth(depths.get(i), outputs.get(i)))
                    .toList();
            return new MaskFeat(backbone, heads, init);
        }

        @Override
        public String describe() {
            return "predicts " + outputs.stream().map(String::valueOf).collect(Collectors.joining(", "))
                    + " numbers a token";
        }
    }

    /**
     * Scores of classes.
     *
     * @param count how many
     * @param pooling how one feature is made of the tokens
     * @param names of the classes by number; empty where nothing tells
     * @param normEpsilon what the norm in front of them adds to the variance
     */
    public record Classes(int count, Classifier.Pooling pooling, List<String> names, double normEpsilon)
            implements Output {
        /** With a norm that adds {@link LayerNorm#EPS}. */
        public Classes(int count, Classifier.Pooling pooling, List<String> names) {
            this(count, pooling, names, LayerNorm.EPS);
        }

        public Classes {
            names = List.copyOf(names);
        }

        @Override
        public Layer on(Backbone backbone, Init init) {
            return new Classifier(backbone, new Classifier.Head(pooling, 0, normEpsilon), count, init);
        }

        @Override
        public String describe() {
            return Plural.of(count, "class", "classes");
        }
    }

    /**
     * Reads it off names, shapes and what is written beside them.
     *
     * @throws UnfitWeights if no network of ours computes what they are for, a tensor is missing or of another shape, or
     *     what is written contradicts the tensors, naming both
     */
    public static ForeignNetwork of(Renamed weights) throws IOException {
        return of(weights, OptionalInt.empty());
    }

    /**
     * As above, with the number of heads of attention in the first stage where the caller knows it: shapes do not tell a
     * vision transformer's.
     */
    public static ForeignNetwork of(Renamed weights, OptionalInt heads) throws IOException {
        weights.checkUsable();
        Evidence evidence = new Evidence(weights, heads);
        BackboneReader reader = BackboneReader.ALL.stream()
                .filter(one -> one.recognises(evidence))
                .findFirst()
                .orElseThrow(() -> evidence.unfit("has tensors of no backbone of ours"));
        Output output = OutputReader.read(evidence, reader);
        try {
            BackboneReader.Proposal proposal = reader.propose(evidence, output);
            compare(evidence, shapes(evidence, proposal, output), reader.title());
            return new ForeignNetwork(
                    proposal.backbone(), Input.of(proposal.size(), evidence.claims()), output, evidence.assumed());
        } catch (IllegalArgumentException impossible) {
            throw evidence.unfit("is for a network that cannot be: " + impossible.getMessage());
        }
    }

    /** Shapes of the parameters of the network that is proposed, and of those that may be in the file besides. */
    private static Map<String, List<Long>> shapes(Evidence evidence, BackboneReader.Proposal proposal, Output output)
            throws UnfitWeights {
        try (PointerScope scope = new PointerScope();
                Init init = Init.shapesOnly();
                Backbone backbone = proposal.backbone().build(proposal.size(), evidence.blocks(), init);
                Layer network = output.on(backbone, init)) {
            Map<String, List<Long>> shapes = new LinkedHashMap<>(network.shapes());
            if (evidence.has(MASK_TOKEN)) {
                shapes.put(MASK_TOKEN, List.of(1L, 1L, (long) backbone.embedDim()));
            } else {
                shapes.remove(MASK_TOKEN);
            }
            if (output instanceof Features features && features.normed) {
                shapes.put("norm.weight", List.of((long) backbone.dim()));
                shapes.put("norm.bias", List.of((long) backbone.dim()));
            }
            return shapes;
        }
    }

    private static void compare(Evidence evidence, Map<String, List<Long>> ours, String title) throws UnfitWeights {
        for (Misfit misfit : Misfit.between(evidence.tensors(), ours, name -> false)) {
            if (misfit.wanted() == null) {
                throw evidence.unfit("has '" + misfit.name() + "', which has no place in " + title + " of ours");
            }
            throw evidence.misshaped(
                    evidence.get(misfit.name()), misfit.wanted().toString());
        }
    }

    /** How classes are pooled, for {@link Layout#write}; null without classes. */
    public Classifier.@Nullable Pooling pooling() {
        return output instanceof Classes classes ? classes.pooling : null;
    }

    /** In a line. */
    public String describe() {
        return describe(output.describe());
    }

    /** In a line, with other words for the output: a file of ours may say what its tensors alone do not tell. */
    public String describe(String output) {
        return backbone.describe() + (input.frames == 1 ? "; images" : "; clips of " + input.frames + " frames")
                + " of " + input.side + " px; " + output;
    }
}
