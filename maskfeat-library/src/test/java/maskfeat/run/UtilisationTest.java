package maskfeat.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import maskfeat.report.MetricsFile;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.torch.Devices;
import maskfeat.torch.Precision;
import maskfeat.torch.ProductRate;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run writes of the share that it reaches of the rate of a large product. */
class UtilisationTest {
    @TempDir
    private Path folder = Path.of("");

    /** From the share, the time and the rate come the operations that 'bench step' counts, in every report. */
    @Test
    void isOfTheOperationsThatAreCounted() throws Exception {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY);
        Settings<Run> settings = Runs.settings(
                "tiny-image-ft",
                "data.path=" + folder.resolve("set/images"),
                "report.pictures-every=0",
                "report.log-every=1",
                "train.threads=1");
        double flops;
        try (Training training = Training.of(settings.value(), RunData.open(settings.value()))) {
            flops = 1e9 * training.measure(1).gflop();
        }
        RunJob.begin(folder.resolve("run"), settings).run();

        List<Map<String, Double>> rows = MetricsFile.read(folder.resolve("run/metrics.jsonl")).values().stream()
                .filter(row -> row.containsKey("time/step_s"))
                .toList();
        assertThat(rows).isNotEmpty();
        double rate = ProductRate.once(Devices.named("cpu"), Precision.FLOAT32);
        rows.forEach(
                row -> assertThat(requireNonNull(row.get("time/mfu")) * requireNonNull(row.get("time/step_s")) * rate)
                        .isCloseTo(flops, Percentage.withPercentage(2)));
        assertThat(Files.readString(folder.resolve("run/report.html")))
                .contains("Share of the rate of a large product");
    }
}
