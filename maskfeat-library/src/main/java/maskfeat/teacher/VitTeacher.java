package maskfeat.teacher;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import maskfeat.mask.Grid;
import maskfeat.model.Features;
import maskfeat.model.Vit;
import maskfeat.network.Head;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.nn.Block;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.torch.Ops;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A frozen ViT with learned positions. It reads pictures of any size of at least a patch: positions are resized as DINO's own
 * program does (Caron et al. 2021, {@code interpolate_pos_encoding}).
 */
final class VitTeacher extends TokenTeacher {
    /** DINO adds it to a side before the factor of resizing is taken of it, so that rounding never loses a row. */
    private static final double MARGIN = 0.1;

    private final Encoder encoder;

    /** The network up to its last block, for any grid. */
    private static final class Encoder extends Layer {
        private final int patch;
        private final @Nullable Tensor classToken; // [1, 1, C]
        private final Tensor positions; // [1, 1 + N, C]
        private final Tensor kernels;
        private final Tensor bias;
        private final List<Block> blocks = new ArrayList<>();

        Encoder(Vit.Config config, int tokens, int depth, Init init) {
            patch = config.patch();
            int dim = config.dim();
            classToken = config.classToken() ? parameter("cls_token", init.constant(0, 1, 1, dim)) : null;
            positions = parameter("pos_embed", init.constant(0, 1, (config.classToken() ? 1 : 0) + tokens, dim));
            kernels = parameter("patch_embed.proj.weight", init.constant(0, dim, 3, patch, patch));
            bias = parameter("patch_embed.proj.bias", init.constant(0, dim));
            for (int i = 0; i < depth; i++) {
                blocks.add(add(
                        "blocks." + i,
                        new Block(dim, config.heads(), config.hiddenDim(), 0, config.normEpsilon(), init)));
            }
        }

        /**
         * Positions for a picture.
         *
         * @return [1, 1 + N, C], the class token's first, if there is one
         */
        Tensor positions(long height, long width) {
            long first = classToken == null ? 0 : 1;
            long stored = positions.size(1) - first;
            long rows = height / patch;
            long columns = width / patch;
            if (rows * columns == stored && height == width) {
                return positions;
            }
            long side = Math.round(Math.sqrt((double) stored));
            Tensor onGrid = positions
                    .narrow(1, first, stored)
                    .reshape(1, side, side, -1)
                    .permute(0, 3, 1, 2); // [1, C, side, side]
            Tensor resized =
                    Ops.resizeBicubic(onGrid, rows, columns, (rows + MARGIN) / side, (columns + MARGIN) / side);
            Tensor patches = resized.permute(0, 2, 3, 1).reshape(1, rows * columns, -1);
            return first == 0 ? patches : Ops.cat(1, positions.narrow(1, 0, 1), patches);
        }

        Features encode(Tensor frames) {
            if (frames.size(2) < patch || frames.size(3) < patch) {
                throw new IllegalArgumentException("a picture of " + frames.size(2) + " x " + frames.size(3)
                        + " px is smaller than the teacher's patches of " + patch);
            }
            Tensor x = Ops.conv2d(frames, kernels, bias, patch); // [B, C, h, w]
            Grid grid = Grid.of((int) x.size(2), (int) x.size(3));
            x = x.flatten(2, 3).transpose(1, 2);
            if (classToken != null) {
                x = Ops.cat(1, classToken.expand(x.size(0), -1, -1), x);
            }
            x = x.add(positions(frames.size(2), frames.size(3)));
            for (Block block : blocks) {
                x = block.forward(x);
            }
            return new Features(x, grid);
        }
    }

    private VitTeacher(OpenedWeights weights, Encoder encoder, Device device) throws IOException {
        super(weights, encoder, weights.spec().backbone().embedDim(), device);
        this.encoder = encoder;
    }

    /** Whether a network is such a one. */
    static boolean fits(NetworkSpec spec) {
        return spec.backbone() instanceof Vit.Config vit
                && vit.positions() == Vit.PositionKind.LEARNED
                && vit.cubeFrames() == 1;
    }

    static VitTeacher open(OpenedWeights weights, Device device) throws IOException {
        check(weights);
        NetworkSpec spec = weights.spec();
        Vit.Config config = (Vit.Config) spec.backbone();
        int tokens = config.embedGrid(spec.size()).size();
        Encoder encoder = NetworkSpec.on(device, 0, init -> new Encoder(config, tokens, spec.blocks(), init));
        try {
            TensorFile.load(weights.tensors(), encoder.parameters(), Head::isAround);
            encoder.train(false);
            return new VitTeacher(weights, encoder, device);
        } catch (Throwable failed) {
            encoder.close();
            throw failed;
        }
    }

    /** Positions that are added to a picture's tokens, for the tests. */
    Tensor positions(long height, long width) {
        return Frozen.compute(() -> encoder.positions(height, width).clone());
    }

    @Override
    Features encode(Tensor frames) {
        return encoder.encode(frames);
    }
}
