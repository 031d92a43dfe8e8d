package maskfeat.nn;

import java.util.List;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Batch normalisation of vectors (Ioffe and Szegedy 2015): {@code weight} and {@code bias} [C] or neither, and as buffers
 * {@code running_mean} and {@code running_var} [C] and {@code num_batches_tracked}.
 *
 * <p>In training the statistics are those of the batch, and each pass moves the running ones a tenth of the way towards
 * them, with the unbiased variance. In use the running ones take their place.
 */
public final class BatchNorm extends Layer {
    private static final double EPS = 1e-5;
    private static final double MOMENTUM = 0.1;

    private final List<Tensor> affine;
    private final Tensor runningMean;
    private final Tensor runningVar;
    private final Tensor batches;

    /** @param affine whether there are a weight and a bias */
    public BatchNorm(int dim, boolean affine, Init init) {
        this.affine = affine
                ? List.of(parameter("weight", init.constant(1, dim)), parameter("bias", init.constant(0, dim)))
                : List.of();
        runningMean = buffer("running_mean", init.constant(0, dim));
        runningVar = buffer("running_var", init.constant(1, dim));
        batches = buffer("num_batches_tracked", init.constant(() -> Arrays.tensor(new long[1])));
    }

    /**
     * @param x [B, C]; in training B is at least 2
     * @return [B, C]
     */
    public Tensor forward(Tensor x) {
        if (training()) {
            try (NoGradGuard guard = new NoGradGuard()) {
                batches.add_(new Scalar(1L));
            }
        }
        return Ops.batchNorm(x, affine, runningMean, runningVar, training(), MOMENTUM, EPS);
    }
}
