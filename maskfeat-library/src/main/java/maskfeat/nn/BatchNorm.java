package maskfeat.nn;

import java.util.List;
import maskfeat.torch.Arrays;
import maskfeat.torch.Ops;
import maskfeat.torch.Ranks;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Batch normalisation of vectors (Ioffe and Szegedy 2015): {@code weight} and {@code bias} [C] or neither, and as buffers
 * {@code running_mean} and {@code running_var} [C] and {@code num_batches_tracked}.
 *
 * <p>In training the statistics are those of the batch, and each pass moves the running ones a tenth of the way towards
 * them, with the unbiased variance. In use the running ones take their place. Where ranks train together, the batch is that of
 * all of them.
 */
public final class BatchNorm extends Layer {
    private static final double EPS = 1e-5;
    private static final double MOMENTUM = 0.1;

    private final List<Tensor> affine;
    private final Tensor runningMean;
    private final Tensor runningVar;
    private final Tensor batches;
    private Ranks ranks = Ranks.ALONE;

    /** @param affine whether there are a weight and a bias */
    public BatchNorm(int dim, boolean affine, Init init) {
        this.affine = affine
                ? List.of(parameter("weight", init.constant(1, dim)), parameter("bias", init.constant(0, dim)))
                : List.of();
        runningMean = buffer("running_mean", init.constant(0, dim));
        runningVar = buffer("running_var", init.constant(1, dim));
        batches = buffer("num_batches_tracked", init.constant(() -> Arrays.tensor(new long[1])));
    }

    /** Lets the statistics be those of the batches of all ranks, each of which makes the same passes in the same order. */
    public void among(Ranks others) {
        ranks = others;
    }

    /**
     * @param x [B, C]; in training B is at least 2, all ranks together
     * @return [B, C]
     */
    public Tensor forward(Tensor x) {
        if (training()) {
            try (NoGradGuard guard = new NoGradGuard()) {
                batches.add_(new Scalar(1L));
            }
            if (!ranks.isAlone()) {
                return amongRanks(x);
            }
        }
        return Ops.batchNorm(x, affine, runningMean, runningVar, training(), MOMENTUM, EPS);
    }

    /** In double precision, as libtorch has its sums. */
    private Tensor amongRanks(Tensor x) {
        long dim = x.size(1);
        Tensor exact = x.to(ScalarType.Double);
        Tensor rows = exact.new_full(new long[] {1}, new Scalar((double) x.size(0)));
        Tensor sums = ranks.sumOf(torch.cat(new TensorVector(exact.sum(0), rows), 0));
        Tensor count = sums.detach().narrow(0, dim, 1);
        Tensor mean = sums.narrow(0, 0, dim).div(count);
        Tensor centred = exact.sub(mean);
        Tensor squares = ranks.sumOf(centred.square().sum(0));
        Tensor variance = squares.div(count);
        try (NoGradGuard guard = new NoGradGuard()) {
            follow(runningMean, mean);
            follow(runningVar, squares.div(count.sub(new Scalar(1.0))));
        }
        Tensor y = centred.mul(variance.add(new Scalar(EPS)).rsqrt()).to(x.scalar_type());
        return affine.isEmpty() ? y : y.mul(affine.get(0)).add(affine.get(1));
    }

    private static void follow(Tensor running, Tensor ofBatch) {
        running.copy_(running.to(ScalarType.Double).lerp(ofBatch, new Scalar(MOMENTUM)));
    }
}
