package maskfeat.ablation;

import java.util.List;
import java.util.Locale;
import maskfeat.report.Spread;

/**
 * A figure over several seeds.
 *
 * @param mean over the seeds, in per cent
 * @param deviation of a sample (n - 1); NaN for one seed
 * @param seeds number of them
 * @param items number of items that each was measured on; 0 if it is not known
 */
public record MeanOfSeeds(double mean, double deviation, int seeds, int items) {
    /** @param values at least one */
    public static MeanOfSeeds of(List<Double> values, int items) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a mean needs at least one value");
        }
        Spread spread = Spread.of(values);
        return new MeanOfSeeds(spread.mean(), spread.deviation(), values.size(), items);
    }

    /**
     * How far the mean is to be trusted: the deviation over the seeds, but no less than what the number of items allows. All
     * seeds are measured on the same items, so few seeds that happen to agree say little.
     */
    public double error() {
        double share = Math.min(1, Math.max(0, mean / 100));
        double ofItems = items == 0 ? 0 : 100 * Math.sqrt(share * (1 - share) / items);
        return seeds == 1 ? ofItems : Math.max(deviation, ofItems);
    }

    /** Such as {@code 43.8 ± 2.4}; a single value without deviation. */
    public String text() {
        return seeds == 1
                ? String.format(Locale.ROOT, "%.1f", mean)
                : String.format(Locale.ROOT, "%.1f ± %.1f", mean, deviation);
    }
}
