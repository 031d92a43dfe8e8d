package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import maskfeat.data.Splits;
import maskfeat.data.StillImage;
import maskfeat.recipe.Finetune;
import maskfeat.recipe.FinetuneRecipes;
import maskfeat.recipe.Finetuning;
import maskfeat.recipe.Pretrained;
import maskfeat.recipe.Recipe;
import maskfeat.recipe.Transfer;
import maskfeat.settings.Origin;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import maskfeat.train.Checkpoint;
import maskfeat.train.Listener;
import maskfeat.train.Trainer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code maskfeat finetune}. */
@Command(
        name = "finetune",
        description =
                "Trains a classifier of images or videos from pre-trained weights, or from scratch for comparison.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "DATA is a folder with train/ and val/ of class folders, with train.csv and val.csv, a",
            "Something-Something v2 folder, or a folder of class folders (then --val, or",
            "--set data.hold-out=0.1, says what it is measured on).",
            "Exit codes: as of pretrain."
        })
final class FinetuneCommand extends TrainCommand<Finetune, Splits> {
    private static final String SCRATCH = "none";

    /** In place of a recipe's name, while none is chosen. */
    private static final String ANY = "any";

    @Parameters(
            arity = "0..1",
            paramLabel = "RECIPE",
            description =
                    "The settings to begin with; see 'maskfeat recipes'. Default: the one for the network of --from.")
    private @Nullable String recipe;

    @Option(
            names = "--from",
            paramLabel = "CHECKPOINT",
            description = "Run folder, checkpoint folder or file of pre-trained weights; 'none' trains from scratch, "
                    + "all layers at the same rate (optim.layer-decay=1) unless you set it. Stands for from.")
    private @Nullable String from;

    private @Nullable Recipe<Finetune> chosen;

    @Option(
            names = "--val",
            paramLabel = "PATH",
            description = "Folder or list to measure on. Stands for data.validation. Default: what is in or beside "
                    + "--data.")
    private @Nullable Path validation;

    FinetuneCommand() {
        super(Finetune.class);
    }

    @Override
    String recipeName() throws IOException {
        if (recipe == null && resuming() && beginning().isEmpty()) {
            throw new SettingsException("which run is to go on? Give --out DIR, or the RECIPE that it was begun with");
        }
        return recipe == null ? chosen().name() : recipe;
    }

    /**
     * What to begin with, if anybody said: by {@code --from}, else by {@code --set from=} or in a file of settings. A file
     * that says null may merely repeat what a recipe says, which asks for nothing.
     *
     * @return {@link #SCRATCH} for random weights
     */
    private Optional<String> beginning() {
        if (from != null) {
            return Optional.of(from);
        }
        Settings<Finetune> said =
                options.over(Settings.of(Finetune.class, ANY, any())).only("from");
        String path = said.value().from();
        boolean assigned = said.origins().get("from") instanceof Origin.Assignment;
        return path == null && assigned ? Optional.of(SCRATCH) : Optional.ofNullable(path);
    }

    /** The recipe that is named, or fits the weights, with the network that the weights are for; found out once. */
    private Recipe<Finetune> chosen() throws IOException {
        if (chosen == null) {
            chosen = choose();
        }
        return chosen;
    }

    private Recipe<Finetune> choose() throws IOException {
        String beginning = beginning()
                .orElseThrow(() -> new SettingsException(
                        "what to begin with? Give --from CHECKPOINT (a run folder, a checkpoint folder or a"
                                + " file of weights), or --from none to train from scratch"));
        if (beginning.equals(SCRATCH)) {
            if (recipe == null) {
                throw new SettingsException("from scratch no weights say which network it is to be; name a RECIPE: "
                        + String.join(", ", FinetuneRecipes.byName().keySet()));
            }
            Recipe<Finetune> named = SettingsOptions.recipe(FinetuneRecipes.byName(), recipe);
            return new Recipe<>(named.name(), named.summary(), named.run().fromScratch());
        }
        Pretrained weights = Pretrained.open(Path.of(beginning));
        ForeignWeights.announce(weights.weights(), spec.commandLine().getErr());
        if (recipe == null) {
            return FinetuneRecipes.all().stream()
                    .filter(each -> weights.fits(each.run()))
                    .findFirst()
                    .map(each -> new Recipe<>(each.name(), each.summary(), weights.adoptedBy(each.run())))
                    .orElseThrow(() -> new SettingsException(beginning
                            + " holds a network that no recipe is for; name the one whose other settings are wanted: "
                            + String.join(", ", FinetuneRecipes.byName().keySet())));
        }
        Recipe<Finetune> named = SettingsOptions.recipe(FinetuneRecipes.byName(), recipe);
        boolean images = weights.clip() instanceof StillImage;
        if (images != named.run().clip() instanceof StillImage) {
            throw new SettingsException(recipe + " is for " + (images ? "videos" : "images") + ", and the weights in "
                    + beginning + " are of " + (images ? "images" : "videos"));
        }
        return new Recipe<>(named.name(), named.summary(), weights.adoptedBy(named.run()));
    }

    @Override
    Settings<Finetune> settings() throws IOException {
        Recipe<Finetune> found = chosen();
        Settings<Finetune> settings = over(options.over(Settings.of(Finetune.class, found.name(), found.run())));
        return SettingsOptions.checked(Finetune.class, found, settings);
    }

    @Override
    String inSmallerPortions() {
        return "steps stay as large, but where augment.mix is on without a group samples mix among fewer, which is another result";
    }

    @Override
    Finetune any() {
        return FinetuneRecipes.all().get(0).run();
    }

    @Override
    Settings<Finetune> over(Settings<Finetune> before) {
        Settings<Finetune> now = before;
        if (from != null) {
            now = from.equals(SCRATCH)
                    ? now.flag("--from", "from", "null")
                    : SettingsOptions.pathFlag(now, "--from", "from", Path.of(from));
        }
        return validation == null ? now : SettingsOptions.pathFlag(now, "--val", "data.validation", validation);
    }

    @Override
    Splits open(Finetune run) throws IOException {
        Finetune.Data data = run.data();
        Splits splits = Splits.open(
                dataPath(run, ""),
                data.validation() == null ? null : Path.of(data.validation()),
                data.clip(),
                new Splits.Options(
                        data.perClass(),
                        data.holdOut(),
                        run.seed(),
                        data.classNames() == null ? null : Path.of(data.classNames())));
        Finetuning.check(run, splits);
        return splits;
    }

    @Override
    int train(Job<Finetune, Splits> job) throws IOException, InterruptedException {
        Finetune run = job.settings().value();
        Splits splits = job.data();
        say(splits.train(), " in " + splits.classes().size() + " classes");
        splits.notices().forEach(LOG::warn);
        splits.validation()
                .ifPresentOrElse(
                        held -> LOG.info("measured on {} {} from {}", held.size(), held.noun(), held.source()),
                        () -> LOG.warn("nothing to measure on: give --val PATH, or --set data.hold-out=0.1"));
        Optional<Checkpoint> resumedFrom = job.from();
        // A checkpoint holds all weights: what the run began with may be gone by now.
        Path weights = run.from() == null || resumedFrom.isPresent() ? null : Path.of(run.from());
        try (Finetuning finetuning =
                Finetuning.of(run, splits, weights, job.knownBad(), job.badFiles(), job.badFiles()::leftOut)) {
            if (resumedFrom.isEmpty()) {
                write(
                        job.folder().transfer(),
                        JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(finetuning.transfer()));
            }
            say(finetuning, resumedFrom);
            List<Listener> listeners = List.of(
                    job.metrics(),
                    job.events(),
                    job.progress(),
                    new AugmentedSamples(finetuning, job.folder().pictures(), job.events()));
            try (StopSignal stop = StopSignal.listen(StopSignal.SAVING, line -> LOG.info("{}", line))) {
                Trainer.Ending ending =
                        finetuning.train(job.folder(), resumedFrom, listeners, stopping(stop), LOG::warn);
                job.metrics().close();
                boolean whole = FinetuneReport.write(job, finetuning, ending, stopping(stop));
                return conclude(
                        job.folder(),
                        job.badFiles().entries().size(),
                        whole ? ending : Trainer.Ending.STOPPED,
                        "finetune");
            }
        }
    }

    private static void say(Finetuning finetuning, Optional<Checkpoint> resumedFrom) {
        Finetune run = finetuning.settings();
        LOG.info(String.format(
                Locale.ROOT,
                "%d classes, %,d parameters on %s",
                finetuning.splits().classes().size(),
                finetuning.model().parameterCount(),
                finetuning.device()));
        say(
                run,
                finetuning.plan(),
                finetuning.splits().train().noun(),
                run.optim().lr(),
                run.optim().referenceBatch());
        if (resumedFrom.isPresent()) {
            LOG.info("going on after step {}", resumedFrom.get().step());
            return;
        }
        Transfer transfer = finetuning.transfer();
        LOG.info(
                "{}: {}",
                run.from() == null ? "from scratch, layer decay " + run.optim().layerDecay() : run.from(),
                transfer.summary());
        transfer.resized().forEach(resized -> LOG.info("resized {}", resized));
    }
}
