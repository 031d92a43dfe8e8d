package maskfeat.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import maskfeat.run.Run;
import maskfeat.settings.Settings;
import maskfeat.track.MlflowRun;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** A server that shows the run to others. */
final class TrackOptions {
    private static final Logger LOG = LoggerFactory.getLogger("maskfeat");
    private static final Pattern PLACE = Pattern.compile("mlflow:(https?://[^/\\s]+\\S*)");

    @Option(
            names = "--track",
            paramLabel = "mlflow:URL",
            description = "Send settings and figures to an MLflow server, such as mlflow:http://localhost:5000.")
    private @Nullable String place;

    @Option(
            names = "--track-experiment",
            paramLabel = "NAME",
            description = "Experiment of --track, made if it is not there. Default: ${DEFAULT-VALUE}.")
    private String experiment = "maskfeat";

    /**
     * Asks the server. A new run needs it; one that goes on trains without a server rather than not at all.
     *
     * @throws IOException if it cannot be reached, naming it
     */
    Optional<MlflowRun> connect(boolean goesOn) throws IOException, InterruptedException {
        if (place == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(MlflowRun.connect(server(place), experiment, System.getenv(), LOG::warn));
        } catch (IOException unreachable) {
            if (!goesOn) {
                throw unreachable;
            }
            LOG.warn("{}; training goes on without it", unreachable.getMessage());
            return Optional.empty();
        }
    }

    /** Is told of the run; null where nothing is sent, and said if it was before. */
    @Nullable MlflowRun sending(Optional<MlflowRun> server, Path folder, Settings<Run> settings) throws IOException {
        if (server.isEmpty()) {
            Optional<URI> before = place == null ? MlflowRun.lastOf(folder) : Optional.empty();
            before.ifPresent(gone -> LOG.warn(
                    "this run was sent to MLflow at {}; without --track mlflow:{} nothing more is", gone, gone));
            return null;
        }
        Map<String, String> values = new LinkedHashMap<>();
        settings.leaves().forEach(leaf -> values.put(leaf.key(), String.valueOf(leaf.value())));
        return server.get().of(folder, values);
    }

    private static URI server(String place) {
        Matcher matcher = PLACE.matcher(place);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("--track " + Launcher.word(place)
                    + " is no server; write for example mlflow:http://localhost:5000");
        }
        try {
            return URI.create(matcher.group(1));
        } catch (IllegalArgumentException wrong) {
            throw new IllegalArgumentException("--track " + place + ": " + wrong.getMessage(), wrong);
        }
    }
}
