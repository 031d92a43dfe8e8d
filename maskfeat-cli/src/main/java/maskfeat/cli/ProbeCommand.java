package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import maskfeat.data.Dataset;
import maskfeat.data.DatasetException;
import maskfeat.data.Splits;
import maskfeat.recipe.FeatureExtraction;
import maskfeat.recipe.Finetune;
import maskfeat.recipe.FrozenNetwork;
import maskfeat.recipe.Run;
import maskfeat.report.HtmlReport;
import maskfeat.torch.Devices;
import maskfeat.torch.Natives;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code maskfeat probe}. */
@Command(
        name = "probe",
        description = "Measures how much of labelled classes can be read off a frozen network's features: by a linear "
                + "classifier and by nearest neighbours. Trains none of the network.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Features are means over the patch tokens after a block, and over the views. Learning rate",
            "and weight decay are chosen by cross-validation, and the number of neighbours by leaving",
            "one out, on the training data alone.",
            "Exit codes: 0 done, 2 usage, 3 input missing or unusable, 6 out of memory, 8 disk full."
        })
final class ProbeCommand implements Callable<Integer>, MemoryAdvice {
    static final String KIND = "probe";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT",
            description = "Run folder, checkpoint folder or model.safetensors, of pre-training or of fine-tuning.")
    private Path checkpoint = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Labelled data, as of finetune: a folder with train/ and val/ of class folders, with train.csv "
                            + "and val.csv, a folder of class folders, or a list. Default: the generated sample set.")
    private @Nullable Path data;

    @Option(
            names = "--val",
            paramLabel = "PATH",
            description = "Folder or list to measure on. Default: what is in or beside --data.")
    private @Nullable Path validation;

    @Option(
            names = "--hold-out",
            paramLabel = "SHARE",
            description = "Share of each class that is measured on instead, 0 to 1.")
    private double holdOut;

    @Option(
            names = "--per-class",
            paramLabel = "N",
            description = "Training items of each class, drawn by the seed. Default: all.")
    private int perClass;

    @Option(
            names = "--block",
            paramLabel = "N,N,...",
            description = "Blocks after which features are taken, counted from 0, or all. Default: the last.")
    private @Nullable String block;

    @Option(
            names = "--views",
            paramLabel = "TxS",
            description = "Views of each item whose features are averaged: clips over the video x crops, such as 10x1. "
                    + "Default: ${DEFAULT-VALUE}.")
    private String views = "1x1";

    @Option(
            names = "--from-scratch",
            description = "Take the network with first values drawn by the seed in place of its weights: what features "
                    + "are worth that nobody trained.")
    private boolean fromScratch;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of draws, folds and the order of training. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Folder for report.html, result.json and predictions.csv.")
    private @Nullable Path out;

    @Option(names = "--json", description = "One JSON object, and nothing else.")
    private boolean json;

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    private BooleanSupplier stop = () -> false;

    @Override
    public String lessMemory() {
        return SMALLER_BATCH;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        compute.check();
        if (out != null) {
            refuseToOverwrite(out);
        }
        Finetune.Views parsed = Finetune.Views.parse(views);
        Splits.Options options = new Splits.Options(perClass, holdOut, seed, null);
        compute.useThreads();
        Natives natives = Natives.load();
        try (FrozenNetwork network = fromScratch
                ? FrozenNetwork.untrained(checkpoint, seed, compute.device)
                : FrozenNetwork.open(checkpoint, compute.device)) {
            List<Integer> blocks = Blocks.parse(block, network.backbone().depth());
            parsed.check(network.input().clip());
            Path source = data == null ? TrainCommand.samplePath(network.input().clip(), "") : data;
            ForeignWeights.announce(network.weights(), spec.commandLine().getErr());
            Splits splits = Splits.open(source, validation, network.input().clip(), options);
            splits.notices().forEach(notice -> say("warning: " + notice));
            Dataset held = splits.validation()
                    .orElseThrow(() -> new DatasetException(
                            "nothing to measure on: give --val PATH, or --hold-out 0.2 to draw a fifth of " + source));
            say("probing " + (fromScratch ? "an untrained network as of " : "") + network.weights() + ": "
                    + splits.train().size() + " " + splits.train().noun() + " in "
                    + splits.classes().size() + " classes for training, " + held.size() + " from " + held.source()
                    + " to measure on");
            FeatureExtraction extraction =
                    new FeatureExtraction(network, blocks, parsed, compute.batch, new Run.Loading(0, 1).threadCount());
            Optional<List<float[][]>> train = features(extraction, splits.train());
            Optional<List<float[][]>> measured = train.isEmpty() ? train : features(extraction, held);
            List<BlockProbe> probes = new ArrayList<>();
            for (int b = 0; b < blocks.size() && !stop.getAsBoolean(); b++) {
                probes.add(BlockProbe.of(
                        blocks.get(b),
                        splits,
                        train.orElseThrow().get(b),
                        held,
                        measured.orElseThrow().get(b),
                        seed,
                        Devices.named(compute.device)));
            }
            if (probes.size() < blocks.size()) {
                return Exit.STOPPED;
            }
            probes.get(0).remarks(splits).forEach(this::say);
            Map<String, String> facts = facts(network, splits, held, probes);
            print(facts, probes);
            if (out != null) {
                write(out, facts, probes, splits, held, natives);
            }
        }
        return Exit.OK;
    }

    /** To be given up, with nothing written, when somebody asks for it between two batches or blocks. */
    void stoppedBy(BooleanSupplier request) {
        stop = request;
    }

    /** A probe may be repeated into its folder, but the report of a run is lost if another takes its place. */
    private static void refuseToOverwrite(Path folder) throws IOException {
        if (Files.exists(folder) && !Files.isDirectory(folder)) {
            throw new IllegalArgumentException(folder + " is a file; give another --out");
        }
        Path result = folder.resolve(RunResult.FILE);
        boolean ofRun = Files.exists(folder.resolve("config.yaml"))
                || Files.exists(result) && !RunResult.read(result).kind().equals(KIND);
        if (ofRun) {
            throw new IllegalArgumentException("--out " + folder
                    + " is the folder of a run, whose report and result would be lost; give another one");
        }
    }

    private Optional<List<float[][]>> features(FeatureExtraction extraction, Dataset dataset)
            throws IOException, InterruptedException {
        return extraction.run(dataset, stop, ScoringLine.onStderr(dataset.noun()));
    }

    private void say(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }

    private Map<String, String> facts(FrozenNetwork network, Splits splits, Dataset held, List<BlockProbe> probes) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("checkpoint", network.weights().toString());
        facts.put("weights", fromScratch ? "untrained, first values of seed " + seed : "of the checkpoint");
        facts.put("data", splits.train().source().toString());
        facts.put("measured on", held.source().toString());
        facts.put(
                splits.train().noun() + " for training",
                Integer.toString(splits.train().size()));
        facts.put(held.noun() + " measured on", Integer.toString(held.size()));
        facts.put("classes", Integer.toString(splits.classes().size()));
        if (perClass > 0) {
            facts.put("per class", Integer.toString(perClass));
        }
        facts.put("views", views);
        facts.put("seed", Long.toString(seed));
        probes.forEach(probe -> facts.put("block " + probe.block(), probe.summary()));
        return facts;
    }

    private void print(Map<String, String> facts, List<BlockProbe> probes) {
        PrintWriter to = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("checkpoint", facts.get("checkpoint"));
            row.put("from_scratch", fromScratch);
            row.put("data", facts.get("data"));
            row.put("views", views);
            row.put("blocks", probes.stream().map(BlockProbe::json).toList());
            to.println(JsonMapper.shared().writeValueAsString(row));
        } else {
            to.print(BlockProbe.table(probes).text(Scorecard.COLUMNS));
        }
        to.flush();
    }

    private void write(
            Path folder,
            Map<String, String> facts,
            List<BlockProbe> probes,
            Splits splits,
            Dataset held,
            Natives natives)
            throws IOException {
        Files.createDirectories(folder);
        BlockProbe last = probes.get(probes.size() - 1);
        Scorecard scorecard = new Scorecard(last.linear());
        scorecard.writeCsv(folder.resolve("predictions.csv"));
        new RunResult(KIND, BlockProbe.figures(probes), facts).write(folder.resolve(RunResult.FILE));
        List<HtmlReport.Table> tables = new ArrayList<>();
        tables.add(BlockProbe.shown(probes));
        tables.add(last.candidates());
        tables.addAll(scorecard.tables());
        Map<String, Dataset> sets = new LinkedHashMap<>();
        sets.put("for training", splits.train());
        sets.put("measured on", held);
        Path page = folder.resolve("report.html");
        new HtmlReport(
                        "Probe of " + checkpoint + (fromScratch ? ", untrained" : ""),
                        RunReport.facts(facts),
                        folder.resolve("metrics.jsonl"),
                        List.of(),
                        HtmlReport.Settings.NONE,
                        new HtmlReport.Data(List.of(), List.of(RunReport.classes(splits.classes(), sets))),
                        RunReport.facts(Environment.describe(natives)),
                        new HtmlReport.Results(last.tiles(), scorecard.figures(), tables))
                .write(page);
        say("report: " + page);
    }
}
