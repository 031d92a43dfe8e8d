package maskfeat.report;

import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
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
 */
public record HtmlReport(
        String title,
        List<Fact> summary,
        Path metrics,
        List<Picture> pictures,
        Settings settings,
        Data data,
        List<Fact> environment) {
    private static final int MOST_PICTURES = 5;

    /** A name and what it is. */
    public record Fact(String name, String value) {}

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
    public record Settings(String yaml, Table origins) {}

    /** What was read. */
    public record Data(List<Fact> counts, List<Table> tables) {}

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
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
            Files.writeString(fresh, html());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * The page.
     *
     * @throws UncheckedIOException if the metrics file is there and cannot be read
     */
    public String html() {
        ReportCurves curves = ReportCurves.of(rows());
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("title", title);
        page.put("tiles", curves.tiles());
        page.put("summary", summary);
        page.put("hasSummary", !summary.isEmpty());
        page.put("hasCurves", !curves.isEmpty());
        page.put("meanOf", curves.rowsPerPoint());
        page.put("averaged", curves.rowsPerPoint() > 1);
        page.put("last", curves.lastValues());
        page.put("charts", curves.json());
        page.put("pictures", shownPictures());
        page.put("hasPictures", !pictures.isEmpty());
        page.put("counts", data.counts());
        page.put("tables", data.tables());
        page.put("hasData", !data.counts().isEmpty() || !data.tables().isEmpty());
        page.put("yaml", settings.yaml());
        page.put("origins", settings.origins());
        page.put("environment", environment);
        page.put("hasEnvironment", !environment.isEmpty());
        page.put("chartStyle", Webjar.UPLOT.text("dist/uPlot.min.css"));
        page.put("chartScript", Webjar.UPLOT.text("dist/uPlot.iife.min.js"));
        page.put("chartLicence", Webjar.UPLOT.text("LICENSE"));
        page.put("style", resource("report.css"));
        page.put("script", resource("report.js"));
        return Mustache.compiler()
                .escapeHTML(true)
                .withLoader(name -> new StringReader(resource(name + ".mustache")))
                .compile(resource("report.html.mustache"))
                .execute(page);
    }

    private List<MetricsRow> rows() {
        if (!Files.exists(metrics)) {
            return List.of();
        }
        try {
            return MetricsRow.read(metrics);
        } catch (IOException e) {
            throw new UncheckedIOException(metrics + ": " + e.getMessage(), e);
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

    private static String resource(String name) {
        return Webjar.read(HtmlReport.class.getResource(name), name);
    }
}
