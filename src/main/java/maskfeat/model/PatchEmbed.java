package maskfeat.model;

import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/** Non-overlapping patches, each embedded by one convolution: {@code proj.weight} [C, 3, p, p], {@code proj.bias} [C]. */
final class PatchEmbed extends Layer {
    private static final int COLOURS = 3;

    private final int patch;
    private final Tensor weight;
    private final Tensor bias;

    PatchEmbed(int dim, int patch, Init init) {
        this.patch = patch;
        weight = parameter("proj.weight", init.normal(dim, COLOURS, patch, patch));
        // PyTorch's default for a convolution, which the official initialisation leaves alone
        bias = parameter("proj.bias", init.uniform(1 / Math.sqrt(COLOURS * patch * patch), dim));
    }

    /**
     * @param images [B, 3, H, W], H and W multiples of the patch side
     * @return [B, H/p * W/p, C]
     */
    Tokens forward(Tensor images) {
        Tensor x = Ops.conv2d(images, weight, bias, patch); // [B, C, h, w]
        Grid grid = Grid.of((int) x.size(2), (int) x.size(3));
        return new Tokens(x.flatten(2, 3).transpose(1, 2), grid);
    }
}
