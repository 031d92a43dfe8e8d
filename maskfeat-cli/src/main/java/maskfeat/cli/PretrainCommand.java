package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import maskfeat.data.Dataset;
import maskfeat.recipe.Pretrained;
import maskfeat.recipe.Pretraining;
import maskfeat.recipe.Recipe;
import maskfeat.recipe.Recipes;
import maskfeat.recipe.Run;
import maskfeat.recipe.Transfer;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import maskfeat.train.Checkpoint;
import maskfeat.train.Listener;
import maskfeat.train.Trainer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code maskfeat pretrain}. */
@Command(
        name = "pretrain",
        description = "Pre-trains a network on unlabelled video or images. Without a further word: a small one on "
                + "generated sample clips.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Exit codes: 0 done, 2 usage, 3 input missing or unusable, 4 too many bad files, 5 diverged,",
            "6 out of memory, 8 disk full, 75 stopped by a signal after saving: --resume goes on."
        })
final class PretrainCommand extends TrainCommand<Run, Dataset> {
    @Parameters(
            arity = "0..1",
            paramLabel = "RECIPE",
            description = "The settings to begin with; see 'maskfeat recipes'. Default: " + Recipes.DEFAULT + ".")
    private @Nullable String recipe;

    @Option(
            names = "--from",
            paramLabel = "CHECKPOINT",
            description =
                    "Go on from these weights, ours or another program's, in place of random ones; without RECIPE, by "
                            + "the recipe for their network. Stands for from.")
    private @Nullable Path from;

    PretrainCommand() {
        super(Run.class);
    }

    @Override
    String recipeName() throws IOException {
        return recipe != null
                ? recipe
                : from == null ? Recipes.DEFAULT : fitting(from).name();
    }

    private static Recipe<Run> fitting(Path from) throws IOException {
        Pretrained weights = Pretrained.open(from);
        return Recipes.all().stream()
                .filter(each -> weights.fits(each.run()))
                .findFirst()
                .orElseThrow(() -> new SettingsException(from
                        + " holds a network that no recipe is for; name the one whose other settings are wanted, and set its"
                        + " model: " + String.join(", ", Recipes.byName().keySet())));
    }

    @Override
    Settings<Run> settings() throws IOException {
        Recipe<Run> found = SettingsOptions.recipe(Recipes.byName(), recipeName());
        Settings<Run> settings = options.settings(Run.class, found);
        return from == null ? settings : SettingsOptions.pathFlag(settings, "--from", "from", from);
    }

    @Override
    String inSmallerPortions() {
        return "steps stay as large";
    }

    @Override
    Run any() {
        return Recipes.all().get(0).run();
    }

    @Override
    Settings<Run> over(Settings<Run> before) {
        return from == null ? before : SettingsOptions.pathFlag(before, "--from", "from", from);
    }

    @Override
    Dataset open(Run run) throws IOException {
        Dataset dataset = Dataset.open(dataPath(run, "train"), run.data().clip());
        Pretraining.check(run, dataset);
        return dataset;
    }

    @Override
    int train(Job<Run, Dataset> job) throws IOException, InterruptedException {
        Dataset dataset = job.data();
        say(
                dataset,
                dataset.classes().isEmpty() ? "" : " in " + dataset.classes().size() + " classes (not used)");
        try (Pretraining pretraining =
                Pretraining.of(job.settings().value(), dataset, job.knownBad(), job.badFiles())) {
            Optional<Checkpoint> from = job.from();
            say(pretraining);
            from.ifPresent(checkpoint -> LOG.info("going on after step {}", checkpoint.step()));
            if (from.isEmpty() && pretraining.run().from() != null) {
                begin(pretraining, Path.of(pretraining.run().from()));
            }
            List<Listener> listeners = List.of(
                    job.metrics(),
                    job.events(),
                    job.progress(),
                    new Pictures(pretraining, job.folder().pictures(), job.events()));
            Trainer.Ending ending;
            try (StopSignal stop = StopSignal.listen(StopSignal.SAVING, line -> LOG.info("{}", line))) {
                ending = pretraining.train(job.folder(), from, listeners, stopping(stop), LOG::warn);
            }
            job.metrics().close();
            RunReport.write(
                    job.folder(),
                    job.folder().root().getFileName().toString(),
                    pretraining,
                    job.settings(),
                    job.environment(),
                    ending);
            return conclude(job.folder(), pretraining.badFiles().count(), ending, "pretrain");
        }
    }

    private static void begin(Pretraining pretraining, Path weights) throws IOException {
        Transfer transfer = pretraining.beginWith(weights);
        LOG.info("from {}: {}", weights, transfer.summary());
        if (!transfer.fresh().isEmpty()) {
            LOG.info("new: {}", String.join(", ", transfer.fresh()));
        }
    }

    private static void say(Pretraining pretraining) {
        Run run = pretraining.run();
        LOG.info(String.format(
                Locale.ROOT,
                "%s tokens of %d px, %d numbers to predict for each hidden one; %,d parameters on %s",
                pretraining.targets().maskGrid(),
                run.model().patch(pretraining.targets().last().block()),
                pretraining.targets().last().target().dim(),
                pretraining.model().parameterCount(),
                pretraining.device()));
        say(
                run,
                pretraining.plan(),
                pretraining.dataset().noun(),
                run.optim().lr(),
                run.optim().referenceBatch());
    }
}
