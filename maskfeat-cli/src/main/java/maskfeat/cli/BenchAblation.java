package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import maskfeat.ablation.Ablation;
import maskfeat.ablation.AblationTable;
import maskfeat.ablation.Figures;
import maskfeat.ablation.Row;
import maskfeat.data.DatasetException;
import maskfeat.data.Splits;
import maskfeat.disk.Plural;
import maskfeat.report.Scorecard;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.run.RunData;
import maskfeat.run.Training;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code maskfeat bench ablation}. */
@Command(
        name = "ablation",
        description =
                "Pre-trains with each target, normalisation, mask, ratio and augmentation that the paper compares, and "
                        + "by MoCo v3; fine-tunes and probes each on few labels. One table and one page say which of "
                        + "the paper's orders are seen. Prints every command it runs, and skips those already done in "
                        + "the folder.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat bench ablation --rows target",
            "  maskfeat bench ablation --data photos --labels 20 --rows hog,pixels \\",
            "      --out runs/photos",
            "The table so far is written after each row: ablation.html, ablation.csv in --out.",
            "Exit codes: as for pretrain; 75 stopped by a signal: the same command goes on, what is done",
            "is kept. A row that fails is named, the others are run, and the code is that of the first."
        })
final class BenchAblation implements Callable<Integer> {
    static final String SUPERVISED_SETS = "settings of training with all labels";
    static final String PRETRAININGS = "pre-trainings of each row";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--out",
            converter = PlaceConverter.OnDisk.class,
            paramLabel = "DIR",
            description = "Folder of the runs. Default: runs/ablation-RECIPE.")
    private @Nullable Path out;

    @Option(
            names = "--recipe",
            completionCandidates = Choices.MaskedRecipes.class,
            paramLabel = "RECIPE",
            description = "Recipe of masked prediction that the rows change. Default: ${DEFAULT-VALUE}.")
    private String recipe = "sample-image";

    @Option(
            names = "--finetune-recipe",
            completionCandidates = RecipeNames.Finetune.class,
            paramLabel = "FT-RECIPE",
            description = "Recipe of fine-tuning. Default: that of --recipe with -ft for -pt, or behind it.")
    private @Nullable String finetuneRecipe;

    @Option(
            names = "--contrast-recipe",
            completionCandidates = Choices.ContrastRecipes.class,
            paramLabel = "CL-RECIPE",
            description = "Recipe of contrastive learning, of the same network. Default: the first that there is.")
    private @Nullable String contrastRecipe;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Labelled data, as for finetune; pre-training takes its training part without labels. Default: the "
                            + "generated sample set.")
    private @Nullable Path data;

    @Option(names = "--val", paramLabel = "PATH", description = "Validation data. Default: found in or beside --data.")
    private @Nullable Path validation;

    @Option(
            names = "--rows",
            completionCandidates = Choices.Rows.class,
            split = ",",
            paramLabel = "ROW",
            description = "Rows or groups of rows to run, and what they need. Default: all; --list tells their names.")
    private List<String> asked = new ArrayList<>();

    @Option(names = "--list", description = "Print the rows and run none.")
    private boolean list;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description = "Number of fine-tunings and probes of each row; the seed also draws the labels. Default: "
                    + "${DEFAULT-VALUE}.")
    private int seeds = 3;

    @Option(
            names = "--pretrainings",
            paramLabel = "N",
            description = "Number of pre-trainings of each row, with a seed each. Default: ${DEFAULT-VALUE}.")
    private int pretrainings = 1;

    @Option(
            names = "--labels",
            paramLabel = "N",
            description = "Number of labelled items per class. Default: ${DEFAULT-VALUE}.")
    private int labels = 10;

    @Option(
            names = "--pretrain-set",
            completionCandidates = Choices.Keys.class,
            paramLabel = "KEY=VALUE",
            description = "Change a setting of all pre-trainings by masked prediction; may be repeated.")
    private List<String> pretrainSets = new ArrayList<>();

    @Option(
            names = "--contrast-set",
            completionCandidates = Choices.Keys.class,
            paramLabel = "KEY=VALUE",
            description = "Change a setting of contrastive learning; may be repeated.")
    private List<String> contrastSets = new ArrayList<>();

    @Option(
            names = "--finetune-set",
            completionCandidates = Choices.Keys.class,
            paramLabel = "KEY=VALUE",
            description = "Change a setting of all fine-tunings; may be repeated.")
    private List<String> finetuneSets = new ArrayList<>();

    @Option(
            names = "--supervised-set",
            completionCandidates = Choices.Keys.class,
            paramLabel = "KEY=VALUE",
            description =
                    "Change a setting of the training with all labels, which begins with those of fine-tuning and as "
                            + "many passes as pre-training; may be repeated.")
    private List<String> supervisedSets = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        if (seeds < 1 || labels < 1 || pretrainings < 1) {
            throw new IllegalArgumentException("--seeds " + seeds + ", --labels " + labels + " and --pretrainings "
                    + pretrainings + " must be at least 1");
        }
        if (pretrainings > seeds) {
            throw new IllegalArgumentException("--pretrainings " + pretrainings + " is more than --seeds " + seeds
                    + ": each seed of fine-tuning takes one pre-training");
        }
        Run base = Recipes.named(TrainCommand.recipe(PretrainCommand.NAME, recipe));
        if (!base.task().kind().equals("masked")) {
            throw new IllegalArgumentException("--recipe " + recipe + " is of no masked prediction; take one of "
                    + RecipeNames.some(Recipes.of(PretrainCommand.NAME, "masked")));
        }
        Ablation ablation = base.data().ofImages() ? Ablation.ofImages() : Ablation.ofClips();
        AblationCommands.BaseRecipes recipes = recipes(base);
        notSetByRows(ablation);
        List<Row> rows = rows(ablation, recipes);
        if (list) {
            print(rows);
            Console.of(spec)
                    .next(
                            "bench ablation --recipe",
                            recipe,
                            "--rows",
                            rows.get(0).group());
            return Exit.OK;
        }
        Path folder = out == null ? Path.of("runs", "ablation-" + recipe) : out;
        Map<String, List<String>> sets = Map.of(
                AblationCommands.PRETRAIN, pretrainSets,
                AblationCommands.CONTRAST, contrastSets,
                AblationCommands.FINETUNE, finetuneSets,
                AblationCommands.SUPERVISED, supervisedSets);
        AblationCommands commands =
                new AblationCommands(ablation, folder, recipes, data, validation, labels, pretrainings, sets);
        checkLabels(base);
        checkTrainings(rows, commands, recipes.finetune(), base);
        Map<String, String> setup = facts(recipes);
        setup.put(PRETRAININGS, "" + pretrainings);
        try (AblationFolder held = AblationFolder.hold(folder, setup)) {
            return run(rows, commands, held);
        }
    }

    /** Before the first training, since the data are needed with labels only after it. */
    private void checkLabels(Run base) throws IOException {
        if (data == null) {
            return; // the generated set has all
        }
        Splits splits = Splits.open(data, validation, base.data().clip(), new Splits.Options(labels, 0, 0, null));
        if (splits.validation().isEmpty()) {
            throw new DatasetException("nothing to measure on: " + data
                    + " has no part for validation; give --val PATH, or lay it out as train and val");
        }
        if (splits.classes().size() < 2) {
            throw new DatasetException(
                    data + " has one class, " + splits.classes().get(0)
                            + ", so that there is nothing to tell apart; give folders of two classes or more");
        }
    }

    /** Before the first training too: a wrong word in what is trained last would be said hours later. */
    private void checkTrainings(List<Row> rows, AblationCommands commands, String finetuneRecipe, Run base)
            throws IOException {
        Run finetune = Recipes.named(finetuneRecipe);
        if (finetune.data().ofImages() != base.data().ofImages()) {
            throw new IllegalArgumentException("--finetune-recipe " + finetuneRecipe + " is for "
                    + (finetune.data().ofImages() ? "images" : "videos") + ", and --recipe " + recipe + " is for "
                    + (base.data().ofImages() ? "images" : "videos"));
        }
        Set<List<String>> checked = new HashSet<>();
        for (Row row : rows) {
            for (List<String> words : commands.of(row, 0).values()) {
                if (words.get(0).equals(ProbeCommand.KIND)) {
                    continue;
                }
                Run run = AblationCommands.run(words);
                List<String> ofData = words.stream()
                        .filter(word -> !word.contains("=") || word.startsWith("data.") || word.startsWith("train."))
                        .toList();
                // Rows that differ in what they predict alone read the same data; a teacher is there only later.
                if (row.needs().isEmpty() && checked.add(ofData)) {
                    Training.check(run, RunData.open(run));
                }
            }
        }
    }

    /** A setting that the rows or the seeds change for themselves would make them others than the table says. */
    private void notSetByRows(Ablation ablation) {
        Set<String> own = Set.of("seed");
        Set<String> ofRows = new LinkedHashSet<>(ablation.keys());
        ofRows.addAll(own);
        notSet("--pretrain-set", pretrainSets, ofRows, "the rows and seeds set it themselves");
        notSet("--contrast-set", contrastSets, own, "the seeds set it themselves");
        Set<String> ofLabels = Set.of("seed", "data.labels");
        notSet("--finetune-set", finetuneSets, ofLabels, "--seeds and --labels set it");
        notSet("--supervised-set", supervisedSets, ofLabels, "--seeds sets it, and this training has all labels");
    }

    private static void notSet(String option, List<String> sets, Set<String> keys, String why) {
        for (String each : sets) {
            String set = each.contains("=") ? each.substring(0, each.indexOf('=')) : each;
            for (String key : keys) {
                if (set.equals(key) || key.startsWith(set + ".") || set.startsWith(key + ".")) {
                    throw new IllegalArgumentException(
                            option + " " + each + " would change " + key + " in all rows, but " + why);
                }
            }
        }
    }

    private AblationCommands.BaseRecipes recipes(Run base) {
        String finetune = finetuneRecipe != null
                ? finetuneRecipe
                : (recipe.endsWith("-pt") ? recipe.substring(0, recipe.length() - "-pt".length()) : recipe) + "-ft";
        TrainCommand.recipe(FinetuneCommand.NAME, finetune);
        if (contrastRecipe != null) {
            Run contrast = Recipes.named(TrainCommand.recipe(PretrainCommand.NAME, contrastRecipe));
            if (!contrast.task().kind().equals("contrast")) {
                throw new IllegalArgumentException("--contrast-recipe " + contrastRecipe
                        + " is of no contrastive learning; take one of "
                        + RecipeNames.some(Recipes.of(PretrainCommand.NAME, "contrast")));
            }
            return new AblationCommands.BaseRecipes(recipe, contrastRecipe, finetune);
        }
        String contrast = Recipes.of(PretrainCommand.NAME, "contrast").stream()
                .filter(name -> Recipes.named(name).model().equals(base.model())
                        && Recipes.named(name)
                                .data()
                                .input()
                                .size()
                                .equals(base.data().input().size()))
                .findFirst()
                .orElse(null);
        return new AblationCommands.BaseRecipes(recipe, contrast, finetune);
    }

    private List<Row> rows(Ablation ablation, AblationCommands.BaseRecipes recipes) {
        List<Row> rows = ablation.rows(asked);
        if (recipes.contrast() != null || ablation.noun().equals("clips")) {
            return rows;
        }
        List<Row> possible = new ArrayList<>(rows);
        boolean less = true;
        while (less) { // what needs a row that is left out is left out
            List<String> left = possible.stream().map(Row::name).toList();
            less = possible.removeIf(row -> row.start() == Row.Start.CONTRAST || !left.containsAll(row.needs()));
        }
        List<String> names = rows.stream()
                .filter(row -> !possible.contains(row))
                .map(Row::name)
                .toList();
        if (!names.isEmpty()) {
            spec.commandLine()
                    .getErr()
                    .println("without " + String.join(", ", names)
                            + ": there is no recipe of contrastive learning for the" + " network of " + recipe
                            + " (--contrast-recipe NAME)");
        }
        return possible;
    }

    private void print(List<Row> rows) {
        PrintWriter to = spec.commandLine().getOut();
        to.printf(Locale.ROOT, "%-20s %-9s %s%n", "row", "group", "what");
        rows.forEach(row -> to.printf(Locale.ROOT, "%-20s %-9s %s%n", row.name(), row.group(), row.what()));
        to.flush();
    }

    private Map<String, String> facts(AblationCommands.BaseRecipes recipes) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("recipe", recipe);
        facts.put("recipe of contrastive learning", Objects.requireNonNullElse(recipes.contrast(), "none"));
        facts.put("recipe of fine-tuning", recipes.finetune());
        facts.put(
                "data",
                data == null
                        ? "the generated sample set"
                        : data.toAbsolutePath().normalize().toString());
        facts.put(
                "measured on",
                validation == null
                        ? "the validation part of it"
                        : validation.toAbsolutePath().normalize().toString());
        facts.put("settings of pre-training", said(pretrainSets));
        facts.put("settings of contrastive learning", said(contrastSets));
        facts.put("settings of fine-tuning", said(finetuneSets));
        facts.put(SUPERVISED_SETS, said(supervisedSets));
        return facts;
    }

    static String said(List<String> sets) {
        return sets.isEmpty() ? "as in the recipe" : String.join(" ", sets);
    }

    private int run(List<Row> rows, AblationCommands commands, AblationFolder folder) throws IOException {
        Map<String, String> failed = new LinkedHashMap<>();
        int first = Exit.OK;
        try (StopSignal stop = StopSignal.listen("stopping; what is done is kept", System.err::println)) {
            CommandSeries series = new CommandSeries(stop);
            for (Row row : rows) {
                for (int seed = 0; seed < seeds && !failed.containsKey(row.name()); seed++) {
                    int code = all(series, commands.of(row, seed));
                    if (code == Exit.STOPPED) {
                        folder.write(table(rows, commands, failed));
                        spec.commandLine().getErr().println("stopped; the same bench ablation goes on where it is");
                        return code;
                    }
                    if (code != Exit.OK) {
                        failed.put(row.name(), "a command of it ended with exit code " + code + ", see above");
                        first = first == Exit.OK ? code : first;
                    }
                }
                folder.write(table(rows, commands, failed));
            }
        }
        spec.commandLine().getOut().print(table(rows, commands, failed).text(Scorecard.COLUMNS));
        spec.commandLine().getOut().flush();
        Console console = Console.of(spec);
        console.say("report: " + folder.page());
        if (first == Exit.OK) {
            console.nextLine(Launcher.opening(folder.page()));
        }
        return first;
    }

    /** From what lies in the folders: those that were asked for, and those that earlier commands left. */
    private AblationTable table(List<Row> asking, AblationCommands commands, Map<String, String> failed)
            throws IOException {
        List<Row> rows = commands.ablation().rows().stream()
                .filter(row -> asking.contains(row) || commands.isBegun(row))
                .toList();
        Map<String, Figures> figures = new LinkedHashMap<>();
        for (Row row : rows) {
            figures.put(row.name(), commands.figures(row, seeds));
        }
        String measured = "top-1"
                + commands.measuredOn(rows).map(on -> " on " + on.text()).orElse("") + ", " + Plural.of(labels, "label")
                + " a class, " + Plural.of(seeds, "seed") + ", " + Plural.of(pretrainings, "pre-training") + " a row";
        return new AblationTable(commands.ablation(), measured, rows, figures, failed, facts(commands.recipes()));
    }

    private static int all(CommandSeries series, Map<Path, List<String>> commands) {
        for (Map.Entry<Path, List<String>> command : commands.entrySet()) {
            int code = series.run(command.getKey(), command.getValue());
            if (code != Exit.OK) {
                return code;
            }
        }
        return Exit.OK;
    }
}
