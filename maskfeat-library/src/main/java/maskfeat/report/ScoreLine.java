package maskfeat.report;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import maskfeat.eval.Metric;
import maskfeat.eval.Metrics;

/** Formats an evaluation as one line, with the best earlier values: {@code epoch 12  val top1 63.4 %  loss 1.2340}. */
final class ScoreLine {
    private static final String HELD_OUT = "val/";
    private static final List<String> FIRST =
            Metrics.declared().stream().map(Metric::tag).toList();

    /** The largest distance from a whole number at which an epoch counts as whole. */
    private static final double WHOLE = 0.005;

    private record Best(double value, String when) {}

    private double epochsPerStep = Double.NaN;
    private long endedAt = -1;
    private int ended;
    private final Map<String, Best> best = new HashMap<>();

    /** Sets the steps per epoch, from the epochs done after some steps. */
    void epochs(double epochs, long steps) {
        epochsPerStep = epochs / steps;
    }

    /** Records that an epoch, counted from 1, ended with this step. */
    void epoch(int epoch, long step) {
        ended = epoch;
        endedAt = step;
    }

    /** The line; empty if no value was measured on held-out data. */
    Optional<String> of(long step, Map<String, Double> values) {
        Set<String> tags = new LinkedHashSet<>(FIRST);
        tags.addAll(values.keySet());
        String when = when(step, values);
        StringBuilder line = new StringBuilder();
        for (String tag : tags) {
            Double value = values.get(tag);
            if (value != null && tag.startsWith(HELD_OUT)) {
                MetricFormat format = new MetricFormat(tag);
                line.append(line.length() == 0 ? when + "  val " : "  ")
                        .append(format.metric().name())
                        .append(' ')
                        .append(format.text(value));
            }
        }
        if (line.length() == 0) {
            return Optional.empty();
        }
        Metrics.declared().stream()
                .filter(metric -> metric.places().contains(Metric.Place.BEST) && values.containsKey(metric.tag()))
                .findFirst()
                .ifPresent(
                        metric -> line.append(compared(metric, values.getOrDefault(metric.tag(), Double.NaN), when)));
        return Optional.of(line.toString());
    }

    private String compared(Metric metric, double value, String when) {
        Best before = best.get(metric.tag());
        if (Double.isNaN(value)) {
            return "";
        }
        if (before == null || metric.better().than(value, before.value())) {
            best.put(metric.tag(), new Best(value, when));
            return before == null ? "" : "  best so far";
        }
        return "  best " + new MetricFormat(metric).text(before.value()) + " (" + before.when() + ")";
    }

    private String when(long step, Map<String, Double> values) {
        double epoch = step == endedAt ? ended : values.getOrDefault(Scalars.EPOCH, step * epochsPerStep);
        if (!Double.isFinite(epoch)) {
            return "step " + step;
        }
        boolean whole = Math.abs(epoch - Math.rint(epoch)) < WHOLE;
        return whole ? "epoch " + Math.round(epoch) : Numbers.format("epoch %.2f", epoch);
    }
}
