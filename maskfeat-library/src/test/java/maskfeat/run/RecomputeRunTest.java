package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of every task whose blocks are computed a second time: the same files come of them. */
class RecomputeRunTest {
    @TempDir
    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void make() throws Exception {
        SampleSet.write(data.resolve("set"), SampleSet.Size.TINY);
    }

    private static Settings<Run> settings(String recipe, String... more) {
        Settings<Run> settings = Runs.onSamples(data.resolve("set"), recipe, "train.epochs=2");
        for (String assignment : more) {
            settings = settings.set(assignment);
        }
        return settings;
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-image", "tiny-video", "tiny-image-ft", "tiny-mocov3", "tiny-detect"})
    void theSameWeightsComeOfIt(String recipe) throws Exception {
        RunJob.begin(folder.resolve("plain"), settings(recipe)).run();
        RunJob.begin(folder.resolve("twice"), settings(recipe, "train.recompute=true"))
                .run();
        assertThat(folder.resolve("twice/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("plain/model.safetensors"));
        assertThat(Files.readString(folder.resolve("twice/config.yaml"))).containsPattern("recompute: true");
    }

    /** When memory runs out, a run goes on with less. */
    @Test
    void aRunMayGoOnWithIt() throws Exception {
        RunJob.begin(folder.resolve("whole"), settings("tiny-image")).run();
        RunJob first = RunJob.begin(folder.resolve("stopped"), settings("tiny-image"));
        AtomicInteger asked = new AtomicInteger();
        try (RunFolder place = first.folder()) {
            RunJob.Watch stopping = new RunJob.Watch(
                    List.of(), () -> asked.incrementAndGet() >= 2, (done, of) -> {}, "maskfeat pretrain");
            assertThat(first.run(place, stopping).ending()).isEqualTo(Trainer.Ending.STOPPED);
        }
        RunJob.resume(
                        folder.resolve("stopped"),
                        settings -> settings.set("train.recompute=true"),
                        notice -> assertThat(notice).isEmpty())
                .run();
        assertThat(folder.resolve("stopped/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("whole/model.safetensors"));
    }
}
