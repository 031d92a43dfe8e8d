package maskfeat.report;

import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import maskfeat.train.EpochLoss;
import org.jspecify.annotations.Nullable;

/**
 * A run on one self-contained page: curves, pictures, settings, data, environment.
 *
 * @param title such as the recipe's name
 * @param summary facts to show first, besides the figures from the metrics
 * @param metrics file of {@link MetricsFile}; may be missing
 * @param pictures in order of their steps; if there are many, only the first, the last and a few between are shown
 * @param rows how predictions for the same samples came about; where there are some, of the pictures only the last film is
 *     shown, with its picture
 * @param settings of the whole run
 * @param data what was read: counts and unusable files
 * @param environment versions, machine, devices
 * @param results of an evaluation and others to show after the curves
 */
public record HtmlReport(
        String title,
        List<Fact> summary,
        Path metrics,
        List<Picture> pictures,
        List<PictureRow> rows,
        Settings settings,
        Data data,
        List<Fact> environment,
        Results results) {
    private static final int MOST_PICTURES = 5;

    /** A name and its value. */
    public record Fact(String name, String value) {
        /** The entries of a map, in its order. */
        public static List<Fact> all(Map<String, String> named) {
            return named.entrySet().stream()
                    .map(each -> new Fact(each.getKey(), each.getValue()))
                    .toList();
        }
    }

    /**
     * A table.
     *
     * @param rows each as long as {@code columns}
     */
    public record Table(String caption, List<String> columns, List<List<String>> rows) {
        public Table {
            columns = List.copyOf(columns);
            rows = List.copyOf(rows);
            for (List<String> row : rows) {
                if (row.size() != columns.size()) {
                    throw new IllegalArgumentException("table " + caption + " has " + columns.size()
                            + " columns and a row of " + row.size() + ": " + row);
                }
            }
        }
    }

    /**
     * A picture drawn during training.
     *
     * @param step at which it was drawn
     * @param caption what it shows
     * @param png the file's bytes
     * @param film bytes of an MP4 (H.264) of the same clips; the page shows only the film of the last step
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes of files on their way; nobody compares pictures with equals
    public record Picture(long step, String caption, byte[] png, byte @Nullable [] film) {
        /** A picture without film. */
        public Picture(long step, String caption, byte[] png) {
            this(step, caption, png, null);
        }
    }

    /**
     * A sample from left to right: what was seen and wanted of it, and what was said of it at some steps.
     *
     * @param caption names the sample
     */
    public record PictureRow(String caption, List<Panel> panels) {
        public PictureRow {
            panels = List.copyOf(panels);
        }
    }

    /**
     * A picture in a row.
     *
     * @param title in a word, such as {@code target}
     * @param note what else is to be said, such as the step
     * @param png the file's bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes of files on their way; nobody compares pictures with equals
    public record Panel(String title, String note, byte[] png) {}

    /**
     * What a figure says, in words.
     *
     * @param good whether the run does better than something that has learned nothing
     * @param words a sentence
     * @param advice what to do, or what it does not say; may be empty
     */
    public record Verdict(boolean good, String words, String advice) {}

    /**
     * A level to compare a curve with, such as what guessing gets: a line across the chart.
     *
     * @param metric TensorBoard tag of a figure in the chart
     * @param label of the line
     * @param value in the unit of the figure
     */
    public record Level(String metric, String label, double value) {}

    /**
     * The settings of the run.
     *
     * @param changed those that are not as in the recipe; no rows if that is not known
     * @param yaml all settings, as a file that starts the same run
     * @param origins where each setting was set
     */
    public record Settings(Table changed, String yaml, Table origins) {
        /** No settings. */
        public static final Settings NONE = new Settings("", new Table("", List.of(), List.of()));

        /** Settings of which no recipe is known. */
        public Settings(String yaml, Table origins) {
            this(new Table("", List.of(), List.of()), yaml, origins);
        }

        boolean isEmpty() {
            return yaml.isEmpty() && origins.rows().isEmpty();
        }
    }

    /**
     * What was read.
     *
     * @param figures images of the data
     */
    public record Data(List<Fact> counts, List<Figure> figures, List<Table> tables) {
        public Data {
            counts = List.copyOf(counts);
            figures = List.copyOf(figures);
            tables = List.copyOf(tables);
        }

        /** Data without figures. */
        public Data(List<Fact> counts, List<Table> tables) {
            this(counts, List.of(), tables);
        }

        boolean isEmpty() {
            return counts.isEmpty() && figures.isEmpty() && tables.isEmpty();
        }
    }

    /**
     * An image of results, such as a confusion matrix, or of data.
     *
     * @param caption how to read it
     * @param png the file's bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes of files on their way; nobody compares pictures with equals
    public record Figure(String title, String caption, byte[] png) {
        /** A figure from a drawn image. */
        public static Figure of(String title, String caption, BufferedImage picture) {
            return new Figure(title, caption, PngBytes.encode(picture));
        }
    }

    /**
     * Results besides the curves.
     *
     * @param verdict what they say in words, instead of what the curves say
     * @param tiles figures to show first, instead of those from the metrics; empty to show those
     * @param levels to compare curves with
     * @param tables to show; long ones are folded
     * @param epoch the last whole epoch of training, which the verdict of the curves may be of
     */
    public record Results(
            Optional<Verdict> verdict,
            List<Fact> tiles,
            List<Level> levels,
            List<Figure> figures,
            List<Table> tables,
            Optional<EpochLoss> epoch) {
        /** No results besides the curves. */
        public static final Results NONE = new Results(List.of(), List.of());

        public Results {
            tiles = List.copyOf(tiles);
            levels = List.copyOf(levels);
            figures = List.copyOf(figures);
            tables = List.copyOf(tables);
        }

        /** Results of which no epoch is known. */
        public Results(
                Optional<Verdict> verdict,
                List<Fact> tiles,
                List<Level> levels,
                List<Figure> figures,
                List<Table> tables) {
            this(verdict, tiles, levels, figures, tables, Optional.empty());
        }

        /** Results without tiles: the figures from the metrics come first. */
        public Results(List<Figure> figures, List<Table> tables) {
            this(List.of(), figures, tables);
        }

        /** Results without a verdict. */
        public Results(List<Fact> tiles, List<Figure> figures, List<Table> tables) {
            this(Optional.empty(), tiles, List.of(), figures, tables);
        }

        /** The same with levels to compare curves with. */
        public Results with(List<Level> compared) {
            return new Results(verdict, tiles, compared, figures, tables, epoch);
        }

        /** The same with the last whole epoch of training. */
        public Results with(Optional<EpochLoss> last) {
            return new Results(verdict, tiles, levels, figures, tables, last);
        }

        /** The same with another figure, and a table of what it shows. */
        public Results with(Figure figure, Table table) {
            List<Figure> moreFigures = new ArrayList<>(figures);
            moreFigures.add(figure);
            List<Table> moreTables = new ArrayList<>(tables);
            moreTables.add(table);
            return new Results(verdict, tiles, levels, moreFigures, moreTables, epoch);
        }

        boolean isEmpty() {
            return figures.isEmpty() && tables.isEmpty();
        }
    }

    public HtmlReport {
        summary = List.copyOf(summary);
        pictures = List.copyOf(pictures);
        rows = List.copyOf(rows);
        environment = List.copyOf(environment);
    }

    /** A page without rows of pictures. */
    public HtmlReport(
            String title,
            List<Fact> summary,
            Path metrics,
            List<Picture> pictures,
            Settings settings,
            Data data,
            List<Fact> environment,
            Results results) {
        this(title, summary, metrics, pictures, List.of(), settings, data, environment, results);
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
     * @throws UncheckedIOException if the metrics file is there and cannot be read
     */
    public String html() {
        ReportCurves curves = ReportCurves.of(MetricsRow.readIfThere(metrics), results.levels(), results.epoch());
        Markup main = Markup.join(
                summarySection(curves),
                curvesSection(curves),
                resultsSection(),
                picturesSection(),
                changedSection(),
                dataSection(),
                settingsSection(),
                environmentSection());
        return Page.html(title, "MaskFeat run report", main, curves.json());
    }

    private Markup summarySection(ReportCurves curves) {
        List<Fact> tiles = results.tiles().isEmpty() ? curves.tiles() : results.tiles();
        List<Fact> facts = new ArrayList<>(summary);
        facts.addAll(curves.explanations());
        return Markup.of(
                """
                <section aria-label="Summary">
                %s<div class="tiles">
                %s</div>
                %s</section>
                """,
                results.verdict().or(curves::verdict).map(HtmlReport::verdict).orElse(Markup.NONE),
                Markup.each(
                        tiles,
                        tile -> Markup.of(
                                "<div class=\"tile\"><div class=\"figure\">%s</div><div class=\"what\">%s</div></div>\n",
                                tile.value(), tile.name())),
                facts.isEmpty() ? Markup.NONE : list(facts));
    }

    private static Markup verdict(Verdict verdict) {
        return Markup.of(
                """
                <div class="verdict %s">
                <p><b>%s</b></p>
                %s</div>
                """,
                verdict.good() ? "good" : "doubtful",
                verdict.words(),
                verdict.advice().isEmpty() ? Markup.NONE : Markup.of("<p>%s</p>\n", verdict.advice()));
    }

    private Markup curvesSection(ReportCurves curves) {
        if (curves.isEmpty()) {
            return results.isEmpty() && results.verdict().isEmpty()
                    ? section("Curves", new Markup("<p class=\"note\">No metrics were written.</p>\n"))
                    : Markup.NONE;
        }
        String averaged =
                curves.rowsPerPoint() > 1 ? " Each point is the mean of " + curves.rowsPerPoint() + " reports." : "";
        return section(
                "Curves",
                Markup.of(
                        """
                        <p class="note">By optimizer step. <span class="interactive">Move over a chart to read its values, \
                        drag to enlarge a part, double-click to go back.</span>%s</p>
                        <div id="charts"></div>
                        <noscript>
                        <table>
                        <caption>Last values (the curves need scripts)</caption>
                        <tbody>
                        %s</tbody>
                        </table>
                        </noscript>
                        """,
                        averaged,
                        Markup.each(
                                curves.lastValues(),
                                last -> Markup.of(
                                        "<tr><th scope=\"row\">%s</th><td class=\"number\">%s</td></tr>\n",
                                        last.name(), last.value()))));
    }

    private Markup resultsSection() {
        return results.isEmpty()
                ? Markup.NONE
                : section("Results", Markup.join(figures(results.figures()), tables(results.tables())));
    }

    private Markup picturesSection() {
        List<Picture> sorted = shownPictures();
        return sorted.isEmpty() && rows.isEmpty()
                ? Markup.NONE
                : section("What it predicts", Markup.of("""
                                <p class="note">Grey covers what was hidden from the network. An orange line encloses the \
                                same part in what was to be predicted and in what the network predicted; around it, where \
                                nothing had to be predicted, the target is shown dimmed. Step 0 is before training.</p>
                                %s<div class="steps">
                                %s</div>
                                """, Markup.each(rows, HtmlReport::row), pictures(sorted)));
    }

    private static Markup row(PictureRow row) {
        return Markup.of(
                """
                <figure class="row" style="--panels: %s">
                <figcaption>%s</figcaption>
                %s</figure>
                """,
                row.panels().size(),
                row.caption(),
                Markup.each(
                        row.panels(),
                        panel -> Markup.of(
                                """
                                <div class="panel">
                                <p><b>%s</b> %s</p>
                                <img alt="%s, %s: %s" src="data:image/png;base64,%s"/>
                                </div>
                                """,
                                panel.title(),
                                panel.note(),
                                row.caption(),
                                panel.title(),
                                panel.note(),
                                base64(panel.png()))));
    }

    private Markup dataSection() {
        return data.isEmpty()
                ? Markup.NONE
                : section("Data", Markup.join(list(data.counts()), figures(data.figures()), tables(data.tables())));
    }

    private Markup changedSection() {
        return settings.changed().rows().isEmpty()
                ? Markup.NONE
                : section("What is not as in the recipe", tables(List.of(settings.changed())));
    }

    private Markup settingsSection() {
        return settings.isEmpty()
                ? Markup.NONE
                : section("Settings", Markup.of("""
                        <details>
                        <summary>All settings, as a file that starts the same run</summary>
                        <pre>%s</pre>
                        </details>
                        %s""", settings.yaml(), tables(List.of(settings.origins()))));
    }

    private Markup environmentSection() {
        return environment.isEmpty() ? Markup.NONE : section("Environment", list(environment));
    }

    private static Markup section(String heading, Markup content) {
        return Markup.of("<section>\n<h2>%s</h2>\n%s</section>\n", heading, content);
    }

    private static Markup list(List<Fact> facts) {
        return Markup.of(
                "<dl>\n%s</dl>\n",
                Markup.each(
                        facts, fact -> Markup.of("<div><dt>%s</dt><dd>%s</dd></div>\n", fact.name(), fact.value())));
    }

    private static Markup tables(List<Table> tables) {
        return Markup.each(tables, table -> ShownTable.of(table).markup());
    }

    private static Markup figures(List<Figure> figures) {
        return Markup.each(
                figures,
                figure -> Markup.of(
                        """
                        <figure class="result">
                        <figcaption><b>%s</b> %s</figcaption>
                        <img alt="%s: %s" src="data:image/png;base64,%s"/>
                        </figure>
                        """, figure.title(), figure.caption(), figure.title(), figure.caption(), base64(figure.png())));
    }

    /** Where there are rows, they show what the others do; a film shows more. */
    private List<Picture> shownPictures() {
        List<Picture> sorted = new ArrayList<>(pictures);
        sorted.sort((a, b) -> Long.compare(a.step(), b.step()));
        return rows.isEmpty()
                ? sorted
                : sorted.stream()
                        .skip(Math.max(0, sorted.size() - 1))
                        .filter(picture -> picture.film() != null)
                        .toList();
    }

    private static Markup pictures(List<Picture> sorted) {
        List<Markup> shown = new ArrayList<>();
        for (int i : Evenly.chosen(sorted.size(), MOST_PICTURES)) {
            Picture picture = sorted.get(i);
            shown.add(Markup.of(
                    """
                    <figure>
                    <figcaption><b>Step %s</b> %s</figcaption>
                    <img alt="Step %s: %s" src="data:image/png;base64,%s"/>
                    %s</figure>
                    """,
                    picture.step(),
                    picture.caption(),
                    picture.step(),
                    picture.caption(),
                    base64(picture.png()),
                    i == sorted.size() - 1 ? film(picture) : Markup.NONE));
        }
        return Markup.each(shown, each -> each);
    }

    private static Markup film(Picture picture) {
        byte[] film = picture.film();
        return film == null ? Markup.NONE : Markup.of("""
                        <div class="film">
                        <p class="note">The same as a film in slow motion. <a hidden="" download="step-%s.mp4">Download the film \
                        (MP4)</a></p>
                        <video controls="" muted="" loop="" playsinline="" aria-label="Step %s in motion" \
                        src="data:video/mp4;base64,%s">This browser shows no films; the download is the same MP4.</video>
                        </div>
                        """, picture.step(), picture.step(), base64(film));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
