package maskfeat.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * How many items of each class were taken for each class.
 *
 * @param classes names by number
 * @param counts [classes][classes], items: rows are the truth, columns what was predicted. Copied when the record is
 *     made; what the record gives out is not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // a table of numbers; nobody compares two with equals
public record ConfusionMatrix(List<String> classes, long[][] counts) {
    /** @throws IllegalArgumentException if the counts are not one row and column for each class, or one is below 0 */
    public ConfusionMatrix {
        classes = List.copyOf(classes);
        if (counts.length != classes.size()) {
            throw new IllegalArgumentException(
                    counts.length + " rows for " + classes.size() + " classes; there must be one for each");
        }
        counts = counts.clone();
        for (int truth = 0; truth < counts.length; truth++) {
            if (counts[truth].length != counts.length) {
                throw new IllegalArgumentException("row " + truth + " has " + counts[truth].length + " columns for "
                        + classes.size() + " classes; there must be one for each");
            }
            counts[truth] = counts[truth].clone();
            for (long count : counts[truth]) {
                if (count < 0) {
                    throw new IllegalArgumentException("row " + truth + " counts " + count + " items");
                }
            }
        }
    }

    /** All items. */
    public long total() {
        return Arrays.stream(counts).flatMapToLong(Arrays::stream).sum();
    }

    /** Items on the diagonal: taken for what they are. */
    public long correct() {
        long correct = 0;
        for (int c = 0; c < counts.length; c++) {
            correct += counts[c][c];
        }
        return correct;
    }

    /** Items of a class: the sum of its row. */
    public long ofClass(int truth) {
        return Arrays.stream(counts[truth]).sum();
    }

    /** Items taken for a class: the sum of its column. */
    public long takenFor(int predicted) {
        return Arrays.stream(counts).mapToLong(row -> row[predicted]).sum();
    }

    /**
     * What share of a class's items was taken for each class.
     *
     * @return [classes], summing to 1; all NaN for a class without items
     */
    public double[] shares(int truth) {
        double items = ofClass(truth);
        return Arrays.stream(counts[truth]).mapToDouble(count -> count / items).toArray();
    }

    /**
     * The most frequent confusions.
     *
     * @param n at most so many
     * @return most frequent first, then by the number of the true class, then by that of the predicted one; only those
     *     that occur
     * @throws IllegalArgumentException if n is below 0
     */
    public List<Confusion> worst(int n) {
        if (n < 0) {
            throw new IllegalArgumentException("the worst " + n + " confusions: it takes at least 0");
        }
        List<Confusion> all = new ArrayList<>();
        for (int truth = 0; truth < counts.length; truth++) {
            for (int predicted = 0; predicted < counts.length; predicted++) {
                if (truth != predicted && counts[truth][predicted] > 0) {
                    all.add(new Confusion(classes.get(truth), classes.get(predicted), counts[truth][predicted]));
                }
            }
        }
        // The sort is stable: equal counts keep the order of the table.
        all.sort(Comparator.comparingLong(Confusion::count).reversed());
        return List.copyOf(all.subList(0, Math.min(n, all.size())));
    }
}
