package maskfeat.nn;

import maskfeat.mask.Grid;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Decomposed relative positions (Li et al. 2022, equation 4): the score of a query and a key gains the products of the
 * query with three learned vectors, for their distances in time, rows and columns: {@code rel_pos_t},
 * {@code rel_pos_h}, {@code rel_pos_w} [distances, D]. The class token has no position and no such terms.
 *
 * <p>The terms become extra columns of queries and keys, so that one matrix product gives the complete score: a query
 * carries its products with the vectors of every row, time and column of the keys' grid; a key carries a 1 at its own
 * row, time and column and 0 elsewhere. So the matrix of all queries and keys is written once, not four times.
 */
public final class RelativePosition extends Layer {
    /** Matrix products are much slower if the row length is not a multiple of the processor's vectors. */
    private static final int ALIGNMENT = 8;

    /** The score of a padding key: its softmax weight is exactly 0. */
    private static final float NEVER = -1e30f;

    private final Grid q;
    private final Grid k;
    private final Axis t;
    private final Axis h;
    private final Axis w;
    private final int padding;
    private final Tensor keyCodes;
    private final Tensor classCode;

    /** The table of one axis, and the row of it for each pair of a query's and a key's position. */
    private record Axis(Tensor table, Tensor distances, int q, int k) {
        /** The vector for each query and key position: [q, k, D]. */
        Tensor vectors() {
            return RelativePosition.vectors(table, distances, q, k);
        }
    }

    /**
     * @param q grid of the queries
     * @param k grid of the keys
     * @param tables grid that the tables are made for; a side of n has 2n - 1 distances
     * @param classTokens 1 if a class token stands before the keys, else 0
     */
    RelativePosition(Grid q, Grid k, Grid tables, int classTokens, int headDim, Init init) {
        this.q = q;
        this.k = k;
        h = axis("rel_pos_h", tables.h(), q.h(), k.h(), headDim, init);
        w = axis("rel_pos_w", tables.w(), q.w(), k.w(), headDim, init);
        t = axis("rel_pos_t", tables.t(), q.t(), k.t(), headDim, init);
        int used = used(k);
        int columns = columns(k, headDim);
        int keys = aligned(classTokens + k.size());
        padding = keys - classTokens - k.size();
        keyCodes = constant(init.constant(
                () -> Arrays.tensor(keyCodes(classTokens, keys, used, columns), keys, columns), keys, columns));
        classCode = constant(init.constant(() -> Arrays.tensor(classCode(used, columns), 1, columns), 1, columns));
    }

    private static int used(Grid k) {
        return k.h() + k.t() + k.w() + 1; // the last one marks padding keys
    }

    /** Number of columns that position terms add to the queries and keys of a head. */
    static int columns(Grid k, int headDim) {
        return aligned(headDim + used(k)) - headDim;
    }

    private Axis axis(String name, int size, int q, int k, int headDim, Init init) {
        Tensor table = parameter(name, init.normal(2L * size - 1, headDim));
        long pairs = (long) q * k;
        return new Axis(table, constant(init.constant(() -> Arrays.tensor(distances(q, k), pairs), pairs)), q, k);
    }

    /**
     * The vector for each query and key position along one axis.
     *
     * @param table [distances, D], on the CPU
     * @return [q, k, D]
     */
    public static Tensor vectors(Tensor table, int q, int k) {
        return vectors(table, Arrays.tensor(distances(q, k), (long) q * k), q, k);
    }

    private static Tensor vectors(Tensor table, Tensor distances, int q, int k) {
        int rows = 2 * Math.max(q, k) - 1;
        // If sides do not divide evenly, tables are shorter than the distances, as in the official code.
        Tensor fitting = table.size(0) == rows ? table : Ops.resizeRows(table, rows);
        return fitting.index_select(0, distances).reshape(q, k, table.size(1));
    }

    private static int aligned(int count) {
        return (count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /**
     * The table row for query i and key j, at i * k + j. Computed in float32 to round as the official code does: exact
     * fractions choose other rows on grids that do not divide evenly.
     */
    static long[] distances(int q, int k) {
        double perQuery = Math.max((double) k / q, 1);
        double perKey = Math.max((double) q / k, 1);
        float last = (float) ((k - 1) * perKey);
        long[] distances = new long[q * k];
        for (int i = 0; i < q; i++) {
            for (int j = 0; j < k; j++) {
                distances[i * k + j] = (long) (i * (float) perQuery - j * (float) perKey + last);
            }
        }
        return distances;
    }

    /** Rows: class token, patches, padding. Columns: row, time, column, padding. */
    private float[] keyCodes(int classTokens, int keys, int used, int columns) {
        float[] codes = new float[keys * columns];
        for (int key = 0; key < k.size(); key++) {
            int row = (classTokens + key) * columns;
            codes[row + key / k.w() % k.h()] = 1;
            codes[row + k.h() + key / (k.w() * k.h())] = 1;
            codes[row + k.h() + k.t() + key % k.w()] = 1;
        }
        for (int key = classTokens + k.size(); key < keys; key++) {
            codes[key * columns + used - 1] = NEVER;
        }
        return codes;
    }

    private static float[] classCode(int used, int columns) {
        float[] codes = new float[columns];
        codes[used - 1] = 1;
        return codes;
    }

    /** Number of zero keys to append after the patches. */
    int padding() {
        return padding;
    }

    /**
     * Appends the position terms to the queries of patches.
     *
     * @param x [B, N, heads, D], normalised, not scaled
     * @return [B * heads, N, D + columns]
     */
    Tensor widenQueries(Tensor x) {
        long B = x.size(0), heads = x.size(2), D = x.size(3);
        // Row and time in one product for each (t, y): [T * H, D, k.h + k.t]
        Tensor rowsAndTimes = Ops.cat(
                        2,
                        h.vectors().unsqueeze(0).expand(q.t(), q.h(), k.h(), D),
                        t.vectors().unsqueeze(1).expand(q.t(), q.h(), k.t(), D))
                .reshape((long) q.t() * q.h(), k.h() + k.t(), D)
                .transpose(1, 2);
        Tensor ofRowsAndTimes = Ops.matmul(
                        x.reshape(B, (long) q.t() * q.h(), q.w() * heads, D),
                        rowsAndTimes) // [B, T * H, W * heads, k.h + k.t]
                .reshape(B, q.size(), heads, k.h() + k.t());
        // Columns in one product for each (x, head), without copying x: [W * heads, D, k.w]
        Tensor columns = w.vectors()
                .transpose(1, 2)
                .unsqueeze(1)
                .expand(q.w(), heads, D, k.w())
                .reshape(q.w() * heads, D, k.w());
        Tensor ofColumns = Ops.bmm(
                        x.reshape(B * q.t() * q.h(), q.w() * heads, D).transpose(0, 1),
                        columns) // [W * heads, B * T * H, k.w]
                .transpose(0, 1)
                .reshape(B, q.size(), heads, k.w());
        Tensor rest = classCode
                .to(x.scalar_type())
                .narrow(1, k.h() + k.t() + k.w(), classCode.size(1) - k.h() - k.t() - k.w())
                .expand(B, q.size(), heads, -1);
        return headsFirst(Ops.cat(3, x, ofRowsAndTimes, ofColumns, rest));
    }

    private static Tensor headsFirst(Tensor x) {
        return x.transpose(1, 2).flatten(0, 1);
    }

    /**
     * Appends zero position terms to the queries of class tokens.
     *
     * @param x [B * heads, n, D]
     * @return [B * heads, n, D + columns]
     */
    Tensor widenClassQueries(Tensor x) {
        return Ops.cat(2, x, classCode.to(x.scalar_type()).expand(x.size(0), x.size(1), -1));
    }

    /**
     * @param x [B * heads, n, D], class token first if there is one, {@link #padding} zeros last
     * @return [B * heads, n, D + columns]
     */
    Tensor widenKeys(Tensor x) {
        Tensor scaled = x.mul(new Scalar(1 / Math.sqrt(x.size(2)))); // there are fewer keys than queries
        return Ops.cat(2, scaled, keyCodes.to(x.scalar_type()).expand(x.size(0), -1, -1));
    }
}
