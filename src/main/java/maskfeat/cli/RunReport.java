package maskfeat.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import maskfeat.data.Dataset;
import maskfeat.recipe.Pretraining;
import maskfeat.recipe.Run;
import maskfeat.recipe.Settings;
import maskfeat.report.HtmlReport;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;

/** Puts {@code report.html} together from what a run left in its folder. */
final class RunReport {
    private RunReport() {}

    static void write(
            RunFolder folder,
            String title,
            Pretraining pretraining,
            Settings<Run> settings,
            Map<String, String> environment,
            Trainer.Ending ending)
            throws IOException {
        List<HtmlReport.Fact> facts = new ArrayList<>();
        environment.forEach((name, value) -> facts.add(new HtmlReport.Fact(name, value)));
        new HtmlReport(
                        title,
                        summary(pretraining, ending),
                        folder.metrics(),
                        Pictures.of(folder.pictures()),
                        new HtmlReport.Settings(settings.yaml(), origins(settings)),
                        data(folder, pretraining.dataset()),
                        facts,
                        HtmlReport.Results.NONE)
                .write(folder.report());
    }

    private static List<HtmlReport.Fact> summary(Pretraining pretraining, Trainer.Ending ending) {
        Run run = pretraining.run();
        return List.of(
                new HtmlReport.Fact(
                        "ended", ending == Trainer.Ending.DONE ? "complete" : "stopped on request, resumable"),
                new HtmlReport.Fact(
                        "network",
                        String.format(
                                Locale.ROOT,
                                "%,d parameters, %s tokens of %d px",
                                pretraining.model().parameterCount(),
                                pretraining.targets().maskGrid(),
                                run.model().patch(pretraining.targets().last().block()))),
                new HtmlReport.Fact(
                        "target",
                        pretraining.targets().last().target().dim() + " numbers for each hidden token, "
                                + Math.round(100 * run.mask().ratio()) + " % of tokens hidden"));
    }

    private static HtmlReport.Table origins(Settings<Run> settings) {
        List<List<String>> rows = new ArrayList<>();
        for (Settings.Leaf leaf : settings.leaves()) {
            rows.add(List.of(
                    leaf.key(), String.valueOf(leaf.value()), leaf.origin().toString()));
        }
        return new HtmlReport.Table("Settings", List.of("key", "value", "from"), rows);
    }

    private static HtmlReport.Data data(RunFolder folder, Dataset dataset) throws IOException {
        List<BadFilesLog.Entry> bad = new BadFilesLog(folder.badFiles()).entries();
        List<HtmlReport.Fact> counts = new ArrayList<>();
        counts.add(new HtmlReport.Fact("from", dataset.source().toString()));
        counts.add(new HtmlReport.Fact(dataset.noun(), Integer.toString(dataset.size())));
        if (!dataset.classes().isEmpty()) {
            counts.add(new HtmlReport.Fact(
                    "classes (not used)", Integer.toString(dataset.classes().size())));
        }
        counts.add(new HtmlReport.Fact("could not be used", Integer.toString(bad.size())));
        if (!dataset.ignored().isEmpty()) {
            counts.add(new HtmlReport.Fact(
                    "passed over for their ending", dataset.ignored().toString()));
        }
        List<List<String>> rows = new ArrayList<>();
        bad.forEach(entry -> rows.add(List.of(entry.file().toString(), entry.reason())));
        return new HtmlReport.Data(
                counts,
                rows.isEmpty()
                        ? List.of()
                        : List.of(new HtmlReport.Table("Files that could not be used", List.of("file", "why"), rows)));
    }
}
