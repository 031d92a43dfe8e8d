package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import maskfeat.report.HtmlReport.Fact;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ComparisonReportTest {
    private static final String HOSTILE = "</script><b>&\"'--><img src=http://example.org/x>{{title}}";

    @TempDir
    private Path folder;

    private static Map<String, Double> figures(Object... tagsAndValues) {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (int i = 0; i < tagsAndValues.length; i += 2) {
            figures.put((String) tagsAndValues[i], (Double) tagsAndValues[i + 1]);
        }
        return figures;
    }

    private RunSummary run(String name, String group, Map<String, Double> figures) {
        return run(name, group, figures, Map.of(), folder.resolve("none.jsonl"));
    }

    private static RunSummary run(
            String name, String group, Map<String, Double> figures, Map<String, String> settings, Path metrics) {
        return new RunSummary(
                name,
                group,
                "fine-tuning",
                List.of(new Fact("ended", "complete")),
                figures,
                settings,
                metrics,
                Yardstick.UNKNOWN,
                Yardstick.UNKNOWN,
                0);
    }

    private RunSummary counted(String name, String group, int items, Map<String, Double> figures) {
        return new RunSummary(
                name,
                group,
                "finetune",
                List.of(),
                figures,
                Map.of(),
                folder.resolve("none.jsonl"),
                Yardstick.UNKNOWN,
                Yardstick.UNKNOWN,
                items);
    }

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

    /** The rows of a table, cells by |, what is marked as best in stars. */
    private static List<String> table(Document page, int index) {
        List<String> rows = new ArrayList<>();
        var lines = ((Element) page.getElementsByTagName("table").item(index)).getElementsByTagName("tr");
        for (int i = 0; i < lines.getLength(); i++) {
            List<String> cells = new ArrayList<>();
            var children = lines.item(i).getChildNodes();
            for (int j = 0; j < children.getLength(); j++) {
                Element cell = (Element) children.item(j);
                boolean best = cell.getElementsByTagName("b").getLength() > 0;
                cells.add(best ? "*" + cell.getTextContent() + "*" : cell.getTextContent());
            }
            rows.add(String.join("|", cells));
        }
        return rows;
    }

    @Test
    void theBestIsMarkedWhereItsIntervalIsApartFromAllOthers() throws Exception {
        Document page = tree(new ComparisonReport(List.of(
                        counted("a", "", 400, figures("val/top1", 50.0, "val/top5", 80.0, "time/h", 1.0)),
                        counted("b", "", 400, figures("val/top1", 70.0, "val/top5", 82.0, "time/h", 2.0)),
                        counted("c", "", 400, figures("val/top1", Double.NaN, "val/top5", 50.0))))
                .html());
        assertThat(table(page, 0))
                .containsExactly(
                        "run|validation top-1|validation top-5|time/h",
                        "a|50.0 % (45.1 to 54.9)|80.0 % (75.8 to 83.6)|1",
                        "b|*70.0 % (65.3 to 74.3)*|82.0 % (77.9 to 85.5)|2",
                        "c|\u2013|50.0 % (45.1 to 54.9)|\u2013");
        assertThat(page.getDocumentElement().getTextContent())
                .contains("Not told apart, as their intervals overlap: validation top-5 of a, b.")
                .doesNotContain("Nothing is called the best");
    }

    /** Ten points more of forty items are a matter of luck. */
    @Test
    void fewItemsTellNothingApart() throws Exception {
        ComparisonReport report = new ComparisonReport(List.of(
                counted("a", "", 40, figures("val/top1", 50.0)), counted("b", "", 40, figures("val/top1", 60.0))));
        assertThat(table(tree(report.html()), 0).toString()).doesNotContain("*");
        assertThat(report.text(80)).contains("Not told apart, as their intervals overlap: validation top-1 of a, b.");
    }

    /** Of a loss, or of a share of an unknown number of items, a single run has no interval. */
    @Test
    void whereThereIsNoIntervalNothingIsCalledTheBest() throws Exception {
        ComparisonReport report = new ComparisonReport(List.of(
                run("a", "", figures("train/loss", 2.0, "val/top1", 10.0)),
                run("b", "", figures("train/loss", 1.0, "val/top1", 90.0))));
        assertThat(table(tree(report.html()), 0))
                .containsExactly("run|validation top-1|training loss", "a|10.0 %|2.0000", "b|90.0 %|1.0000");
        assertThat(report.text(200))
                .contains(
                        "Nothing is called the best of validation top-1, training loss: one run does not say how far another"
                                + " seed would be from it.");
    }

    /** Three seeds that agree by chance are still measured on forty items. */
    @Test
    void seedsThatAgreeAreNotSurerThanTheItemsAllow() throws Exception {
        List<RunSummary> runs = new ArrayList<>();
        for (int seed = 0; seed < 3; seed++) {
            runs.add(counted("a" + seed, "a", 40, figures("val/top1", 50.0, "val/loss", 2 + seed / 100.0)));
            runs.add(counted("b" + seed, "b", 40, figures("val/top1", 60.0, "val/loss", 1 + seed / 100.0)));
        }
        assertThat(table(tree(new ComparisonReport(runs).html()), 1))
                .containsExactly(
                        "group|validation top-1|validation loss",
                        "a (3 runs)|50.0 \u00b1 0.0 % (35.2 to 64.8)|2.0100 \u00b1 0.0100 (1.9852 to 2.0348)",
                        "b (3 runs)|60.0 \u00b1 0.0 % (44.6 to 73.7)|*1.0100 \u00b1 0.0100 (0.9852 to 1.0348)*");
    }

    /** Of two runs, another may well be nine deviations away; and a mean over classes is no surer than a share of the items. */
    @Test
    void twoSeedsTellLittle() throws Exception {
        List<RunSummary> runs = new ArrayList<>();
        for (int seed = 0; seed < 2; seed++) {
            runs.add(counted("a" + seed, "a", 18, figures("val/mean_class", 33.3, "val/loss", 2 + seed / 100.0)));
            runs.add(counted("b" + seed, "b", 18, figures("val/mean_class", 22.2, "val/loss", 1.9 + seed / 100.0)));
        }
        assertThat(table(tree(new ComparisonReport(runs).html()), 1))
                .containsExactly(
                        "group|validation mean of classes|validation loss",
                        "a (2 runs)|33.3 \u00b1 0.0 % (16.3 to 56.3)|2.0050 \u00b1 0.0071 (1.9415 to 2.0685)",
                        "b (2 runs)|22.2 \u00b1 0.0 % (9.0 to 45.2)|1.9050 \u00b1 0.0071 (1.8415 to 1.9685)");
    }

    @Test
    void whereAllAreEqualNoneIsBest() throws Exception {
        Map<String, Double> same = figures("val/top1", 50.0);
        Document page =
                tree(new ComparisonReport(List.of(counted("a", "", 9000, same), counted("b", "", 9000, same))).html());
        assertThat(table(page, 0))
                .containsExactly("run|validation top-1", "a|50.0 % (49.0 to 51.0)", "b|50.0 % (49.0 to 51.0)");
    }

    @Test
    void kindsOfRunsHaveTablesOfTheirOwn() throws Exception {
        ComparisonReport report = new ComparisonReport(List.of(
                counted("tuned", "", 400, figures("val/top1", 90.0)),
                measured(
                        "masked",
                        of("hog"),
                        Yardstick.UNKNOWN,
                        folder.resolve("none.jsonl"),
                        figures("train/loss", 0.1)),
                counted("other", "", 400, figures("val/top1", 50.0)),
                counted("early", "", 0, figures("val/top1", Double.NaN))));
        Document page = tree(report.html());
        assertThat(page.getElementsByTagName("h3").item(0).getTextContent()).isEqualTo("Fine-tuning");
        assertThat(page.getElementsByTagName("h3").item(1).getTextContent()).isEqualTo("Pre-training");
        assertThat(table(page, 0))
                .containsExactly(
                        "run|validation top-1", "tuned|*90.0 % (86.7 to 92.6)*", "other|50.0 % (45.1 to 54.9)");
        assertThat(table(page, 1)).containsExactly("run|training loss", "masked|0.1000");
        assertThat(report.text(80).lines())
                .containsExactly(
                        "Fine-tuning",
                        "run                 val/top1",
                        "tuned  90.0 % (86.7 to 92.6)",
                        "other  50.0 % (45.1 to 54.9)",
                        "",
                        "Pre-training",
                        "run     train/loss",
                        "masked      0.1000",
                        "",
                        "Without figures: early");
    }

    private RunSummary measured(String name, Yardstick loss, Yardstick scores, Path metrics, Map<String, Double> all) {
        return new RunSummary(name, "", "pretrain", List.of(), all, Map.of(), metrics, loss, scores, 0);
    }

    private static Yardstick of(String target) {
        return new Yardstick(target, Map.of("loss", target));
    }

    @Test
    void lossesOfDifferentTargetsHaveTablesAndChartsOfTheirOwn() throws Exception {
        Yardstick set = new Yardstick("40 images", Map.of("items", "40 images"));
        ComparisonReport report = new ComparisonReport(List.of(
                measured("a", of("hog"), set, metrics("a.jsonl", 1), figures("train/loss", 0.1, "val/top1", 50.0)),
                measured("b", of("pixels"), set, metrics("b.jsonl", 2), figures("train/loss", 0.9, "val/top1", 60.0)),
                measured("c", of("hog"), set, metrics("c.jsonl", 3), figures("train/loss", 0.2))));
        Document page = tree(report.html());
        // The scores were measured on the same data, and compare whatever was trained on.
        assertThat(table(page, 0)).containsExactly("run|validation top-1", "a|50.0 %", "b|60.0 %");
        assertThat(table(page, 1)).containsExactly("run|training loss", "a|0.1000", "c|0.2000");
        assertThat(table(page, 2)).containsExactly("run|training loss", "b|0.9000");
        assertThat(page.getElementsByTagName("caption").item(0).getTextContent())
                .isEqualTo("trained for: hog");
        assertThat(page.getElementsByTagName("caption").item(1).getTextContent())
                .isEqualTo("trained for: pixels");
        assertThat(page.getDocumentElement().getTextContent())
                .contains("What does not compare has a table of its own.", "charts of their own")
                .doesNotContain("measured on:");
        assertThat(report.text(80)).contains("\ntrained for: hog\nrun  train/loss\n");
        assertThat(report.text(80).lines()).allMatch(line -> line.length() <= 80);
        List<String> charts = new ArrayList<>();
        charts(report.html()).forEach(chart -> charts.add(chart.get("title").asString() + chart.get("series")));
        assertThat(charts)
                .containsExactly(
                        "Validation top-1[\"a\",\"b\",\"c\"]",
                        "Training loss (hog)[\"a\",\"c\"]",
                        "Training loss (pixels)[\"b\"]",
                        "Learning rate[\"a\",\"b\",\"c\"]");
    }

    @Test
    void whatWasMeasuredOnDifferentDataHasTablesOfItsOwn() throws Exception {
        Yardstick few = new Yardstick("40 images of 3 classes", Map.of("items", "40 images", "classes", "3"));
        Yardstick many = new Yardstick("40 images of 9 classes", Map.of("items", "40 images", "classes", "9"));
        Yardstick silent = new Yardstick("40 images", Map.of("items", "40 images"));
        Document page = tree(new ComparisonReport(List.of(
                        measured(
                                "a",
                                of("x"),
                                few,
                                folder.resolve("none.jsonl"),
                                figures("val/top1", 50.0, "time/h", 1.0)),
                        measured(
                                "b",
                                of("x"),
                                many,
                                folder.resolve("none.jsonl"),
                                figures("val/top1", 60.0, "time/h", 1.0)),
                        measured("c", of("x"), silent, folder.resolve("none.jsonl"), figures("val/top1", 70.0))))
                .html());
        assertThat(table(page, 0)).containsExactly("run|validation top-1|time/h", "a|50.0 %|1", "c|70.0 %|\u2013");
        assertThat(table(page, 1)).containsExactly("run|validation top-1|time/h", "b|60.0 %|1");
        assertThat(page.getElementsByTagName("caption").item(1).getTextContent())
                .isEqualTo("measured on: 40 images of 9 classes");
        Document alike = tree(new ComparisonReport(List.of(
                        measured("a", of("x"), few, folder.resolve("none.jsonl"), figures("val/top1", 50.0)),
                        measured("c", of("y"), silent, folder.resolve("none.jsonl"), figures("val/top1", 70.0))))
                .html());
        assertThat(table(alike, 0)).contains("a|50.0 %", "c|70.0 %");
    }

    @Test
    void targetsOfOneNameWithOtherSettingsAreToldApart() {
        Yardstick nine = new Yardstick("hog", Map.of("loss", "hog of 9 bins"));
        Yardstick six = new Yardstick("hog", Map.of("loss", "hog of 6 bins"));
        assertThat(new ComparisonReport(List.of(
                                measured(
                                        "a",
                                        nine,
                                        Yardstick.UNKNOWN,
                                        folder.resolve("none.jsonl"),
                                        figures("train/loss", 0.1)),
                                measured(
                                        "b",
                                        six,
                                        Yardstick.UNKNOWN,
                                        folder.resolve("none.jsonl"),
                                        figures("train/loss", 0.2))))
                        .text(80))
                .contains("trained for: hog\n", "trained for: hog, other settings 2\n");
    }

    @Test
    void runsOfAGroupHaveAMeanAndADeviation() throws Exception {
        Document page = tree(new ComparisonReport(List.of(
                        run("m0", "maskfeat", figures("val/top1", 60.0)),
                        run("s0", "scratch", figures("val/top1", 41.0)),
                        run("m1", "maskfeat", figures("val/top1", 62.0, "val/loss", 1.0)),
                        run("x", "", figures("val/top1", 10.0))))
                .html());
        assertThat(table(page, 1))
                .containsExactly(
                        "group|validation top-1|validation loss",
                        "maskfeat (2 runs)|61.0 \u00b1 1.4 % (48.3 to 73.7)|1.0000",
                        "scratch (1 run)|41.0 %|\u2013",
                        "x|10.0 %|\u2013");
    }

    @Test
    void runsThatAreAllDifferentHaveNoTableOfGroups() throws Exception {
        Document page = tree(new ComparisonReport(
                        List.of(run("a", "g", figures("val/top1", 1.0)), run("b", "", figures("val/top1", 2.0))))
                .html());
        assertThat(page.getElementsByTagName("caption").getLength()).isZero();
        assertThat(page.getDocumentElement().getTextContent()).doesNotContain("share a colour");
    }

    @Test
    void onlySettingsThatDifferAreListed() throws Exception {
        Path none = folder.resolve("none.jsonl");
        Map<String, String> first = Map.of("seed", "0", "model", "vit-b");
        Map<String, String> second = Map.of("seed", "1", "model", "vit-b", "mask", "cubes");
        Document page = tree(
                new ComparisonReport(List.of(run("a", "", Map.of(), first, none), run("b", "", Map.of(), second, none)))
                        .html());
        assertThat(page.getDocumentElement().getTextContent()).contains("No run has figures.");
        assertThat(table(page, 0)).containsExactlyInAnyOrder("setting|a|b", "seed|0|1", "mask|\u2013|cubes");
        assertThat(table(page, 1)).containsExactly("|a|b", "kind|fine-tuning|fine-tuning", "ended|complete|complete");
    }

    @Test
    void equalSettingsAreSaidToBe() throws Exception {
        Document page = tree(new ComparisonReport(List.of(run("a", "", Map.of()), run("b", "", Map.of()))).html());
        assertThat(page.getDocumentElement().getTextContent()).contains("None.");
    }

    /** An epoch has 52 steps; the rows of scores do not say theirs. */
    private Path metrics(String name, double... top1) {
        Path file = folder.resolve(name);
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 1000);
            for (int i = 0; i < top1.length; i++) {
                metrics.step(Reports.of(26 * (i + 1L), 2 - i, Double.NaN, Map.of()));
                metrics.scores(26 * (i + 1L) + 13, Map.of("val/top1", top1[i]));
            }
        }
        return file;
    }

    @Test
    void curvesOfAllRunsShareAChartOverEpochs() throws Exception {
        List<RunSummary> runs = List.of(
                run("a0", "a", Map.of(), Map.of(), metrics("a0.jsonl", 10, 20)),
                run("none", "", Map.of()),
                run("b", "", Map.of(), Map.of(), metrics("b.jsonl", 30)),
                run("a1", "a", Map.of(), Map.of(), metrics("a1.jsonl", 15)));
        String html = new ComparisonReport(runs).html();
        JsonNode charts = charts(html);
        List<String> titles = new ArrayList<>();
        charts.forEach(chart -> titles.add(chart.get("title").asString()));
        assertThat(titles).containsExactly("Validation top-1", "Training loss", "Learning rate");
        JsonNode top1 = charts.get(0);
        assertThat(top1.get("x").asString()).isEqualTo("epoch");
        assertThat(top1.get("series").toString()).isEqualTo("[\"a0\",\"b\",\"a1\"]");
        assertThat(top1.get("lines").toString()).isEqualTo("[[0,0],[1,0],[0,1]]");
        assertThat(top1.get("runs").toString()).isEqualTo("[[[0.75,1.25],[10,20]],[[0.75],[30]],[[0.75],[15]]]");
        assertThat(charts.get(1).get("runs").get(0).toString()).isEqualTo("[[0.5,1],[2,1]]");
        assertThat(tree(html).getDocumentElement().getTextContent())
                .contains("Without curves, for want of metrics by epoch: none")
                .contains("Runs of a group share a colour.");
    }

    @Test
    void ofLongRunsAPointIsAMean() {
        Path file = folder.resolve("long.jsonl");
        try (MetricsFile metrics = new MetricsFile(file)) {
            metrics.started(0, 1);
            for (int step = 1; step <= 12_000; step++) {
                metrics.values(step, figures("epoch", step / 8.0, "train/loss", (double) step));
            }
        }
        JsonNode curve = charts(new ComparisonReport(List.of(run("a", "", Map.of(), Map.of(), file))).html())
                .get(0)
                .get("runs")
                .get(0);
        assertThat(curve.get(0).size()).isEqualTo(6000);
        assertThat(curve.get(0).get(0).asDouble()).isEqualTo(0.25);
        assertThat(curve.get(1).get(0).asDouble()).isEqualTo(1.5);
    }

    @Test
    void escapesWhatItIsGivenAndFetchesNothing() throws Exception {
        RunSummary hostile = new RunSummary(
                HOSTILE,
                HOSTILE,
                HOSTILE,
                List.of(new Fact(HOSTILE, HOSTILE)),
                Map.of(HOSTILE, 1.0),
                Map.of(HOSTILE, HOSTILE),
                metrics("hostile.jsonl", 1),
                new Yardstick(HOSTILE, Map.of("task", HOSTILE)),
                new Yardstick(HOSTILE, Map.of("items", HOSTILE)),
                0);
        String html = new ComparisonReport(List.of(hostile, run("b", HOSTILE, figures("val/top1", 1.0)))).html();
        Document page = tree(html);
        assertThat(html).doesNotContain("<b>&").doesNotContain("<img src=http").doesNotContain("@import");
        assertThat(charts(html).get(0).get("series").get(0).asString()).isEqualTo(HOSTILE);
        assertThat(table(page, 0).get(1)).startsWith(HOSTILE);
        Matcher link = Pattern.compile("(?i)\\b(?:src|href|action|srcset)\\s*=\\s*[\"']?([^\"'\\s>]*)")
                .matcher(html.replaceAll("(?s)<script.*?</script>", ""));
        while (link.find()) {
            assertThat(link.group(1)).startsWith("data:").isNotEmpty();
        }
        assertThat(html).contains("The MIT License (MIT)");
    }

    @Test
    void oneRunIsAPageToo() throws Exception {
        Document page = tree(new ComparisonReport(List.of(run("alone", "", figures("val/top1", 1.0)))).html());
        assertThat(page.getElementsByTagName("h1").item(0).getTextContent()).isEqualTo("alone");
        assertThat(page.getDocumentElement().getTextContent()).doesNotContain("Settings that differ");
    }

    @Test
    void thePageReplacesTheOldOne() throws IOException {
        ComparisonReport report = new ComparisonReport(List.of(run("a", "", Map.of())));
        Path file = folder.resolve("comparison.html");
        Files.writeString(file, "old");
        report.write(file);
        assertThat(Files.readString(file)).isEqualTo(report.html()).startsWith("<!DOCTYPE html>");
    }

    @Test
    void nothingCannotBeCompared() {
        assertThatThrownBy(() -> new ComparisonReport(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a comparison needs at least one run");
    }

    @Test
    void settingsThatAKindOfRunCannotHaveAreNoDifference() throws Exception {
        Path none = folder.resolve("none.jsonl");
        RunSummary tuned = run("a", "", Map.of(), Map.of("seed", "0", "from", "x"), none);
        RunSummary pretrained = new RunSummary(
                "p",
                "",
                "pre-training",
                List.of(),
                Map.of(),
                Map.of("seed", "0", "mask", "y"),
                none,
                Yardstick.UNKNOWN,
                Yardstick.UNKNOWN,
                0);
        RunSummary evaluated = new RunSummary(
                "e", "", "evaluation", List.of(), Map.of(), Map.of(), none, Yardstick.UNKNOWN, Yardstick.UNKNOWN, 0);
        Document page = tree(new ComparisonReport(List.of(tuned, pretrained, evaluated)).html());
        assertThat(page.getDocumentElement().getTextContent()).contains("None.");

        RunSummary other = run("b", "", Map.of(), Map.of("seed", "0"), none);
        page = tree(new ComparisonReport(List.of(tuned, other, pretrained)).html());
        assertThat(table(page, 0)).containsExactly("setting|a|b|p", "from|x|\u2013|\u2013");
    }

    @Test
    void aTerminalGetsTheFiguresOfRunsAndGroups() {
        String text = new ComparisonReport(
                        List.of(run("m0", "m", figures("val/top1", 60.0)), run("m1", "m", figures("val/top1", 62.0))))
                .text(80);
        assertThat(text.lines())
                .containsExactly(
                        "run  val/top1",
                        "m0     60.0 %",
                        "m1     62.0 %",
                        "",
                        "Mean and standard deviation over runs that differ by their seed",
                        "group                          val/top1",
                        "m (2 runs)  61.0 \u00b1 1.4 % (48.3 to 73.7)");
        assertThat(new ComparisonReport(List.of(run("m0", "", Map.of()))).text(80))
                .isEqualTo("No run has figures.\n");
    }
}
