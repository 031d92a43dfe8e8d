package maskfeat.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import maskfeat.disk.AtomicFile;

/**
 * Writes an evaluation into a folder: a page, the scores of each item and an image of the confusion matrix.
 *
 * @param title of the page
 * @param scorecard the evaluation
 * @param facts what was evaluated, by name, in display order
 * @param machine environment of the evaluation, by name
 */
public record EvaluationReport(
        String title, Scorecard scorecard, Map<String, String> facts, Map<String, String> machine) {
    /**
     * Writes {@code report.html}, {@code predictions.csv}, {@code predictions.json} and {@code confusion.png}.
     *
     * @param folder created if missing
     * @return the page
     */
    public Path write(Path folder) throws IOException {
        AtomicFile.folder(folder);
        scorecard.writeCsv(folder.resolve("predictions.csv"));
        scorecard.writeJson(folder.resolve("predictions.json"));
        PngBytes.write(
                folder.resolve("confusion.png"),
                ConfusionPicture.draw(
                        scorecard.classes(), scorecard.of().confusion().counts()));
        Path page = folder.resolve("report.html");
        new HtmlReport(
                        title,
                        HtmlReport.Fact.all(facts),
                        folder.resolve("metrics.jsonl"),
                        List.of(),
                        HtmlReport.Settings.NONE,
                        new HtmlReport.Data(List.of(), List.of()),
                        HtmlReport.Fact.all(machine),
                        scorecard.results())
                .write(page);
        return page;
    }
}
