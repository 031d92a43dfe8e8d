package maskfeat.report;

import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run on one page that needs nothing but itself: curves, pictures, settings, data, environment.
 *
 * @param title e.g. the recipe's name
 * @param summary what the reader wants to know first, besides the figures taken from the metrics
 * @param metrics the file that {@link MetricsFile} wrote; may be missing
 * @param pictures by step; of many, some are shown: the first, the last, and a few between
 * @param settings the whole run
 * @param data what was read: counts, files that could not be used
 * @param environment versions, machine, devices
 * @param results of an evaluation, and what else is to be seen after the curves
 */
public record HtmlReport(
        String title,
        List<Fact> summary,
        Path metrics,
        List<Picture> pictures,
        Settings settings,
        Data data,
        List<Fact> environment,
        Results results) {
    private static final int MOST_PICTURES = 5;

    /** A name and what it is. */
    public record Fact(String name, String value) {
        /** Those of a map, in its order. */
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
     * @param step at which
     * @param caption what it shows
     * @param png the file's bytes
     * @param film an MP4 (H.264) of the same clips, its bytes; of all films the page shows the last step's
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes of files on their way; nobody compares pictures with equals
    public record Picture(long step, String caption, byte[] png, byte @Nullable [] film) {
        /** A picture without a film. */
        public Picture(long step, String caption, byte[] png) {
            this(step, caption, png, null);
        }
    }

    /**
     * The settings of the run.
     *
     * @param yaml all of them, as a file that starts the same run again
     * @param origins who set what
     */
    public record Settings(String yaml, Table origins) {
        /** Of what has none. */
        public static final Settings NONE = new Settings("", new Table("", List.of(), List.of()));

        boolean isEmpty() {
            return yaml.isEmpty() && origins.rows().isEmpty();
        }
    }

    /**
     * What was read.
     *
     * @param figures of it
     */
    public record Data(List<Fact> counts, List<Figure> figures, List<Table> tables) {
        public Data {
            counts = List.copyOf(counts);
            figures = List.copyOf(figures);
            tables = List.copyOf(tables);
        }

        /** Without figures. */
        public Data(List<Fact> counts, List<Table> tables) {
            this(counts, List.of(), tables);
        }

        boolean isEmpty() {
            return counts.isEmpty() && figures.isEmpty() && tables.isEmpty();
        }
    }

    /**
     * A picture of results, such as a confusion matrix, or of data.
     *
     * @param caption how to read it
     * @param png the file's bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes of files on their way; nobody compares pictures with equals
    public record Figure(String title, String caption, byte[] png) {
        /** A picture that was just drawn. */
        public static Figure of(String title, String caption, BufferedImage picture) {
            return new Figure(title, caption, Png.encode(picture));
        }
    }

    /**
     * What came out, besides curves.
     *
     * @param tiles the figures to see first, in place of those taken from the metrics; none to have those
     * @param tables of which long ones are folded, and a click opens them
     */
    public record Results(List<Fact> tiles, List<Figure> figures, List<Table> tables) {
        /** Nothing besides curves. */
        public static final Results NONE = new Results(List.of(), List.of());

        public Results {
            tiles = List.copyOf(tiles);
            figures = List.copyOf(figures);
            tables = List.copyOf(tables);
        }

        /** With the figures of the metrics first. */
        public Results(List<Figure> figures, List<Table> tables) {
            this(List.of(), figures, tables);
        }

        boolean isEmpty() {
            return figures.isEmpty() && tables.isEmpty();
        }
    }

    public HtmlReport {
        summary = List.copyOf(summary);
        pictures = List.copyOf(pictures);
        environment = List.copyOf(environment);
    }

    /**
     * Writes the page; a reader sees the old page or the new one.
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
        ReportCurves curves = ReportCurves.of(MetricsRow.readIfThere(metrics));
        List<Fact> facts = new ArrayList<>(summary);
        facts.addAll(curves.explanations());
        return new Page("report.html")
                .put("title", title)
                .put("tiles", results.tiles().isEmpty() ? curves.tiles() : results.tiles())
                .put("summary", facts)
                .put("hasSummary", !facts.isEmpty())
                .put("hasCurves", !curves.isEmpty())
                .put("hasNothing", curves.isEmpty() && results.isEmpty())
                .put("meanOf", curves.rowsPerPoint())
                .put("averaged", curves.rowsPerPoint() > 1)
                .put("last", curves.lastValues())
                .put("charts", curves.json())
                .put("figures", results.figures().stream().map(ShownFigure::of).toList())
                .put("dataFigures", data.figures().stream().map(ShownFigure::of).toList())
                .put("resultTables", shown(results.tables()))
                .put("hasResults", !results.isEmpty())
                .put("pictures", shownPictures())
                .put("hasPictures", !pictures.isEmpty())
                .put("counts", data.counts())
                .put("tables", shown(data.tables()))
                .put("hasData", !data.isEmpty())
                .put("hasSettings", !settings.isEmpty())
                .put("yaml", settings.yaml())
                .put("origins", ShownTable.of(settings.origins()))
                .put("environment", environment)
                .put("hasEnvironment", !environment.isEmpty())
                .html();
    }

    private static List<ShownTable> shown(List<Table> tables) {
        return tables.stream().map(ShownTable::of).toList();
    }

    private record ShownFigure(String title, String caption, String base64) {
        static ShownFigure of(Figure figure) {
            return new ShownFigure(figure.title(), figure.caption(), HtmlReport.base64(figure.png()));
        }
    }

    /** @param films none or one, so that the page asks in one way whether there is any */
    private record ShownPicture(long step, String caption, String base64, List<ShownFilm> films) {}

    private record ShownFilm(long step, String base64) {}

    private List<ShownPicture> shownPictures() {
        List<Picture> sorted = new ArrayList<>(pictures);
        sorted.sort((a, b) -> Long.compare(a.step(), b.step()));
        List<ShownPicture> shown = new ArrayList<>();
        for (int i : Evenly.chosen(sorted.size(), MOST_PICTURES)) {
            Picture picture = sorted.get(i);
            List<ShownFilm> films = i == sorted.size() - 1 ? film(picture) : List.of();
            shown.add(new ShownPicture(picture.step(), picture.caption(), base64(picture.png()), films));
        }
        return shown;
    }

    private static List<ShownFilm> film(Picture picture) {
        byte[] film = picture.film();
        return film == null ? List.of() : List.of(new ShownFilm(picture.step(), base64(film)));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
