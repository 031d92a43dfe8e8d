package maskfeat.weights;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How two files of weights differ, name by name.
 *
 * @param onlyFirst names that only the first has
 * @param onlySecond names that only the second has
 * @param misshaped names of both, of another shape; a phrase each
 * @param values of names and shapes that both have, where a number differs
 * @param equal how many tensors have the same numbers, whatever their type
 */
public record Difference(
        List<String> onlyFirst,
        List<String> onlySecond,
        SortedMap<String, String> misshaped,
        SortedMap<String, Change> values,
        int equal) {

    /**
     * How far the numbers of one tensor lie apart.
     *
     * @param most the largest distance; infinite where one is a number and the other is not
     * @param relative the root of the mean square of the distances, over that of the first tensor; NaN where that is 0
     * @param differing how many numbers differ
     * @param count how many there are
     */
    public record Change(double most, double relative, long differing, long count) {}

    public Difference {
        onlyFirst = List.copyOf(onlyFirst);
        onlySecond = List.copyOf(onlySecond);
        misshaped = Collections.unmodifiableSortedMap(new TreeMap<>(misshaped));
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /** Compares all tensors of two open files by name. */
    public static Difference of(TensorReader first, TensorReader second) throws IOException {
        TreeSet<String> onlyFirst = new TreeSet<>(first.entries().keySet());
        onlyFirst.removeAll(second.entries().keySet());
        TreeSet<String> onlySecond = new TreeSet<>(second.entries().keySet());
        onlySecond.removeAll(first.entries().keySet());
        SortedMap<String, String> misshaped = new TreeMap<>();
        SortedMap<String, Change> values = new TreeMap<>();
        int equal = 0;
        for (TensorEntry one : first.entries().values()) {
            TensorEntry two = second.entries().get(one.name());
            if (two == null) {
                continue;
            }
            if (!one.shape().equals(two.shape())) {
                misshaped.put(one.name(), one.shape() + " and " + two.shape());
                continue;
            }
            Change change = compare(new Values(first, one), new Values(second, two));
            if (change.differing == 0) {
                equal++;
            } else {
                values.put(one.name(), change);
            }
        }
        return new Difference(new ArrayList<>(onlyFirst), new ArrayList<>(onlySecond), misshaped, values, equal);
    }

    private static Change compare(Values first, Values second) throws IOException {
        double most = 0;
        double distances = 0;
        double size = 0;
        long differing = 0;
        long count = 0;
        while (first.hasNext()) {
            double one = first.next();
            double two = second.next();
            count++;
            size += one * one;
            if (one == two || Double.isNaN(one) && Double.isNaN(two)) {
                continue;
            }
            differing++;
            double distance = Math.abs(one - two);
            distance = Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance;
            most = Math.max(most, distance);
            distances += distance * distance;
        }
        return new Change(most, size == 0 ? Double.NaN : Math.sqrt(distances / size), differing, count);
    }

    /** The same, where tensors of which no number lies farther apart than {@code most} count as equal. */
    public Difference within(double most) {
        SortedMap<String, Change> apart = new TreeMap<>(values);
        apart.values().removeIf(change -> change.most <= most);
        return new Difference(onlyFirst, onlySecond, misshaped, apart, equal + values.size() - apart.size());
    }

    /** Whether there is none. */
    public boolean none() {
        return onlyFirst.isEmpty() && onlySecond.isEmpty() && misshaped.isEmpty() && values.isEmpty();
    }
}
