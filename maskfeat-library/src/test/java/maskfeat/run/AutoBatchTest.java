package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AutoBatchTest {
    private static final double GIB = 1 << 30;

    @TempDir
    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void make() throws Exception {
        SampleSet.write(data.resolve("set"), SampleSet.Size.TINY);
    }

    private static Settings<Run> settings(String recipe, String... more) {
        return Runs.onSamples(data.resolve("set"), recipe, more);
    }

    /** With other steps than the recipe's, as a user's file has them. */
    private Settings<Run> steps(String recipe, int batch, int accumulate) throws IOException {
        Path file = folder.resolve("steps.yaml");
        Files.writeString(file, "train: {batch: " + batch + ", accumulate: " + accumulate + "}\n");
        return settings(recipe).file(file);
    }

    private static Run.Train decided(Settings<Run> settings, double gib) throws Exception {
        MachineMemory machine = new MachineMemory(2 * gib * GIB, gib * GIB, 0, 0);
        return Training.decided(settings, RunData.open(settings.value()), () -> machine, said -> {})
                .value()
                .train();
    }

    /** ViT-B keeps 0.12 GiB for a picture beside 1.5 GiB that it takes in any case; 85 % of what is free is planned with. */
    @ParameterizedTest
    @CsvSource({
        "100, false, 16",
        "3.5, false, 8",
        "2.6, false, 4",
        "2.2, false, 2",
        "1.97, false, 1",
        "3.5, true, 16",
        "2.2, true, 8"
    })
    void isTheLargestPartOfTheSameStepThatFits(double gib, boolean recompute, int batch) throws Exception {
        Settings<Run> settings =
                steps("in1k-vit-b-pt", 2, 8).set("train.recompute=" + recompute).set("loader.ahead=1");
        Run.Train train = decided(settings.set("train.batch=auto"), gib);
        assertThat(train.microBatch()).isEqualTo(batch);
        assertThat(train.batch().isAuto()).isFalse();
        assertThat(train.accumulate()).isEqualTo(16 / batch);
        assertThat(decided(settings, gib).microBatch()).isEqualTo(2); // where a number stands, nothing is decided
    }

    @Test
    void whatTheTaskDoesNotTakeIsNotChosen() throws Exception {
        // Of a step of 8, parts of 1, 2 and 4 samples would fit as well as the whole.
        assertThat(decided(settings("tiny-video-ft", "task.mix.group=4", "train.batch=auto"), 100)
                        .microBatch())
                .isEqualTo(8);
        Settings<Run> mixed = steps("in1k-vit-b-ft", 4, 2);
        assertThat(decided(mixed.set("train.batch=auto"), 2.1).microBatch())
                .isEqualTo(2); // not 1, which cannot be mixed
        // Images are told apart from all of a batch, so that it has no parts.
        assertThat(decided(settings("tiny-mocov3", "train.batch=auto"), 100).microBatch())
                .isEqualTo(16);
    }

    @Test
    void whereNothingFitsItSaysWhatWouldHelp() throws Exception {
        Settings<Run> settings =
                steps("in1k-vit-b-pt", 4, 1).set("train.batch=auto").set("loader.ahead=1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> decided(settings, 1))
                .withMessageContainingAll("no micro-batch fits into the 1.0 GiB that are free", "smaller network");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> decided(settings, Double.NaN))
                .withMessageContainingAll("not known on this system", "set a number");
    }

    @Test
    void whatWasDecidedIsWrittenDownAndKept() throws Exception {
        Path place = folder.resolve("run");
        RunJob.begin(place, settings("tiny-image", "train.batch=auto")).run();
        assertThat(Files.readString(place.resolve("config.yaml")))
                .containsPattern(" batch: 16 +# auto, [0-9.]+ GiB free")
                .containsPattern("accumulate: 1 +# auto, ");
        RunJob.begin(folder.resolve("same"), settings("tiny-image", "train.batch=16", "train.accumulate=1"))
                .run();
        assertThat(place.resolve("model.safetensors")).hasSameBinaryContentAs(folder.resolve("same/model.safetensors"));
        List<String> notices = new ArrayList<>();
        assertThat(RunJob.resume(place, settings -> settings, notices::add)
                        .settings()
                        .value()
                        .train()
                        .microBatch())
                .isEqualTo(16);
        assertThatThrownBy(() -> RunJob.resume(place, settings -> settings.set("train.batch=auto"), notices::add))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("train.batch was 16 and is auto");
    }

    @Test
    void beginsFromWhatWasSetBefore() throws Exception {
        Run twice = settings("tiny-image")
                .set("train.batch=4")
                .set("train.batch=auto")
                .value();
        assertThat(twice.train().batch().isAuto()).isTrue();
        assertThat(twice.train().stepSize()).isEqualTo(8);
    }

    /** What {@code config} prints is a file that says the same again, without a recipe. */
    @Test
    void isWrittenWithTheNumberThatItBeginsFrom() throws Exception {
        Settings<Run> auto = settings("tiny-image", "train.batch=auto");
        Path file = Files.writeString(folder.resolve("auto.yaml"), auto.yaml());
        assertThat(file).content().containsPattern("(?m)^  batch: auto 8 ");
        assertThat(Settings.of(RunFormat.FORMAT, file).value()).isEqualTo(auto.value());
    }

    @Test
    void beginsFromTheRecipe() throws Exception {
        Path file = folder.resolve("mine.yaml");
        Files.writeString(file, "train:\n  batch: auto\n");
        Run run = settings("tiny-image").file(file).value();
        assertThat(run.train().batch().isAuto()).isTrue();
        assertThat(run.train().stepSize()).isEqualTo(16);
        Path whole = folder.resolve("whole.yaml");
        Files.writeString(whole, settings("tiny-image").yaml().replaceAll("  batch: .*", "  batch: auto"));
        assertThatThrownBy(() -> Settings.of(RunFormat.FORMAT, whole))
                .isInstanceOf(SettingsException.class)
                .hasMessageContainingAll("batch is auto", "begin with a recipe");
    }
}
