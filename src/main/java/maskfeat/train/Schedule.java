package maskfeat.train;

/**
 * Learning rate over a run: linear warm-up from {@code start} to {@code peak}, then half a cosine down to {@code end}
 * (Loshchilov and Hutter 2017, equation 5; SlowFast, COSINE_AFTER_WARMUP). Set for each step, by the fraction of an
 * epoch, not once an epoch.
 *
 * @param peak highest learning rate
 * @param start at the very beginning of warm-up
 * @param end at the end of the run
 * @param warmupEpochs may have a fraction; 0 for none
 * @param epochs of the whole run
 */
public record Schedule(double peak, double start, double end, double warmupEpochs, double epochs) {
    public Schedule {
        if (!(peak > 0 && start >= 0 && end >= 0)) {
            throw new IllegalArgumentException("learning rates must be finite and not negative, the peak above 0: peak "
                    + peak + ", warm-up start " + start + ", end " + end);
        }
        if (!(epochs > 0 && warmupEpochs >= 0 && warmupEpochs <= epochs)) {
            throw new IllegalArgumentException(
                    "warm-up of " + warmupEpochs + " epochs must fit into a run of " + epochs + " epochs");
        }
    }

    /**
     * The learning rate.
     *
     * @param epoch passes over the data before this step, with a fraction
     */
    public double at(double epoch) {
        if (epoch < warmupEpochs) {
            return start + (peak - start) * epoch / warmupEpochs;
        }
        if (epochs == warmupEpochs) {
            return peak;
        }
        double progress = (epoch - warmupEpochs) / (epochs - warmupEpochs);
        return end + (peak - end) * 0.5 * (1 + Math.cos(Math.PI * progress));
    }
}
