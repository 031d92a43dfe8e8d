package maskfeat.report;

import java.util.List;

/**
 * Mean and deviation of one figure over several runs.
 *
 * @param deviation sample standard deviation (n - 1); NaN for one run
 */
public record Spread(double mean, double deviation) {
    /** @param values at least one */
    public static Spread of(List<Double> values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        double mean = sum / values.size();
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return new Spread(mean, Math.sqrt(squares / (values.size() - 1)));
    }

    String text(MetricFormat format) {
        if (!Double.isFinite(deviation)) {
            return format.text(mean);
        }
        if (format.perCent()) {
            return Numbers.format("%.1f \u00b1 %.1f %%", mean, deviation);
        }
        // As many decimals as the mean has, if any.
        double size = Math.abs(mean);
        String sure = size >= 0.01 && size < 100 ? Numbers.format("%.4f", deviation) : Numbers.loss(deviation);
        return Numbers.loss(mean) + " \u00b1 " + sure;
    }
}
