package maskfeat.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.nn.Mlp;
import maskfeat.nn.MultiscaleBlock;
import maskfeat.settings.Added;
import maskfeat.torch.Ops;
import maskfeat.torch.Precision;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Improved multiscale vision transformer for clips (MViTv2, Li et al. 2022) as MaskFeat uses it: tokens become coarser
 * and wider from stage to stage; pooling attention with relative positions, no absolute positions, no final norm.
 */
public final class Mvit extends Backbone {
    private static final int CUBE_FRAMES = 2;
    private static final int PATCH = 4;
    private static final int Q_STRIDE = 2;
    private static final int MOST_STAGES = 16;

    /** Overlapping cubes (Li et al. 2022, table A.1; SlowFast, k400_MVITv2_S_16x4_MaskFeat_PT.yaml). */
    private static final PatchEmbed.Kernel WINDOW =
            new PatchEmbed.Kernel(new long[] {3, 7, 7}, new long[] {CUBE_FRAMES, PATCH, PATCH}, new long[] {1, 3, 3});

    private final Config config;
    private final ClipSize size;
    private final Grid grid;
    private final List<MultiscaleBlock.Sizes> shapes;

    @Nullable private final Tensor clsToken;

    private final PatchEmbed patchEmbed;
    private final List<MultiscaleBlock> blocks = new ArrayList<>();

    /**
     * The shape of a multiscale transformer. At each stage after the first, width and heads double and rows and columns
     * of the queries halve.
     *
     * @param dim width of the tokens in the first stage
     * @param heads number of attention heads in the first stage
     * @param stages number of blocks in each stage
     * @param kvStride stride of keys and values in rows and columns in the first stage, halved with each halving of the
     *     queries
     * @param poolLastStage whether the last stage halves rows and columns as the others do. Pre-training does not, to
     *     predict for patches of 16 px
     * @param widenInAttention whether the width doubles in the attention of a stage's first block instead of the MLP of
     *     the block before. True for the supervised MViTv2, false for MaskFeat
     * @param classToken whether there is a class token
     * @param mlpRatio hidden width of each block's MLP, as a multiple of its attention's width; rounded down
     * @param dropPath drop path rate of the last block; block i of n has i / (n - 1) of it
     */
    @JsonTypeName("mvit")
    public record Config(
            int dim,
            int heads,
            List<Integer> stages,
            int kvStride,
            boolean poolLastStage,
            boolean widenInAttention,
            boolean classToken,
            @Added(in = 2, before = "4.0") double mlpRatio,
            double dropPath)
            implements Backbone.Config {
        public Config {
            stages = List.copyOf(stages);
            if (dim < 1 || heads < 1 || kvStride < 1) {
                throw new IllegalArgumentException(
                        "dim " + dim + ", heads " + heads + ", kv-stride " + kvStride + " must all be at least 1");
            }
            if (dim % heads != 0) {
                throw new IllegalArgumentException("dim " + dim + " must be a multiple of heads " + heads);
            }
            if (stages.isEmpty() || stages.stream().anyMatch(blocks -> blocks < 1)) {
                throw new IllegalArgumentException(
                        "stages " + stages + " must list one or more numbers of blocks, each at least 1");
            }
            if (stages.size() > MOST_STAGES
                    || dim > MOST_DIM >> stages.size() - 1
                    || stages.stream().mapToLong(Integer::longValue).sum() > MOST_BLOCKS) {
                throw new IllegalArgumentException("stages " + stages + " of dim " + dim + " must be at most "
                        + MOST_STAGES + ", of " + MOST_BLOCKS + " blocks in all, and dim, doubled at each, at most "
                        + MOST_DIM);
            }
            if (stages.size() == 1 && (poolLastStage || widenInAttention)) {
                throw new IllegalArgumentException((poolLastStage ? "pool-last-stage" : "widen-in-attention")
                        + " would do nothing: it concerns stages after the first, and there is only one");
            }
            Mlp.hiddenDim(dim, mlpRatio); // throws if it makes no layer
            if (!(dropPath >= 0 && dropPath < 1)) {
                throw new IllegalArgumentException("drop-path " + dropPath + " must be at least 0 and below 1");
            }
            if (dropPath > 0 && depth(stages) == 1) {
                throw new IllegalArgumentException(
                        "drop-path " + dropPath + " would do nothing: the first block has none, and there is only one");
            }
        }

        /** MViTv2-S as MaskFeat pre-trains it (Wei et al. 2022, appendix B). */
        public static Config small() {
            return new Config(96, 1, List.of(1, 2, 11, 2), 8, false, false, true, 4, 0);
        }

        /** MViTv2-L as MaskFeat pre-trains it (Wei et al. 2022, appendix B). */
        public static Config large() {
            return new Config(144, 2, List.of(2, 6, 36, 4), 8, false, false, true, 4, 0);
        }

        /** Defaults of {@code kind: mvit}. */
        public static Config defaults() {
            return small();
        }

        /** These settings for fine-tuning: with the pooling of the last stage that pre-training leaves out. */
        public Config forFineTuning(double dropPath) {
            return new Config(dim, heads, stages, kvStride, true, widenInAttention, classToken, mlpRatio, dropPath);
        }

        @Override
        public Config likeForFineTuning(Backbone.Config wanted) {
            boolean pool = stages.size() > 1 && (!(wanted instanceof Config mvit) || mvit.poolLastStage);
            double rate = depth() == 1 ? 0 : wanted.dropPath();
            return new Config(dim, heads, stages, kvStride, pool, widenInAttention, classToken, mlpRatio, rate);
        }

        @Override
        public int depth() {
            return depth(stages);
        }

        private static int depth(List<Integer> stages) {
            return stages.stream().mapToInt(Integer::intValue).sum();
        }

        @Override
        public String describe() {
            return "MViTv2, stages of " + stages + " blocks, width " + dim + ", " + heads
                    + (heads == 1 ? " head" : " heads") + (widenInAttention ? ", widened in attention" : "");
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
            return new Mvit(this, size, blocks, init);
        }

        @Override
        public Grid embedGrid(ClipSize size) {
            if (size.frames() % CUBE_FRAMES != 0) {
                throw new IllegalArgumentException("a clip of " + size.frames()
                        + " frames does not divide into cubes of 2; the nearest that do have "
                        + Math.max(2, size.frames() - 1) + " and " + (size.frames() + 1));
            }
            int least = PATCH * strideUpTo(depth() - 1);
            if (size.height() < least || size.width() < least) {
                throw new IllegalArgumentException("frames of " + size.height() + " x " + size.width()
                        + " px are smaller than the " + least + " px that a token of the last stage stands for");
            }
            // The last patch may cross the edge, because windows are centred and padded.
            return new Grid(
                    size.frames() / CUBE_FRAMES,
                    (size.height() + PATCH - 1) / PATCH,
                    (size.width() + PATCH - 1) / PATCH);
        }

        @Override
        public Grid grid(ClipSize size, int block) {
            return shapes(size).get(block).gridOut();
        }

        @Override
        public PatchEmbed.Kernel window() {
            return WINDOW;
        }

        @Override
        public int patch(int block) {
            return PATCH * strideUpTo(block);
        }

        private int strideUpTo(int block) {
            int stride = 1;
            for (int i = 0; i <= block; i++) {
                stride *= qStride(i);
            }
            return stride;
        }

        private int qStride(int block) {
            int stage = stage(block);
            boolean entered = block > 0 && stage > stage(block - 1);
            return entered && (poolLastStage || stage < stages.size() - 1) ? Q_STRIDE : 1;
        }

        /** The stage of a block; the last stage for a block number after the last. */
        private int stage(int block) {
            int stage = 0;
            for (int end = stages.get(0); stage < stages.size() - 1 && end <= block; end += stages.get(stage)) {
                stage++;
            }
            return stage;
        }

        private int dim(int block) {
            return dim << stage(block);
        }

        @Override
        public long keptBytes(ClipSize size, int block, Precision precision) {
            return shapes(size).get(block).keptBytes(precision);
        }

        @Override
        public long entering(ClipSize size, int block) {
            MultiscaleBlock.Sizes shape = shapes(size).get(block);
            return shape.tokens() * shape.dim();
        }

        /** The sizes of each block. */
        public List<MultiscaleBlock.Sizes> shapes(ClipSize size) {
            Grid grid = embedGrid(size);
            // As in the official code, halving rounds the sides of tables down, but those of tokens up.
            Grid floor = new Grid(grid.t(), size.height() / PATCH, size.width() / PATCH);
            int kv = kvStride;
            List<MultiscaleBlock.Sizes> shapes = new ArrayList<>();
            for (int i = 0; i < depth(); i++) {
                int q = qStride(i);
                kv = Math.max(1, kv / q);
                Grid tables = new Grid(
                        floor.t(), Math.max(floor.h() / q, floor.h() / kv), Math.max(floor.w() / q, floor.w() / kv));
                int dimIn = widenInAttention && i > 0 ? dim(i - 1) : dim(i);
                int dimOut = widenInAttention ? dim(i) : dim(i + 1);
                MultiscaleBlock.Sizes shape = new MultiscaleBlock.Sizes(
                        dimIn,
                        dimOut,
                        heads << stage(i),
                        Mlp.hiddenDim(dim(i), mlpRatio),
                        widenInAttention,
                        grid,
                        tables,
                        q,
                        kv,
                        classToken);
                shapes.add(shape);
                grid = shape.gridOut();
                floor = new Grid(floor.t(), floor.h() / q, floor.w() / q);
            }
            return shapes;
        }
    }

    Mvit(Config config, ClipSize size, int depth, Init init) {
        this.config = config;
        this.size = size;
        grid = config.embedGrid(size);
        shapes = config.shapes(size).subList(0, depth);
        clsToken = config.classToken ? parameter("cls_token", init.normal(1, 1, config.dim)) : null;
        patchEmbed = add("patch_embed", new PatchEmbed(config.dim, WINDOW, init));
        for (int i = 0; i < depth; i++) {
            double rate = config.depth() == 1 ? 0 : config.dropPath * i / (config.depth() - 1);
            blocks.add(add("blocks." + i, new MultiscaleBlock(shapes.get(i), rate, init)));
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
        return shapes.get(block).dimOut();
    }

    @Override
    List<MultiscaleBlock> blocks() {
        return blocks;
    }

    @Override
    Tokens cut(Tensor frames) {
        Tokens tokens = patchEmbed.forward(frames);
        if (!tokens.grid().equals(grid)) {
            throw new IllegalArgumentException(
                    "an input of " + tokens.grid() + " cubes does not fit a network for " + grid);
        }
        return tokens;
    }

    @Override
    Tensor run(int block, Tensor x) {
        return blocks.get(block).forward(x);
    }

    @Override
    Tensor runLast(Tensor x, Tensor rows) {
        return blocks.get(blocks.size() - 1).forward(x, rows);
    }

    /** Tokens as rows [B + B * N, C]: class tokens of all samples, then the patches; see {@link MultiscaleBlock}. */
    @Override
    Tensor begin(Tokens tokens) {
        Tensor patches = tokens.x().flatten(0, 1);
        return clsToken == null
                ? patches
                : Ops.cat(0, clsToken.squeeze(0).expand(tokens.x().size(0), -1), patches);
    }

    /** Rows as samples again, each with its class token first: [B, 1 + N, C]. */
    @Override
    Features features(int block, Tensor rows) {
        Grid grid = shapes.get(block).gridOut();
        if (clsToken == null) {
            return new Features(rows.unflatten(0, -1, grid.size()), grid);
        }
        long B = rows.size(0) / (1 + grid.size());
        Tensor[] parts = Ops.split(rows, 0, B, B * grid.size());
        return new Features(Ops.cat(1, parts[0].unsqueeze(1), parts[1].unflatten(0, B, grid.size())), grid);
    }
}
