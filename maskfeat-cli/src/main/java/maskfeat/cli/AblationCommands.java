package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import maskfeat.ablation.Ablation;
import maskfeat.ablation.Figures;
import maskfeat.ablation.Measure;
import maskfeat.ablation.Row;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.report.TrainingTime;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.run.RunFormat;
import maskfeat.run.RunResult;
import maskfeat.settings.Settings;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a comparison, and the figures that they leave.
 *
 * @param ablation what is compared
 * @param out folder of all runs
 * @param recipes what the rows begin with
 * @param data labelled data; null for the generated set
 * @param validation where it lies elsewhere
 * @param labels number of labelled items a class
 * @param pretrainings number of pre-trainings of a row, with a seed each, that the seeds of fine-tuning take in turn
 * @param sets changes of settings, by what they change
 */
record AblationCommands(
        Ablation ablation,
        Path out,
        BaseRecipes recipes,
        @Nullable Path data,
        @Nullable Path validation,
        int labels,
        int pretrainings,
        Map<String, List<String>> sets) {
    /** Keys of {@link #sets}. */
    static final String PRETRAIN = "pretrain";

    static final String CONTRAST = "contrast";
    static final String FINETUNE = "finetune";
    static final String SUPERVISED = "supervised";

    /** Recipes by what they are for; that of contrastive learning may be missing. */
    record BaseRecipes(String pretrain, @Nullable String contrast, String finetune) {}

    /** Folder of the pre-training of a row, or of its training with all labels. */
    Path pretrained(Row row, int seed) {
        String name = row.start() == Row.Start.SUPERVISED ? "all-labels" : "pretrain";
        return out.resolve(row.name()).resolve(name + "-seed" + seed % pretrainings);
    }

    /** Another number of labels is another table. */
    private Path measured(Row row, String what, int seed) {
        return out.resolve(row.name()).resolve("labels-" + labels).resolve(what + "-seed" + seed);
    }

    /** Whether anything was measured of a row with so many labels. */
    boolean isBegun(Row row) {
        return Files.isDirectory(out.resolve(row.name()).resolve("labels-" + labels));
    }

    /** The commands of a row for one seed, by their folders, in order. Those that rows share come up again. */
    Map<Path, List<String>> of(Row row, int seed) {
        Map<Path, List<String>> commands = new LinkedHashMap<>();
        int pretraining = seed % pretrainings;
        if (row.isPretrained()) {
            boolean contrast = row.start() == Row.Start.CONTRAST;
            List<String> words = new ArrayList<>(
                    List.of(PretrainCommand.NAME, contrast ? String.valueOf(recipes.contrast()) : recipes.pretrain()));
            addData(words, false);
            set(words, List.of("seed=" + pretraining));
            set(words, sets.getOrDefault(contrast ? CONTRAST : PRETRAIN, List.of()));
            set(
                    words,
                    row.settings(
                            name -> pretrained(ablation.row(name), pretraining).toString()));
            commands.put(pretrained(row, seed), words);
        }
        if (row.start() == Row.Start.SUPERVISED) {
            List<String> words = finetune("none", pretraining, 0);
            set(
                    words,
                    List.of(sets.getOrDefault(PRETRAIN, List.of()).stream()
                            .filter(each -> each.startsWith("train.epochs="))
                            .reduce((first, last) -> last)
                            .orElse("train.epochs="
                                    + Recipes.named(recipes.pretrain()).train().epochs())));
            set(
                    words,
                    sets.getOrDefault(FINETUNE, List.of()).stream()
                            .filter(each -> !each.startsWith("train.epochs="))
                            .toList());
            set(words, sets.getOrDefault(SUPERVISED, List.of()));
            commands.put(pretrained(row, seed), words);
        }
        if (row.isFinetuned()) {
            String from = row.isPretrained() ? pretrained(row, seed).toString() : "none";
            List<String> words = finetune(from, seed, labels);
            set(words, sets.getOrDefault(FINETUNE, List.of()));
            commands.put(measured(row, "finetune", seed), words);
        }
        commands.put(measured(row, "probe", seed), probe(row, seed));
        return commands;
    }

    /**
     * The run that a command of training makes.
     *
     * @param words as {@link #of} has them
     * @throws maskfeat.settings.SettingsException if a setting is none, or would do nothing
     */
    static Run run(List<String> words) {
        Run recipe = Recipes.named(words.get(1));
        int from = words.indexOf("--from");
        Run beginning = from >= 0 && words.get(from + 1).equals("none") ? recipe.fromScratch() : recipe;
        Settings<Run> settings = Settings.of(RunFormat.FORMAT, words.get(1), beginning);
        for (int i = 2; i < words.size(); i += 2) {
            String value = words.get(i + 1);
            settings = switch (words.get(i)) {
                case "--set" -> settings.set(value);
                case "--data" -> SettingsOptions.pathFlag(settings, "--data", "data.path", PathText.path(value));
                case "--val" ->
                    SettingsOptions.pathFlag(settings, "--val", "data.labels.validation", PathText.path(value));
                case "--from" -> settings;
                default -> throw new IllegalStateException("an option that nobody reads: " + words.get(i));
            };
        }
        return SettingsOptions.checked(beginning, settings).value();
    }

    /** Measured once, at the end: the best of many would be chosen by what it is measured on. */
    private List<String> finetune(String from, int seed, int perClass) {
        List<String> words = new ArrayList<>(List.of(FinetuneCommand.NAME, recipes.finetune(), "--from", from));
        addData(words, true);
        set(words, List.of("seed=" + seed, "data.labels.per-class=" + perClass, "validate.every-epochs=100000"));
        return words;
    }

    private List<String> probe(Row row, int seed) {
        Row network = switch (row.start()) {
            case SCRATCH, HOG -> ablation.row(Ablation.BASE);
            case CLASS_TOKEN -> ablation.row(row.needs().get(0));
            default -> row;
        };
        List<String> words = new ArrayList<>(
                List.of(ProbeCommand.KIND, pretrained(network, seed).toString()));
        addData(words, true);
        words.addAll(List.of("--seed", "" + seed, "--per-class", "" + labels));
        switch (row.start()) {
            case SCRATCH -> words.add("--from-scratch");
            case HOG -> words.add("--hog");
            case CLASS_TOKEN -> words.add("--class-token");
            default -> {
                // the features of the network as it is
            }
        }
        return words;
    }

    private void addData(List<String> words, boolean labelled) {
        if (data != null) {
            words.addAll(List.of("--data", data.toString()));
        }
        if (validation != null && labelled) {
            words.addAll(List.of("--val", validation.toString()));
        }
    }

    private static void set(List<String> words, List<String> assignments) {
        assignments.forEach(each -> words.addAll(List.of("--set", each)));
    }

    /** What the finished runs of a row say. */
    Figures figures(Row row, int seeds) throws IOException {
        Figures figures = Figures.none();
        for (int seed = 0; seed < seeds; seed++) {
            figures = with(figures, measured(row, "finetune", seed), Measure.FINETUNED, seed);
            figures = with(figures, measured(row, "probe", seed), Measure.LINEAR, seed);
            figures = with(figures, measured(row, "probe", seed), Measure.NEIGHBOURS, seed);
            figures = counted(figures, measured(row, "probe", seed));
        }
        if (row.start() == Row.Start.SUPERVISED) {
            for (int seed = 0; seed < Math.min(seeds, pretrainings); seed++) {
                figures = with(figures, pretrained(row, seed), Measure.FINETUNED, seed);
            }
        }
        double minutes = 0;
        List<Double> ofReports = new ArrayList<>();
        List<Double> ofEpochs = new ArrayList<>();
        int count = 0;
        for (int seed = 0; seed < Math.min(seeds, pretrainings); seed++) {
            Path folder = pretrained(row, seed);
            Path result = folder.resolve(RunResult.FILE);
            if (Files.exists(result)) {
                count++;
                minutes += TrainingTime.seconds(folder.resolve("metrics.jsonl")) / 60;
                Map<String, Double> reached = RunResult.read(result).figures();
                Optional.ofNullable(reached.get("train/loss_vs_baseline")).ifPresent(ofReports::add);
                Optional.ofNullable(reached.get(RunResult.EPOCH_LOSS_VS_BASELINE))
                        .ifPresent(ofEpochs::add);
            }
        }
        return figures.pretrained(
                lossAtEnd(ofReports, ofEpochs),
                count == 0 ? OptionalDouble.empty() : OptionalDouble.of(minutes / count));
    }

    /** The mean of an epoch is of more samples; results of older versions have the last report alone. */
    private static Optional<Figures.LossAtEnd> lossAtEnd(List<Double> ofReports, List<Double> ofEpochs) {
        boolean all = ofEpochs.size() >= ofReports.size();
        OptionalDouble mean = (all ? ofEpochs : ofReports)
                .stream().mapToDouble(share -> share).average();
        return mean.isEmpty() ? Optional.empty() : Optional.of(new Figures.LossAtEnd(mean.getAsDouble(), all));
    }

    /** How many items a probe was measured on; fine-tuning is measured on the same. */
    private static Figures counted(Figures figures, Path probe) throws IOException {
        Optional<MeasuredOn> on = MeasuredOn.read(probe.resolve(RunResult.FILE));
        return on.isEmpty() ? figures : figures.measuredOn(on.get().items());
    }

    /** What the rows are measured on, as far as one was. */
    Optional<MeasuredOn> measuredOn(List<Row> rows) throws IOException {
        for (Row row : rows) {
            Optional<MeasuredOn> on = MeasuredOn.read(measured(row, "probe", 0).resolve(RunResult.FILE));
            if (on.isPresent()) {
                return on;
            }
        }
        return Optional.empty();
    }

    /**
     * What a probe says that it was measured on.
     *
     * @param items number of them
     * @param noun what they are
     * @param classes number of their classes
     */
    record MeasuredOn(int items, String noun, int classes) {
        private static final String KEY = " measured on";

        static Optional<MeasuredOn> read(Path result) throws IOException {
            if (!Files.exists(result)) {
                return Optional.empty();
            }
            Map<String, String> facts = RunResult.read(result).facts();
            return facts.entrySet().stream()
                    .filter(fact ->
                            fact.getKey().endsWith(KEY) && fact.getValue().matches("\\d+"))
                    .findFirst()
                    .map(fact -> new MeasuredOn(
                            Integer.parseInt(fact.getValue()),
                            fact.getKey().substring(0, fact.getKey().length() - KEY.length()),
                            Integer.parseInt(facts.getOrDefault("classes", "1"))));
        }

        /** Such as {@code 400 images in 10 classes (chance 10.0 %)}. */
        String text() {
            return String.format(
                    Locale.ROOT,
                    "%s in %s (chance %.1f %%)",
                    Plural.ofMany(items, noun),
                    Plural.of(classes, "class", "classes"),
                    100.0 / classes);
        }
    }

    private static Figures with(Figures figures, Path folder, Measure measure, int seed) throws IOException {
        Path result = folder.resolve(RunResult.FILE);
        if (!Files.exists(result)) {
            return figures;
        }
        Double value = RunResult.read(result).figures().get(measure.tag());
        // What was trained without validation data has none; its probe then says what is missing, and the other rows go
        // on.
        return value == null ? figures : figures.and(measure, seed, value);
    }
}
