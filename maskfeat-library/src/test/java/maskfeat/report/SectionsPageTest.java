package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class SectionsPageTest {
    private static final String HOSTILE = "</svg><script>&\"'";

    @TempDir
    private Path folder = Path.of("");

    private static DotPlot.Row row(String label, DotPlot.Mark... marks) {
        List<Optional<DotPlot.Mark>> all = new ArrayList<>();
        for (DotPlot.Mark mark : marks) {
            all.add(Optional.of(mark));
        }
        return new DotPlot.Row(label, all, false);
    }

    private Document page(DotPlot plot) throws Exception {
        Path file = folder.resolve("page.html");
        new SectionsPage(
                        "title " + HOSTILE,
                        "kind",
                        List.of(new SectionsPage.Section(
                                "heading",
                                List.of("a sentence " + HOSTILE),
                                Optional.of(plot),
                                List.of(new HtmlReport.Table("", List.of("a", "b"), List.of(List.of("x", "1")))))))
                .write(file);
        String markup = Files.readString(file).replaceAll("(?s)(<(script|style)[^>]*>).*?</\\2>", "$1</$2>");
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(markup)));
    }

    private static List<Element> all(Document page, String name) {
        List<Element> all = new ArrayList<>();
        var found = page.getElementsByTagName(name);
        for (int i = 0; i < found.getLength(); i++) {
            all.add((Element) found.item(i));
        }
        return all;
    }

    @Test
    void dotsStandWhereTheirMeansAreOnTheAxis() throws Exception {
        Document page = page(new DotPlot(
                "%",
                List.of("one", HOSTILE),
                List.of(
                        row("first", new DotPlot.Mark(10, Double.NaN), new DotPlot.Mark(50, 10)),
                        row(HOSTILE, new DotPlot.Mark(30, 0), new DotPlot.Mark(20, 1)))));
        List<Element> dots = all(page, "circle").subList(2, 6); // after those of the legend
        double[] at = dots.stream()
                .mapToDouble(dot -> Double.parseDouble(dot.getAttribute("cx")))
                .toArray();
        // 10, 50, 30, 20 on one line of even steps
        assertThat(at[1] - at[0]).isEqualTo(2 * (at[2] - at[0]), offset(0.2));
        assertThat(at[2] - at[3]).isEqualTo(at[3] - at[0], offset(0.2));
        List<String> texts =
                all(page, "text").stream().map(Element::getTextContent).toList();
        assertThat(texts).contains("first", HOSTILE, "10", "60", "%");
        assertThat(all(page, "svg")).hasSize(1);
    }

    @Test
    void withoutAMarkThereIsNoDrawing() throws Exception {
        Document page = page(new DotPlot(
                "%", List.of("one"), List.of(new DotPlot.Row("first", List.of(Optional.empty()), false))));
        assertThat(all(page, "svg")).isEmpty();
        assertThat(all(page, "table")).hasSize(1);
    }

    @Test
    void aRowHasAMarkForEachOfTheSeries() {
        assertThatThrownBy(() -> new DotPlot("%", List.of("one", "two"), List.of(row("a", new DotPlot.Mark(1, 0)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("row a has 1 marks for 2 series");
    }

    @Test
    void theTimeOfATrainingIsThatOfItsSteps() throws Exception {
        Path metrics = folder.resolve("metrics.jsonl");
        assertThat(TrainingTime.seconds(metrics)).isZero();
        Files.writeString(
                metrics,
                "{\"step\":10,\"version\":1,\"time/step_s\":0.5}\n{\"step\":12,\"val/top1\":3}\n"
                        + "{\"step\":20,\"time/step_s\":2}\n");
        assertThat(TrainingTime.seconds(metrics)).isEqualTo(10 * 0.5 + 10 * 2);
    }
}
