package maskfeat.run;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.PathText;
import maskfeat.report.HtmlReport;
import maskfeat.report.MetricsFile;
import maskfeat.report.RunSummary;
import maskfeat.report.Yardstick;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import maskfeat.train.RunFolder;

/**
 * What a folder tells of a run, also of one that is not over: what it has written so far.
 *
 * @param folder absolute
 * @param kind pretrain, finetune, evaluate or another command
 * @param facts in words
 * @param figures by tag
 * @param settings by dotted key; none of what has none
 * @param metrics the file, which may be missing
 * @param loss what its training loss is of
 */
public record FinishedRun(
        Path folder,
        String kind,
        Map<String, String> facts,
        Map<String, Double> figures,
        Map<String, String> settings,
        Path metrics,
        Yardstick loss) {
    /** They change no result, or only the last bits. */
    private static final Pattern CHANGES_NOTHING =
            Pattern.compile("(loader|checkpoint|report)\\..*|train\\.(threads|device|max-non-finite)");

    private static final Pattern MEASURED_ON = Pattern.compile("validation (.+)|(.+) measured on");
    private static final Pattern COUNT = Pattern.compile("\\d{1,9}");
    private static final Set<String> ITEMS = Set.of("images", "clips", "key frames");

    /** As in "398 of 400 (the others cannot be read)". */
    private static final Pattern ALL_OF = Pattern.compile("^\\d+ of (\\d+).*");

    /** Facts that are the same wherever figures compare. */
    private static final Set<String> SAME = Set.of("classes", "classes in the mean", "protocol");

    private static final String SEED = "seed";
    private static final Pattern NAMED_BY_SEED = Pattern.compile("(.+?)[-_.]?seed[-_=]?\\d+");
    private static final Pattern NUMBERED = Pattern.compile("(.+?)[-_]\\d+");

    /**
     * Reads a folder of pretrain, finetune, evaluate, or of another command that leaves a {@code result.json}.
     *
     * @throws IOException if it is none, or what it holds cannot be read
     */
    public static FinishedRun read(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString(), null, "there is no such folder of a run");
        }
        Path result = folder.resolve(RunResult.FILE);
        Path config = folder.resolve("config.yaml");
        Path metrics = folder.resolve("metrics.jsonl");
        boolean hasResult = Files.isRegularFile(result);
        if (!hasResult && !Files.isRegularFile(config)) {
            throw new IOException(folder + " holds no run: there is neither " + RunResult.FILE
                    + " nor config.yaml; name the folder of a run or of an evaluation");
        }
        Optional<Settings<Run>> run = Files.isRegularFile(config) ? Optional.of(open(config)) : Optional.empty();
        Map<String, String> settings = run.map(FinishedRun::settings).orElse(Map.of());
        Yardstick loss = run.map(Settings::value).map(FinishedRun::loss).orElse(Yardstick.UNKNOWN);
        Map<String, String> facts = new LinkedHashMap<>();
        if (!settings.isEmpty()) {
            facts.put("ended", ended(folder));
        }
        if (hasResult) {
            RunResult read = RunResult.read(result);
            facts.putAll(read.facts());
            return new FinishedRun(folder, read.kind(), facts, read.figures(), settings, metrics, loss);
        }
        String kind = run.orElseThrow().value().task().command();
        facts.putAll(unfinished(config, run.orElseThrow().value(), metrics));
        return new FinishedRun(folder, kind, facts, latest(metrics), settings, metrics, loss);
    }

    /** What a result would say too, of a run that has none yet. */
    private static Map<String, String> unfinished(Path config, Run run, Path metrics) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        KeptOrigins.of(config).recipe().ifPresent(name -> facts.put("recipe", name));
        double epochs = MetricsFile.read(metrics).values().stream()
                .map(row -> row.getOrDefault("epoch", Double.NaN))
                .filter(Double::isFinite)
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(0);
        facts.put(
                "epochs",
                new BigDecimal(epochs)
                                .round(new MathContext(4))
                                .stripTrailingZeros()
                                .toPlainString() + " of " + run.train().epochs());
        facts.put(
                "data",
                run.data().path() == null
                        ? "the sample set"
                        : String.valueOf(run.data().path()));
        return facts;
    }

    /** Of clips it is another than of images, whatever else is alike. */
    private static Yardstick loss(Run read) {
        Yardstick loss = read.task().lossOf(read.train());
        boolean images = read.data().ofImages();
        Map<String, String> known = new LinkedHashMap<>(loss.known());
        known.put("samples", images ? "images" : "clips");
        return new Yardstick(images ? loss.name() : loss.name() + " of clips", known);
    }

    /** How many items its scores were measured on; 0 if it does not tell. */
    private int items() {
        return facts.entrySet().stream()
                .filter(fact -> noun(fact.getKey()).isPresent())
                .map(fact -> COUNT.matcher(fact.getValue()))
                .filter(Matcher::lookingAt)
                .mapToInt(count -> Integer.parseInt(count.group()))
                .findFirst()
                .orElse(0);
    }

    /** What was counted, if a fact is how many items scores were measured on. */
    private Optional<String> noun(String fact) {
        Matcher counted = MEASURED_ON.matcher(fact);
        if (counted.matches()) {
            return Optional.of(counted.group(1) != null ? counted.group(1) : counted.group(2));
        }
        return kind.equals("evaluate") && ITEMS.contains(fact) ? Optional.of(fact) : Optional.empty();
    }

    /** What its scores were measured on, as far as it tells. */
    private Yardstick scores() {
        Map<String, String> known = new LinkedHashMap<>();
        String items = "";
        for (Map.Entry<String, String> fact : facts.entrySet()) {
            Optional<String> noun = noun(fact.getKey());
            if (noun.isPresent()) {
                items = ALL_OF.matcher(fact.getValue()).replaceFirst("$1") + " " + noun.get();
            } else if (SAME.contains(fact.getKey())) {
                known.put(fact.getKey(), fact.getValue());
            }
        }
        if (kind.equals("finetune") && settings.containsKey("task.kind")) {
            known.put("task of " + kind, settings.get("task.kind"));
        }
        if (!items.isEmpty()) {
            known.put("items", items);
        }
        data().ifPresent(path -> known.put("data of " + kind, path));
        String classes = facts.getOrDefault("classes", "");
        return new Yardstick(
                classes.isEmpty() || items.isEmpty() ? items : items + " of " + classes + " classes", known);
    }

    /** Where they lie. Commands say it differently, so that only those of one command tell data apart by it. */
    private Optional<String> data() {
        Stream<String> said = settings.isEmpty()
                ? Stream.of("measured on", "data").map(facts::get)
                : Stream.of("task.boxes.validation", "task.boxes.source", "data.labels.validation", "data.path")
                        .map(settings::get);
        return said.filter(Objects::nonNull)
                .filter(path -> !path.equals("null"))
                .findFirst()
                .map(path -> settings.isEmpty()
                        ? path
                        : PathText.of(PathText.path(path).toAbsolutePath().normalize()))
                .or(() -> settings.isEmpty() ? Optional.empty() : Optional.of("the sample set"));
    }

    private static String ended(Path folder) throws IOException {
        return RunFolder.look(folder).isDone()
                ? "complete"
                : Files.exists(folder.resolve("RUNNING")) ? "running, or killed" : "stopped";
    }

    /** What a result would tell, as far as it is known. */
    private static Map<String, Double> latest(Path metrics) {
        Map<String, Double> latest = new LinkedHashMap<>();
        MetricsFile.read(metrics).values().forEach(latest::putAll);
        latest.entrySet()
                .removeIf(entry -> !Double.isFinite(entry.getValue())
                        || !(entry.getKey().startsWith("val/")
                                || Set.of("train/loss", "train/loss_vs_baseline")
                                        .contains(entry.getKey())));
        return latest;
    }

    /** By dotted key, as today's version has them, so that runs of different versions can be compared. */
    private static Map<String, String> settings(Settings<Run> read) {
        Map<String, String> settings = new LinkedHashMap<>();
        read.leaves().forEach(leaf -> settings.put(leaf.key(), String.valueOf(leaf.value())));
        return settings;
    }

    private static Settings<Run> open(Path config) throws DamagedFile {
        try {
            Settings<Run> settings = Settings.of(RunFormat.FORMAT, config);
            settings.value(); // refuses
            return settings;
        } catch (SettingsException damaged) {
            throw new DamagedFile(config, "holds no settings of a run: " + damaged.getMessage(), damaged);
        }
    }

    /** All of them, with names that tell them apart, in groups. */
    public static List<RunSummary> summaries(List<FinishedRun> runs) {
        List<String> names = names(runs.stream().map(FinishedRun::folder).toList());
        List<String> groups = groups(runs, names);
        List<RunSummary> summaries = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            FinishedRun run = runs.get(i);
            summaries.add(new RunSummary(
                    names.get(i),
                    groups.get(i),
                    run.kind,
                    HtmlReport.Fact.all(run.facts),
                    run.figures,
                    run.settings,
                    run.metrics,
                    run.loss,
                    run.scores(),
                    run.items()));
        }
        return summaries;
    }

    /** The last parts of the paths, about as few as tell them all apart. */
    static List<String> names(List<Path> folders) {
        int most = folders.stream().mapToInt(Path::getNameCount).max().orElse(1);
        for (int parts = 1; parts < most; parts++) {
            int kept = parts;
            List<String> names =
                    folders.stream().map(folder -> lastParts(folder, kept)).toList();
            if (new HashSet<>(names).size() == names.size()) {
                return names;
            }
        }
        return folders.stream().map(Path::toString).toList();
    }

    private static String lastParts(Path folder, int count) {
        int all = folder.getNameCount();
        // Where several views were measured, each has a folder that says no more than that.
        int least = folder.getFileName().toString().matches("\\d+x\\d+") ? 2 : 1;
        return folder.subpath(Math.max(0, all - Math.max(least, count)), all).toString();
    }

    /** The name of each run's group; empty for a run that differs from each other by more than its seed. */
    private static List<String> groups(List<FinishedRun> runs, List<String> names) {
        List<List<Integer>> groups = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            int run = i;
            List<Integer> found = groups.stream()
                    .filter(group -> differBySeed(
                            runs.get(group.get(0)), names.get(group.get(0)), runs.get(run), names.get(run)))
                    .findFirst()
                    .orElseGet(() -> {
                        List<Integer> fresh = new ArrayList<>();
                        groups.add(fresh);
                        return fresh;
                    });
            found.add(run);
        }
        List<String> named = new ArrayList<>(Collections.nCopies(runs.size(), ""));
        Set<String> taken = new HashSet<>();
        for (List<Integer> group : groups) {
            if (group.size() > 1) {
                String first = names.get(group.get(0));
                String name = base(first);
                String unique = taken.add(name) ? name : first;
                taken.add(unique);
                group.forEach(run -> named.set(run, unique));
            }
        }
        return named;
    }

    private static String base(String name) {
        for (Pattern pattern : List.of(NAMED_BY_SEED, NUMBERED)) {
            Matcher matcher = pattern.matcher(name);
            if (matcher.matches()) {
                return matcher.group(1);
            }
        }
        return name;
    }

    /** Runs whose names differ only in the seed are treated as repetitions, although each began from its own weights. */
    private static boolean differBySeed(FinishedRun a, String nameOfA, FinishedRun b, String nameOfB) {
        Matcher seedOfA = NAMED_BY_SEED.matcher(nameOfA);
        Matcher seedOfB = NAMED_BY_SEED.matcher(nameOfB);
        boolean named =
                seedOfA.matches() && seedOfB.matches() && seedOfA.group(1).equals(seedOfB.group(1));
        if (!a.kind.equals(b.kind)) {
            return false;
        }
        if (a.settings.isEmpty() || b.settings.isEmpty()) {
            return named && a.settings.isEmpty() == b.settings.isEmpty();
        }
        Map<String, String> ofA = a.deciding(named);
        return ofA.equals(b.deciding(named)) && (named || !Objects.equals(a.settings.get(SEED), b.settings.get(SEED)));
    }

    /** Settings that decide what comes out, but for the seed. */
    private Map<String, String> deciding(boolean whateverItBeganWith) {
        Map<String, String> deciding = new LinkedHashMap<>(settings);
        deciding.keySet()
                .removeIf(key -> key.equals(SEED)
                        || (whateverItBeganWith && (key.equals("from") || key.equals("from-network")))
                        || CHANGES_NOTHING.matcher(key).matches());
        return deciding;
    }
}
