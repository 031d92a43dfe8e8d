package maskfeat.model;

import maskfeat.mask.Grid;
import org.bytedeco.pytorch.Tensor;

/**
 * What a backbone makes of its tokens, before any final norm.
 *
 * @param x [B, 1 + N, C], class token first
 * @param grid the grid of the N patch tokens, possibly coarser than that of the embedding
 */
public record Features(Tensor x, Grid grid) {
    /** [B, C]. */
    public Tensor classToken() {
        return x.select(1, 0);
    }

    /** [B, N, C]. */
    public Tensor patches() {
        return x.narrow(1, 1, grid.size());
    }
}
