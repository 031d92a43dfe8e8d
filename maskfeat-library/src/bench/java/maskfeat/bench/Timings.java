package maskfeat.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Seconds by name, over several rounds; medians, and ratios within the same run. */
final class Timings {
    private final Map<String, List<Double>> seconds = new LinkedHashMap<>();

    void add(String name, double value) {
        seconds.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    }

    /** Runs and counts; the first rounds are for warming up. */
    void time(String name, boolean counts, Runnable work) {
        long start = System.nanoTime();
        work.run();
        if (counts) {
            add(name, (System.nanoTime() - start) * 1e-9);
        }
    }

    double median(String name) {
        double[] sorted = seconds.getOrDefault(name, List.of(Double.NaN)).stream()
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        return sorted[sorted.length / 2];
    }

    private double least(String name) {
        return seconds.getOrDefault(name, List.of(Double.NaN)).stream()
                .mapToDouble(Double::doubleValue)
                .min()
                .orElse(Double.NaN);
    }

    /** A line for each name: median, least, and the part of {@code whole}'s median. */
    void print(String whole) {
        for (String name : seconds.keySet()) {
            System.out.printf(
                    Locale.ROOT,
                    "%-44s median %9.2f ms  least %9.2f ms  %6.3f of %s%n",
                    name,
                    1e3 * median(name),
                    1e3 * least(name),
                    median(name) / median(whole),
                    whole);
        }
    }

    /** An argument {@code name=number}. */
    static int argument(String[] args, String name, int otherwise) {
        return Arrays.stream(args)
                .filter(arg -> arg.startsWith(name + "="))
                .mapToInt(arg -> Integer.parseInt(arg.substring(name.length() + 1)))
                .findFirst()
                .orElse(otherwise);
    }
}
