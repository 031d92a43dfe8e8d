package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import maskfeat.report.MetricsFile;
import maskfeat.sample.SampleSet;
import maskfeat.track.MlflowStub;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A server beside a run: it gets what the run folder gets, and a run does not depend on it once it is on its way. */
class TrackOptionsTest {
    @TempDir
    private Path folder;

    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine line = Commands.line();
        line.setOut(new PrintWriter(new StringWriter(), true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    @Test
    void aServerIsToldWhatTheRunFolderIs() throws Exception {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        Path out = folder.resolve("run");
        MlflowStub server = new MlflowStub();
        String place = "mlflow:" + server.address();
        try (server) {
            assertThat(run(
                            "pretrain",
                            "tiny-image",
                            "--data",
                            folder.resolve("set/images/train").toString(),
                            "--epochs",
                            "2",
                            "--set",
                            "report.pictures-every=0",
                            "--out",
                            out.toString(),
                            "--track",
                            place,
                            "--track-experiment",
                            "trial"))
                    .as(err.toString())
                    .isZero();
            MlflowStub.Told told = server.runs().get(0);
            assertThat(told.parameters).containsEntry("train.epochs", "2").containsEntry("task.target.kind", "hog");
            Map<String, Map<Long, Float>> sent = new TreeMap<>();
            told.metrics.forEach((key, steps) -> steps.forEach((step, value) ->
                    sent.computeIfAbsent(key, any -> new TreeMap<>()).put(step, value.floatValue())));
            Map<String, Map<Long, Float>> written = new TreeMap<>();
            MetricsFile.read(out.resolve("metrics.jsonl"))
                    .forEach((step, values) -> values.forEach((key, value) -> {
                        if (Double.isFinite(value)) {
                            written.computeIfAbsent(key, any -> new TreeMap<>()).put(step, value.floatValue());
                        }
                    }));
            assertThat(sent).isEqualTo(written).containsKey("train/loss");
            assertThat(told.states).endsWith("FINISHED");
        }
        for (List<String> more : List.of(List.of("--track", place), List.<String>of())) {
            List<String> words = new ArrayList<>(List.of("pretrain", "--resume", "--out", out.toString()));
            words.addAll(more);
            assertThat(run(words.toArray(String[]::new)))
                    .as("a run that goes on needs no server")
                    .isZero();
        }
    }

    @Test
    void aServerThatIsNotThereIsSaidBeforeAnythingIsMade() throws Exception {
        MlflowStub gone = new MlflowStub();
        gone.close();
        Path out = folder.resolve("run");
        for (String place : List.of("mlflow:" + gone.address(), "mlflow:localhost", "wandb", "mlflow:http://")) {
            assertThat(run("pretrain", "tiny-image", "--out", out.toString(), "--track", place))
                    .as(place)
                    .isIn(Exit.USAGE, Exit.INPUT);
        }
        assertThat(err.toString())
                .contains("MLflow at " + gone.address(), "--track wandb is no server; write for example mlflow:http");
        assertThat(out).doesNotExist();
    }
}
