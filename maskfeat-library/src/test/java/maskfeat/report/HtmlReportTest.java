package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import maskfeat.report.HtmlReport.Data;
import maskfeat.report.HtmlReport.Fact;
import maskfeat.report.HtmlReport.Figure;
import maskfeat.report.HtmlReport.Level;
import maskfeat.report.HtmlReport.Picture;
import maskfeat.report.HtmlReport.Results;
import maskfeat.report.HtmlReport.Settings;
import maskfeat.report.HtmlReport.Table;
import maskfeat.report.HtmlReport.Verdict;
import maskfeat.train.EpochLoss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class HtmlReportTest {
    private static final String HOSTILE = "</script><b>&\"'--><img src=http://example.org/x>{{title}}";

    @TempDir
    private Path folder;

    private Path metrics(int rows) {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, rows);
            for (int step = 1; step <= rows; step++) {
                metrics.step(Reports.at(step));
            }
        }
        return file;
    }

    private static HtmlReport report(Path metrics, List<Picture> pictures, String text) {
        Table table = new Table(text, List.of("file", text), List.of(List.of("a.mp4", text)));
        List<Fact> facts = List.of(new Fact(text, text));
        return new HtmlReport(
                text,
                facts,
                metrics,
                pictures,
                new Settings(text, table),
                new Data(facts, List.of(table)),
                facts,
                new Results(List.of(), List.of(table)));
    }

    private static List<Picture> pictures(int count) {
        List<Picture> pictures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pictures.add(new Picture(i * 100L, "caption", new byte[] {(byte) i}));
        }
        return pictures;
    }

    /** The page as a tree; scripts and styles are not XML and are left out. */
    private static Document tree(String html) throws Exception {
        String markup = html.replaceAll("(?s)(<(script|style)[^>]*>).*?</\\2>", "$1</$2>");
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(markup)));
    }

    private static JsonNode charts(String html) {
        Matcher script = Pattern.compile("(?s)id=\"chart-data\">(.*?)</script>").matcher(html);
        assertThat(script.find()).isTrue();
        return new JsonMapper().readTree(script.group(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 500})
    void isWellFormedWhateverTheNumberOfRows(int rows) throws Exception {
        Document page = tree(report(metrics(rows), pictures(1), "plain").html());
        assertThat(page.getElementsByTagName("img").getLength()).isEqualTo(1);
        assertThat(page.getElementsByTagName("noscript").getLength()).isEqualTo(rows == 0 ? 0 : 1);
    }

    @Test
    void missesNeitherMetricsNorPictures() throws Exception {
        Document page =
                tree(resultsOf(folder.resolve("none.jsonl"), Results.NONE).html());
        assertThat(page.getElementsByTagName("img").getLength()).isZero();
        assertThat(page.getDocumentElement().getTextContent()).contains("No metrics were written.");
    }

    private static HtmlReport withRows(List<Picture> pictures, String text) {
        HtmlReport.Panel seen = new HtmlReport.Panel("seen", text, new byte[] {7});
        HtmlReport.Panel now = new HtmlReport.Panel("now", "step 3", new byte[] {8});
        return new HtmlReport(
                "a",
                List.of(),
                Path.of("none.jsonl"),
                pictures,
                List.of(new HtmlReport.PictureRow(text, List.of(seen, now))),
                Settings.NONE,
                new Data(List.of(), List.of()),
                List.of(),
                Results.NONE);
    }

    /** A row shows what the pictures of steps show; a film shows more. */
    @Test
    void aSampleIsARowFromWhatWasSeenToNow() throws Exception {
        Document page = tree(withRows(pictures(3), HOSTILE).html());
        var images = page.getElementsByTagName("img");
        assertThat(images.getLength()).isEqualTo(2);
        assertThat(((Element) images.item(0)).getAttribute("alt")).isEqualTo(HOSTILE + ", seen: " + HOSTILE);
        assertThat(((Element) images.item(1)).getAttribute("src")).endsWith("base64,CA==");
        assertThat(page.getDocumentElement().getTextContent()).contains("now step 3");

        List<Picture> filmed = new ArrayList<>(pictures(2));
        filmed.add(new Picture(900, "caption", new byte[1], new byte[1]));
        page = tree(withRows(filmed, "a.mp4").html());
        assertThat(page.getElementsByTagName("img").getLength()).isEqualTo(3);
        assertThat(page.getElementsByTagName("video").getLength()).isEqualTo(1);
    }

    @Test
    void escapesWhatItIsGiven() throws Exception {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 1);
            metrics.values(1, Map.of(HOSTILE, 1.0));
        }
        List<Picture> pictures = List.of(new Picture(1, HOSTILE, new byte[1]));
        String html = report(file, pictures, HOSTILE).html();
        Document page = tree(html);
        assertThat(html).doesNotContain("<b>&").doesNotContain("<img src=http");
        assertThat(page.getElementsByTagName("h1").item(0).getTextContent()).isEqualTo(HOSTILE);
        assertThat(page.getElementsByTagName("pre").item(0).getTextContent()).isEqualTo(HOSTILE);
        assertThat(charts(html).get(0).get("title").asString()).isEqualTo(HOSTILE);
    }

    @Test
    void fetchesNothing() {
        List<Picture> pictures = new ArrayList<>(pictures(2));
        pictures.add(new Picture(900, "caption", new byte[1], new byte[1]));
        String html = report(metrics(3), pictures, "plain").html();
        Matcher link = Pattern.compile("(?i)\\b(?:src|href|action|srcset)\\s*=\\s*[\"']?([^\"'\\s>]*)")
                .matcher(html);
        int links = 0;
        while (link.find()) {
            links++;
            assertThat(link.group(1)).startsWith("data:");
        }
        assertThat(links).isEqualTo(5);
        assertThat(html.toLowerCase(java.util.Locale.ROOT))
                .doesNotContain("@import")
                .doesNotContain("url(")
                .doesNotContain("fetch(")
                .doesNotContain("xmlhttprequest");
    }

    @Test
    void carriesTheLicenceOfTheChartLibrary() {
        assertThat(report(metrics(1), List.of(), "plain").html())
                .contains("The MIT License (MIT)")
                .contains("Leon Sorokin")
                .contains("uPlot=function");
    }

    @Test
    void showsTheLossWithItsBaselineInOneChart() {
        JsonNode charts = charts(report(metrics(3), List.of(), "plain").html());
        JsonNode share = charts.get(0);
        assertThat(share.get("series").toString()).isEqualTo("[\"share\",\"the best constant prediction\"]");
        assertThat(share.get("data").get(1).toString()).isEqualTo("[0.87218046,0.87218046,0.87218046]");
        assertThat(share.get("data").get(2).toString()).isEqualTo("[1,1,1]");
        JsonNode loss = charts.get(1);
        assertThat(loss.get("series").toString()).isEqualTo("[\"loss\",\"best constant prediction\"]");
        assertThat(loss.get("data").toString()).isEqualTo("[[1,2,3],[0.0812,0.0812,0.0812],[0.0931,0.0931,0.0931]]");
        List<String> titles = new ArrayList<>();
        charts.forEach(chart -> titles.add(chart.get("title").asString()));
        assertThat(titles)
                .containsExactly(
                        "Loss as a share of that of the best constant prediction",
                        "Loss",
                        "Learning rate",
                        "Gradient norm before clipping",
                        "Samples per second",
                        "Share of time waiting for data");
    }

    @Test
    void otherNumbersGetAChartOfTheirOwn() {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 10);
            metrics.step(Reports.of(1, 2.5, Double.NaN, Map.of()));
            metrics.values(1, Map.of("val/map", 12.5));
            metrics.step(Reports.of(2, Double.NaN, Double.NaN, Map.of()));
            metrics.values(2, Map.of("val/map", 25.0));
        }
        JsonNode charts = charts(report(file, List.of(), "plain").html());
        assertThat(charts.get(0).get("series").toString()).isEqualTo("[\"loss\"]");
        assertThat(charts.get(0).get("data").toString()).isEqualTo("[[1,2],[2.5,null]]");
        JsonNode map = charts.get(charts.size() - 1);
        assertThat(map.get("title").asString()).isEqualTo("val/map");
        assertThat(map.get("data").toString()).isEqualTo("[[1,2],[12.5,25]]");
    }

    @Test
    void aLongRunIsAveragedAndSaysSo() {
        String html = report(metrics(4000), List.of(), "plain").html();
        JsonNode loss = charts(html).get(1).get("data");
        assertThat(loss.get(0).size()).isEqualTo(1334);
        assertThat(loss.get(0).get(0).asInt()).isEqualTo(3);
        assertThat(loss.get(0).get(1333).asInt()).isEqualTo(4000);
        assertThat(html).contains("Each point is the mean of 3 reports.");
    }

    @Test
    void ofManyPicturesTheFirstTheLastAndSomeBetweenAreShown() throws Exception {
        Document page = tree(report(metrics(1), pictures(9), "plain").html());
        var images = page.getElementsByTagName("img");
        List<Integer> shown = new ArrayList<>();
        for (int i = 0; i < images.getLength(); i++) {
            String source = images.item(i).getAttributes().getNamedItem("src").getNodeValue();
            shown.add((int) Base64.getDecoder().decode(source.substring(source.indexOf(',') + 1))[0]);
        }
        assertThat(shown).containsExactly(0, 2, 4, 6, 8);
    }

    @Test
    void ofManyFilmsTheLastIsShownOnce() throws Exception {
        List<Picture> pictures = new ArrayList<>();
        for (int i = 8; i >= 0; i--) {
            pictures.add(new Picture(i * 100L, "caption", new byte[] {1}, new byte[] {70, 105, 108, (byte) (109 + i)}));
        }
        String html = report(metrics(1), pictures, "plain").html();
        var films = tree(html).getElementsByTagName("video");
        assertThat(films.getLength()).isEqualTo(1);
        var film = films.item(0).getAttributes();
        String last = "data:video/mp4;base64," + Base64.getEncoder().encodeToString(new byte[] {70, 105, 108, 117});
        assertThat(film.getNamedItem("src").getNodeValue()).isEqualTo(last);
        assertThat(html.split("data:video", -1)).hasSize(2);
        assertThat(film.getNamedItem("aria-label").getNodeValue()).contains("800");
        for (String attribute : List.of("controls", "muted", "loop")) {
            assertThat(film.getNamedItem(attribute)).as(attribute).isNotNull();
        }
    }

    @Test
    void aFilmStartsByItselfOnlyForThoseWhoDoNotMindMotion() throws Exception {
        List<Picture> pictures = List.of(new Picture(1, "caption", new byte[1], new byte[1]));
        String html = report(metrics(1), pictures, "plain").html();
        var film = tree(html).getElementsByTagName("video").item(0).getAttributes();
        assertThat(film.getNamedItem("autoplay")).isNull();
        assertThat(html).contains("prefers-reduced-motion: reduce");
    }

    @Test
    void aRunOfImagesHasNoFilm() throws Exception {
        Document page = tree(report(metrics(1), pictures(3), "plain").html());
        assertThat(page.getElementsByTagName("video").getLength()).isZero();
    }

    @Test
    void leadsWithTheLossAgainstItsBaseline() throws Exception {
        String text = tree(report(metrics(1200), List.of(), "plain").html())
                .getDocumentElement()
                .getTextContent();
        assertThat(text).contains("0.0812", "0.87x", "1,200");
    }

    @Test
    void theSameRunGivesTheSameBytesAndReplacesTheOldPage() throws IOException {
        HtmlReport report = report(metrics(20), pictures(2), "plain");
        Path file = folder.resolve("report.html");
        Files.writeString(file, "old");
        report.write(file);
        assertThat(Files.readString(file)).isEqualTo(report.html()).startsWith("<!DOCTYPE html>");
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("report.html", "metrics.jsonl");
    }

    @Test
    void aTableRefusesRowsOfAnotherLength() {
        assertThatThrownBy(() -> new Table("bad files", List.of("file", "reason"), List.of(List.of("a.mp4"))))
                .hasMessage("table bad files has 2 columns and a row of 1: [a.mp4]");
    }

    private static HtmlReport resultsOf(Path metrics, Results results) {
        Table origins = new Table("Settings", List.of("key"), List.of());
        return new HtmlReport(
                "run",
                List.of(),
                metrics,
                List.of(),
                new Settings("", origins),
                new Data(List.of(), List.of()),
                List.of(),
                results);
    }

    /** Top-1 of 40, 60 and 50 % after steps 2, 4 and 6. */
    private Path fineTuning() {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 6);
            for (int step = 1; step <= 6; step++) {
                metrics.step(Reports.of(step, 3 - 0.25 * step, Double.NaN, Map.of("train/top1", 10.0 * step)));
                if (step % 2 == 0) {
                    Map<String, Double> scores = new LinkedHashMap<>();
                    scores.put("val/top1", List.of(40.0, 60.0, 50.0).get(step / 2 - 1));
                    scores.put("val/top5", 80.0 + step);
                    scores.put("val/loss", 4 - 0.5 * step);
                    metrics.scores(step, scores);
                }
            }
        }
        return file;
    }

    @Test
    void scoresOfOneKindShareAChart() {
        JsonNode charts = charts(resultsOf(fineTuning(), Results.NONE).html());
        JsonNode accuracy = charts.get(0);
        assertThat(accuracy.get("format").asString()).isEqualTo("accuracy");
        assertThat(accuracy.get("wide").asBoolean()).isTrue();
        assertThat(accuracy.get("series").toString())
                .isEqualTo("[\"top-1, validation\",\"top-5, validation\",\"top-1, training\"]");
        assertThat(accuracy.get("data").toString())
                .isEqualTo("[[1,2,3,4,5,6],[null,40,null,60,null,50],[null,82,null,84,null,86],[10,20,30,40,50,60]]");
        JsonNode loss = charts.get(1);
        assertThat(loss.get("series").toString()).isEqualTo("[\"training loss\",\"validation loss\"]");
        assertThat(loss.get("data").toString())
                .isEqualTo("[[1,2,3,4,5,6],[2.75,2.5,2.25,2,1.75,1.5],[null,3,null,2,null,1]]");
    }

    @Test
    void aScoredRunLeadsWithItsScores() throws Exception {
        Document page = tree(resultsOf(fineTuning(), Results.NONE).html());
        assertThat(tiles(page))
                .containsExactly(
                        "50.0 % validation top-1",
                        "60.0 % best top-1, at step 4",
                        "86.0 % validation top-5",
                        "1.0000 validation loss",
                        "1.5000 training loss",
                        "6 steps");
        assertThat(page.getDocumentElement().getTextContent()).doesNotContain("constant prediction");
    }

    @Test
    void aRunWhoseLastScoreIsItsBestHasNoTileForTheBest() throws Exception {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 2);
            metrics.scores(1, Map.of("val/top1", 40.0));
            metrics.scores(2, Map.of("val/top1", 60.0));
        }
        Document page = tree(resultsOf(file, Results.NONE).html());
        assertThat(tiles(page)).containsExactly("60.0 % validation top-1", "2 steps");
    }

    @Test
    void aFigureThatIsNotOfTheLastStepSaysOfWhich() throws Exception {
        Path file = folder.resolve("metrics.jsonl");
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 9);
            metrics.scores(0, Map.of("features/knn_top1", 39.3, "features/rankme", 7.0));
            metrics.step(Reports.at(3));
        }
        assertThat(tiles(tree(resultsOf(file, Results.NONE).html())))
                .contains("39.3 % features nearest neighbours, at step 0", "3 steps");
    }

    private static List<String> tiles(Document page) {
        List<String> tiles = new ArrayList<>();
        var divisions = page.getElementsByTagName("div");
        for (int i = 0; i < divisions.getLength(); i++) {
            Element division = (Element) divisions.item(i);
            if (division.getAttribute("class").equals("tile")) {
                var parts = division.getElementsByTagName("div");
                tiles.add(parts.item(0).getTextContent() + " " + parts.item(1).getTextContent());
            }
        }
        return tiles;
    }

    @Test
    void aRunWithAConstantPredictionSaysWhatThatIs() throws Exception {
        Document page = tree(resultsOf(metrics(3), Results.NONE).html());
        assertThat(tiles(page))
                .containsExactly("0.0812 final loss", "0.87x of the best constant prediction, at the end", "3 steps");
        assertThat(page.getElementsByTagName("dt").item(0).getTextContent()).isEqualTo("constant prediction");
    }

    @Test
    void aDrawnFigureIsAPng() {
        BufferedImage picture = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
        assertThat(Figure.of("title", "caption", picture).png()).startsWith(0x89, 'P', 'N', 'G');
    }

    @Test
    void resultsAreShownAndLongTablesFolded() throws Exception {
        List<List<String>> classes = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            classes.add(List.of("class " + i, i + ".5 %"));
        }
        Results results = new Results(
                List.of(new Figure("Confusion", HOSTILE, new byte[] {7})),
                List.of(
                        new Table("By class", List.of("class", "recall"), classes),
                        new Table("Weights", List.of("what", "tensors"), List.of(List.of("loaded", "198")))));
        Document page = tree(resultsOf(folder.resolve("none.jsonl"), results).html());
        Element figure = (Element) page.getElementsByTagName("figure").item(0);
        assertThat(figure.getElementsByTagName("figcaption").item(0).getTextContent())
                .isEqualTo("Confusion " + HOSTILE);
        assertThat(((Element) figure.getElementsByTagName("img").item(0)).getAttribute("src"))
                .isEqualTo("data:image/png;base64,Bw==");
        var folded = page.getElementsByTagName("details");
        assertThat(folded.getLength()).isEqualTo(1);
        Element table = (Element) folded.item(0);
        assertThat(table.getElementsByTagName("summary").item(0).getTextContent())
                .isEqualTo("By class (16 rows)");
        assertThat(table.getElementsByTagName("tr").getLength()).isEqualTo(17);
        Element cell = (Element) table.getElementsByTagName("td").item(1);
        assertThat(cell.getTextContent()).isEqualTo("0.5 %");
        assertThat(cell.getAttribute("class")).isEqualTo("number");
        assertThat(page.getDocumentElement().getTextContent())
                .contains("Weights")
                .doesNotContain("No metrics");
    }

    @Test
    void tilesOfResultsStandInPlaceOfThoseOfTheMetrics() throws Exception {
        Results results = new Results(List.of(new Fact("top-1", "61.0 %")), List.of(), List.of());
        Document page = tree(resultsOf(metrics(3), results).html());
        assertThat(page.getDocumentElement().getTextContent())
                .contains("61.0 %")
                .doesNotContain("of the best constant prediction, at the end");
    }

    /** @param share of the loss in that of the constant prediction, in turns 0.02 higher and lower */
    private Path ending(int rows, double share) {
        Path file = folder.resolve("ending-" + rows + "-" + share + ".jsonl");
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, rows);
            for (int step = 1; step <= rows; step++) {
                boolean early = step <= rows - rows / 10;
                double baseline = 1 + 0.5 * (step % 3);
                double now = early && rows >= 100 ? 3 : share + (step % 2 == 0 ? 0.02 : -0.02);
                metrics.step(Reports.of(step, now * baseline, baseline, Map.of()));
            }
        }
        return file;
    }

    private static Element verdict(HtmlReport report) throws Exception {
        Document page = tree(report.html());
        Element first =
                (Element) ((Element) page.getElementsByTagName("section").item(0))
                        .getElementsByTagName("div")
                        .item(0);
        assertThat(first.getAttribute("class")).startsWith("verdict");
        return first;
    }

    /** Only the end counts; and 0.995 of 1, give or take 0.01, is neither. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            100  | 0.90  | good     | It has learned: over its last 10 reports the loss is 0.9
            100  | 1.10  | doubtful | It has not learned yet: over its last 10 reports the loss is 1.
            100  | 0.995 | doubtful | Whether it has learned cannot be told yet: over its last 10
            1000 | 0.99  | good     | It has learned: over its last 100 reports the loss is 0.99
            20   | 0.90  | good     | It has learned: over its last 8 reports
            7    | 0.90  | doubtful | Too few steps to say whether it has learned: over its last 7
            1    | 0.90  | doubtful | Too few steps to say whether it has learned: in its only report
            """)
    void aRunWithAConstantPredictionSaysInWordsWhetherItHasLearned(int rows, double share, String kind, String words)
            throws Exception {
        Element verdict = verdict(resultsOf(ending(rows, share), Results.NONE));
        assertThat(verdict.getAttribute("class")).isEqualTo("verdict " + kind);
        assertThat(verdict.getTextContent().strip()).startsWith(words).doesNotContain("NaN");
    }

    /**
     * The later of the last reports and the last whole epoch speaks, the other where that cannot tell. An epoch is 52 steps of
     * these rows, so that 20 of them end before the middle of the first.
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            100 | 0.995 | 52 | 0.98 | good     | It has learned: over the 52 steps of epoch 1 the loss is 0.980 (± 0.005) of
            100 | 0.995 | 52 | 1.10 | doubtful | Whether it has learned cannot be told yet: over its last 10 reports
            100 | 1.10  | 52 | 0.90 | doubtful | It has not learned yet: over its last 10 reports
            100 | 0.90  | 52 | 1.10 | good     | It has learned: over its last 10 reports
            20  | 0.90  | 52 | 0.95 | good     | It has learned: over the 52 steps of epoch 1 the loss is 0.950
            20  | 0.90  | 52 | 1.00 | good     | It has learned: over its last 8 reports
            20  | 1.10  | 52 | 1.00 | doubtful | Whether it has learned cannot be told yet: over the 52 steps of epoch 1
            20  | 0.90  | 3  | 0.50 | good     | It has learned: over its last 8 reports
            20  | 1.10  | 3  | 0.50 | doubtful | Too few steps to say whether it has learned: over the 3 steps of epoch 1
            7   | 0.90  | 52 | 1.00 | doubtful | Whether it has learned cannot be told yet: over the 52 steps of epoch 1
            7   | 0.90  | 3  | 1.00 | doubtful | Too few steps to say whether it has learned: over the 3 steps of epoch 1
            """)
    void theVerdictIsOfWhatSaysMore(int rows, double share, int steps, double ofEpoch, String kind, String words)
            throws Exception {
        EpochLoss epoch =
                new EpochLoss(1, ofEpoch * 2, 2.0, new EpochLoss.Spread(steps, 0.005 / 1.96 * Math.sqrt(steps)));
        HtmlReport report = resultsOf(ending(rows, share), Results.NONE.with(Optional.of(epoch)));
        Element verdict = verdict(report);
        assertThat(verdict.getTextContent().strip()).startsWith(words);
        assertThat(verdict.getAttribute("class")).isEqualTo("verdict " + kind);
        double said = words.contains("of epoch") ? ofEpoch : share;
        assertThat(tiles(tree(report.html())))
                .as("the tile is of the same")
                .anyMatch(tile -> tile.matches("\\d\\.\\d\\dx of the best constant prediction, at the end")
                        && Math.abs(Double.parseDouble(tile.substring(0, 4)) - said) < 0.011);
    }

    /** As of what an older version trained. */
    @Test
    void anEpochOfUnknownSpreadIsNoMeasure() throws Exception {
        Results results = Results.NONE.with(Optional.of(new EpochLoss(1, 0.5, 1.0)));
        assertThat(verdict(resultsOf(ending(20, 0.9), results)).getTextContent().strip())
                .startsWith("It has learned: over its last 8 reports");
        assertThat(resultsOf(fineTuning(), Results.NONE.with(Optional.of(new EpochLoss(1, 0.5, null))))
                        .html())
                .doesNotContain("class=\"verdict");
    }

    @Test
    void aVerdictOfResultsStandsInPlaceOfThatOfTheLoss() throws Exception {
        Results results =
                new Results(Optional.of(new Verdict(true, HOSTILE, "")), List.of(), List.of(), List.of(), List.of());
        assertThat(verdict(resultsOf(ending(100, 1.1), results))
                        .getTextContent()
                        .strip())
                .isEqualTo(HOSTILE);
    }

    @Test
    void aRunWithoutBaselineHasNoVerdictOfTheLoss() {
        assertThat(resultsOf(fineTuning(), Results.NONE).html()).doesNotContain("class=\"verdict");
    }

    @Test
    void aLevelIsALineInTheChartOfItsFigureAlone() {
        Results results = Results.NONE.with(List.of(new Level("val/top1", "guessing", 12.5)));
        JsonNode charts = charts(resultsOf(fineTuning(), results).html());
        JsonNode accuracy = charts.get(0);
        assertThat(accuracy.get("series").get(3).asString()).isEqualTo("guessing");
        assertThat(accuracy.get("data").get(4).toString()).isEqualTo("[12.5,12.5,12.5,12.5,12.5,12.5]");
        assertThat(charts.get(1).get("series").size()).isEqualTo(2);
        assertThat(charts.get(1).get("data").size()).isEqualTo(3);
    }

    @Test
    void settingsThatAreNotThoseOfTheRecipeHaveATableOfTheirOwn() throws Exception {
        Table changed = new Table("", List.of("setting", "recipe"), List.of(List.of("optim.lr", HOSTILE)));
        Settings settings = new Settings(changed, "yaml", new Table("Settings", List.of("key"), List.of()));
        HtmlReport report = new HtmlReport(
                "title",
                List.of(),
                folder.resolve("none.jsonl"),
                List.of(),
                settings,
                new Data(List.of(), List.of()),
                List.of(),
                Results.NONE);
        assertThat(tree(report.html()).getDocumentElement().getTextContent())
                .contains("What is not as in the recipe")
                .contains(HOSTILE);
        assertThat(report(metrics(1), List.of(), "x").html()).doesNotContain("What is not as in the recipe");
    }

    @Test
    void figuresOfTheDataAreShownAndAbsentSettingsAreNot() throws Exception {
        HtmlReport report = new HtmlReport(
                "title",
                List.of(),
                folder.resolve("none.jsonl"),
                List.of(),
                Settings.NONE,
                new Data(List.of(), List.of(new Figure("Samples", HOSTILE, new byte[] {7})), List.of()),
                List.of(),
                Results.NONE);
        Document page = tree(report.html());
        assertThat(page.getElementsByTagName("figcaption").item(0).getTextContent())
                .isEqualTo("Samples " + HOSTILE);
        assertThat(page.getElementsByTagName("pre").getLength()).isZero();
        assertThat(tree(report(metrics(1), List.of(), "x").html())
                        .getElementsByTagName("pre")
                        .getLength())
                .isEqualTo(1);
    }

    /** Where any place may break a word, columns of a narrow page become a letter wide. */
    @Test
    void wordsInTablesBreakOnlyWhereOneIsTooLong() throws Exception {
        String html = report(metrics(2), pictures(1), "plain").html();
        assertThat(html).contains(".scroll th, .scroll td { overflow-wrap: break-word; max-width: 24rem; }");
        assertThat(html).doesNotContainPattern("\\.(scroll|named)[^}]*overflow-wrap: anywhere");
        assertThat(html).contains(".scroll { overflow-x: auto;");
    }
}
