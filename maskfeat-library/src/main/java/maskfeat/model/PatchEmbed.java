package maskfeat.model;

import maskfeat.mask.Grid;
import maskfeat.nn.Init;
import maskfeat.nn.Layer;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/**
 * Embeds patches of an image or cubes of a clip by one convolution: {@code proj.weight} [C, 3, h, w] or [C, 3, t, h,
 * w], {@code proj.bias} [C].
 */
public final class PatchEmbed extends Layer {
    private static final int COLOURS = 3;

    private final Kernel window;
    private final Tensor weight;
    private final Tensor bias;

    /**
     * The part of a clip that one token covers.
     *
     * @param kernel size in frames, rows and columns
     * @param stride from one token to the next, in frames, rows and columns
     * @param padding zeros added on each side, in frames, rows and columns
     */
    @SuppressWarnings("ArrayRecordComponent") // constants of a convolution, never compared
    public record Kernel(long[] kernel, long[] stride, long[] padding) {
        /** Adjacent cubes without overlap or padding. */
        static Kernel cube(int frames, int side) {
            long[] cube = {frames, side, side};
            return new Kernel(cube, cube, new long[] {0, 0, 0});
        }

        /** Whether a token covers a single frame, so that the kernels have two axes. */
        public boolean ofImages() {
            return kernel[0] == 1 && stride[0] == 1 && padding[0] == 0;
        }
    }

    PatchEmbed(int dim, Kernel window, Init init) {
        this.window = window;
        long[] kernel = window.kernel;
        // The published image models have a 2D convolution, so the tensor in the official files has four axes.
        weight = parameter(
                "proj.weight",
                window.ofImages()
                        ? init.normal(dim, COLOURS, kernel[1], kernel[2])
                        : init.normal(dim, COLOURS, kernel[0], kernel[1], kernel[2]));
        // PyTorch's default for a convolution, which the official initialisation does not change
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
