package maskfeat.model;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.torch.Ops;
import maskfeat.torch.Precision;
import maskfeat.torch.Recomputation;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Tensor;

/**
 * Turns clips into tokens and tokens into features. It does not know masks, targets or heads: tokens are hidden between
 * {@link #embed} and {@link #encode}.
 */
public abstract sealed class Backbone extends Layer permits Vit, Mvit {
    /**
     * The network that encodes tokens, without what stands on it.
     *
     * <p>A new backbone is one new file, named in the two {@code permits}.
     */
    public sealed interface Config permits Vit.Config, Mvit.Config {
        /** Nobody trains deeper or wider networks. What a file says of itself must not decide how much is built. */
        int MOST_BLOCKS = 1000;

        int MOST_DIM = 1 << 20;

        /**
         * Builds the first blocks, with initial values drawn from {@code init}.
         *
         * @param size of the input
         * @param blocks number of blocks to build, at most {@link #depth}
         * @throws IllegalArgumentException if such clips do not divide into tokens, naming both
         */
        Backbone build(ClipSize size, int blocks, Init init);

        /** Builds all blocks. */
        default Backbone build(ClipSize size, Init init) {
            return build(size, depth(), init);
        }

        /** The network in a line, such as "ViT, 12 blocks of width 768, 12 heads, patches of 16 px". */
        String describe();

        /** Number of blocks. */
        int depth();

        /** Width of an embedded token. */
        int embedDim();

        /** Attention heads in the first stage, which shapes of tensors do not tell; empty for a network without attention. */
        default OptionalInt attentionHeads() {
            return OptionalInt.empty();
        }

        /** Hidden width of each MLP, as a multiple of its input. */
        double mlpRatio();

        /** Rate of drop path of the last block. */
        double dropPath();

        /**
         * These settings for fine-tuning: with the drop path of {@code wanted} and, for a network of the same kind, its
         * pooling of the last stage. The weights are the same.
         */
        Config likeForFineTuning(Config wanted);

        /** Whether a recipe for one of them is for the other: equal but for numbers that weights alone decide. */
        default boolean isLike(Config other) {
            return equals(other);
        }

        /**
         * The grid of embedded tokens, on which masks are drawn.
         *
         * @throws IllegalArgumentException if such clips do not divide into tokens, naming both
         */
        Grid embedGrid(ClipSize size);

        /**
         * The grid of tokens after a block.
         *
         * @param block counted from 0
         */
        Grid grid(ClipSize size, int block);

        /** The grid of tokens after the last block. */
        default Grid grid(ClipSize size) {
            return grid(size, depth() - 1);
        }

        /** The kernel that embeds one token. */
        PatchEmbed.Kernel window();

        /** Whether there is a class token. */
        boolean classToken();

        /**
         * Side in pixels of the patch that one token represents after a block; targets are computed for it.
         *
         * @param block counted from 0
         */
        int patch(int block);

        /**
         * Bytes that the backward pass needs of a block, for one sample.
         *
         * @param block counted from 0
         */
        long keptBytes(ClipSize size, int block, Precision precision);

        /** Numbers that enter a block, of one sample. */
        long entering(ClipSize size, int block);

        /**
         * Bytes that training needs for one sample beside the parameters, near enough to plan with: what the backward pass needs of
         * clip, embedding and blocks, and the gradients that it has in hand. Heads need little beside, and count nothing.
         *
         * @param blocks that are built
         * @param recompute as {@link Backbone#recompute}
         */
        default long trainingBytes(ClipSize size, int blocks, Precision precision, boolean recompute) {
            long clip = 3L * size.frames() * size.height() * size.width();
            long embedding = 3 * entering(size, 0); // embedded, with hidden ones replaced, with the class token
            long inputs = 0;
            long kept = 0;
            long largest = 0;
            for (int i = 0; i < blocks; i++) {
                long block = keptBytes(size, i, precision);
                inputs += entering(size, i) * Float.BYTES;
                kept += block;
                largest = Math.max(largest, block);
            }
            return (clip + embedding) * Float.BYTES + (recompute ? inputs + largest : kept) + largest;
        }

        /** Side in pixels of the patch that one token represents after the last block. */
        default int patch() {
            return patch(depth() - 1);
        }
    }

    private Precision inTraining = Precision.FLOAT32;
    private Precision inUse = Precision.FLOAT32;
    private boolean recompute;

    /**
     * Sets what it multiplies in: bfloat16 for {@link #embed} and {@link #encode}, whose results are float32 all the same.
     *
     * @param training of a network that is being trained; not {@link Precision#AUTO}
     * @param use of one in evaluation mode; not {@link Precision#AUTO}
     */
    public final void compute(Precision training, Precision use) {
        inTraining = training;
        inUse = use;
    }

    /**
     * Sets whether blocks are computed a second time in the backward pass of training: less memory, more time, the same
     * gradients.
     */
    public final void recompute(boolean on) {
        recompute = on;
    }

    /** Multiplies in what another one does. */
    public final void computeAs(Backbone other) {
        compute(other.inTraining, other.inUse);
    }

    private <T> T computed(Tensor like, Supplier<T> body) {
        return (training() ? inTraining : inUse).compute(like.device(), body);
    }

    /** The settings it was built with; fewer blocks than theirs may have been built, see {@link #depth}. */
    public abstract Config config();

    /** Size of the input clips. */
    public abstract ClipSize size();

    /**
     * Width of the tokens after a block.
     *
     * @param block counted from 0
     */
    public abstract int dim(int block);

    /** Width of {@link #encode}'s result, C. */
    public final int dim() {
        return dim(depth() - 1);
    }

    /** Width of {@link #embed}'s result and so of the mask token. */
    public final int embedDim() {
        return config().embedDim();
    }

    /** The blocks in their order. */
    abstract List<? extends Layer> blocks();

    /** Number of blocks, which layer-wise learning rate decay counts. */
    public final int depth() {
        return blocks().size();
    }

    @Override
    public final Map<String, Integer> depths() {
        Map<Tensor, Integer> inBlocks = new IdentityHashMap<>();
        for (int i = 0; i < depth(); i++) {
            for (Tensor parameter : blocks().get(i).parameters().values()) {
                inBlocks.put(parameter, i + 1);
            }
        }
        Map<String, Integer> depths = new LinkedHashMap<>();
        parameters().forEach((name, tensor) -> depths.put(name, inBlocks.getOrDefault(tensor, 0)));
        return depths;
    }

    /**
     * Cuts clips into patches and embeds each one separately.
     *
     * @param frames [B, 3, T, H, W], normalised
     */
    public final Tokens embed(Tensor frames) {
        Tokens tokens = computed(frames, () -> cut(frames));
        return new Tokens(Ops.float32(tokens.x()), tokens.grid());
    }

    /** What {@link #embed} does, in any precision. */
    abstract Tokens cut(Tensor frames);

    /** Adds class token and positions and runs all blocks. */
    public final Features encode(Tokens tokens) {
        return encode(tokens, List.of(depth() - 1)).get(0);
    }

    /**
     * As {@link #encode(Tokens)}, but returns the outputs of several blocks.
     *
     * @param blocks counted from 0, ascending
     */
    public final List<Features> encode(Tokens tokens, List<Integer> blocks) {
        return computed(tokens.x(), () -> {
            List<UnaryOperator<Tensor>> parts = blocks(blocks.get(blocks.size() - 1) + 1);
            List<Tensor> outputs = outputs(begin(tokens), parts, blocks);
            return IntStream.range(0, blocks.size())
                    .mapToObj(i -> features(blocks.get(i), outputs.get(i)))
                    .toList();
        });
    }

    /**
     * Some rows of {@link #encode(Tokens)}, at less cost than all.
     *
     * @param rows [M], positions in [B * N], patch tokens only, ascending, long, on the device of the tokens
     * @return [M, C]
     */
    public final Tensor encode(Tokens tokens, Tensor rows) {
        return computed(tokens.x(), () -> {
            int last = depth() - 1;
            List<UnaryOperator<Tensor>> parts = blocks(last);
            parts.add(x -> runLast(x, rows));
            return outputs(begin(tokens), parts, List.of(last)).get(0);
        });
    }

    private List<UnaryOperator<Tensor>> blocks(int count) {
        List<UnaryOperator<Tensor>> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int block = i;
            parts.add(x -> run(block, x));
        }
        return parts;
    }

    private List<Tensor> outputs(Tensor x, List<UnaryOperator<Tensor>> parts, List<Integer> wanted) {
        if (recompute && training() && GradMode.is_enabled()) {
            // The backward pass itself is in no precision, so each part brings its own.
            List<UnaryOperator<Tensor>> alone = parts.stream()
                    .<UnaryOperator<Tensor>>map(part -> y -> computed(y, () -> part.apply(y)))
                    .toList();
            return Recomputation.outputs(x, alone, wanted);
        }
        List<Tensor> outputs = new ArrayList<>();
        Tensor y = x;
        for (int i = 0; i < parts.size(); i++) {
            y = parts.get(i).apply(y);
            if (wanted.contains(i)) {
                outputs.add(y);
            }
        }
        return outputs;
    }

    /** What the first block reads: tokens with class token and positions. */
    abstract Tensor begin(Tokens tokens);

    /** Runs a block, in any precision. */
    abstract Tensor run(int block, Tensor x);

    /**
     * Some rows of what the last block makes.
     *
     * @param rows as in {@link #encode(Tokens, Tensor)}
     * @return [M, C]
     */
    abstract Tensor runLast(Tensor x, Tensor rows);

    /** What a block made, as features. */
    abstract Features features(int block, Tensor x);
}
