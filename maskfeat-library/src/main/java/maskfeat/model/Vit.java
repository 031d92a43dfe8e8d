package maskfeat.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import maskfeat.mask.Grid;
import maskfeat.nn.Block;
import maskfeat.nn.Init;
import maskfeat.nn.Mlp;
import maskfeat.settings.Added;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Vision transformer (Dosovitskiy et al. 2021) as MaskFeat uses it: class token, one learned position per token of the
 * clip, no final norm.
 */
public final class Vit extends Backbone {
    private final Config config;
    private final ClipSize size;
    private final Grid grid;
    private final Tensor clsToken;
    private final Tensor posEmbed;
    private final PatchEmbed patchEmbed;
    private final List<Block> blocks = new ArrayList<>();

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
     */
    @JsonTypeName("vit")
    public record Config(
            int patch,
            int cubeFrames,
            int dim,
            int depth,
            int heads,
            @Added(in = 2, before = "4.0") double mlpRatio,
            double dropPath)
            implements Backbone.Config {
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
            return new Config(patch, 2, dim, depth, heads, mlpRatio, dropPath);
        }

        @Override
        public Config likeForFineTuning(Backbone.Config wanted) {
            return new Config(patch, cubeFrames, dim, depth, heads, mlpRatio, depth == 1 ? 0 : wanted.dropPath());
        }

        /** Width of the hidden layer of each block's MLP. */
        public int hiddenDim() {
            return Mlp.hiddenDim(dim, mlpRatio);
        }

        @Override
        public String describe() {
            return "ViT, " + depth + " blocks of width " + dim + ", " + heads + (heads == 1 ? " head" : " heads")
                    + ", patches of " + (cubeFrames == 1 ? "" : cubeFrames + " frames x ") + patch + " px";
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
        public PatchEmbed.Kernel window() {
            return PatchEmbed.Kernel.cube(cubeFrames, patch);
        }

        @Override
        public boolean classToken() {
            return true;
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
        clsToken = parameter("cls_token", init.normal(1, 1, config.dim));
        posEmbed = parameter("pos_embed", init.normal(1, 1 + grid.size(), config.dim));
        patchEmbed = add("patch_embed", new PatchEmbed(config.dim, config.window(), init));
        for (int i = 0; i < depth; i++) {
            double rate = config.depth == 1 ? 0 : config.dropPath * i / (config.depth - 1);
            blocks.add(add("blocks." + i, new Block(config.dim, config.heads, config.hiddenDim(), rate, init)));
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
    public Tokens embed(Tensor frames) {
        Tokens tokens = patchEmbed.forward(frames);
        if (!tokens.grid().equals(grid)) {
            throw new IllegalArgumentException(
                    "an input of " + tokens.grid() + " patches does not fit positions for " + grid);
        }
        return tokens;
    }

    @Override
    public List<Features> encode(Tokens tokens, List<Integer> wanted) {
        List<Features> features = new ArrayList<>();
        Tensor x = withPositions(tokens);
        for (int i = 0; features.size() < wanted.size(); i++) {
            x = blocks.get(i).forward(x);
            if (wanted.contains(i)) {
                features.add(new Features(x, grid));
            }
        }
        return features;
    }

    @Override
    public Tensor encode(Tokens tokens, Tensor rows) {
        Tensor x = withPositions(tokens);
        for (Block block : blocks.subList(0, blocks.size() - 1)) {
            x = block.forward(x);
        }
        // Each sample starts with one class token before its N patches.
        Tensor samplesBefore = torch.floor_divide(rows, new Scalar((long) grid.size()));
        return blocks.get(blocks.size() - 1).forward(x, rows.add(samplesBefore).add(new Scalar(1L)));
    }

    private Tensor withPositions(Tokens tokens) {
        Tensor cls = clsToken.expand(tokens.x().size(0), -1, -1);
        return torch.cat(new TensorVector(cls, tokens.x()), 1).add(posEmbed); // [B, 1 + N, C]
    }
}
