package maskfeat.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.ArrayList;
import java.util.List;
import maskfeat.mask.Grid;
import maskfeat.nn.Block;
import maskfeat.nn.Init;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Vision transformer (Dosovitskiy et al. 2021) as MaskFeat uses it on images: class token, learned positions for all
 * tokens, no final norm.
 */
public final class Vit extends Backbone {
    private final Config config;
    private final Grid grid;
    private final Tensor clsToken;
    private final Tensor posEmbed;
    private final PatchEmbed patchEmbed;
    private final List<Block> blocks = new ArrayList<>();

    /**
     * The shape of a vision transformer.
     *
     * @param patch side of a patch in pixels
     * @param dim width of a token
     * @param depth number of blocks
     * @param heads of attention in each block
     * @param dropPath rate of the last block; block i of n has i / (n - 1) of it
     */
    @JsonTypeName("vit")
    public record Config(int patch, int dim, int depth, int heads, double dropPath) implements Backbone.Config {
        public Config {
            if (patch < 1 || dim < 1 || depth < 1 || heads < 1) {
                throw new IllegalArgumentException("patch " + patch + ", dim " + dim + ", depth " + depth + ", heads "
                        + heads + " must all be at least 1");
            }
            if (dim % heads != 0) {
                throw new IllegalArgumentException("dim " + dim + " must be a multiple of heads " + heads);
            }
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
            return new Config(16, 768, 12, 12, 0);
        }

        /** What {@code kind: vit} begins with. */
        public static Config defaults() {
            return base();
        }

        /** ViT-L/16 (Dosovitskiy et al. 2021, table 1). */
        public static Config large() {
            return new Config(16, 1024, 24, 16, 0);
        }

        @Override
        public Backbone build(int side, Init init) {
            return new Vit(this, side, init);
        }

        @Override
        public Grid grid(int side) {
            if (side % patch != 0) {
                throw new IllegalArgumentException("a side of " + side + " px does not divide into patches of " + patch
                        + " px; the nearest that do are " + Math.max(1, side / patch) * patch + " and "
                        + (side / patch + 1) * patch);
            }
            return Grid.of(side / patch, side / patch);
        }
    }

    Vit(Config config, int side, Init init) {
        this.config = config;
        this.grid = config.grid(side);
        clsToken = parameter("cls_token", init.normal(1, 1, config.dim));
        posEmbed = parameter("pos_embed", init.normal(1, 1 + grid.size(), config.dim));
        patchEmbed = add("patch_embed", new PatchEmbed(config.dim, config.patch, init));
        for (int i = 0; i < config.depth; i++) {
            double rate = config.depth == 1 ? 0 : config.dropPath * i / (config.depth - 1);
            blocks.add(add("blocks." + i, new Block(config.dim, config.heads, rate, init)));
        }
    }

    @Override
    public int dim() {
        return config.dim;
    }

    @Override
    public int embedDim() {
        return config.dim;
    }

    @Override
    public int depth() {
        return config.depth;
    }

    @Override
    public Tokens embed(Tensor frames) {
        if (frames.size(2) != 1) {
            throw new IllegalArgumentException("this ViT reads images, one frame a clip, not " + frames.size(2));
        }
        Tokens tokens = patchEmbed.forward(frames.select(2, 0));
        if (!tokens.grid().equals(grid)) {
            throw new IllegalArgumentException(
                    "an input of " + tokens.grid() + " patches does not fit positions for " + grid);
        }
        return tokens;
    }

    @Override
    public Features encode(Tokens tokens) {
        Tensor x = withPositions(tokens);
        for (Block block : blocks) {
            x = block.forward(x);
        }
        return new Features(x, grid);
    }

    @Override
    public Tensor encode(Tokens tokens, Tensor rows) {
        Tensor x = withPositions(tokens);
        for (Block block : blocks.subList(0, blocks.size() - 1)) {
            x = block.forward(x);
        }
        // One class token stands before the N patches of each sample.
        Tensor samplesBefore = torch.floor_divide(rows, new Scalar((long) grid.size()));
        return blocks.get(blocks.size() - 1).forward(x, rows.add(samplesBefore).add(new Scalar(1L)));
    }

    /** The output of each block, [B, 1 + N, C]: what the golden tests look at. */
    List<Tensor> encodeEach(Tokens tokens) {
        List<Tensor> outputs = new ArrayList<>();
        Tensor x = withPositions(tokens);
        for (Block block : blocks) {
            x = block.forward(x);
            outputs.add(x);
        }
        return outputs;
    }

    private Tensor withPositions(Tokens tokens) {
        Tensor cls = clsToken.expand(tokens.x().size(0), -1, -1);
        return torch.cat(new TensorVector(cls, tokens.x()), 1).add(posEmbed); // [B, 1 + N, C]
    }
}
