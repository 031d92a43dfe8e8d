package maskfeat.report;

import java.util.List;
import maskfeat.eval.Interval;
import maskfeat.eval.Metric;
import maskfeat.eval.Metric.Better;
import maskfeat.eval.Metric.Unit;
import maskfeat.eval.Metrics;

/**
 * A figure of one run, or of several that differ by their seed, and how far it is to be trusted.
 *
 * @param spread mean and deviation
 * @param low lower end of its interval; NaN where nothing is known of it
 * @param high upper end
 */
record Estimate(Spread spread, double low, double high) {
    /** Of Student's t with 1, 2, ... degrees of freedom, what 95 % lie within. */
    private static final double[] WITHIN = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
        2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
    };

    /**
     * The interval of 95 %: of several runs, that of their mean by Student's t, and no less than that of a share of so many items,
     * for all seeds are measured on the same items, and few seeds may happen to agree. Of one run, that of the share alone.
     *
     * @param values of each run, at least one
     * @param items that each was measured on; 0 if that is not known
     */
    static Estimate of(String tag, List<Double> values, int items) {
        Spread spread = Spread.of(values);
        double low = Double.NaN;
        double high = Double.NaN;
        if (values.size() > 1) {
            double half = WITHIN[Math.min(values.size() - 1, WITHIN.length) - 1]
                    * spread.deviation()
                    / Math.sqrt(values.size());
            low = spread.mean() - half;
            high = spread.mean() + half;
        }
        if (items > 0 && isShare(tag, values.size()) && spread.mean() >= 0 && spread.mean() <= 100) {
            Interval counted = Interval.wilson(Math.round(spread.mean() / 100 * items), items);
            low = Double.isNaN(low) ? 100 * counted.low() : Math.min(low, 100 * counted.low());
            high = Double.isNaN(high) ? 100 * counted.high() : Math.max(high, 100 * counted.high());
        }
        boolean bounded = Metrics.of(tag).unit() == Unit.PER_CENT;
        return new Estimate(
                spread, bounded ? Math.max(0, low) : low, bounded ? Math.min(100, high) : high); // NaN stays
    }

    /** A mean over classes is no share of items, but no surer than one. */
    private static boolean isShare(String tag, int runs) {
        Metric metric = Metrics.of(tag);
        return Metrics.isCounted(tag) || runs > 1 && metric.unit() == Unit.PER_CENT && metric.better() == Better.HIGHER;
    }

    boolean hasInterval() {
        return !Double.isNaN(low);
    }

    /** Whether it is better and the intervals of both are known and apart. */
    boolean beats(Estimate other, Metric.Better better) {
        return better.than(spread.mean(), other.spread.mean())
                && (low > other.high || high < other.low); // false for NaN
    }

    String text(MetricFormat format) {
        String text = spread.text(format);
        if (!hasInterval()) {
            return text;
        }
        return text
                + (format.perCent()
                        ? Numbers.format(" (%.1f to %.1f)", low, high)
                        : " (" + format.text(low) + " to " + format.text(high) + ")");
    }
}
