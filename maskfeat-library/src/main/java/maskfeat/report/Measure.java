package maskfeat.report;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A number that a run is judged by, as its TensorBoard tag tells: how to call it, how to say it, which of two is better.
 *
 * @param tag e.g. {@code val/top1}; accuracies and calibration errors are per cent, 0 to 100
 */
record Measure(String tag) {
    /** Which of two numbers is better. */
    enum Better {
        HIGHER,
        LOWER,
        /** A setting, a size or a time: neither. */
        NEITHER;

        boolean than(double a, double b) {
            return this == HIGHER ? a > b : this == LOWER && a < b;
        }
    }

    private static final Map<String, String> GROUPS =
            Map.of("train", "training", "val", "validation", "test", "test", "probe", "probe", "knn", "neighbours");
    private static final Map<String, String> NAMES = Map.of(
            "top1",
            "top-1",
            "top5",
            "top-5",
            "mean_class",
            "mean of classes",
            "loss",
            "loss",
            "ece",
            "calibration error");
    private static final Set<String> NOT_JUDGED = Set.of(
            Scalars.STEP,
            "steps",
            Scalars.EPOCH,
            "epochs",
            "lr",
            "grad_norm",
            "baseline",
            "parameters",
            "samples",
            "count");

    /** What follows the last slash. */
    String key() {
        return tag.substring(tag.lastIndexOf('/') + 1);
    }

    private String group() {
        return tag.substring(0, Math.max(0, tag.lastIndexOf('/')));
    }

    /** In words, where there are some. */
    String name() {
        String group = GROUPS.get(group());
        String name = NAMES.get(key());
        return group == null || name == null ? tag : group + " " + name;
    }

    boolean perCent() {
        return key().matches("top[0-9]+|mean_class|ece");
    }

    String text(double value) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        if (perCent()) {
            return Numbers.format("%.1f %%", value);
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15 && !key().contains("loss")
                ? Numbers.format("%,d", (long) value)
                : Numbers.loss(value);
    }

    Better better() {
        String key = key().toLowerCase(Locale.ROOT);
        if (tag.startsWith("time/") || NOT_JUDGED.contains(key)) {
            return Better.NEITHER;
        }
        return key.contains("loss") || key.equals("ece") || key.contains("error") ? Better.LOWER : Better.HIGHER;
    }
}
