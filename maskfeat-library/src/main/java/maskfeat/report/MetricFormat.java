package maskfeat.report;

import maskfeat.eval.Metric;
import maskfeat.eval.Metrics;

/** Formats the values of a metric. */
record MetricFormat(Metric metric) {
    /** @param tag of a declared or undeclared metric, such as {@code val/top1} */
    MetricFormat(String tag) {
        this(Metrics.of(tag));
    }

    String text(double value) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        return switch (metric.unit()) {
            case PER_CENT -> Numbers.format("%.1f %%", value);
            case LOSS -> Numbers.loss(value);
            case NUMBER ->
                value == Math.rint(value) && Math.abs(value) < 1e15
                        ? Numbers.format("%,d", (long) value)
                        : Numbers.loss(value);
        };
    }

    boolean perCent() {
        return metric.unit() == Metric.Unit.PER_CENT;
    }

    /** Name of the number format in the script of the page. */
    String format() {
        return switch (metric.unit()) {
            case PER_CENT -> ChartJson.PER_CENT;
            case LOSS -> ChartJson.LOSS;
            case NUMBER -> ChartJson.NUMBER;
        };
    }
}
