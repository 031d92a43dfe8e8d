package maskfeat.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import maskfeat.disk.AtomicFile;

/**
 * Writes probes of a network's features into a folder: a page, and the scores of each item after the last block.
 *
 * @param title of the page
 * @param probes one for each block, at least one
 * @param facts what was evaluated, by name, in display order
 * @param classes number of items of each class
 * @param machine environment of the evaluation, by name
 */
public record ProbeReport(
        String title,
        List<ProbeCard> probes,
        Map<String, String> facts,
        HtmlReport.Table classes,
        Map<String, String> machine) {
    public ProbeReport {
        probes = List.copyOf(probes);
        if (probes.isEmpty()) {
            throw new IllegalArgumentException("a report needs at least one probe");
        }
    }

    /**
     * Writes {@code report.html} and {@code predictions.csv}.
     *
     * @param folder created if missing
     * @return the page
     */
    public Path write(Path folder) throws IOException {
        AtomicFile.folder(folder);
        ProbeCard last = probes.get(probes.size() - 1);
        Scorecard scorecard = new Scorecard(last.of().linear());
        scorecard.writeCsv(folder.resolve("predictions.csv"));
        List<HtmlReport.Table> tables = new ArrayList<>();
        tables.add(ProbeCard.shown(probes));
        tables.add(last.candidates());
        tables.addAll(scorecard.tables());
        Path page = folder.resolve("report.html");
        new HtmlReport(
                        title,
                        HtmlReport.Fact.all(facts),
                        folder.resolve("metrics.jsonl"),
                        List.of(),
                        HtmlReport.Settings.NONE,
                        new HtmlReport.Data(List.of(), List.of(classes)),
                        HtmlReport.Fact.all(machine),
                        new HtmlReport.Results(last.tiles(), scorecard.figures(), tables))
                .write(page);
        return page;
    }
}
