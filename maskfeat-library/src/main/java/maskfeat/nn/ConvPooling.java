package maskfeat.nn;

import maskfeat.mask.Grid;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Pooling of queries, keys or values by convolution (Li et al. 2022, section 4.1): depthwise over time, rows and
 * columns; all heads share the kernels. {@code weight} [D, 1, 3, 3, 3], zero padding, no bias.
 *
 * <p>Tokens have their channels last in memory, so nothing is transposed. The three time steps of a kernel are three 2D
 * convolutions, because libtorch computes them many times faster than one 3D convolution, above all backward.
 */
final class ConvPooling extends Layer {
    private final Tensor weight;

    ConvPooling(int headDim, Init init) {
        weight = parameter("weight", init.normal(headDim, 1, 3, 3, 3));
    }

    /** The kernels repeated for each head: [heads * D, 1, 3, 3, 3]. */
    Tensor kernels(int heads) {
        return weight.repeat(heads, 1, 1, 1, 1);
    }

    /** The grid after pooling. Time is never pooled. */
    static Grid pooled(Grid grid, int stride) {
        return new Grid(grid.t(), (grid.h() + stride - 1) / stride, (grid.w() + stride - 1) / stride);
    }

    /**
     * @param tokens [B * N, C] on {@code grid}
     * @param kernels [C, 1, 3, 3, 3]
     * @param stride of rows and columns
     * @return [B * N', C] on the pooled grid
     */
    static Tensor pool(Tensor tokens, Tensor kernels, Grid grid, int stride) {
        Tensor x = frames(tokens, grid);
        Tensor[] steps = Ops.unbind(kernels, 2); // before, now, after: [C, 1, 3, 3] each
        Tensor now = Ops.depthwise3x3(x, steps[1], stride); // [B * T, C, H', W']
        if (grid.t() == 1) {
            return tokens(now);
        }
        Tensor before = Ops.depthwise3x3(x, steps[0], stride);
        Tensor after = Ops.depthwise3x3(x, steps[2], stride);
        return tokens(now)
                .add(later(tokens(before), pooled(grid, stride)))
                .add(earlier(tokens(after), pooled(grid, stride)));
    }

    /** Max pooling over 3 x 3 tokens of one time step, as the shortcut is pooled. */
    static Tensor max(Tensor tokens, Grid grid, int stride) {
        return tokens(Ops.maxPool3x3(frames(tokens, grid), stride));
    }

    /** Tokens [B * N, C] as frames [B * T, C, H, W], channels last in memory; no copy. */
    private static Tensor frames(Tensor tokens, Grid grid) {
        return tokens.reshape(-1, grid.h(), grid.w(), tokens.size(1)).permute(0, 3, 1, 2);
    }

    /** The inverse of {@link #frames}; no copy if the memory is still channels last. */
    private static Tensor tokens(Tensor frames) {
        return frames.permute(0, 2, 3, 1).reshape(-1, frames.size(1));
    }

    // With split and cat, whose backward is one copy. Narrow and pad would fill with zeros first.

    /** Shifts all frames one step later; the first becomes zeros. */
    private static Tensor later(Tensor tokens, Grid grid) {
        Tensor[] kept = Ops.split(byTime(tokens, grid), 1, grid.t() - 1L, 1);
        return Ops.cat(1, torch.zeros_like(kept[1]), kept[0]).reshape(tokens.shape());
    }

    /** Shifts all frames one step earlier; the last becomes zeros. */
    private static Tensor earlier(Tensor tokens, Grid grid) {
        Tensor[] kept = Ops.split(byTime(tokens, grid), 1, 1, grid.t() - 1L);
        return Ops.cat(1, kept[1], torch.zeros_like(kept[0])).reshape(tokens.shape());
    }

    /** [B * T * H * W, C] as [B, T, H * W * C]. */
    private static Tensor byTime(Tensor tokens, Grid grid) {
        return tokens.reshape(-1, grid.t(), grid.h() * grid.w() * tokens.size(1));
    }
}
