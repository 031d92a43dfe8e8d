package maskfeat.ablation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import maskfeat.eval.Csv;
import maskfeat.report.DotPlot;
import maskfeat.report.HtmlReport;
import maskfeat.report.SectionsPage;
import maskfeat.report.TextTable;
import maskfeat.report.WrappedText;

/**
 * The comparison for people: as text, as a page, as CSV.
 *
 * @param of what is compared
 * @param headline what the figures are of: items, chance, labels, seeds
 * @param rows that were asked for, in order
 * @param figures by name of the row, so far as they are there
 * @param failed why a row has none, by its name
 * @param facts how it was run, by name
 */
public record AblationTable(
        Ablation of,
        String headline,
        List<Row> rows,
        Map<String, Figures> figures,
        Map<String, String> failed,
        Map<String, String> facts) {
    private static final String MISSING = "-";

    public AblationTable {
        rows = List.copyOf(rows);
    }

    private Figures figures(Row row) {
        return figures.getOrDefault(row.name(), Figures.none());
    }

    private String cell(Row row, Measure measure) {
        return figures(row).of(measure).map(MeanOfSeeds::text).orElse(MISSING);
    }

    private static String cell(OptionalDouble value, String format) {
        return value.isPresent() ? String.format(Locale.ROOT, format, value.getAsDouble()) : MISSING;
    }

    private List<String> heads() {
        List<String> heads = new ArrayList<>(List.of("row"));
        Arrays.stream(Measure.values()).map(Measure::label).forEach(heads::add);
        heads.addAll(List.of("loss", "min", "paper"));
        return heads;
    }

    private List<String> cells(Row row) {
        List<String> cells = new ArrayList<>(List.of(row.name()));
        for (Measure measure : Measure.values()) {
            cells.add(cell(row, measure));
        }
        cells.add(cell(
                figures(row).loss().stream()
                        .mapToDouble(Figures.LossAtEnd::share)
                        .findFirst(),
                "%.2f"));
        cells.add(cell(figures(row).minutes(), "%.1f"));
        cells.add(cell(row.paper(), "%.1f"));
        return cells;
    }

    /**
     * The table and what it says of the paper's orders.
     *
     * @param columns characters per line
     */
    public String text(int columns) {
        StringBuilder text = new StringBuilder(WrappedText.of(headline, columns)).append("\n\n");
        text.append(new TextTable(heads(), rows.stream().map(this::cells).toList()).text(columns));
        text.append('\n')
                .append(WrappedText.of("loss: " + loss(), columns))
                .append("\nmin: minutes of pre-training\npaper: ")
                .append(WrappedText.of(of.paper(), columns - "paper: ".length()))
                .append('\n');
        failed.forEach((row, why) -> text.append('\n')
                .append(WrappedText.of("not finished: " + row + ": " + why, columns))
                .append('\n'));
        section(text, columns, "The paper's orders, here:", of.sentences(figures));
        section(text, columns, "Not compared, for want of a row:", of.notRun(figures));
        return text.toString();
    }

    /** What the loss is of: results of older versions do not have the mean of an epoch. */
    private String loss() {
        List<String> ofReports = rows.stream()
                .filter(row ->
                        figures(row).loss().filter(loss -> !loss.ofEpoch()).isPresent())
                .map(Row::name)
                .toList();
        boolean ofEpochs = rows.stream()
                .anyMatch(row ->
                        figures(row).loss().filter(Figures.LossAtEnd::ofEpoch).isPresent());
        String asShare = " of pre-training, as a share of the constant prediction's";
        if (ofReports.isEmpty()) {
            return "mean of the last epoch" + asShare;
        }
        return ofEpochs
                ? "mean of the last epoch" + asShare + "; of " + String.join(", ", ofReports)
                        + " that of the last report, of a few steps: their results have no other"
                : "of the last report, of a few steps," + asShare;
    }

    private static void section(StringBuilder text, int columns, String heading, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append('\n').append(heading).append('\n');
            lines.forEach(line -> text.append("  ")
                    .append(WrappedText.of(line, columns - 4).replace("\n", "\n    "))
                    .append('\n'));
        }
    }

    /** A line for each seed of each measure of each row. */
    public String csv() {
        StringBuilder csv = new StringBuilder("row,group,measure,seed,value\n");
        for (Row row : rows) {
            figures(row)
                    .scores()
                    .forEach((measure, values) -> values.forEach((seed, value) -> csv.append(Csv.field(row.name()))
                            .append(',')
                            .append(row.group())
                            .append(',')
                            .append(measure.tag())
                            .append(',')
                            .append(seed)
                            .append(',')
                            .append(value)
                            .append('\n')));
        }
        return csv.toString();
    }

    /** The page. */
    public SectionsPage page() {
        List<String> about = new ArrayList<>();
        about.add(headline + ".");
        about.add(
                "Mean and deviation (n - 1) over the seeds, in per cent. Fine-tuned: end to end on few labels; linear and kNN:"
                        + " of frozen features, with the same labels.");
        about.add(
                "Two rows are told apart if their means differ by more than sqrt(a^2 + b^2) of their errors; an error is the"
                        + " deviation over the seeds, or that of counting so many items if it is larger.");
        about.add("Loss: " + loss() + ". Those of different targets do not compare.");
        about.add("Paper: " + of.paper() + ". Only its orders can be compared, not its figures.");
        failed.forEach((row, why) -> about.add("Not finished: " + row + ": " + why));
        List<String> orders = new ArrayList<>(of.sentences(figures));
        List<String> missing = of.notRun(figures);
        if (!missing.isEmpty()) {
            orders.add("Not compared, for want of a row: " + String.join("; ", missing) + ".");
        }
        return new SectionsPage(
                "What pre-training of " + of.noun() + " depends on",
                "MaskFeat ablation",
                List.of(
                        new SectionsPage.Section("Accuracy", about, Optional.of(plot()), List.of(table())),
                        new SectionsPage.Section("The paper's orders", orders, Optional.empty(), List.of()),
                        new SectionsPage.Section(
                                "How it was run",
                                List.of(),
                                Optional.empty(),
                                List.of(
                                        new HtmlReport.Table(
                                                "",
                                                List.of("what", "value"),
                                                facts.entrySet().stream()
                                                        .map(fact -> List.of(fact.getKey(), fact.getValue()))
                                                        .toList()),
                                        new HtmlReport.Table(
                                                "Settings of the rows that differ from the recipe",
                                                List.of("row", "what", "settings"),
                                                rows.stream()
                                                        .map(row -> List.of(
                                                                row.name(),
                                                                row.what(),
                                                                String.join(" ", row.settings())))
                                                        .toList())))));
    }

    private HtmlReport.Table table() {
        List<String> heads = heads();
        heads.add(1, "what");
        return new HtmlReport.Table(
                "",
                heads,
                rows.stream()
                        .map(row -> {
                            List<String> cells = cells(row);
                            cells.add(1, row.what());
                            return cells;
                        })
                        .toList());
    }

    private DotPlot plot() {
        List<DotPlot.Row> shown = new ArrayList<>();
        String group = "";
        for (Row row : rows) {
            List<Optional<DotPlot.Mark>> marks = Arrays.stream(Measure.values())
                    .map(measure ->
                            figures(row).of(measure).map(each -> new DotPlot.Mark(each.mean(), each.deviation())))
                    .toList();
            shown.add(new DotPlot.Row(row.name(), marks, !group.isEmpty() && !group.equals(row.group())));
            group = row.group();
        }
        return new DotPlot(
                "top-1, %", Arrays.stream(Measure.values()).map(Measure::label).collect(Collectors.toList()), shown);
    }
}
