package maskfeat.teacher;

import java.util.stream.LongStream;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** How a teacher's cells become those of a grid of tokens that is as fine or finer. Of a coarser grid each takes their mean. */
public enum CellMap {
    /** A token takes the cell at its place, {@code floor(place * cells / tokens)}: nothing is made up. */
    NEAREST {
        @Override
        Tensor finer(Tensor cells, int rows, int columns) {
            return pick(pick(cells, 2, rows), 3, columns);
        }

        private Tensor pick(Tensor cells, int axis, int count) {
            long[] places = LongStream.range(0, count)
                    .map(place -> place * cells.size(axis) / count)
                    .toArray();
            return cells.index_select(axis, Arrays.tensor(places, count).to(cells.device(), ScalarType.Long));
        }
    },
    /** Between the centres of the cells, those at the border continued. To be done before features are normalised. */
    BILINEAR {
        @Override
        Tensor finer(Tensor cells, int rows, int columns) {
            return Ops.resizeBilinear(cells, rows, columns);
        }
    };

    /** [B, C, h, w] to [B, C, rows, columns], neither side less than before. */
    abstract Tensor finer(Tensor cells, int rows, int columns);

    /**
     * Maps features to tokens.
     *
     * @param cells [B, C, h, w]
     * @param rows of the grid of tokens
     * @param columns of the grid of tokens
     * @return [B, rows * columns, C], by row, then column
     * @throws IllegalArgumentException if the grid is coarser one way and finer the other
     */
    public Tensor map(Tensor cells, int rows, int columns) {
        return Frozen.compute(() -> onGrid(cells, rows, columns).flatten(2, 3).transpose(1, 2));
    }

    private Tensor onGrid(Tensor cells, int rows, int columns) {
        long h = cells.size(2);
        long w = cells.size(3);
        if (h == rows && w == columns) {
            return cells;
        }
        if (h <= rows && w <= columns) {
            return finer(cells, rows, columns);
        }
        if (h >= rows && w >= columns) {
            return Ops.averageOnGrid(cells, rows, columns);
        }
        throw new IllegalArgumentException("a teacher's " + h + " x " + w + " cells are more than the " + rows + " x "
                + columns + " tokens one way and fewer the other");
    }
}
