package maskfeat.weights;

import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What network weights are for, as far as their shapes tell and what is written beside them: PySlowFast's {@code cfg},
 * {@code config.json} of transformers and timm. Enough to build it again.
 *
 * @param trunk the backbone
 * @param input what it reads
 * @param output what it says
 * @param assumed what nothing tells and is taken as is usual; a sentence each
 */
public record NetworkShape(Trunk trunk, Input input, Output output, List<String> assumed) {
    public NetworkShape {
        assumed = List.copyOf(assumed);
    }

    /** A backbone. */
    public sealed interface Trunk permits VitTrunk, MvitTrunk {
        /** Number of blocks. */
        int depth();
    }

    /**
     * A vision transformer with a class token and a learned position for each token.
     *
     * @param patch side of a patch in pixels
     * @param cubeFrames frames that a token is made of; 1 for images
     * @param dim width of a token
     * @param depth number of blocks
     * @param heads of attention in each block
     * @param mlpRatio hidden width of each block's MLP, as a multiple of {@code dim}; rounded down
     */
    public record VitTrunk(int patch, int cubeFrames, int dim, int depth, int heads, double mlpRatio)
            implements Trunk {}

    /**
     * A multiscale transformer of video with relative positions, in whose later stages width and heads double.
     *
     * @param dim width of a token in the first stage
     * @param heads of attention in each block of the first stage
     * @param stages blocks of each stage
     * @param kvStride rows and columns from one key to the next in the first stage
     * @param poolLastStage whether the last stage halves rows and columns as the others do
     * @param widenInAttention whether width doubles in attention of a stage's first block, not in the MLP of the block
     *     before (PySlowFast's DIM_MUL_IN_ATT)
     * @param classToken whether a token stands before the patches
     * @param mlpRatio hidden width of each block's MLP, as a multiple of the width in attention; rounded down
     */
    public record MvitTrunk(
            int dim,
            int heads,
            List<Integer> stages,
            int kvStride,
            boolean poolLastStage,
            boolean widenInAttention,
            boolean classToken,
            double mlpRatio)
            implements Trunk {
        public MvitTrunk {
            stages = List.copyOf(stages);
        }

        @Override
        public int depth() {
            return stages.stream().mapToInt(Integer::intValue).sum();
        }
    }

    /**
     * What a network reads.
     *
     * @param frames 1 for images
     * @param side of the square in pixels
     * @param strideFrames from one frame to the next; 0 where nothing tells, and for images
     * @param mean of each colour that is subtracted; empty where nothing tells
     * @param std of each colour that is divided by; empty where nothing tells
     */
    public record Input(int frames, int side, int strideFrames, List<Double> mean, List<Double> std) {
        public Input {
            mean = List.copyOf(mean);
            std = List.copyOf(std);
        }
    }

    /** What a network says. */
    public sealed interface Output permits Features, Predictions, Classes {}

    /**
     * Nothing: there is no head.
     *
     * @param normed whether there is a norm behind the last block all the same
     */
    public record Features(boolean normed) implements Output {}

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
    }

    /**
     * Scores of classes.
     *
     * @param count how many
     * @param pooling how one feature is made of the tokens
     * @param names of the classes by number; empty where nothing tells
     */
    public record Classes(int count, Pooling pooling, List<String> names) implements Output {
        public Classes {
            names = List.copyOf(names);
        }
    }

    /** How one feature is made of the tokens that come out of the last block. */
    public enum Pooling {
        /** The mean of the patch tokens, then the norm. */
        MEAN,
        /** The norm, then the class token. */
        CLASS_TOKEN,
        /** The norm, then the mean of the patch tokens. */
        NORM_MEAN
    }

    /**
     * Reads it off names, shapes and what is written beside them.
     *
     * @throws UnfitWeights if no network of ours computes what they are for, a tensor is missing or of another shape, or
     *     what is written contradicts the tensors, naming both
     */
    public static NetworkShape of(Renamed weights) throws IOException {
        return of(weights, OptionalInt.empty());
    }

    /**
     * As above, with the number of heads of attention in the first stage where the caller knows it: shapes do not tell a
     * vision transformer's.
     */
    public static NetworkShape of(Renamed weights, OptionalInt heads) throws IOException {
        weights.checkUsable();
        return new ShapeReading(weights, heads).read();
    }

    /** How classes are pooled, for {@link Layout#write}; null without classes. */
    public @Nullable Pooling pooling() {
        return output instanceof Classes classes ? classes.pooling : null;
    }

    /** In a line. */
    public String describe() {
        StringBuilder text = new StringBuilder();
        if (trunk instanceof VitTrunk vit) {
            text.append("ViT, ")
                    .append(vit.depth)
                    .append(" blocks of width ")
                    .append(vit.dim)
                    .append(", ")
                    .append(vit.heads)
                    .append(vit.heads == 1 ? " head, patches of " : " heads, patches of ")
                    .append(vit.cubeFrames == 1 ? "" : vit.cubeFrames + " frames x ")
                    .append(vit.patch)
                    .append(" px");
        } else if (trunk instanceof MvitTrunk mvit) {
            text.append("MViTv2, stages of ")
                    .append(mvit.stages)
                    .append(" blocks, width ")
                    .append(mvit.dim)
                    .append(", ")
                    .append(mvit.heads)
                    .append(mvit.heads == 1 ? " head" : " heads")
                    .append(mvit.widenInAttention ? ", widened in attention" : "");
        }
        text.append(input.frames == 1 ? "; images" : "; clips of " + input.frames + " frames")
                .append(" of ")
                .append(input.side)
                .append(" px; ");
        if (output instanceof Classes classes) {
            text.append(classes.count).append(" classes");
        } else if (output instanceof Predictions predictions) {
            text.append("predicts ")
                    .append(predictions.outputs.stream().map(String::valueOf).collect(Collectors.joining(", ")))
                    .append(" numbers a token");
        } else {
            text.append("no head");
        }
        return text.toString();
    }
}
