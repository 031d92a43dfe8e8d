package maskfeat.report;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import maskfeat.eval.Metric;
import maskfeat.eval.Metrics;
import maskfeat.report.ShownTable.Cell;

/**
 * Compares several runs on one self-contained page: figures, charts with a curve for each run, and the settings that
 * differ.
 *
 * <p>Runs of different kinds, losses of different targets or tasks, and what was measured on different data do not compare:
 * they have tables and charts of their own. The best is marked only where its interval is apart from those of all others.
 *
 * <p>Runs of one group, which should differ only in their seed, also get a row with their mean and sample standard
 * deviation (n - 1).
 *
 * @param runs in the order in which they are shown
 */
public record ComparisonReport(List<RunSummary> runs) {
    private static final List<String> FIRST = first();
    private static final String INTERVALS =
            "In brackets is the 95 % interval: of one run, of a share of so many items; of runs that differ by their seed, of their mean,"
                    + " and no less than that of the items. \u00b1 is the deviation over the seeds. The best of a column is marked only"
                    + " where its interval is apart from those of all others; of losses and errors it is the lowest.";

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
        List<ComparisonFigures> kinds = figures();
        if (kinds.isEmpty()) {
            return new Markup("<p class=\"note\">No run has figures.</p>\n");
        }
        return Markup.join(
                Markup.of("<p class=\"note\">As each run ended. %s</p>\n", howToRead(kinds)),
                Markup.each(
                        kinds,
                        kind -> Markup.join(
                                kinds.size() > 1 ? Markup.of("<h3>%s</h3>\n", kind.kind()) : Markup.NONE,
                                Markup.each(kind.tables(), ComparisonReport::shown))),
                Markup.each(
                        withoutFigures(), names -> Markup.of("<p class=\"note\">Without figures: %s</p>\n", names)));
    }

    /** Names of the runs that no table shows, in one text; empty if there are none. */
    private List<String> withoutFigures() {
        String names = runs.stream()
                .filter(run -> !ComparisonFigures.has(run))
                .map(RunSummary::name)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? List.of() : List.of(names);
    }

    private List<ComparisonFigures> figures() {
        return ComparisonFigures.of(runs, FIRST);
    }

    private static Markup shown(ComparisonFigures.Part part) {
        return Markup.join(
                part.table().markup(),
                Markup.each(part.notes(), note -> Markup.of("<p class=\"note\">%s</p>\n", note)));
    }

    private static String howToRead(List<ComparisonFigures> kinds) {
        boolean apart = kinds.size() > 1 || kinds.stream().anyMatch(ComparisonFigures::isSplit);
        return INTERVALS + (apart ? " What does not compare has a table of its own." : "");
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
        return groups(runs).values().stream().anyMatch(group -> group.size() > 1);
    }

    /**
     * The figures of all runs and groups as text, with tags as headings because they are short.
     *
     * @param columns characters per line
     */
    public String text(int columns) {
        List<ComparisonFigures> kinds = figures();
        if (kinds.isEmpty()) {
            return "No run has figures.\n";
        }
        List<String> parts = new ArrayList<>();
        for (ComparisonFigures kind : kinds) {
            String heading = kinds.size() > 1 ? kind.kind() + "\n" : "";
            for (ComparisonFigures.Part part : kind.tables()) {
                parts.add(heading + part.text(columns));
                heading = "";
            }
        }
        withoutFigures().forEach(names -> parts.add(WrappedText.of("Without figures: " + names, columns) + "\n"));
        return String.join("\n", parts);
    }

    /** Runs by group; a run without a group is its own group. */
    static Map<String, List<RunSummary>> groups(List<RunSummary> runs) {
        Map<String, List<RunSummary>> groups = new LinkedHashMap<>();
        for (RunSummary run : runs) {
            // A group and a run may have the same name.
            String key = run.group().isEmpty() ? "run " + run.name() : "group " + run.group();
            groups.computeIfAbsent(key, name -> new ArrayList<>()).add(run);
        }
        return groups;
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
