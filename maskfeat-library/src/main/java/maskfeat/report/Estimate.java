package maskfeat.report;

import java.util.List;
import maskfeat.eval.Interval;
import maskfeat.eval.Metric;
import maskfeat.eval.Metrics;

/**
 * A figure of one run, or of several that differ by their seed, and how far it is to be trusted.
 *
 * @param spread mean and deviation
 * @param low lower end of its interval; NaN where nothing is known of it
 * @param high upper end
 */
record Estimate(Spread spread, double low, double high) {
    /**
     * The interval is the mean plus and minus the deviation over the seeds, and the 95 % interval of a share of so many items if
     * it goes further: all seeds are measured on the same items, and few seeds may happen to agree.
     *
     * @param values of each run, at least one
     * @param items that each was measured on; 0 if that is not known
     */
    static Estimate of(String tag, List<Double> values, int items) {
        Spread spread = Spread.of(values);
        double low = Double.NaN;
        double high = Double.NaN;
        if (Double.isFinite(spread.deviation())) {
            low = spread.mean() - spread.deviation();
            high = spread.mean() + spread.deviation();
        }
        if (items > 0 && Metrics.isCounted(tag) && spread.mean() >= 0 && spread.mean() <= 100) {
            Interval counted = Interval.wilson(Math.round(spread.mean() / 100 * items), items);
            low = Double.isNaN(low) ? 100 * counted.low() : Math.min(low, 100 * counted.low());
            high = Double.isNaN(high) ? 100 * counted.high() : Math.max(high, 100 * counted.high());
        }
        return new Estimate(spread, low, high);
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
        return hasInterval() && !Double.isFinite(spread.deviation())
                ? text + Numbers.format(" (%.1f to %.1f)", low, high)
                : text;
    }
}
