package maskfeat.weights;

import java.io.IOException;

/**
 * What the numbers of a tensor are like.
 *
 * @param count of them
 * @param notFinite how many are infinite or no number; the rest is of the others
 * @param mean NaN where there are none
 * @param std deviation of these numbers themselves, not of what they were drawn from; NaN where there are none
 * @param min NaN where there are none
 * @param max NaN where there are none
 */
public record Statistics(long count, long notFinite, double mean, double std, double min, double max) {
    /** Of all numbers of a tensor, in one pass in bounded memory (Welford 1962). */
    public static Statistics of(TensorReader reader, TensorEntry entry) throws IOException {
        Values values = new Values(reader, entry);
        long finite = 0;
        long count = 0;
        double mean = 0;
        double squares = 0;
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        while (values.hasNext()) {
            double value = values.next();
            count++;
            if (Double.isFinite(value)) {
                finite++;
                double off = value - mean;
                mean += off / finite;
                squares += off * (value - mean);
                min = Math.min(min, value);
                max = Math.max(max, value);
            }
        }
        return finite == 0
                ? new Statistics(count, count, Double.NaN, Double.NaN, Double.NaN, Double.NaN)
                : new Statistics(count, count - finite, mean, Math.sqrt(squares / finite), min, max);
    }
}
