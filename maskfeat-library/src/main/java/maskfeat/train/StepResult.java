package maskfeat.train;

import java.util.Map;

/**
 * What one optimizer step measured.
 *
 * @param values means over the whole step by tag: loss, baseline, and what the task adds
 * @param gradNorm global L2 norm of the gradient before clipping; NaN if it was not computed
 * @param flops operations of its products and convolutions, as {@link maskfeat.torch.Flops} counts them
 */
record StepResult(Map<String, Double> values, float gradNorm, double flops) {
    static final String LOSS = "train/loss";
    static final String BASELINE = "train/baseline";

    double loss() {
        return values.getOrDefault(LOSS, Double.NaN);
    }

    double baseline() {
        return values.getOrDefault(BASELINE, Double.NaN);
    }

    boolean lossIsFinite() {
        return Double.isFinite(loss());
    }

    boolean isFinite() {
        return Float.isFinite(gradNorm) && lossIsFinite();
    }

    StepResult withGradNorm(float norm) {
        return new StepResult(values, norm, flops);
    }
}
