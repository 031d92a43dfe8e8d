package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import maskfeat.report.MetricsFile;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.torch.Devices;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of every task on a graphics card against the same runs on the processor. {@code mvn verify -Pgpu} where a card is. */
@Tag("cuda")
class GraphicsCardTest {
    @TempDir
    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void make() throws IOException {
        assumeTrue(Devices.cudaCount() > 0, "skipped: no CUDA device");
        SampleSet.write(data.resolve("set"), SampleSet.Size.TINY);
    }

    private static Settings<Run> settings(String recipe, String device, int epochs) {
        return Runs.onSamples(
                data.resolve("set"), recipe, "report.log-every=1", "train.epochs=" + epochs, "train.device=" + device);
    }

    private static List<Double> losses(Path run) {
        List<Double> losses = new ArrayList<>();
        MetricsFile.read(run.resolve("metrics.jsonl")).values().stream()
                .filter(row -> row.containsKey("train/loss"))
                .forEach(row -> losses.add(row.get("train/loss")));
        return losses;
    }

    private static void assertAlike(List<Double> actual, List<Double> expected, double most) {
        assertThat(actual).hasSameSizeAs(expected).isNotEmpty();
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i) / expected.get(i)).as("step " + i).isBetween(1 - most, 1 + most);
        }
    }

    /** Contrast divides by norms over a batch of a few images, which makes more of any rounding. */
    @ParameterizedTest
    @CsvSource({
        "tiny-image, 1e-3",
        "tiny-video, 1e-3",
        "tiny-image-ft, 1e-3",
        "tiny-video-ft, 1e-3",
        "tiny-detect, 1e-3",
        "tiny-mocov3, 0.05"
    })
    void learnsAsOnTheProcessor(String recipe, double most) throws Exception {
        RunJob.begin(folder.resolve("cpu"), settings(recipe, "cpu", 1)).run();
        RunJob.begin(folder.resolve("card"), settings(recipe, "cuda", 1)).run();
        assertAlike(losses(folder.resolve("card")), losses(folder.resolve("cpu")), most);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-image", "tiny-video", "tiny-image-ft", "tiny-detect"})
    void computesBlocksASecondTime(String recipe) throws Exception {
        RunJob.begin(folder.resolve("kept"), settings(recipe, "cuda", 1)).run();
        RunJob.begin(folder.resolve("twice"), settings(recipe, "cuda", 1).set("train.recompute=true"))
                .run();
        assertAlike(losses(folder.resolve("twice")), losses(folder.resolve("kept")), 1e-3);
    }

    /** Sums on a card have no fixed order, so that losses are alike and not equal. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny-image", "tiny-video", "tiny-image-ft"})
    void aRunThatWasStoppedGoesOnAsIfItHadNotBeen(String recipe) throws Exception {
        RunJob.begin(folder.resolve("whole"), settings(recipe, "cuda", 2)).run();
        RunJob first = RunJob.begin(folder.resolve("stopped"), settings(recipe, "cuda", 2));
        AtomicInteger asked = new AtomicInteger();
        try (RunFolder place = first.folder()) {
            RunJob.Watch stopping = new RunJob.Watch(
                    List.of(), () -> asked.incrementAndGet() >= 2, (done, of) -> {}, "maskfeat pretrain");
            assertThat(first.run(place, stopping).ending()).isEqualTo(Trainer.Ending.STOPPED);
        }
        assertThat(RunJob.resume(folder.resolve("stopped")).run().ending()).isEqualTo(Trainer.Ending.DONE);
        assertAlike(losses(folder.resolve("stopped")), losses(folder.resolve("whole")), 1e-3);
    }
}
