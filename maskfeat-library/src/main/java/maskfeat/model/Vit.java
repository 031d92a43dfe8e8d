package maskfeat.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import maskfeat.mask.Grid;
import maskfeat.nn.Block;
import maskfeat.nn.Init;
import maskfeat.nn.LayerNorm;
import maskfeat.nn.Mlp;
import maskfeat.settings.Added;
import maskfeat.torch.Precision;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Vision transformer (Dosovitskiy et al. 2021), without a final norm. MaskFeat's has a class token and one learned
 * position per token of the clip; VideoMAE's (Tong et al. 2022) has no class token, and its positions are computed.
 */
public final class Vit extends Backbone {
    private final Config config;
    private final ClipSize size;
    private final Grid grid;
    private final @Nullable Tensor clsToken;
    private final Tensor posEmbed; // [1, 1 + N, C], or [1, N, C]: see begin
    private final PatchEmbed patchEmbed;
    private final List<Block> blocks = new ArrayList<>();

    /** What tells tokens where they are. */
    public enum PositionKind {
        /**
         * A vector for each token, the class token included, that stands in the weights and is learned. In contrastive learning
         * it is not: there it holds fixed sines and cosines of the row and the column, and is learned from fine-tuning on.
         */
        LEARNED,
        /**
         * Fixed sines and cosines of the token's number, counted by time, then row, then column: VideoMAE. They are computed
         * for the clip at hand, so that nothing is resized for another one. A class token has none.
         */
        SINUSOID
    }

    /**
     * The shape of a vision transformer.
     *
     * @param patch side of a patch in pixels
     * @param cubeFrames number of frames per token; 1 for images
     * @param dim width of the tokens
     * @param depth number of blocks
     * @param heads number of attention heads in each block
     * @param mlpRatio hidden width of each block's MLP, as a multiple of {@code dim}; rounded down
     * @param dropPath drop path rate of the last block; block i of n has i / (n - 1) of it
     * @param classToken whether there is a class token; VideoMAE's networks have none
     * @param positions what tells tokens where they are
     * @param normEpsilon what the norms of the blocks add to the variance; 1e-6 unless weights of another program need
     *     another value
     */
    @JsonTypeName("vit")
    public record Config(
            int patch,
            int cubeFrames,
            int dim,
            int depth,
            int heads,
            @Added(in = 2, before = "4.0") double mlpRatio,
            double dropPath,
            @Added(in = 4, before = "true") boolean classToken,
            @Added(in = 4, before = "learned") PositionKind positions,
            @Added(in = 4, before = "1.0E-6") double normEpsilon)
            implements Backbone.Config {
        /** With a class token and learned positions, as MaskFeat has them. */
        public Config(int patch, int cubeFrames, int dim, int depth, int heads, double mlpRatio, double dropPath) {
            this(patch, cubeFrames, dim, depth, heads, mlpRatio, dropPath, true, PositionKind.LEARNED, LayerNorm.EPS);
        }

        public Config {
            if (patch < 1 || cubeFrames < 1 || dim < 1 || depth < 1 || heads < 1) {
                throw new IllegalArgumentException("patch " + patch + ", cube-frames " + cubeFrames + ", dim " + dim
                        + ", depth " + depth + ", heads " + heads + " must all be at least 1");
            }
            if (dim > MOST_DIM || depth > MOST_BLOCKS) {
                throw new IllegalArgumentException(
                        "dim " + dim + " must be at most " + MOST_DIM + ", depth " + depth + " at most " + MOST_BLOCKS);
            }
            if (dim % heads != 0) {
                throw new IllegalArgumentException("dim " + dim + " must be a multiple of heads " + heads);
            }
            Mlp.hiddenDim(dim, mlpRatio); // throws if it makes no layer
            if (!(dropPath >= 0 && dropPath < 1)) {
                throw new IllegalArgumentException("drop-path " + dropPath + " must be at least 0 and below 1");
            }
            LayerNorm.checkEpsilon(normEpsilon);
            if (dropPath > 0 && depth == 1) {
                throw new IllegalArgumentException(
                        "drop-path " + dropPath + " would do nothing: the first block has none, and depth is 1");
            }
        }

        /** ViT-B/16 (Dosovitskiy et al. 2021, table 1). */
        public static Config base() {
            return new Config(16, 1, 768, 12, 12, 4, 0);
        }

        /** Defaults of {@code kind: vit}. */
        public static Config defaults() {
            return base();
        }

        /** ViT-L/16 (Dosovitskiy et al. 2021, table 1). */
        public static Config large() {
            return new Config(16, 1, 1024, 24, 16, 4, 0);
        }

        /** These settings for clips: cubes of two frames (Feichtenhofer et al. 2022, section 3). */
        public Config ofVideo() {
            return new Config(patch, 2, dim, depth, heads, mlpRatio, dropPath, classToken, positions, normEpsilon);
        }

        @Override
        public Config likeForFineTuning(Backbone.Config wanted) {
            double rate = depth == 1 ? 0 : wanted.dropPath();
            return new Config(patch, cubeFrames, dim, depth, heads, mlpRatio, rate, classToken, positions, normEpsilon);
        }

        @Override
        public boolean isLike(Backbone.Config other) {
            return other instanceof Config vit && equals(vit.withEpsilon(normEpsilon));
        }

        private Config withEpsilon(double epsilon) {
            return new Config(patch, cubeFrames, dim, depth, heads, mlpRatio, dropPath, classToken, positions, epsilon);
        }

        /** ViT-B of VideoMAE (Tong et al. 2022, table 7): no class token, fixed positions, cubes of two frames. */
        public static Config videoMae() {
            return new Config(16, 2, 768, 12, 12, 4, 0, false, PositionKind.SINUSOID, LayerNorm.EPS);
        }

        /** Width of the hidden layer of each block's MLP. */
        public int hiddenDim() {
            return Mlp.hiddenDim(dim, mlpRatio);
        }

        @Override
        public String describe() {
            return "ViT, " + depth + (depth == 1 ? " block" : " blocks") + " of width " + dim + ", " + heads
                    + (heads == 1 ? " head" : " heads")
                    + ", patches of " + (cubeFrames == 1 ? "" : cubeFrames + " frames x ") + patch + " px"
                    + (classToken ? "" : ", no class token")
                    + (positions == PositionKind.SINUSOID ? ", fixed positions" : "");
        }

        @Override
        public OptionalInt attentionHeads() {
            return OptionalInt.of(heads);
        }

        @Override
        public int embedDim() {
            return dim;
        }

        @Override
        public Backbone build(ClipSize size, int blocks, Init init) {
            return new Vit(this, size, blocks, init);
        }

        @Override
        public Grid embedGrid(ClipSize size) {
            return new Grid(
                    parts("a clip", size.frames(), cubeFrames, "frames", "cubes"),
                    parts("a side", size.height(), patch, "px", "patches"),
                    parts("a side", size.width(), patch, "px", "patches"));
        }

        private static int parts(String what, int whole, int part, String unit, String parts) {
            if (whole % part != 0) {
                throw new IllegalArgumentException(what + " of " + whole + " " + unit + " does not divide into " + parts
                        + " of " + part + " " + unit + "; the nearest that do are " + Math.max(1, whole / part) * part
                        + " and " + (whole / part + 1) * part);
            }
            return whole / part;
        }

        @Override
        public long keptBytes(ClipSize size, int block, Precision precision) {
            return Block.keptBytes(tokens(size), dim, hiddenDim(), heads, precision);
        }

        @Override
        public long entering(ClipSize size, int block) {
            return tokens(size) * dim;
        }

        private long tokens(ClipSize size) {
            return embedGrid(size).size() + (classToken ? 1 : 0);
        }

        @Override
        public PatchEmbed.Kernel window() {
            return PatchEmbed.Kernel.cube(cubeFrames, patch);
        }

        @Override
        public Grid grid(ClipSize size, int block) {
            return embedGrid(size);
        }

        @Override
        public int patch(int block) {
            return patch;
        }
    }

    Vit(Config config, ClipSize size, int depth, Init init) {
        this.config = config;
        this.size = size;
        this.grid = config.embedGrid(size);
        clsToken = config.classToken ? parameter("cls_token", init.normal(1, 1, config.dim)) : null;
        int patches = grid.size();
        posEmbed = switch (config.positions) {
            case LEARNED -> parameter("pos_embed", init.normal(1, (config.classToken ? 1 : 0) + patches, config.dim));
            case SINUSOID ->
                constant(init.constant(() -> Positions.sinusoids(patches, config.dim), 1, patches, config.dim));
        };
        patchEmbed = add("patch_embed", new PatchEmbed(config.dim, config.window(), init));
        for (int i = 0; i < depth; i++) {
            double rate = config.depth == 1 ? 0 : config.dropPath * i / (config.depth - 1);
            blocks.add(add(
                    "blocks." + i,
                    new Block(config.dim, config.heads, config.hiddenDim(), rate, config.normEpsilon, init)));
        }
    }

    @Override
    public Config config() {
        return config;
    }

    @Override
    public ClipSize size() {
        return size;
    }

    @Override
    public int dim(int block) {
        return config.dim;
    }

    @Override
    List<Block> blocks() {
        return blocks;
    }

    @Override
    Tokens cut(Tensor frames) {
        Tokens tokens = patchEmbed.forward(frames);
        if (!tokens.grid().equals(grid)) {
            throw new IllegalArgumentException(
                    "an input of " + tokens.grid() + " patches does not fit positions for " + grid);
        }
        return tokens;
    }

    @Override
    Tensor run(int block, Tensor x) {
        return blocks.get(block).forward(x);
    }

    @Override
    Tensor runLast(Tensor x, Tensor rows) {
        Block last = blocks.get(blocks.size() - 1);
        if (clsToken == null) {
            return last.forward(x, rows);
        }
        // Each sample starts with one class token before its N patches.
        Tensor samplesBefore = torch.floor_divide(rows, new Scalar((long) grid.size()));
        return last.forward(x, rows.add(samplesBefore).add(new Scalar(1L)));
    }

    @Override
    Features features(int block, Tensor x) {
        return new Features(x, grid);
    }

    /** [B, 1 + N, C], class token first; [B, N, C] without one. */
    @Override
    Tensor begin(Tokens tokens) {
        if (clsToken == null) {
            return tokens.x().add(posEmbed);
        }
        Tensor cls = clsToken.expand(tokens.x().size(0), -1, -1);
        return config.positions == PositionKind.LEARNED
                ? torch.cat(new TensorVector(cls, tokens.x()), 1).add(posEmbed)
                : torch.cat(new TensorVector(cls, tokens.x().add(posEmbed)), 1);
    }
}
