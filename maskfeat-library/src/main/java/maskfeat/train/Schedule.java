package maskfeat.train;

import java.util.List;

/**
 * Learning rate over a run: a linear warm-up into a curve. Set before each step by the fraction of an epoch, not once an
 * epoch (SlowFast, lr_policy.py).
 *
 * @param warmupStart at the very beginning
 * @param warmupEpochs may have a fraction; 0 for none
 * @param curve what follows, and where warm-up leads to
 */
public record Schedule(double warmupStart, double warmupEpochs, Curve curve) {
    public Schedule {
        if (!(warmupStart >= 0 && warmupEpochs >= 0)) {
            throw new IllegalArgumentException(
                    "warm-up start " + warmupStart + " and warm-up epochs " + warmupEpochs + " must not be negative");
        }
    }

    /** Learning rate by epoch, without warm-up. */
    public sealed interface Curve {
        double at(double epoch);
    }

    /**
     * Half a cosine (Loshchilov and Hutter 2017, equation 5).
     *
     * @param peak at epoch {@code from}
     * @param end at epoch {@code to}
     */
    public record Cosine(double peak, double end, double from, double to) implements Curve {
        public Cosine {
            if (!(peak > 0 && end >= 0)) {
                throw new IllegalArgumentException(
                        "learning rates must not be negative, the peak above 0: peak " + peak + ", end " + end);
            }
            if (!(from >= 0 && from <= to)) {
                throw new IllegalArgumentException(
                        "a warm-up of " + from + " epochs does not fit into a run of " + to + " epochs");
            }
        }

        @Override
        public double at(double epoch) {
            double progress = from == to ? 0 : (epoch - from) / (to - from);
            return end + (peak - end) * 0.5 * (1 + Math.cos(Math.PI * progress));
        }
    }

    /**
     * Constant between steps.
     *
     * @param base learning rate that the factors multiply
     * @param starts epochs at which each step begins, ascending from 0
     * @param factors of the steps
     */
    public record Steps(double base, List<Double> starts, List<Double> factors) implements Curve {
        public Steps {
            starts = List.copyOf(starts);
            factors = List.copyOf(factors);
            if (starts.isEmpty() || starts.size() != factors.size() || starts.get(0) != 0) {
                throw new IllegalArgumentException("steps " + starts
                        + " must begin at epoch 0 and have one factor each, " + "but the factors are " + factors);
            }
        }

        @Override
        public double at(double epoch) {
            int step = 0;
            while (step + 1 < starts.size() && epoch >= starts.get(step + 1)) {
                step++;
            }
            return base * factors.get(step);
        }
    }

    /**
     * The learning rate.
     *
     * @param epoch epochs done before this step, with a fraction
     */
    public double at(double epoch) {
        return epoch < warmupEpochs
                ? warmupStart + (curve.at(warmupEpochs) - warmupStart) * epoch / warmupEpochs
                : curve.at(epoch);
    }
}
