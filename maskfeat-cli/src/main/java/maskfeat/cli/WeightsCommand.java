package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import maskfeat.foreign.ForeignNetwork;
import maskfeat.foreign.Layout;
import maskfeat.foreign.Renamed;
import maskfeat.foreign.UnfitWeights;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.network.WeightsConversion;
import maskfeat.report.Scorecard;
import maskfeat.report.TextTable;
import maskfeat.weights.Difference;
import maskfeat.weights.ShardedSafetensors;
import maskfeat.weights.Shown;
import maskfeat.weights.Statistics;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import maskfeat.weights.TorchCheckpoint;
import maskfeat.weights.Weights;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code maskfeat weights inspect}, {@code weights convert} and {@code weights diff}. */
@Command(
        name = "weights",
        description = "Looks at files of weights, and brings them into the form of other programs.",
        subcommands = {WeightsCommand.Inspect.class, WeightsCommand.Convert.class, WeightsCommand.Diff.class},
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(inspect | convert | diff)",
        footer = {
            "",
            "Read are safetensors files, sharded ones by their index, and PyTorch checkpoints, new and old, with the",
            "names of maskfeat and PySlowFast, OpenMMLab, timm and Hugging Face's transformers. Nothing in a",
            "file is executed."
        })
final class WeightsCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** {@code maskfeat weights inspect}. */
    @Command(
            name = "inspect",
            description =
                    "Lists the tensors of a file: name, shape, type, and what their numbers are like. Says whose names "
                            + "they have and what network they are for.",
            mixinStandardHelpOptions = true)
    static final class Inspect implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(
                index = "0",
                paramLabel = "FILE",
                description = "File of weights, index of a sharded one, or run or checkpoint folder.")
        private Path path = Path.of("");

        @Option(names = "--ours", description = "Show tensors under our names and as we pack them.")
        private boolean ours;

        @Option(names = "--json", description = "One JSON object, and nothing else.")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            Path file = OpenedWeights.find(path);
            try (TensorReader reader = Weights.open(file)) {
                Map<String, Object> facts = facts(reader);
                TensorReader shown = ours ? Layout.read(reader) : reader;
                PrintWriter out = spec.commandLine().getOut();
                if (json) {
                    printJson(out, facts, shown);
                } else {
                    facts.forEach((name, value) -> print(out, name, value));
                    out.println();
                    out.print(table(shown).text(Scorecard.COLUMNS));
                }
                out.flush();
            }
            return Exit.OK;
        }

        /** One of several to a line. */
        private static void print(PrintWriter out, String name, Object value) {
            List<?> values = value instanceof List<?> several ? several : List.of(value);
            for (int i = 0; i < values.size(); i++) {
                out.printf("%-10s %s%n", i == 0 ? name : "", shown(values.get(i)));
            }
        }

        /** Names come out of the file, and a terminal obeys control characters. */
        private static String shown(Object value) {
            return value.toString().codePoints().anyMatch(Character::isISOControl)
                    ? Shown.text(value.toString())
                    : value.toString();
        }

        private static Map<String, Object> facts(TensorReader reader) throws IOException {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("file", reader.file().toString());
            if (reader instanceof TorchCheckpoint torch) {
                facts.put("format", "PyTorch checkpoint");
                torch.stateDictKey().ifPresent(key -> facts.put("weights in", key));
                if (!torch.unreadable().isEmpty()) {
                    facts.put("unreadable", String.join(", ", torch.unreadable().keySet()));
                }
            } else {
                facts.put("format", reader instanceof ShardedSafetensors ? "safetensors, sharded" : "safetensors");
            }
            long numbers = reader.entries().values().stream()
                    .mapToLong(TensorEntry::count)
                    .sum();
            facts.put(
                    "tensors",
                    reader.entries().size() + ", " + String.format(Locale.ROOT, "%,d", numbers) + " numbers");
            facts.putAll(identity(reader));
            if (!reader.metadata().isEmpty()) {
                facts.put("beside", String.join(", ", reader.metadata().keySet()));
            }
            return facts;
        }

        /** Whose names, and what network. */
        private static Map<String, Object> identity(TensorReader reader) throws IOException {
            Map<String, Object> facts = new LinkedHashMap<>();
            try {
                Renamed renamed = Layout.read(reader);
                facts.put("names", renamed.layout().title());
                try {
                    OptionalInt heads = heads(reader);
                    ForeignNetwork network = ForeignNetwork.of(renamed, heads);
                    facts.put("network", network.describe());
                    if (!network.assumed().isEmpty() && heads.isEmpty()) {
                        facts.put("assumed", network.assumed());
                    }
                } catch (UnfitWeights unfit) {
                    facts.put("network", "cannot be built here: it " + unfit.reason());
                }
                if (!renamed.notes().isEmpty()) {
                    facts.put("notes", renamed.notes());
                }
                if (!renamed.unused().isEmpty()) {
                    facts.put(
                            "not used",
                            renamed.unused().entrySet().stream()
                                    .map(entry -> entry.getKey() + ", which " + entry.getValue())
                                    .toList());
                }
            } catch (UnfitWeights unknown) {
                facts.put("names", "unknown: it " + unknown.reason());
            }
            return facts;
        }

        /** What a file of ours says of itself, and tensors do not. */
        private static OptionalInt heads(TensorReader reader) throws IOException {
            Optional<NetworkSpec> spec = OpenedWeights.saidBy(reader);
            return spec.isEmpty()
                    ? OptionalInt.empty()
                    : OptionalInt.of(spec.get().backbone().heads());
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
            description = "Writes weights under the names of another program. What it has no place for is named.",
            mixinStandardHelpOptions = true,
            footer = {
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

        @Parameters(index = "1", paramLabel = "OUT", description = "File to write, or a folder.")
        private Path out = Path.of("");

        @Option(
                names = "--to",
                required = true,
                paramLabel = "PROGRAM",
                description =
                        "timm, slowfast, openmmlab, hf (transformers), or safetensors: our own, which says by itself "
                                + "what network it is for.")
        private String to = "";

        @Option(
                names = "--heads",
                paramLabel = "N",
                description = "Heads of attention, where nothing in or beside the file says it. Default: dim / 64.")
        private @Nullable Integer heads;

        @Option(
                names = "--max-shard-mb",
                paramLabel = "N",
                description = "Fill a folder with several safetensors files of N million bytes at most, and an index.")
        private int maxShard;

        @Option(names = "--overwrite", description = "Write over files that are there.")
        private boolean overwrite;

        @Override
        public Integer call() throws IOException {
            if (maxShard < 0) {
                throw new IllegalArgumentException("--max-shard-mb " + maxShard + " must be at least 1");
            }
            WeightsConversion.Form form = Arrays.stream(WeightsConversion.Form.values())
                    .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(to))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "--to " + to + " must be timm, slowfast, openmmlab, hf or safetensors"));
            OptionalInt given = heads == null ? OptionalInt.empty() : OptionalInt.of(heads);
            WeightsConversion done;
            try (OpenedWeights weights = OpenedWeights.open(in, given)) {
                done = WeightsConversion.write(weights, out, form, overwrite, maxShard * 1_000_000L);
            }
            PrintWriter err = spec.commandLine().getErr();
            done.notes().forEach(err::println);
            done.left().forEach((name, reason) -> err.println("left out: " + Shown.text(name) + ", which " + reason));
            err.flush();
            PrintWriter result = spec.commandLine().getOut();
            done.files().forEach(result::println);
            result.flush();
            return Exit.OK;
        }
    }

    /** {@code maskfeat weights diff}. */
    @Command(
            name = "diff",
            description =
                    "Compares two files of weights name by name; under our names where they have those of different "
                            + "programs. Exits with " + Exit.DIFFERENT + " if they differ.",
            mixinStandardHelpOptions = true)
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
                description = "Numbers no farther apart count as equal. Default: ${DEFAULT-VALUE}.")
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
                // Prefixes of all names, such as 'module.', go with the renaming too.
                boolean rename = !layout(a).equals(layout(b))
                        || !layout(a).isEmpty()
                                && Collections.disjoint(
                                        a.entries().keySet(), b.entries().keySet());
                List<String> beyond = new ArrayList<>();
                TensorReader one = rename ? renamed(a, beyond) : a;
                TensorReader two = rename ? renamed(b, beyond) : b;
                unreadable(a, beyond);
                unreadable(b, beyond);
                Difference difference = Difference.of(one, two).within(tolerance);
                boolean equal = difference.none() && beyond.isEmpty();
                PrintWriter out = spec.commandLine().getOut();
                if (json) {
                    Map<String, Object> row = new LinkedHashMap<>();
                    row.put("equal", equal);
                    row.put("difference", difference);
                    row.put("not_compared", beyond);
                    out.println(JsonMapper.shared().writeValueAsString(row));
                } else {
                    beyond.forEach(line -> out.println("not compared: " + line));
                    print(out, difference);
                }
                out.flush();
                return equal ? Exit.OK : Exit.DIFFERENT;
            }
        }

        /** Under our names; what they leave out and what means that ours compute something else goes on the list. */
        private static TensorReader renamed(TensorReader reader, List<String> beyond) throws IOException {
            Renamed renamed = Layout.read(reader);
            renamed.refusal().ifPresent(why -> beyond.add(reader.file() + " " + Shown.text(why)));
            return renamed;
        }

        private static void unreadable(TensorReader reader, List<String> beyond) {
            if (reader instanceof TorchCheckpoint torch) {
                torch.unreadable()
                        .forEach((name, why) ->
                                beyond.add("'" + Shown.text(name) + "' of " + reader.file() + ", which " + why));
            }
        }

        /** Empty for names of nobody we know. */
        private static String layout(TensorReader reader) {
            try {
                return Layout.recognise(reader.file(), reader.entries().values())
                        .title();
            } catch (UnfitWeights unknown) {
                return "";
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
            out.println(difference.equal() + " tensors equal, "
                    + difference.values().size() + " not, "
                    + difference.misshaped().size() + " of another shape, "
                    + difference.onlyFirst().size() + " and "
                    + difference.onlySecond().size() + " in one file alone");
        }
    }
}
