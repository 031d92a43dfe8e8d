package maskfeat.model;

import maskfeat.mask.Grid;
import org.bytedeco.pytorch.Tensor;

/**
 * Output of a backbone, before any final norm.
 *
 * @param x [B, 1 + N, C], class token first; [B, N, C] without a class token
 * @param grid grid of the N patch tokens, possibly coarser than that of the embedding
 */
public record Features(Tensor x, Grid grid) {
    /**
     * The class token, [B, C].
     *
     * @throws IllegalStateException if the backbone has no class token
     */
    public Tensor classToken() {
        if (x.size(1) == grid.size()) {
            throw new IllegalStateException("this backbone has no class token");
        }
        return x.select(1, 0);
    }

    /** The mean over the patch tokens, [B, C]. */
    public Tensor patchMean() {
        return patches().mean(new long[] {1}, false, null);
    }

    /** The patch tokens, [B, N, C]. */
    public Tensor patches() {
        return x.narrow(1, x.size(1) - grid.size(), grid.size());
    }
}
