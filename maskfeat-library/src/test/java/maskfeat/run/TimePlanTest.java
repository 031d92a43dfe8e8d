package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.torch.Threads;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimePlanTest {
    /** What a user waits for is longer than these tests need. */
    private static final double FEW_SECONDS = 0.3;

    @TempDir
    private static Path data = Path.of("");

    private final List<String> said = new ArrayList<>();

    @BeforeAll
    static void make() throws Exception {
        SampleSet.write(data.resolve("set"), SampleSet.Size.TINY);
    }

    private Settings<Run> planned(Settings<Run> settings, Duration time) throws Exception {
        return TimePlan.planned(
                settings, RunData.open(settings.value()), "--minutes 600", time, FEW_SECONDS, said::add);
    }

    @Test
    void aLongTimeGivesMoreEpochsThanTheRecipeAndWarmsUpForTheSameShare() throws Exception {
        Settings<Run> settings = Runs.onSamples(data.resolve("set"), "tiny-image");
        Settings<Run> planned = planned(settings, Duration.ofHours(10));
        Run run = planned.value();
        assertThat(run.train().epochs()).isGreaterThan(settings.value().train().epochs());
        assertThat(planned.origins().get("train.epochs")).hasToString("--minutes 600");
        assertThat(run.optim().warmupEpochs() / run.train().epochs())
                .isCloseTo(
                        settings.value().optim().warmupEpochs()
                                / settings.value().train().epochs(),
                        Assertions.within(0.01));
        assertThat(run.train().stepSize()).isEqualTo(settings.value().train().stepSize());
        assertThat(said)
                .last()
                .asString()
                .matches("--minutes 600: an epoch of \\d+ steps? takes about .* here, so" + " train.epochs is "
                        + run.train().epochs() + "; done about .*\\d\\d:\\d\\d");
    }

    /** Steps of many micro-batches are not made to be measured; and a warm-up that somebody set stays. */
    @Test
    void accumulationAndValidationCount() throws Exception {
        Settings<Run> settings = Runs.onSamples(
                data.resolve("set"), "tiny-image-ft", "train.batch=2", "train.accumulate=4", "optim.warmup-epochs=0");
        Run run = planned(settings, Duration.ofHours(10)).value();
        assertThat(run.train().accumulate()).isEqualTo(4);
        assertThat(run.optim().warmupEpochs()).isZero();
    }

    /** Training chooses the number of threads itself, and begins with all. */
    @Test
    void threadsAreAsBefore() throws Exception {
        int before = Threads.count();
        Settings<Run> settings = Runs.onSamples(data.resolve("set"), "tiny-image", "train.threads=0");
        assertThat(planned(settings, Duration.ofHours(10)).value().train().threads())
                .isZero();
        assertThat(Threads.count()).isEqualTo(before);
    }

    @Test
    void aTimeThatIsTooShortIsRefused() {
        Settings<Run> settings = Runs.onSamples(data.resolve("set"), "tiny-image");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> planned(settings, Duration.ofMillis(1)))
                .withMessageContainingAll("--minutes 600 is too short", "an epoch of", "--epochs 1");
    }

    @Test
    void aRunThatGoesOnIsNotPlannedAgain(@TempDir Path folder) throws Exception {
        Path place = folder.resolve("run");
        RunJob.begin(
                        place,
                        Runs.onSamples(data.resolve("set"), "tiny-image", "train.epochs=1", "optim.warmup-epochs=0"))
                .run();
        RunJob resumed = RunJob.resume(place);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> resumed.within("--minutes 1", Duration.ofMinutes(1)))
                .withMessageContaining("--minutes 1 plans a new run");
    }
}
