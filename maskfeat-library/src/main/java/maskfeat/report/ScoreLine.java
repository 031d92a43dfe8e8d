package maskfeat.report;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An evaluation in one line, with the best of those before: {@code epoch 12  val top1 63.4 %  loss 1.2340}. */
final class ScoreLine {
    private static final String HELD_OUT = "val/";
    private static final List<String> FIRST =
            List.of(Scalars.VAL_TOP1, Scalars.VAL_TOP5, Scalars.VAL_MEAN_CLASS, Scalars.VAL_LOSS, Scalars.VAL_ECE);

    /** Enough to tell the quarters of an epoch. */
    private static final double WHOLE = 0.005;

    private record Best(double top1, String when) {}

    private double epochsPerStep = Double.NaN;
    private long endedAt = -1;
    private int ended;
    private @Nullable Best best;

    /** So many passes over the data were done in so many steps. */
    void epochs(double epochs, long steps) {
        epochsPerStep = epochs / steps;
    }

    /** This pass over the data, counted from 1, ended with this step. */
    void epoch(int epoch, long step) {
        ended = epoch;
        endedAt = step;
    }

    /** The line, unless there is nothing in the values that was measured on held-out data. */
    Optional<String> of(long step, Map<String, Double> values) {
        Set<String> tags = new LinkedHashSet<>(FIRST);
        tags.addAll(values.keySet());
        String when = when(step, values);
        StringBuilder line = new StringBuilder();
        for (String tag : tags) {
            Double value = values.get(tag);
            if (value != null && tag.startsWith(HELD_OUT)) {
                Measure measure = new Measure(tag);
                line.append(line.length() == 0 ? when + "  val " : "  ")
                        .append(measure.key())
                        .append(' ')
                        .append(measure.text(value));
            }
        }
        if (line.length() == 0) {
            return Optional.empty();
        }
        line.append(compared(values.getOrDefault(Scalars.VAL_TOP1, Double.NaN), when));
        return Optional.of(line.toString());
    }

    private String compared(double top1, String when) {
        Best before = best;
        if (Double.isNaN(top1)) {
            return "";
        }
        if (before == null || top1 > before.top1()) {
            best = new Best(top1, when);
            return before == null ? "" : "  best so far";
        }
        return "  best " + new Measure(Scalars.VAL_TOP1).text(before.top1()) + " (" + before.when() + ")";
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
