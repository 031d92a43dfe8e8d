package maskfeat.eval;

/**
 * A figure that an evaluator measures.
 *
 * @param name as settings have it, such as {@code mean-class}
 * @param tag as metric files have it, such as {@code val/mean_class}
 * @param smallerIsBetter whether it should fall
 */
public record Metric(String name, String tag, boolean smallerIsBetter) {}
