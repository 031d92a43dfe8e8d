package maskfeat.eval;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether scores agree with how often the predictions are right.
 *
 * <p>Guo et al. 2017, On Calibration of Modern Neural Networks: items are put into bins by their confidence, the score
 * of the predicted class; of a calibrated network, the predictions of a bin are right as often as they are confident.
 *
 * @param bins of equal width, from 0 to 1
 */
public record Calibration(List<Bin> bins) {
    /** As many as Guo et al. 2017 take. */
    private static final int BINS = 15;

    /**
     * Items of about the same confidence.
     *
     * @param lower end of the confidences, not included
     * @param upper end of the confidences, included
     * @param count items
     * @param confidence mean of the items; NaN without items
     * @param accuracy share of the items predicted rightly (top-1); NaN without items
     */
    public record Bin(double lower, double upper, long count, double confidence, double accuracy) {
        /** By how much confidence and accuracy differ, without sign; 0 without items. */
        public double gap() {
            return count == 0 ? 0 : Math.abs(accuracy - confidence);
        }
    }

    /** Keeps its own copy of the list. */
    public Calibration {
        bins = List.copyOf(bins);
    }

    /**
     * Of labelled predictions, in 15 bins.
     *
     * @throws IllegalArgumentException naming the item if a prediction has no label
     */
    public static Calibration of(List<Prediction> predictions) {
        double[] confidences = new double[predictions.size()];
        boolean[] right = new boolean[predictions.size()];
        for (int i = 0; i < confidences.length; i++) {
            Prediction prediction = predictions.get(i);
            if (!prediction.labelled()) {
                throw new IllegalArgumentException(
                        prediction.name() + " has no label; only labelled items tell how often scores are right");
            }
            confidences[i] = prediction.confidence();
            right[i] = prediction.top() == prediction.label();
        }
        return of(confidences, right, BINS);
    }

    static Calibration of(double[] confidences, boolean[] right, int bins) {
        long[] counts = new long[bins];
        double[] sums = new double[bins];
        long[] hits = new long[bins];
        for (int i = 0; i < confidences.length; i++) {
            int bin = Math.max(0, (int) Math.ceil(confidences[i] * bins) - 1);
            counts[bin]++;
            sums[bin] += confidences[i];
            hits[bin] += right[i] ? 1 : 0;
        }
        List<Bin> filled = new ArrayList<>();
        for (int b = 0; b < bins; b++) {
            double items = counts[b];
            filled.add(new Bin((double) b / bins, (b + 1.0) / bins, counts[b], sums[b] / items, hits[b] / items));
        }
        return new Calibration(filled);
    }

    /** Items in all bins. */
    public long count() {
        return bins.stream().mapToLong(Bin::count).sum();
    }

    /** ECE, 0 to 1: the mean gap over all items (Guo et al. 2017, equation 3); NaN without items. */
    public double expectedError() {
        return bins.stream().mapToDouble(bin -> bin.count() * bin.gap()).sum() / count();
    }

    /** MCE, 0 to 1: the largest gap of a bin (Guo et al. 2017, equation 5), however few its items; NaN without items. */
    public double maximumError() {
        return count() == 0
                ? Double.NaN
                : bins.stream().mapToDouble(Bin::gap).max().orElse(Double.NaN);
    }
}
