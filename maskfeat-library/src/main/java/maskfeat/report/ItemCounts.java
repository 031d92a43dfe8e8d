package maskfeat.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import maskfeat.data.Dataset;
import maskfeat.data.Item;

/** Counts the items of each class in data sets. */
public final class ItemCounts {
    private ItemCounts() {}

    /**
     * A table of the number of items of each class.
     *
     * @param sets data sets by the heading of their column
     */
    public static HtmlReport.Table table(List<String> names, Map<String, Dataset> sets) {
        List<String> columns = new ArrayList<>(List.of("class"));
        columns.addAll(sets.keySet());
        List<int[]> counts =
                sets.values().stream().map(set -> counts(names.size(), set)).toList();
        List<List<String>> rows = new ArrayList<>();
        for (int c = 0; c < names.size(); c++) {
            List<String> row = new ArrayList<>(List.of(names.get(c)));
            for (int[] count : counts) {
                row.add(Integer.toString(count[c]));
            }
            rows.add(row);
        }
        return new HtmlReport.Table("Items of each class", columns, rows);
    }

    /**
     * The share of the most frequent class among the labelled items, 0 to 1: what saying that class of each gets right.
     *
     * @return empty if no item has a label
     */
    public static OptionalDouble mostFrequent(int classes, Dataset set) {
        int[] counts = counts(classes, set);
        int all = IntStream.of(counts).sum();
        return all == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) IntStream.of(counts).max().orElseThrow() / all);
    }

    private static int[] counts(int classes, Dataset set) {
        int[] counts = new int[classes];
        for (Item item : set.items()) {
            if (item.label() != Item.UNLABELLED) {
                counts[item.label()]++;
            }
        }
        return counts;
    }
}
