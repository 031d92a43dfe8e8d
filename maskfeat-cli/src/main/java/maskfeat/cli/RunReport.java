package maskfeat.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.recipe.Pretraining;
import maskfeat.recipe.Run;
import maskfeat.report.HtmlReport;
import maskfeat.report.MetricsFile;
import maskfeat.settings.Origin;
import maskfeat.settings.Settings;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;

/** Puts {@code report.html} and {@code result.json} together from what a run left in its folder. */
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
        new HtmlReport(
                        title,
                        summary(pretraining, ending),
                        folder.metrics(),
                        Pictures.of(folder.pictures()),
                        settings(settings),
                        data(folder, pretraining.dataset()),
                        facts(environment),
                        HtmlReport.Results.NONE)
                .write(folder.report());
        if (ending == Trainer.Ending.DONE) {
            result(folder, pretraining, settings).write(folder.result());
        }
    }

    private static RunResult result(RunFolder folder, Pretraining pretraining, Settings<Run> settings) {
        Map<String, Double> last = new LinkedHashMap<>();
        MetricsFile.read(folder.metrics()).values().forEach(last::putAll);
        last.keySet().retainAll(Set.of("train/loss", "train/loss_vs_baseline"));
        last.values().removeIf(value -> !Double.isFinite(value));
        Map<String, String> facts = new LinkedHashMap<>();
        recipe(settings).ifPresent(name -> facts.put("recipe", name));
        facts.put("data", pretraining.dataset().source().toString());
        facts.put(
                pretraining.dataset().noun(),
                Integer.toString(pretraining.dataset().size()));
        facts.put("epochs", Integer.toString(pretraining.run().train().epochs()));
        return new RunResult("pretrain", last, facts);
    }

    /** The recipe that the run began with; a resumed run has it from its own file, which does not tell. */
    static Optional<String> recipe(Settings<?> settings) {
        return settings.leaves().stream()
                .map(Settings.Leaf::origin)
                .filter(Origin.Recipe.class::isInstance)
                .map(origin -> ((Origin.Recipe) origin).name())
                .filter(name -> !name.equals(TrainCommand.RESUMED))
                .findFirst();
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

    static HtmlReport.Settings settings(Settings<?> settings) {
        List<List<String>> rows = new ArrayList<>();
        for (Settings.Leaf leaf : settings.leaves()) {
            rows.add(List.of(
                    leaf.key(), String.valueOf(leaf.value()), leaf.origin().toString()));
        }
        return new HtmlReport.Settings(
                settings.yaml(), new HtmlReport.Table("Settings", List.of("key", "value", "from"), rows));
    }

    static List<HtmlReport.Fact> facts(Map<String, String> named) {
        List<HtmlReport.Fact> facts = new ArrayList<>();
        named.forEach((name, value) -> facts.add(new HtmlReport.Fact(name, value)));
        return facts;
    }

    private static HtmlReport.Data data(RunFolder folder, Dataset dataset) throws IOException {
        List<BadFilesLog.Entry> bad = new BadFilesLog(folder.badFiles()).entries();
        List<HtmlReport.Fact> counts = new ArrayList<>();
        counts.add(new HtmlReport.Fact("from", dataset.source().toString()));
        counts.add(new HtmlReport.Fact(dataset.noun(), Integer.toString(dataset.size())));
        List<HtmlReport.Table> tables = new ArrayList<>();
        if (!dataset.classes().isEmpty()) {
            counts.add(new HtmlReport.Fact(
                    "classes (not used)", Integer.toString(dataset.classes().size())));
            tables.add(classes(dataset.classes(), Map.of("items", dataset)));
        }
        counts.addAll(unused(dataset, bad));
        tables.addAll(badFiles(bad));
        return new HtmlReport.Data(counts, tables);
    }

    /**
     * How many items of each class there are.
     *
     * @param sets data by what a column of it is called
     */
    static HtmlReport.Table classes(List<String> names, Map<String, Dataset> sets) {
        List<String> columns = new ArrayList<>(List.of("class"));
        columns.addAll(sets.keySet());
        List<int[]> counts =
                sets.values().stream().map(set -> counts(names.size(), set)).toList();
        List<List<String>> rows = new ArrayList<>();
        for (int c = 0; c < names.size(); c++) {
            List<String> row = new ArrayList<>(List.of(names.get(c)));
            for (int[] count : counts) {
                row.add(Integer.toString(count[c]));
            }
            rows.add(row);
        }
        return new HtmlReport.Table("Items of each class", columns, rows);
    }

    private static int[] counts(int classes, Dataset set) {
        int[] counts = new int[classes];
        for (Item item : set.items()) {
            if (item.label() != Item.UNLABELLED) {
                counts[item.label()]++;
            }
        }
        return counts;
    }

    /** What could not be used of the data, or was not meant. */
    static List<HtmlReport.Fact> unused(Dataset dataset, List<BadFilesLog.Entry> bad) {
        List<HtmlReport.Fact> counts = new ArrayList<>();
        counts.add(new HtmlReport.Fact("could not be used", Integer.toString(bad.size())));
        if (!dataset.ignored().isEmpty()) {
            counts.add(new HtmlReport.Fact(
                    "passed over for their ending", dataset.ignored().toString()));
        }
        return counts;
    }

    /** A table of them; none if there are none. */
    static List<HtmlReport.Table> badFiles(List<BadFilesLog.Entry> bad) {
        List<List<String>> rows = new ArrayList<>();
        bad.forEach(entry -> rows.add(List.of(entry.file().toString(), entry.reason())));
        return rows.isEmpty()
                ? List.of()
                : List.of(new HtmlReport.Table("Files that could not be used", List.of("file", "why"), rows));
    }
}
