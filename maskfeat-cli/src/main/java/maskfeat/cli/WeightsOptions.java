package maskfeat.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import maskfeat.foreign.Told;
import maskfeat.network.OpenedWeights;
import maskfeat.run.Run;
import maskfeat.settings.Settings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What files of other programs do not tell of their weights. */
final class WeightsOptions {
    @Option(
            names = "--heads",
            paramLabel = "N",
            description = "Number of attention heads, if neither the weights nor a config.json beside them tells. "
                    + "Default: width / 64, up to a width of 1024.")
    private @Nullable Integer heads;

    @Option(
            names = "--network",
            paramLabel = "NAME",
            description = "Which of several networks in the file: a key such as state_dict_ema or teacher, or what "
                    + "stands before its names; 'weights inspect' lists them.")
    private @Nullable String network;

    /** The same again, as words of a line; empty if nothing was told. */
    String words() {
        return Launcher.line(
                heads == null ? "" : "--heads " + heads,
                network == null ? "" : "--network",
                network == null ? "" : new Launcher.Word(network));
    }

    Told told() {
        return new Told(heads == null ? OptionalInt.empty() : OptionalInt.of(heads), Optional.ofNullable(network));
    }

    /** Settings of a run that begins with such weights. */
    Settings<Run> onto(Settings<Run> settings) {
        return network == null ? settings : settings.flag("--network", "from-network", network);
    }

    OpenedWeights open(Path from) throws IOException {
        return OpenedWeights.open(from, told());
    }
}
