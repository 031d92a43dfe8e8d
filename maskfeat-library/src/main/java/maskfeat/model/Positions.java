package maskfeat.model;

import maskfeat.mask.Grid;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Tensor;

/** Fixed positions, and learned ones brought to another size, so that weights of one clip size can be used for another. */
public final class Positions {
    private static final double LONGEST = 10_000; // Vaswani et al. 2017, section 3.5

    private Positions() {}

    /**
     * Fixed positions (Vaswani et al. 2017, section 3.5; VideoMAE): at token n, even columns 2i hold the sine and odd ones
     * the cosine of n / 10000^(2i / dim).
     *
     * @param tokens number of tokens, counted by time, then row, then column
     * @return [1, tokens, dim]
     */
    public static Tensor sinusoids(int tokens, int dim) {
        float[] table = new float[Math.multiplyExact(tokens, dim)];
        for (int c = 0; c < dim; c++) {
            double slowness = Math.pow(LONGEST, 2.0 * (c / 2) / dim);
            for (int n = 0; n < tokens; n++) {
                double angle = n / slowness;
                table[n * dim + c] = (float) (c % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
            }
        }
        return Arrays.tensor(table, 1, tokens, dim);
    }

    /**
     * Fixed positions of an image's patches for a network with a class token (moco-v3, vits.py): sine and cosine of the row,
     * then of the column, each of {@code dim / 4} frequencies {@code 10000^(-4i / dim)}; the class token's are zero.
     *
     * @param dim a multiple of 4
     * @return [1, 1 + N, dim]
     */
    public static Tensor sinusoids2d(Grid grid, int dim) {
        int frequencies = dim / 4;
        float[] table = new float[Math.multiplyExact(1 + grid.size(), dim)];
        for (int n = 0; n < grid.size(); n++) {
            int row = n / grid.w() % grid.h();
            int column = n % grid.w();
            int at = (1 + n) * dim;
            for (int i = 0; i < frequencies; i++) {
                double frequency = Math.pow(LONGEST, -(double) i / frequencies);
                table[at + i] = (float) Math.sin(row * frequency);
                table[at + frequencies + i] = (float) Math.cos(row * frequency);
                table[at + 2 * frequencies + i] = (float) Math.sin(column * frequency);
                table[at + 3 * frequencies + i] = (float) Math.cos(column * frequency);
            }
        }
        return Arrays.tensor(table, 1, 1L + grid.size(), dim);
    }

    /**
     * Relative positions: linear interpolation along the table (official: SlowFast, checkpoint.py).
     *
     * @param table [rows, C]
     * @param rows number wanted
     * @return [rows, C]
     */
    public static Tensor relative(Tensor table, long rows) {
        return Ops.resizeRows(table, rows);
    }

    /**
     * Absolute positions: bicubic in each frame, linear over time. The official code leaves positions of another size
     * at their random initial values, but resizes separate positions for space and time this way.
     *
     * @param positions [1, 1 + N, C] with the class token's first, or [1, N, C]
     * @param from grid of the N positions
     * @param to grid wanted
     * @return positions for the grid wanted, with the class token's if given
     */
    public static Tensor absolute(Tensor positions, Grid from, Grid to) {
        long C = positions.size(2);
        long before = positions.size(1) - from.size();
        if (before < 0 || before > 1) {
            throw new IllegalArgumentException(
                    positions.size(1) + " positions do not fit " + from + " tokens with or without a class token");
        }
        Tensor patches = positions.narrow(1, before, from.size());
        if (from.h() != to.h() || from.w() != to.w()) {
            Tensor pictures = patches.reshape(from.t(), from.h(), from.w(), C).permute(0, 3, 1, 2); // [T, C, h, w]
            patches = Ops.resizeBicubic(pictures, to.h(), to.w())
                    .permute(0, 2, 3, 1)
                    .reshape(1, -1, C);
        }
        if (from.t() != to.t()) {
            Tensor times = patches.reshape(from.t(), -1); // [T, h * w * C]
            patches = Ops.resizeRows(times, to.t()).reshape(1, -1, C);
        }
        return before == 0
                ? patches.contiguous()
                : Ops.cat(1, positions.narrow(1, 0, 1), patches).contiguous();
    }
}
