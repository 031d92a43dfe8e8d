package maskfeat.train;

import java.util.LinkedHashMap;
import java.util.Map;

/** Means since the last report. Its sums are part of a checkpoint, so that a resumed run reports the same numbers. */
final class Meter {
    private final Map<String, Double> sums = new LinkedHashMap<>();
    private long count;
    private Map<String, Double> markedSums = Map.of();
    private long markedCount;

    void add(Map<String, Double> values) {
        values.forEach((name, value) -> sums.merge(name, value, Double::sum));
        count++;
    }

    /** The mean of what was added under this name; NaN if nothing was. */
    double mean(String name) {
        Double sum = sums.get(name);
        return sum == null || count == 0 ? Double.NaN : sum / count;
    }

    Map<String, Double> means() {
        Map<String, Double> means = new LinkedHashMap<>();
        sums.forEach((name, sum) -> means.put(name, sum / count));
        return means;
    }

    long count() {
        return count;
    }

    /** In the order in which names were added. Map.copyOf orders differently in each process, so checkpoints would differ. */
    Map<String, Double> sums() {
        return new LinkedHashMap<>(sums);
    }

    void clear() {
        sums.clear();
        count = 0;
    }

    void restore(Map<String, Double> oldSums, long oldCount) {
        sums.clear();
        sums.putAll(oldSums);
        count = oldCount;
        mark();
    }

    /** Remembers the sums as they are, for {@link #rewind}. */
    void mark() {
        markedSums = sums();
        markedCount = count;
    }

    /** Goes back to the last mark. */
    void rewind() {
        restore(markedSums, markedCount);
    }
}
