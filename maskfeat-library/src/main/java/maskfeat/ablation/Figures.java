package maskfeat.ablation;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What came out of a row, so far as it was run.
 *
 * @param scores by seed
 * @param items number of items that each score is measured on; 0 if it is not known
 * @param loss of pre-training, where it has that of a constant prediction to compare with
 * @param minutes of pre-training, where there is one; the mean over its runs
 */
public record Figures(
        Map<Measure, SortedMap<Integer, Double>> scores, int items, Optional<LossAtEnd> loss, OptionalDouble minutes) {
    /**
     * The loss at the end of pre-training; the mean over its runs.
     *
     * @param share of the constant prediction's
     * @param ofEpoch whether each run's is the mean of its last epoch; otherwise it is that of the last report, of a few steps
     */
    public record LossAtEnd(double share, boolean ofEpoch) {}

    public Figures {
        Map<Measure, SortedMap<Integer, Double>> copy = new EnumMap<>(Measure.class);
        scores.forEach(
                (measure, values) -> copy.put(measure, Collections.unmodifiableSortedMap(new TreeMap<>(values))));
        scores = Collections.unmodifiableMap(copy);
    }

    /** Nothing yet. */
    public static Figures none() {
        return new Figures(Map.of(), 0, Optional.empty(), OptionalDouble.empty());
    }

    /** With another score. */
    public Figures and(Measure measure, int seed, double value) {
        Map<Measure, SortedMap<Integer, Double>> more = new EnumMap<>(Measure.class);
        more.putAll(scores);
        SortedMap<Integer, Double> values = new TreeMap<>(more.getOrDefault(measure, Collections.emptySortedMap()));
        values.put(seed, value);
        more.put(measure, values);
        return new Figures(more, items, loss, minutes);
    }

    /** With the number of items that scores are measured on. */
    public Figures measuredOn(int number) {
        return new Figures(scores, number, loss, minutes);
    }

    /** With what pre-training took and reached. */
    public Figures pretrained(Optional<LossAtEnd> reached, OptionalDouble took) {
        return new Figures(scores, items, reached, took);
    }

    /** Mean and deviation over the seeds; empty if it was not measured. */
    public Optional<MeanOfSeeds> of(Measure measure) {
        SortedMap<Integer, Double> values = scores.getOrDefault(measure, Collections.emptySortedMap());
        return values.isEmpty() ? Optional.empty() : Optional.of(MeanOfSeeds.of(List.copyOf(values.values()), items));
    }
}
