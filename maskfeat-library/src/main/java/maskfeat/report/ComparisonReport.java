package maskfeat.report;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import maskfeat.eval.Metric;
import maskfeat.eval.Metrics;
import maskfeat.report.ShownTable.Cell;

/**
 * Compares several runs on one self-contained page: figures, charts with a curve for each run, and the settings that
 * differ.
 *
 * <p>No best is marked among figures that do not compare: losses of different targets or tasks, and what was measured on
 * different data. Their curves are in charts of their own.
 *
 * <p>Runs of one group, which should differ only in their seed, also get a row with their mean and sample standard
 * deviation (n - 1).
 *
 * @param runs in the order in which they are shown
 */
public record ComparisonReport(List<RunSummary> runs) {
    private static final List<String> FIRST = first();
    private static final String MISSING = "\u2013";

    /** Tags of the declared metrics, those of training last. */
    private static List<String> first() {
        List<String> tags =
                new ArrayList<>(Metrics.declared().stream().map(Metric::tag).toList());
        tags.add(Scalars.LOSS);
        tags.sort(Comparator.comparing(tag -> tag.startsWith("train/"))); // stable
        return List.copyOf(tags);
    }

    /** @throws IllegalArgumentException if there are no runs */
    public ComparisonReport {
        if (runs.isEmpty()) {
            throw new IllegalArgumentException("a comparison needs at least one run");
        }
        runs = List.copyOf(runs);
    }

    /**
     * Writes the page atomically.
     *
     * @throws UncheckedIOException naming the file that cannot be read or written
     */
    public void write(Path file) {
        Page.write(file, html());
    }

    /**
     * The page.
     *
     * @throws UncheckedIOException if a metrics file is there and cannot be read
     */
    public String html() {
        ComparisonCurves curves = ComparisonCurves.of(runs);
        Markup main = Markup.join(
                section("Figures", figuresShown()),
                section("Curves", curvesShown(curves)),
                runs.size() > 1 ? section("Settings that differ", differencesShown()) : Markup.NONE,
                section("Runs", byRun("", facts()).markup()));
        String title = runs.size() == 1 ? runs.get(0).name() : "Comparison of " + runs.size() + " runs";
        return Page.html(title, "MaskFeat runs side by side", main, curves.json());
    }

    private static Markup section(String heading, Markup content) {
        return Markup.of("<section>\n<h2>%s</h2>\n%s</section>\n", heading, content);
    }

    private Markup figuresShown() {
        if (tags().isEmpty()) {
            return new Markup("<p class=\"note\">No run has figures.</p>\n");
        }
        return Markup.join(
                new Markup(
                        "<p class=\"note\">As each run ended. The best of a column is marked; of losses and errors it is "
                                + "the lowest.</p>\n"),
                Markup.each(notCompared(), note -> Markup.of("<p class=\"note\">%s</p>\n", note)),
                figures("", "run", runs.stream().map(Score::of).toList()).markup(),
                isGrouped() ? groupFigures().markup() : Markup.NONE);
    }

    private Markup curvesShown(ComparisonCurves curves) {
        Markup charts = Markup.of(
                """
                <p class="note">By passes over the data.%s%s <span class="interactive">Move over a chart to read its values, \
                click a name to hide a run, drag to enlarge a part, double-click to go back.</span></p>
                <div id="charts"></div>
                <noscript><p class="note">The curves need scripts.</p></noscript>
                """,
                isGrouped() ? " Runs of a group share a colour." : "",
                curves.isSplit() ? " Runs that do not compare have charts of their own." : "");
        return Markup.join(
                curves.isEmpty() ? Markup.NONE : charts,
                Markup.each(
                        curves.without(),
                        names -> Markup.of(
                                "<p class=\"note\">Without curves, for want of metrics by epoch: %s</p>\n", names)));
    }

    private Markup differencesShown() {
        List<List<Cell>> differences = differences();
        return differences.isEmpty()
                ? new Markup("<p class=\"note\">None.</p>\n")
                : byRun("setting", differences).markup();
    }

    private boolean isGrouped() {
        return groups().values().stream().anyMatch(group -> group.size() > 1);
    }

    /**
     * The figures of all runs and groups as text, with tags as headings because they are short.
     *
     * @param columns characters per line
     */
    public String text(int columns) {
        if (tags().isEmpty()) {
            return "No run has figures.\n";
        }
        String text = text(figures("", "run", runs.stream().map(Score::of).toList()), columns);
        String all = isGrouped() ? text + "\n" + text(groupFigures(), columns) : text;
        StringBuilder shown = new StringBuilder(all);
        notCompared()
                .forEach(sentence -> shown.append('\n')
                        .append(WrappedText.of(sentence, columns))
                        .append('\n'));
        return shown.toString();
    }

    /** A sentence for each kind of figure whose runs do not all compare. */
    private List<String> notCompared() {
        List<String> sentences = new ArrayList<>();
        said(
                        "Training losses of different targets or tasks, and their shares of the baseline, do not compare",
                        tag -> tag.startsWith("train/"),
                        RunSummary::loss)
                .ifPresent(sentences::add);
        said(
                        "Figures that were measured on different data do not compare",
                        tag -> !tag.startsWith("train/"),
                        RunSummary::scores)
                .ifPresent(sentences::add);
        return sentences;
    }

    private Optional<String> said(String what, Predicate<String> tags, Function<RunSummary, Yardstick> yardstick) {
        List<RunSummary> having = runs.stream()
                .filter(run -> run.figures().entrySet().stream()
                        .anyMatch(figure -> tags.test(figure.getKey())
                                && !figure.getValue().isNaN()
                                && Metrics.of(figure.getKey()).better() != Metric.Better.NEITHER))
                .toList();
        List<Yardstick.Alike<RunSummary>> parts = Yardstick.sorted(having, yardstick);
        return parts.size() < 2
                ? Optional.empty()
                : Optional.of(
                        what + ", and none is called the best (" + Yardstick.text(parts, RunSummary::name) + ").");
    }

    private String text(ShownTable table, int columns) {
        List<String> heads = new ArrayList<>(List.of(table.columns().get(0).text()));
        heads.addAll(tags());
        return new TextTable(
                        heads,
                        table.rows().stream()
                                .map(row -> row.stream().map(Cell::text).toList())
                                .toList())
                .text(columns);
    }

    private Set<String> tags() {
        Set<String> known = new LinkedHashSet<>();
        for (RunSummary run : runs) {
            run.figures().forEach((tag, value) -> {
                if (!value.isNaN()) {
                    known.add(tag);
                }
            });
        }
        Set<String> tags = new LinkedHashSet<>(FIRST);
        tags.retainAll(known);
        tags.addAll(known);
        return tags;
    }

    /** Runs by group; a run without a group is its own group. */
    private Map<String, List<RunSummary>> groups() {
        Map<String, List<RunSummary>> groups = new LinkedHashMap<>();
        for (RunSummary run : runs) {
            // A group and a run may have the same name.
            String key = run.group().isEmpty() ? "run " + run.name() : "group " + run.group();
            groups.computeIfAbsent(key, name -> new ArrayList<>()).add(run);
        }
        return groups;
    }

    private ShownTable groupFigures() {
        List<Score> scores = groups().values().stream().map(Score::of).toList();
        return figures("Mean and standard deviation over runs that differ by their seed", "group", scores);
    }

    /** A row of figures of one run or a group. */
    private record Score(String name, Map<String, Spread> spreads, RunSummary one) {
        static Score of(RunSummary run) {
            return of(run.name(), List.of(run));
        }

        static Score of(List<RunSummary> group) {
            RunSummary first = group.get(0);
            return first.group().isEmpty()
                    ? of(first)
                    : of(first.group() + (group.size() == 1 ? " (1 run)" : " (" + group.size() + " runs)"), group);
        }

        private static Score of(String name, List<RunSummary> runs) {
            Map<String, List<Double>> values = new LinkedHashMap<>();
            for (RunSummary run : runs) {
                run.figures().forEach((tag, value) -> {
                    if (!value.isNaN()) {
                        values.computeIfAbsent(tag, key -> new ArrayList<>()).add(value);
                    }
                });
            }
            Map<String, Spread> spreads = new LinkedHashMap<>();
            values.forEach((tag, all) -> spreads.put(tag, Spread.of(all)));
            return new Score(name, spreads, runs.get(0));
        }
    }

    private ShownTable figures(String caption, String whose, List<Score> scores) {
        Set<String> tags = tags();
        List<Cell> columns = new ArrayList<>(List.of(new Cell(whose, false)));
        tags.forEach(tag -> columns.add(new Cell(Metrics.of(tag).fullTitle(), true)));
        List<List<Cell>> rows = new ArrayList<>();
        for (Score score : scores) {
            List<Cell> row = new ArrayList<>(List.of(head(score.name())));
            for (String tag : tags) {
                Spread spread = score.spreads().get(tag);
                row.add(
                        spread == null
                                ? new Cell(MISSING, true)
                                : new Cell(
                                        spread.text(new MetricFormat(tag)), true, isBest(tag, spread, scores), false));
            }
            rows.add(row);
        }
        return new ShownTable(caption, false, true, columns, rows);
    }

    /** Whether no score is better and at least one is worse, where all compare. */
    private static boolean isBest(String tag, Spread spread, List<Score> scores) {
        Metric.Better better = Metrics.of(tag).better();
        List<Score> having = scores.stream()
                .filter(score -> score.spreads().containsKey(tag))
                .toList();
        if (Yardstick.sorted(having, score -> score.one().yardstick(tag)).size() > 1) {
            return false;
        }
        List<Double> means = having.stream()
                .map(score -> score.spreads().get(tag))
                .filter(Objects::nonNull)
                .map(Spread::mean)
                .toList();
        return means.stream().noneMatch(mean -> better.than(mean, spread.mean()))
                && means.stream().anyMatch(mean -> better.than(spread.mean(), mean));
    }

    private List<List<Cell>> differences() {
        Set<String> keys = new LinkedHashSet<>();
        runs.forEach(run -> keys.addAll(run.settings().keySet()));
        return keys.stream()
                .filter(this::isDifferent)
                .map(key -> row(key, (run, name) -> run.settings().getOrDefault(name, MISSING)))
                .toList();
    }

    /** Settings that exist only for some tasks, or that an evaluation lacks, do not count as differences. */
    private boolean isDifferent(String key) {
        Set<String> kinds = new LinkedHashSet<>();
        runs.stream().filter(run -> run.settings().containsKey(key)).forEach(run -> kinds.add(run.kind()));
        return runs.stream()
                        .filter(run ->
                                kinds.contains(run.kind()) && !run.settings().isEmpty())
                        .map(run -> run.settings().getOrDefault(key, MISSING))
                        .distinct()
                        .count()
                > 1;
    }

    private List<List<Cell>> facts() {
        List<List<Cell>> rows = new ArrayList<>();
        rows.add(row("kind", (run, name) -> run.kind()));
        if (runs.stream().anyMatch(run -> !run.group().isEmpty())) {
            rows.add(row("group", (run, name) -> run.group().isEmpty() ? MISSING : run.group()));
        }
        Set<String> names = new LinkedHashSet<>();
        runs.forEach(run -> run.facts().forEach(fact -> names.add(fact.name())));
        names.forEach(each -> rows.add(row(
                each,
                (run, name) -> run.facts().stream()
                        .filter(fact -> fact.name().equals(name))
                        .map(HtmlReport.Fact::value)
                        .findFirst()
                        .orElse(MISSING))));
        return rows;
    }

    private List<Cell> row(String name, BiFunction<RunSummary, String, String> value) {
        List<Cell> row = new ArrayList<>(List.of(head(name)));
        runs.forEach(run -> row.add(new Cell(value.apply(run, name), false)));
        return row;
    }

    private ShownTable byRun(String what, List<List<Cell>> rows) {
        List<Cell> columns = new ArrayList<>(List.of(new Cell(what, false)));
        runs.forEach(run -> columns.add(new Cell(run.name(), false)));
        return new ShownTable("", false, true, columns, rows);
    }

    private static Cell head(String text) {
        return new Cell(text, false, false, true);
    }
}
