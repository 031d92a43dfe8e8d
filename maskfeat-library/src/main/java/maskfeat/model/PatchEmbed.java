package maskfeat.model;

import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * Patches of an image, or cubes of a clip, each embedded by one convolution: {@code proj.weight} [C, 3, h, w] or
 * [C, 3, t, h, w], {@code proj.bias} [C].
 */
public final class PatchEmbed extends Layer {
    private static final int COLOURS = 3;

    private final Kernel window;
    private final Tensor weight;
    private final Tensor bias;

    /**
     * What one token is made of.
     *
     * @param kernel frames, rows and columns
     * @param stride from one token to the next
     * @param padding zeros around the clip
     */
    @SuppressWarnings("ArrayRecordComponent") // constants of a convolution; nobody compares them with equals
    public record Kernel(long[] kernel, long[] stride, long[] padding) {
        /** Cubes side by side: nothing shared, nothing left out. */
        static Kernel cube(int frames, int side) {
            long[] cube = {frames, side, side};
            return new Kernel(cube, cube, new long[] {0, 0, 0});
        }

        /** Whether a token is of one picture, so that the kernels have two axes. */
        public boolean ofImages() {
            return kernel[0] == 1 && stride[0] == 1 && padding[0] == 0;
        }
    }

    PatchEmbed(int dim, Kernel window, Init init) {
        this.window = window;
        long[] kernel = window.kernel;
        // The published image models have a convolution over two axes, and so the official files a tensor of four.
        weight = parameter(
                "proj.weight",
                window.ofImages()
                        ? init.normal(dim, COLOURS, kernel[1], kernel[2])
                        : init.normal(dim, COLOURS, kernel[0], kernel[1], kernel[2]));
        // PyTorch's default for a convolution, which the official initialisation leaves alone
        bias = parameter(
                "proj.bias", init.uniform(1 / Math.sqrt((double) COLOURS * kernel[0] * kernel[1] * kernel[2]), dim));
    }

    /**
     * @param frames [B, 3, T, H, W]
     * @return [B, N, C]
     */
    Tokens forward(Tensor frames) {
        Tensor kernels = window.ofImages() ? weight.unsqueeze(2) : weight;
        Tensor x = window.ofImages() && frames.size(2) == 1
                ? Ops.conv2d(frames.select(2, 0), weight, bias, window.stride[1])
                        .unsqueeze(2)
                : Ops.conv3d(frames, kernels, bias, window.stride, window.padding); // [B, C, t, h, w]
        Grid grid = new Grid((int) x.size(2), (int) x.size(3), (int) x.size(4));
        return new Tokens(x.flatten(2, 4).transpose(1, 2), grid);
    }
}
