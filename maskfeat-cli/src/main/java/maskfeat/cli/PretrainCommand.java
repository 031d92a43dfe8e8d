package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Path;
import maskfeat.foreign.Told;
import maskfeat.network.OpenedWeights;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code maskfeat pretrain}. */
@Command(
        name = PretrainCommand.NAME,
        description = "Pre-trains a network on unlabelled video or images. Without arguments: a small one on "
                + "generated sample clips.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  maskfeat pretrain small-video --data videos --minutes 60",
            "  maskfeat pretrain --resume --out runs/small-video",
            "",
            "Exit codes: 0 done, 2 usage, 3 input missing or unusable, 4 too many bad files, 5 diverged,",
            "6 out of memory, 7 one of several ranks died, 8 disk full, 75 stopped by a signal after saving: --resume continues."
        })
final class PretrainCommand extends TrainCommand {
    static final String NAME = "pretrain";

    @Parameters(
            arity = "0..1",
            paramLabel = "RECIPE",
            completionCandidates = RecipeNames.Pretrain.class,
            description = "Recipe to start from; see 'maskfeat recipes'. Default: " + Recipes.DEFAULT + ".")
    private @Nullable String recipe;

    @Option(
            names = "--from",
            paramLabel = "CHECKPOINT",
            description = "Start from these weights, ours or another program's, instead of random ones. Without "
                    + "RECIPE, uses the recipe for their network. Sets from.")
    private @Nullable Path from;

    @Option(
            names = "--until",
            paramLabel = "SHARE",
            description =
                    "End early, once an epoch's loss is at or below this share of that of the best constant prediction,"
                            + " such as 0.85. Sets train.until.")
    private @Nullable String until;

    @Option(
            names = "--val",
            paramLabel = "PATH",
            description =
                    "Folder, list, or zip or tar files on which features are measured while they are learned, by their nearest"
                            + " neighbours in --data where both have the same classes, else among themselves. Sets"
                            + " report.features-val. Default: items of --data.")
    private @Nullable Path validation;

    @Mixin
    private WeightsOptions loading = new WeightsOptions();

    @Override
    String runName() throws IOException {
        if (recipe != null) {
            return recipe;
        }
        return from == null ? Recipes.DEFAULT : fitting(from, loading.told());
    }

    private static String fitting(Path from, Told told) throws IOException {
        try (OpenedWeights weights = OpenedWeights.open(from, told)) {
            return Recipes.fitting(NAME, weights.spec())
                    .orElseThrow(() -> new SettingsException(from
                            + " holds a network that no recipe is for; name the one whose other settings are wanted, and"
                            + " set its model: " + RecipeNames.some(Recipes.of(NAME))));
        }
    }

    @Override
    Settings<Run> beginning() throws IOException {
        return Recipes.BOOK.settings(recipe(NAME, runName()));
    }

    @Override
    Settings<Run> withFlags(Settings<Run> settings) {
        Settings<Run> now = from == null ? settings : SettingsOptions.pathFlag(settings, "--from", "from", from);
        now = until == null ? now : now.flag("--until", "train.until", until);
        now = validation == null ? now : SettingsOptions.pathFlag(now, "--val", "report.features-val", validation);
        return loading.onto(now);
    }
}
