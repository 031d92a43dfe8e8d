package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import maskfeat.disk.Plural;
import maskfeat.disk.Shown;
import maskfeat.eval.Metric;
import maskfeat.eval.Metrics;
import maskfeat.foreign.Layout;
import maskfeat.foreign.Told;
import maskfeat.network.OpenedWeights;
import maskfeat.network.WeightsComparison;
import maskfeat.network.WeightsConversion;
import maskfeat.network.WeightsFacts;
import maskfeat.report.Scorecard;
import maskfeat.report.TextTable;
import maskfeat.run.RunResult;
import maskfeat.settings.Nearest;
import maskfeat.weights.Difference;
import maskfeat.weights.Statistics;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import maskfeat.weights.Weights;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code maskfeat weights inspect}, {@code weights convert} and {@code weights diff}. */
@Command(
        name = "weights",
        description = "Inspects, compares and converts files of weights.",
        subcommands = {WeightsCommand.Inspect.class, WeightsCommand.Convert.class, WeightsCommand.Diff.class},
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(inspect | convert | diff)",
        footer = {
            "",
            "Examples:",
            "  maskfeat weights inspect vit.pth",
            "  maskfeat weights convert runs/photos photos.pth --to timm",
            "",
            "Read are safetensors files, sharded ones by their index, and PyTorch checkpoints, new and old, with the",
            "names of maskfeat and PySlowFast, OpenMMLab, timm, torchvision and transformers. Nothing in a",
            "file is executed."
        })
final class WeightsCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut(), Help.Ansi.OFF);
    }

    /** {@code maskfeat weights inspect}. */
    @Command(
            name = "inspect",
            description = "Lists the tensors of a file: name, shape, type and statistics. Names the program whose "
                    + "names they have and the network they are for.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  maskfeat weights inspect runs/photos",
                "  maskfeat weights inspect vit.pth --network state_dict_ema"
            })
    static final class Inspect implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(
                index = "0",
                paramLabel = "FILE",
                description = "File of weights, index of a sharded one, or run or checkpoint folder.")
        private Path path = Path.of("");

        @Mixin
        private WeightsOptions loading = new WeightsOptions();

        @Option(names = "--ours", description = "Show tensors with our names and in our layout.")
        private boolean ours;

        @Option(names = "--json", description = "One JSON object, and nothing else.")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            Path file = OpenedWeights.find(path);
            Told told = loading.told();
            try (TensorReader reader = Weights.open(file, told.network())) {
                Map<String, Object> facts = WeightsFacts.of(reader, told);
                TensorReader shown = ours ? Layout.read(reader, told) : reader;
                PrintWriter out = spec.commandLine().getOut();
                if (json) {
                    printJson(out, facts, shown);
                } else {
                    facts.forEach((name, value) -> print(out, name, value));
                    out.println();
                    out.print(table(shown).text(Scorecard.COLUMNS));
                }
                out.flush();
                NextSteps.ofFacts(facts, path, loading.words()).ifPresent(Console.of(spec)::next);
            }
            return Exit.OK;
        }

        /** One of several to a line. */
        private static void print(PrintWriter out, String name, Object value) {
            List<?> values = value instanceof List<?> several ? several : List.of(value);
            for (int i = 0; i < values.size(); i++) {
                out.printf(Locale.ROOT, "%-10s %s%n", i == 0 ? name : "", shown(values.get(i)));
            }
        }

        /** Names come out of the file, and a terminal obeys control characters. */
        private static String shown(Object value) {
            return value.toString().codePoints().anyMatch(Character::isISOControl)
                    ? Shown.text(value.toString())
                    : value.toString();
        }

        private static TextTable table(TensorReader reader) throws IOException {
            List<List<String>> rows = new ArrayList<>();
            for (TensorEntry entry : reader.entries().values()) {
                Statistics like = Statistics.of(reader, entry);
                rows.add(List.of(
                        Shown.text(entry.name()),
                        entry.shape().isEmpty()
                                ? "-"
                                : entry.shape().stream().map(String::valueOf).collect(Collectors.joining("x")),
                        entry.type().name().toLowerCase(Locale.ROOT),
                        number(like.mean()),
                        number(like.std()),
                        number(Math.max(Math.abs(like.min()), Math.abs(like.max())))
                                + (like.notFinite() > 0 ? " " + like.notFinite() + " not finite" : "")));
            }
            return new TextTable(List.of("name", "shape", "type", "mean", "std", "max |x|"), rows);
        }

        private static String number(double value) {
            return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3g", value);
        }

        private static void printJson(PrintWriter out, Map<String, Object> facts, TensorReader reader)
                throws IOException {
            List<Map<String, Object>> tensors = new ArrayList<>();
            for (TensorEntry entry : reader.entries().values()) {
                Statistics like = Statistics.of(reader, entry);
                Map<String, Object> row = new LinkedHashMap<>();
                row.put("name", entry.name());
                row.put("shape", entry.shape());
                row.put("type", entry.type().name());
                row.put("mean", finite(like.mean()));
                row.put("std", finite(like.std()));
                row.put("min", finite(like.min()));
                row.put("max", finite(like.max()));
                row.put("not_finite", like.notFinite());
                tensors.add(row);
            }
            Map<String, Object> all = new LinkedHashMap<>(facts);
            all.put("metadata", reader.metadata());
            all.put("list", tensors);
            out.println(JsonMapper.shared().writeValueAsString(all));
        }

        private static @Nullable Double finite(double value) {
            return Double.isFinite(value) ? value : null;
        }
    }

    /** {@code maskfeat weights convert}. */
    @Command(
            name = "convert",
            description = "Writes weights with the names of another program. Reports tensors that it does not have.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  maskfeat weights convert runs/photos photos.pth --to timm",
                "  maskfeat weights convert runs/photos photos-hf --to hf",
                "",
                "OUT ends in .safetensors, or in .pth, .pyth, .pt or .bin for a PyTorch checkpoint. With hf it",
                "may be a folder, which gets config.json too; with --max-shard-mb it is one."
            })
    static final class Convert implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(
                index = "0",
                paramLabel = "IN",
                description = "File of weights, index of a sharded one, or run or checkpoint folder.")
        private Path in = Path.of("");

        @Parameters(
                index = "1",
                converter = PlaceConverter.OnDisk.class,
                paramLabel = "OUT",
                description = "File to write, or a folder.")
        private Path out = Path.of("");

        @Option(
                names = "--to",
                completionCandidates = Choices.Programs.class,
                required = true,
                paramLabel = "PROGRAM",
                description =
                        "One of ${COMPLETION-CANDIDATES}. hf is transformers; safetensors our own format, which includes the"
                                + " description of the network.")
        private String to = "";

        @Mixin
        private WeightsOptions loading = new WeightsOptions();

        @Option(
                names = "--max-shard-mb",
                paramLabel = "N",
                description = "Write a folder of safetensors files of at most N million bytes each, and an index.")
        private int maxShard;

        @Option(names = "--overwrite", description = "Replace existing files.")
        private boolean overwrite;

        @Override
        public Integer call() throws IOException {
            if (maxShard < 0) {
                throw new IllegalArgumentException("--max-shard-mb " + maxShard + " must be at least 1");
            }
            List<String> forms = Choices.of(WeightsConversion.Form.values());
            WeightsConversion.Form form = Arrays.stream(WeightsConversion.Form.values())
                    .filter(one -> one.name().equalsIgnoreCase(to))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("--to " + Launcher.word(to) + " must be one of "
                            + String.join(", ", forms) + Nearest.hint(to, forms)));
            WeightsConversion done;
            Object[] next;
            try (OpenedWeights weights = loading.open(in)) {
                done = WeightsConversion.write(weights, out, form, overwrite, maxShard * 1_000_000L, made(in));
                next = weights.isClassifier() && form != WeightsConversion.Form.SAFETENSORS
                        ? new Object[] {"weights inspect", done.files().get(0)
                        } // the names of the classes are left behind
                        : NextSteps.ofWeights(weights, done.files().get(0), "");
            }
            PrintWriter err = spec.commandLine().getErr();
            done.notes().forEach(err::println);
            done.left().forEach((name, reason) -> err.println("left out: " + Shown.text(name) + ", which " + reason));
            err.flush();
            PrintWriter result = spec.commandLine().getOut();
            done.files().forEach(result::println);
            result.flush();
            Console.of(spec).next(next);
            return Exit.OK;
        }
    }

    /** What the run of the weights says of itself, without paths; nothing of a file. */
    private static Map<String, String> made(Path in) throws IOException {
        Map<String, String> made = new LinkedHashMap<>();
        if (!Files.isRegularFile(in.resolve(RunResult.FILE))) {
            return made;
        }
        RunResult run = RunResult.read(in.resolve(RunResult.FILE));
        made.put("by", "maskfeat " + run.kind());
        for (String fact :
                List.of("recipe", "epochs", "images", "clips", "training images", "training clips", "classes")) {
            if (run.facts().containsKey(fact)) {
                made.put(fact, run.facts().get(fact));
            }
        }
        String recipe = run.facts().getOrDefault("recipe", "");
        if (run.kind().equals("pretrain") && !recipe.isEmpty()) {
            made.put(
                    "method",
                    recipe.contains("mocov3")
                            ? "MoCo v3 ([arXiv 2104.02057](https://arxiv.org/abs/2104.02057))"
                            : "masked feature prediction ([arXiv 2112.09133](https://arxiv.org/abs/2112.09133))");
        } else if (run.facts().containsKey("from")) {
            boolean scratch = run.facts().get("from").equals("scratch");
            made.put("began with", scratch ? "random weights" : "pre-trained weights");
        }
        run.figures().forEach((tag, value) -> {
            Metric metric = Metrics.of(tag);
            String unit = metric.unit() == Metric.Unit.PER_CENT ? "%.1f %%" : "%.4f";
            made.put(metric.fullTitle(), String.format(Locale.ROOT, unit, value));
        });
        return made;
    }

    /** {@code maskfeat weights diff}. */
    @Command(
            name = "diff",
            description = "Compares two files of weights name by name; with our names if theirs are of different "
                    + "programs. Exits with " + Exit.DIFFERENT + " if they differ.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  maskfeat weights diff runs/photos photos.pth",
                "  maskfeat weights diff a.safetensors b.safetensors --tolerance 1e-6"
            })
    static final class Diff implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(index = "0", paramLabel = "A", description = "File, or run or checkpoint folder.")
        private Path first = Path.of("");

        @Parameters(index = "1", paramLabel = "B", description = "File, or run or checkpoint folder.")
        private Path second = Path.of("");

        @Option(
                names = "--tolerance",
                paramLabel = "X",
                description = "Largest difference of values that count as equal. Default: ${DEFAULT-VALUE}.")
        private double tolerance;

        @Option(names = "--json", description = "One JSON object, and nothing else.")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            if (!(tolerance >= 0)) {
                throw new IllegalArgumentException("--tolerance " + tolerance + " must not be negative");
            }
            try (TensorReader a = Weights.open(OpenedWeights.find(first));
                    TensorReader b = Weights.open(OpenedWeights.find(second))) {
                WeightsComparison compared = WeightsComparison.of(a, b, tolerance);
                PrintWriter out = spec.commandLine().getOut();
                if (json) {
                    Map<String, Object> row = new LinkedHashMap<>();
                    row.put("equal", compared.equal());
                    row.put("difference", compared.difference());
                    row.put("not_compared", compared.notCompared());
                    out.println(JsonMapper.shared().writeValueAsString(row));
                } else {
                    compared.notCompared().forEach(line -> out.println("not compared: " + line));
                    print(out, compared.difference());
                }
                out.flush();
                return compared.equal() ? Exit.OK : Exit.DIFFERENT;
            }
        }

        private void print(PrintWriter out, Difference difference) {
            difference.onlyFirst().forEach(name -> out.println("only in " + first + ": " + Shown.text(name)));
            difference.onlySecond().forEach(name -> out.println("only in " + second + ": " + Shown.text(name)));
            difference
                    .misshaped()
                    .forEach((name, shapes) -> out.println("other shape: " + Shown.text(name) + ", " + shapes));
            if (!difference.values().isEmpty()) {
                List<List<String>> rows = new ArrayList<>();
                difference
                        .values()
                        .forEach((name, change) -> rows.add(List.of(
                                Shown.text(name),
                                String.format(Locale.ROOT, "%.3g", change.most()),
                                String.format(Locale.ROOT, "%.3g", change.relative()),
                                change.differing() + " of " + change.count())));
                out.print(new TextTable(List.of("name", "max |a-b|", "relative", "differ"), rows)
                        .text(Scorecard.COLUMNS));
            }
            out.println(Plural.of(difference.equal(), "tensor") + " equal, "
                    + difference.values().size() + " not, "
                    + difference.misshaped().size() + " of another shape, "
                    + difference.onlyFirst().size() + " and "
                    + difference.onlySecond().size() + " in one file alone");
        }
    }
}
