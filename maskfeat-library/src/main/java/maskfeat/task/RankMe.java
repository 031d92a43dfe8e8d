package maskfeat.task;

import maskfeat.torch.Arrays;
import maskfeat.torch.Scopes;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How many directions features use, without labels: the effective rank of the matrix of features, RankMe (Garrido et al. 2023,
 * equation 1). Between 1, where all features are multiples of one, and the smaller of their number and their length.
 */
public final class RankMe {
    private static final double EPSILON = 1e-7; // of the paper, for float32

    private RankMe() {}

    /**
     * The effective rank.
     *
     * @param features [N][C], finite, at least one
     * @return the exponential of the entropy of the singular values, scaled to the sum 1; NaN where all features are 0
     */
    public static double of(float[][] features) {
        double[] values = Scopes.withoutGradients(() -> {
            Tensor matrix = Arrays.tensor(flat(features), features.length, features[0].length);
            return Arrays.doubles(torch.linalg_svdvals(matrix));
        });
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        if (sum == 0) {
            return Double.NaN;
        }
        double entropy = 0;
        for (double value : values) {
            double share = value / sum + EPSILON;
            entropy -= share * Math.log(share);
        }
        return Math.exp(entropy);
    }

    private static double[] flat(float[][] rows) {
        int width = rows[0].length;
        double[] all = new double[rows.length * width];
        for (int i = 0; i < all.length; i++) {
            all[i] = rows[i / width][i % width];
        }
        return all;
    }
}
