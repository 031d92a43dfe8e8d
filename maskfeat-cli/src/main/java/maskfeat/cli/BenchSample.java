package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import maskfeat.ablation.MeanOfSeeds;
import maskfeat.disk.Plural;
import maskfeat.run.RunResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code maskfeat bench sample}. */
@Command(
        name = "sample",
        description = "Compares fine-tuning from MaskFeat with training from scratch for the same steps, on few "
                + "labels of the generated sample set; also runs linear probe and nearest neighbours. Prints "
                + "every command it runs, and skips those already done in the folder.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat bench sample --seeds 1",
            "  maskfeat bench sample --recipes sample-image --labels 5",
            "",
            "Exit codes: as for pretrain; 75 stopped by a signal: the same command goes on, what is done",
            "is kept."
        })
final class BenchSample implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--out",
            converter = PlaceConverter.OnDisk.class,
            paramLabel = "DIR",
            description = "Folder of the runs. Default: ${DEFAULT-VALUE}.")
    private Path out = Path.of("runs", "bench-sample");

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "Number of runs of each kind. Default: ${DEFAULT-VALUE}.")
    private int seeds = 3;

    @Option(
            names = "--labels",
            paramLabel = "N",
            description = "Number of labelled items per class. Default: ${DEFAULT-VALUE}.")
    private int labels = 10;

    @Option(
            names = "--recipes",
            split = ",",
            paramLabel = "NAME",
            completionCandidates = Choices.MaskedRecipes.class,
            description = "Pre-training recipes; for each there must be a fine-tuning recipe NAME-ft. "
                    + "Default: ${DEFAULT-VALUE}.")
    private List<String> recipes = List.of("sample-image", "sample-video");

    /** Recipe, kind of training, and the figures of its runs. */
    private final Map<String, Map<String, List<Double>>> table = new LinkedHashMap<>();

    private final List<Path> done = new ArrayList<>();

    private CommandSeries series = new CommandSeries(() -> false);

    @Override
    public Integer call() throws IOException {
        if (seeds < 1 || labels < 1) {
            throw new IllegalArgumentException("--seeds " + seeds + " and --labels " + labels + " must be at least 1");
        }
        for (String recipe : recipes) { // before the first is trained
            TrainCommand.recipe(PretrainCommand.NAME, recipe);
            TrainCommand.recipe(FinetuneCommand.NAME, recipe + "-ft");
        }
        try (StopSignal listening = StopSignal.listen("stopping; what is done is kept", System.err::println)) {
            series = new CommandSeries(listening);
            for (String recipe : recipes) {
                int code = one(recipe);
                if (code != Exit.OK) {
                    return code;
                }
            }
        }
        print();
        return compare();
    }

    private int one(String recipe) throws IOException {
        Path pretrained = out.resolve(recipe).resolve("pretrain");
        int code = run(pretrained, "pretrain", recipe);
        for (int seed = 0; seed < seeds && code == Exit.OK; seed++) {
            code = finetune(recipe, "scratch", "none", seed);
            if (code == Exit.OK) {
                code = probe(recipe, pretrained, seed);
            }
            if (code == Exit.OK) {
                code = finetune(recipe, "maskfeat", pretrained.toString(), seed);
            }
        }
        return code;
    }

    /** Validated once, at the end: the best of many would be chosen by what it is measured on. */
    private int finetune(String recipe, String kind, String from, int seed) throws IOException {
        Path folder = folder(recipe).resolve(kind + "-seed" + seed);
        int code = run(
                folder,
                "finetune",
                recipe + "-ft",
                "--from",
                from,
                "--set",
                "seed=" + seed,
                "--set",
                "data.labels.per-class=" + labels,
                "--set",
                "validate.every-epochs=100000");
        if (code == Exit.OK) {
            add(recipe, kind.equals("scratch") ? "from scratch" : "fine-tuned", folder, "val/top1");
        }
        return code;
    }

    /** Another number of labels is another table. */
    private Path folder(String recipe) {
        return out.resolve(recipe).resolve("labels-" + labels);
    }

    private int probe(String recipe, Path pretrained, int seed) throws IOException {
        Path folder = folder(recipe).resolve("probe-seed" + seed);
        int code = run(folder, "probe", pretrained.toString(), "--seed", "" + seed, "--per-class", "" + labels);
        if (code == Exit.OK) {
            add(recipe, "nearest neighbours", folder, "knn/top1");
            add(recipe, "linear probe", folder, "probe/top1");
        }
        return code;
    }

    private void add(String recipe, String kind, Path folder, String tag) throws IOException {
        Double figure = RunResult.read(folder.resolve("result.json")).figures().get(tag);
        if (figure == null) {
            throw new IOException(folder.resolve("result.json") + " has no figure " + tag);
        }
        table.computeIfAbsent(recipe, key -> new LinkedHashMap<>())
                .computeIfAbsent(kind, key -> new ArrayList<>())
                .add(figure);
    }

    private int run(Path folder, String... command) {
        done.add(folder);
        return series.run(folder, List.of(command));
    }

    private void print() {
        PrintWriter to = spec.commandLine().getOut();
        to.printf(
                Locale.ROOT,
                "top-1 on the validation split, %s a class, mean and deviation of %d%n",
                Plural.of(labels, "label"),
                seeds);
        table.forEach((recipe, kinds) -> {
            to.println(recipe);
            kinds.forEach((kind, figures) -> {
                MeanOfSeeds mean = MeanOfSeeds.of(figures, 0);
                to.printf(
                        Locale.ROOT,
                        "  %-20s %5.1f +- %4.1f %%   %s%n",
                        kind,
                        mean.mean(),
                        mean.seeds() == 1 ? 0 : mean.deviation(),
                        String.join(
                                " ",
                                figures.stream()
                                        .map(x -> String.format(Locale.ROOT, "%.1f", x))
                                        .toList()));
            });
        });
        to.flush();
    }

    private int compare() {
        List<String> words = new ArrayList<>(List.of("report"));
        done.forEach(run -> words.add(run.toString()));
        words.addAll(List.of("--out", out.resolve("comparison.html").toString()));
        return Commands.line().setOut(new PrintWriter(System.err, true)).execute(words.toArray(String[]::new));
    }
}
