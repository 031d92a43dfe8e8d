package maskfeat.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import maskfeat.disk.PathText;
import maskfeat.foreign.Told;
import maskfeat.network.OpenedWeights;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.run.RunFormat;
import maskfeat.settings.Origin;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code maskfeat finetune}. */
@Command(
        name = FinetuneCommand.NAME,
        description = "Trains a classifier of video or images, or a detector of actions, from pre-trained weights.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat finetune --from runs/small-video --data labelled",
            "  maskfeat finetune --from runs/small-video --data films --task detect \\",
            "      --boxes boxes.csv",
            "",
            "Labels are found as folders of classes, as train and val lists, as Something-Something v2's",
            "JSON. Without data for validation nothing is measured (--val PATH, or",
            "--set data.labels.hold-out=0.1, says what it is measured on).",
            "With --task detect, --data has the videos and --boxes their annotations; see docs/detection.md.",
            "Exit codes: as for pretrain."
        })
final class FinetuneCommand extends TrainCommand {
    static final String NAME = "finetune";

    private static final String SCRATCH = "none";
    private static final String CLASSIFY = "classify";
    static final String DETECT = "detect";

    @Parameters(
            arity = "0..1",
            paramLabel = "RECIPE",
            completionCandidates = RecipeNames.Finetune.class,
            description = "Recipe to start from; see 'maskfeat recipes'. Default: the one for the network of --from.")
    private @Nullable String recipe;

    @Option(
            names = "--from",
            paramLabel = "CHECKPOINT",
            description = "Run folder, checkpoint folder or file of pre-trained weights; 'none' trains from scratch, "
                    + "all layers at the same rate (optim.layer-decay=1) unless you set it. Sets from.")
    private @Nullable String from;

    @Option(
            names = "--task",
            completionCandidates = Choices.Tasks.class,
            paramLabel = "TASK",
            description =
                    "What is learned where no RECIPE says it: classify (default) or detect, which is what is done in"
                            + " boxes.")
    private @Nullable String task;

    @Option(
            names = "--boxes",
            paramLabel = "PATH",
            description = "Annotations for detection: a folder in AVA's form, or a file. Sets task.boxes.source."
                    + " Default: found in --data.")
    private @Nullable Path boxes;

    @Mixin
    private WeightsOptions loading = new WeightsOptions();

    @Option(
            names = "--val",
            paramLabel = "PATH",
            description =
                    "Validation data: folder, list, or zip or tar files; for detection a file of annotations. Sets"
                            + " data.labels.validation or task.boxes.validation. Default: found in or beside --data.")
    private @Nullable Path validation;

    private @Nullable Chosen chosen;

    @Option(names = "--until", hidden = true, paramLabel = "SHARE")
    private void until(String share) {
        throw new ParameterException(
                spec.commandLine(),
                "--until is for pre-training, whose loss it is a share of; what ends a fine-tuning early is validate.patience:"
                        + " --set validate.patience=5 ends it after 5 epochs without a better figure");
    }

    /** A recipe, with the network that the weights are for. */
    private record Chosen(String recipe, Run run) {}

    @Override
    String runName() throws IOException {
        if (recipe == null && resuming() && from().isEmpty()) {
            throw new SettingsException("which run is to go on? Give --out DIR, or the RECIPE that it was begun with");
        }
        return recipe == null ? chosen().recipe : recipe;
    }

    /**
     * What to begin with, if anybody said: by {@code --from}, else by {@code --set from=} or in a file of settings. A file
     * that says null may merely repeat what a recipe says, which asks for nothing.
     *
     * @return {@link #SCRATCH} for random weights
     */
    private Optional<String> from() {
        if (from != null) {
            if (from.isEmpty()) {
                throw new SettingsException(
                        "--from '' names no weights: name a run folder, a checkpoint folder or a file, or"
                                + " 'none' for random ones");
            }
            return Optional.of(from);
        }
        Settings<Run> said =
                options.over(Recipes.BOOK.settings(Recipes.of(NAME).get(0))).only("from");
        String path = said.value().from();
        boolean assigned = said.origins().get("from") instanceof Origin.Assignment;
        return path == null && assigned ? Optional.of(SCRATCH) : Optional.ofNullable(path);
    }

    /** What the command line tells of the weights, with the network that settings name. */
    private Told told() {
        Told told = loading.told();
        Settings<Run> said =
                options.over(Recipes.BOOK.settings(Recipes.of(NAME).get(0))).only("from-network");
        return told.network().isPresent()
                ? told
                : new Told(told.heads(), Optional.ofNullable(said.value().fromNetwork()));
    }

    /** The recipe that is named, or fits the weights, with the network that the weights are for; found out once. */
    private Chosen chosen() throws IOException {
        if (chosen == null) {
            chosen = choose();
        }
        return chosen;
    }

    /** The recipes to choose from. */
    private List<String> recipes() {
        if (task == null) {
            return recipe == null ? Recipes.of(NAME, CLASSIFY) : Recipes.of(NAME);
        }
        List<String> recipes = Recipes.of(NAME, task);
        if (recipes.isEmpty()) {
            throw new SettingsException("--task " + Launcher.word(task) + ": there is no such task; it is one of "
                    + Recipes.of(NAME).stream()
                            .map(name -> Recipes.named(name).task().kind())
                            .distinct()
                            .collect(Collectors.joining(", ")));
        }
        return recipes;
    }

    private String named(String asked) {
        String name = recipe(NAME, asked);
        if (task != null && !Recipes.named(name).task().kind().equals(task)) {
            throw new SettingsException("recipe " + name + " is no recipe of --task " + task + "; those are "
                    + RecipeNames.some(recipes()));
        }
        return name;
    }

    private Chosen choose() throws IOException {
        if (recipe != null) {
            named(recipe); // a slip in it is nearer than what is missing
        }
        String begin = from().orElseThrow(() -> new SettingsException(
                "what to begin with? Give --from CHECKPOINT (a run folder, a checkpoint folder or a"
                        + " file of weights), or --from none to train from scratch"));
        List<String> recipes = recipes();
        String all = RecipeNames.some(recipes);
        if (begin.equals(SCRATCH)) {
            if (recipe == null) {
                throw new SettingsException(
                        "from scratch no weights say which network it is to be; name a RECIPE: " + all);
            }
            String name = named(recipe);
            return new Chosen(name, Recipes.named(name).fromScratch());
        }
        try (OpenedWeights weights = OpenedWeights.open(PathText.path(begin), told())) {
            PrintWriter err = spec.commandLine().getErr();
            weights.notes().forEach(err::println);
            err.flush();
            String name = recipe != null
                    ? named(recipe)
                    : Recipes.fitting(recipes, weights.spec())
                            .orElseThrow(() -> new SettingsException(begin
                                    + " holds a network that no recipe is for; name the one whose other settings are"
                                    + " wanted: " + all));
            Run named = Recipes.named(name);
            boolean images = weights.spec().input().ofImages();
            if (images != named.data().ofImages()) {
                throw new SettingsException(name + " is for " + (images ? "videos" : "images") + ", and the weights in "
                        + begin + " are of " + (images ? "images" : "videos"));
            }
            return new Chosen(name, named.adopting(weights.spec()));
        }
    }

    @Override
    Settings<Run> beginning() throws IOException {
        return Settings.of(RunFormat.FORMAT, chosen().recipe, chosen().run);
    }

    @Override
    Settings<Run> withFlags(Settings<Run> settings) {
        Settings<Run> now = settings;
        if (from != null) {
            now = from.equals(SCRATCH)
                    ? now.flag("--from", "from", "null")
                    : SettingsOptions.pathFlag(now, "--from", "from", PathText.path(from));
        }
        now = loading.onto(now);
        boolean detects = now.value().task().kind().equals(DETECT);
        if (boxes != null && !detects) {
            throw new SettingsException("--boxes is for detection; add --task detect, or name a recipe of it: "
                    + RecipeNames.some(Recipes.of(NAME, DETECT)));
        }
        if (boxes != null) {
            now = SettingsOptions.pathFlag(now, "--boxes", "task.boxes.source", boxes);
        }
        String measured = detects ? "task.boxes.validation" : "data.labels.validation";
        return validation == null ? now : SettingsOptions.pathFlag(now, "--val", measured, validation);
    }
}
