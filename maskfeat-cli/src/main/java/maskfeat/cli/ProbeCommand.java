package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
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
import maskfeat.data.Views;
import maskfeat.disk.Plural;
import maskfeat.infer.Batching;
import maskfeat.infer.BlockProbe;
import maskfeat.infer.HogFeatures;
import maskfeat.infer.Inference;
import maskfeat.network.OpenedWeights;
import maskfeat.report.ItemCounts;
import maskfeat.report.ProbeCard;
import maskfeat.report.ProbeReport;
import maskfeat.report.Scorecard;
import maskfeat.run.Environment;
import maskfeat.run.RunResult;
import maskfeat.run.SampleData;
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
        description = "Measures how well labelled classes can be predicted from a frozen network's features: by "
                + "a linear classifier and by nearest neighbours. Does not train the network.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat probe runs/small-video --data labelled --per-class 10",
            "  maskfeat probe runs/small-video --data labelled --hold-out 0.2 --block all",
            "",
            "Features are means over the patch tokens after a block, or class tokens, and means over the views. Learning rate",
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

    @Mixin
    private WeightsOptions loading = new WeightsOptions();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Labelled data, as for finetune: a folder with train/ and val/ of class folders, with "
                    + "train.csv "
                    + "and val.csv, a folder of class folders, or a list. Default: the generated sample set.")
    private @Nullable Path data;

    @Option(
            names = "--val",
            paramLabel = "PATH",
            description = "Validation data: folder, list, or zip or tar files. Default: found in or beside --data.")
    private @Nullable Path validation;

    @Option(
            names = "--hold-out",
            paramLabel = "SHARE",
            description = "Share of each class to use for validation instead, 0 to 1.")
    private double holdOut;

    @Option(
            names = "--per-class",
            paramLabel = "N",
            description = "Number of training items per class, drawn with the seed. Default: all.")
    private int perClass;

    @Option(
            names = "--block",
            paramLabel = "N,N,...",
            description = "Blocks after which to take features, counted from 0, or all. Default: the last.")
    private @Nullable String block;

    @Option(
            names = "--class-token",
            description = "Take the class token instead of the mean over the patches, after the last block behind the "
                    + "norm: for contrastive learning, which trains it. Masked prediction does not.")
    private boolean classToken;

    @Option(
            names = "--hog",
            description = "Probe the HOG of each picture, as this network would be shown it, instead of the network's "
                    + "features: what needs no learning. Of clips the mean over the frames.")
    private boolean hog;

    @Mixin
    private ViewsOption views = new ViewsOption();

    @Option(
            names = "--from-scratch",
            description = "Use the network with random initial values, drawn with the seed, instead of its "
                    + "weights: a baseline.")
    private boolean fromScratch;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of draws, folds and the order of training. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--out",
            converter = PlaceConverter.OnDisk.class,
            paramLabel = "DIR",
            description = "Folder for report.html, result.json and predictions.csv.")
    private @Nullable Path out;

    @Option(names = "--json", description = "Print only one JSON object.")
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
        compute.use();
        if (classToken && fromScratch) {
            throw new IllegalArgumentException(
                    "--class-token and --from-scratch: an untrained network's class token sees all patches alike; leave"
                            + " --class-token out");
        }
        if (hog && (classToken || fromScratch || block != null)) {
            throw new IllegalArgumentException("--hog takes no features of the network; leave "
                    + (classToken ? "--class-token" : fromScratch ? "--from-scratch" : "--block") + " out");
        }
        if (out != null) {
            new ResultFolder(out, KIND).check();
        }
        Views parsed = views.views();
        Splits.Options options = new Splits.Options(perClass, holdOut, seed, null);
        Natives natives = Natives.load();
        Console console = Console.of(spec);
        try (OpenedWeights weights = loading.open(checkpoint);
                Inference network = network(weights)) {
            List<Integer> blocks = Blocks.parse(block, network.depth());
            parsed.check(network.input().clip());
            Path source = data == null ? SampleData.path(network.input().clip(), "") : data;
            console.sayNotes(weights);
            Splits splits = Splits.open(source, validation, network.input().clip(), options);
            splits.notices().forEach(notice -> console.say("warning: " + notice));
            Dataset held = splits.validation()
                    .orElseThrow(() -> new DatasetException(
                            "nothing to measure on: give --val PATH, or --hold-out 0.2 to draw a fifth of " + source));
            console.say("probing "
                    + (hog ? "HOG of pictures as for " : fromScratch ? "an untrained network as of " : "")
                    + network.file() + ": "
                    + splits.train().counted() + " in "
                    + Plural.of(splits.classes().size(), "class", "classes") + " for training, " + held.size()
                    + " from " + held.place()
                    + " to measure on");
            Batching batching = compute.batching(parsed);
            List<ProbeCard> probes =
                    hog ? ofHog(network, batching, splits, held) : probes(network, blocks, batching, splits, held);
            if (probes.size() < (hog ? 1 : blocks.size())) {
                return Exit.STOPPED;
            }
            probes.get(0).of().remarks(splits).forEach(console::say);
            Map<String, String> facts = facts(network, splits, held, probes);
            print(facts, probes);
            if (out != null) {
                write(out, facts, probes, splits, held, natives);
            }
            if (!hog && !fromScratch) {
                console.next(
                        "finetune --from",
                        checkpoint,
                        loading.words(),
                        data == null ? "" : "--data",
                        data == null ? "" : data,
                        validation == null ? "" : "--val",
                        validation == null ? "" : validation);
            }
        }
        return Exit.OK;
    }

    private Inference network(OpenedWeights weights) throws IOException {
        Inference network;
        if (fromScratch) {
            network = Inference.untrained(weights, seed, compute.device());
        } else {
            network = classToken
                    ? Inference.ofClassTokens(weights, compute.device())
                    : Inference.of(weights, compute.device());
        }
        return compute.over(network, Console.of(spec));
    }

    /** Gives up, with nothing written, when this says so between two batches or blocks. */
    void stoppedBy(BooleanSupplier request) {
        stop = request;
    }

    /** One for each block; fewer if it was given up. */
    private List<ProbeCard> probes(
            Inference network, List<Integer> blocks, Batching batching, Splits splits, Dataset held)
            throws IOException, InterruptedException {
        Optional<List<float[][]>> train = features(network, blocks, batching, splits.train());
        Optional<List<float[][]>> measured = train.isEmpty() ? train : features(network, blocks, batching, held);
        List<ProbeCard> probes = new ArrayList<>();
        for (int b = 0; b < blocks.size() && !stop.getAsBoolean(); b++) {
            probes.add(new ProbeCard(BlockProbe.of(
                    blocks.get(b),
                    splits,
                    train.orElseThrow().get(b),
                    held,
                    measured.orElseThrow().get(b),
                    seed,
                    network.device(),
                    fitting())));
        }
        return probes;
    }

    /** One, or none if it was given up. */
    private List<ProbeCard> ofHog(Inference network, Batching batching, Splits splits, Dataset held)
            throws IOException, InterruptedException {
        HogFeatures features = new HogFeatures(network.input());
        Optional<float[][]> train = features.features(
                splits.train(),
                batching,
                stop,
                ScoringLine.onStderr(splits.train().noun()));
        Optional<float[][]> measured =
                train.isEmpty() ? train : features.features(held, batching, stop, ScoringLine.onStderr(held.noun()));
        return measured.isEmpty()
                ? List.of()
                : List.of(new ProbeCard(BlockProbe.of(
                        BlockProbe.HOG,
                        splits,
                        train.orElseThrow(),
                        held,
                        measured.orElseThrow(),
                        seed,
                        network.device(),
                        fitting())));
    }

    private static ScoringLine fitting() {
        return ScoringLine.passingOnStderr("linear probe fitted for", "steps");
    }

    private Optional<List<float[][]>> features(
            Inference network, List<Integer> blocks, Batching batching, Dataset dataset)
            throws IOException, InterruptedException {
        return network.features(dataset, blocks, batching, stop, ScoringLine.onStderr(dataset.noun()));
    }

    private Map<String, String> facts(Inference network, Splits splits, Dataset held, List<ProbeCard> probes) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("checkpoint", network.file().toString());
        facts.put("precision", network.precision().toString());
        facts.put(
                "weights",
                hog ? "none" : fromScratch ? "untrained, first values of seed " + seed : "of the checkpoint");
        facts.put("data", splits.train().place());
        facts.put("measured on", held.place());
        facts.put(
                splits.train().noun() + " for training",
                Integer.toString(splits.train().size()));
        facts.put(held.noun() + " measured on", Integer.toString(held.size()));
        facts.put("classes", Integer.toString(splits.classes().size()));
        if (perClass > 0) {
            facts.put("per class", Integer.toString(perClass));
        }
        facts.put("features", features());
        facts.put("views", views.views().toString());
        facts.put("seed", Long.toString(seed));
        probes.forEach(probe -> facts.put(hog ? "HOG" : "block " + probe.of().block(), probe.summary()));
        return facts;
    }

    private String features() {
        if (hog) {
            return "HOG of the picture, cell by cell, no network";
        }
        return classToken ? "class token, after the last block behind the norm" : "mean over the patches";
    }

    private void print(Map<String, String> facts, List<ProbeCard> probes) {
        PrintWriter to = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("checkpoint", facts.get("checkpoint"));
            row.put("from_scratch", fromScratch);
            row.put("data", facts.get("data"));
            row.put("features", facts.get("features"));
            row.put("views", facts.get("views"));
            row.put("blocks", probes.stream().map(ProbeCard::json).toList());
            to.println(JsonMapper.shared().writeValueAsString(row));
        } else {
            to.print(ProbeCard.table(probes).text(Scorecard.COLUMNS));
        }
        to.flush();
    }

    private void write(
            Path folder,
            Map<String, String> facts,
            List<ProbeCard> probes,
            Splits splits,
            Dataset held,
            Natives natives)
            throws IOException {
        Map<String, Dataset> sets = new LinkedHashMap<>();
        sets.put("for training", splits.train());
        sets.put("measured on", held);
        Path page = new ProbeReport(
                        hog ? "Probe of HOG" : "Probe of " + checkpoint + (fromScratch ? ", untrained" : ""),
                        probes,
                        facts,
                        ItemCounts.table(splits.classes(), sets),
                        Environment.describe(natives))
                .write(folder);
        Map<String, Double> figures =
                BlockProbe.figures(probes.stream().map(ProbeCard::of).toList());
        new RunResult(KIND, figures, facts).write(folder.resolve(RunResult.FILE));
        Console.of(spec).say("report: " + page);
    }
}
