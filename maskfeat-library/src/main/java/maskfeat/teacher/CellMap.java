package maskfeat.teacher;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** How a teacher's cells become those of a grid of tokens that is as fine or finer. Of a coarser grid each takes their mean. */
public enum CellMap {
    /** A token takes the cell at its place. */
    NEAREST,
    /** Between the centres of the cells. */
    BILINEAR;

    /** @return [B, rows * columns, C] */
    public Tensor map(Tensor cells, int rows, int columns) {
        Tensor on = cells.size(2) == rows && cells.size(3) == columns
                ? cells
                : cells.size(2) >= rows
                        ? torch.adaptive_avg_pool2d(cells, rows, columns)
                        : this == NEAREST
                                ? torch.upsample_nearest2d(cells, new long[] {rows, columns})
                                : torch.upsample_bilinear2d(cells, new long[] {rows, columns}, false);
        return on.flatten(2, 3).transpose(1, 2);
    }
}
