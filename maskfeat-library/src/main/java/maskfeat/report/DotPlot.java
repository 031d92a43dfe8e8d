package maskfeat.report;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Means with their deviations as dots on lines, a row each, as a drawing on a page.
 *
 * @param unit of the axis, such as {@code top-1, %}
 * @param series names of the kinds of dots, in the order of each row's marks
 * @param rows from top to bottom
 */
public record DotPlot(String unit, List<String> series, List<Row> rows) {
    private static final int LEFT = 170;
    private static final int WIDTH = 760;
    private static final int RIGHT = 24;
    private static final int LINE = 26;
    private static final int TOP = 34;
    private static final int BELOW = 44;
    private static final int RADIUS = 5;
    private static final int MOST_SERIES = 8;
    private static final double[] STEPS = {0.5, 1, 2, 5, 10, 20, 25};
    private static final int MOST_TICKS = 8;

    /**
     * A dot.
     *
     * @param mean where it stands
     * @param deviation half the length of its line; none if it is not finite
     */
    public record Mark(double mean, double deviation) {
        double low() {
            return Double.isFinite(deviation) ? mean - deviation : mean;
        }

        double high() {
            return Double.isFinite(deviation) ? mean + deviation : mean;
        }
    }

    /**
     * A row.
     *
     * @param label at its left
     * @param marks for each of the series; null for one that is missing
     * @param first whether a line divides it from the row above
     */
    public record Row(String label, List<Optional<Mark>> marks, boolean first) {}

    public DotPlot {
        series = List.copyOf(series);
        rows = List.copyOf(rows);
        if (series.isEmpty() || series.size() > MOST_SERIES) {
            throw new IllegalArgumentException("a plot has 1 to " + MOST_SERIES + " series, not " + series.size());
        }
        for (Row row : rows) {
            if (row.marks().size() != series.size()) {
                throw new IllegalArgumentException("row " + row.label() + " has "
                        + row.marks().size() + " marks for " + series.size() + " series");
            }
        }
    }

    /** The drawing; nothing without a single mark. */
    Markup markup() {
        OptionalDouble low = rows.stream()
                .flatMap(row -> row.marks().stream())
                .flatMap(Optional::stream)
                .mapToDouble(Mark::low)
                .min();
        OptionalDouble high = rows.stream()
                .flatMap(row -> row.marks().stream())
                .flatMap(Optional::stream)
                .mapToDouble(Mark::high)
                .max();
        if (low.isEmpty() || high.isEmpty()) {
            return Markup.NONE;
        }
        double step = step(high.getAsDouble() - low.getAsDouble());
        double from = Math.floor(low.getAsDouble() / step) * step;
        double to = Math.max(from + step, Math.ceil(high.getAsDouble() / step) * step);
        int height = TOP + rows.size() * LINE + BELOW;
        return Markup.of(
                """
                <div class="scroll">
                <svg class="dots" viewBox="0 0 %s %s" role="img" aria-label="%s">
                %s%s%s</svg>
                </div>
                """,
                WIDTH,
                height,
                "means and deviations of the table's rows, " + unit,
                legend(),
                axis(from, to, step),
                Markup.join(IntStream.range(0, rows.size())
                        .mapToObj(i -> row(rows.get(i), TOP + i * LINE + LINE / 2, from, to))
                        .toArray(Markup[]::new)));
    }

    private static double step(double range) {
        for (double step : STEPS) {
            if (range / step <= MOST_TICKS) {
                return step;
            }
        }
        return STEPS[STEPS.length - 1];
    }

    private Markup legend() {
        StringBuilder html = new StringBuilder();
        int x = LEFT;
        for (int i = 0; i < series.size(); i++) {
            html.append(Markup.of(
                            "<circle cx=\"%s\" cy=\"14\" r=\"%s\" fill=\"var(--line-%s)\"/>"
                                    + "<text x=\"%s\" y=\"18\">%s</text>\n",
                            x, RADIUS, i + 1, x + 2 * RADIUS, series.get(i))
                    .html());
            x += 34 + 8 * series.get(i).length();
        }
        return new Markup(html.toString());
    }

    private Markup axis(double from, double to, double step) {
        StringBuilder html = new StringBuilder();
        int bottom = TOP + rows.size() * LINE;
        long ticks = Math.round((to - from) / step);
        for (int i = 0; i <= ticks; i++) {
            double value = from + i * step;
            String x = at(value, from, to);
            html.append(Markup.of(
                            "<line class=\"grid\" x1=\"%s\" x2=\"%s\" y1=\"%s\" y2=\"%s\"/>"
                                    + "<text class=\"tick\" x=\"%s\" y=\"%s\">%s</text>\n",
                            x, x, TOP, bottom, x, bottom + 16, Numbers.format(step < 1 ? "%.1f" : "%.0f", value))
                    .html());
        }
        html.append(Markup.of(
                        "<text class=\"tick\" x=\"%s\" y=\"%s\">%s</text>\n",
                        (LEFT + WIDTH - RIGHT) / 2, bottom + 36, unit)
                .html());
        return new Markup(html.toString());
    }

    private Markup row(Row row, int y, double from, double to) {
        StringBuilder html = new StringBuilder();
        if (row.first()) {
            html.append(Markup.of(
                            "<line class=\"rule\" x1=\"0\" x2=\"%s\" y1=\"%s\" y2=\"%s\"/>\n",
                            WIDTH - RIGHT, y - LINE / 2, y - LINE / 2)
                    .html());
        }
        html.append(Markup.of("<text class=\"name\" x=\"%s\" y=\"%s\">%s</text>\n", LEFT - 14, y + 4, row.label())
                .html());
        for (int i = 0; i < row.marks().size(); i++) {
            int color = i + 1;
            // a little apart, so that equal ones are both seen
            double middle = y + (i - (row.marks().size() - 1) / 2.0) * 4;
            row.marks()
                    .get(i)
                    .ifPresent(mark -> html.append(Markup.of(
                                    "<line stroke=\"var(--line-%s)\" stroke-width=\"2\" x1=\"%s\" x2=\"%s\" y1=\"%s\""
                                            + " y2=\"%s\"/><circle cx=\"%s\" cy=\"%s\" r=\"%s\" fill=\"var(--line-%s)\"/>\n",
                                    color,
                                    at(mark.low(), from, to),
                                    at(mark.high(), from, to),
                                    middle,
                                    middle,
                                    at(mark.mean(), from, to),
                                    middle,
                                    RADIUS,
                                    color)
                            .html()));
        }
        return new Markup(html.toString());
    }

    private static String at(double value, double from, double to) {
        return Numbers.format("%.1f", LEFT + (value - from) / (to - from) * (WIDTH - RIGHT - LEFT));
    }
}
