package maskfeat.eval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Video average precision: how well tubes were found (ACT's rules: matched by score, each with the best tube of the truth that
 * is still free; area by trapezia).
 *
 * @param threshold overlap in space and time from which a tube is found; see {@link Tube#iou}
 * @param classes average precision of each, 0 to 1; NaN for a class without truth
 */
public record VideoAp(double threshold, List<Double> classes) {
    /**
     * Thresholds over which a mean is reported.
     *
     * @param name such as {@code 0.5:0.95}
     * @param values over which the mean is
     */
    public record Range(String name, List<Double> values) {
        private static Range steps(String name, int first, int last, int step) {
            return new Range(
                    name,
                    IntStream.iterate(first, t -> t <= last, t -> t + step)
                            .mapToObj(hundredths -> hundredths / 100.0)
                            .toList());
        }

        /** Those that papers on JHMDB, UCF101-24 and MultiSports print. */
        public static final List<Range> USUAL = List.of(
                new Range("0.2", List.of(0.2)),
                new Range("0.5", List.of(0.5)),
                new Range("0.75", List.of(0.75)),
                steps("0.5:0.95", 50, 95, 5),
                steps("0.1:0.9", 10, 90, 10));

        /**
         * The mean over these thresholds of the mean over classes.
         *
         * @param truth tubes of each class
         * @param detections tubes of each class
         */
        public double of(List<List<Tube>> truth, List<List<Tube>> detections) {
            return values.stream()
                    .mapToDouble(threshold ->
                            VideoAp.of(threshold, truth, detections).mean())
                    .average()
                    .orElse(Double.NaN);
        }
    }

    public VideoAp {
        classes = List.copyOf(classes);
    }

    /**
     * Compares tubes.
     *
     * @param truth tubes of each class
     * @param detections tubes of each class, with scores, in any order
     */
    public static VideoAp of(double threshold, List<List<Tube>> truth, List<List<Tube>> detections) {
        if (truth.size() != detections.size()) {
            throw new IllegalArgumentException(
                    "the truth has " + truth.size() + " classes and the detections have " + detections.size());
        }
        return new VideoAp(
                threshold,
                IntStream.range(0, truth.size())
                        .mapToObj(c -> ofClass(threshold, truth.get(c), detections.get(c)))
                        .toList());
    }

    private static double ofClass(double threshold, List<Tube> truth, List<Tube> detections) {
        if (truth.isEmpty()) {
            return Double.NaN;
        }
        List<Tube> free = new ArrayList<>(truth);
        List<Tube> sorted = new ArrayList<>(detections);
        sorted.sort(Comparator.comparingDouble(Tube::score).reversed());
        boolean[] right = new boolean[sorted.size()];
        for (int i = 0; i < right.length; i++) {
            Tube detection = sorted.get(i);
            Tube best = null;
            double highest = threshold;
            for (Tube candidate : free) {
                double overlap = candidate.iou(detection);
                if (overlap >= highest && (best == null || overlap > highest)) {
                    best = candidate;
                    highest = overlap;
                }
            }
            right[i] = best != null && free.remove(best);
        }
        return BoxProtocol.ACT.area(right, truth.size());
    }

    /** The mean over the classes with truth; NaN if there is none. */
    public double mean() {
        return classes.stream()
                .flatMapToDouble(DoubleStream::of)
                .filter(ap -> !Double.isNaN(ap))
                .average()
                .orElse(Double.NaN);
    }
}
