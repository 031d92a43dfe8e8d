package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many items are measured of features that are learned. */
class FeatureFitTest {
    private static final int ITEMS = 60;

    @TempDir
    private static Path folder = Path.of("");

    @BeforeAll
    static void make() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
    }

    private static Settings<Run> fitted(String... more) throws IOException {
        String[] assignments = Stream.concat(
                        Stream.of(
                                "data.path=" + folder.resolve("set/images/train"),
                                "report.features-every=50",
                                "optim.warmup-epochs=0"),
                        Arrays.stream(more))
                .toArray(String[]::new);
        Settings<Run> settings = Runs.settings("tiny-image", assignments);
        return FeatureFit.fitted(settings, RunData.open(settings.value()));
    }

    private static int features(String... more) throws IOException {
        return fitted(more).value().report().features();
    }

    @Test
    void whatIsMeasuredIsLittleOfARun() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("set/images/train"))) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(ITEMS);
        }
        assertThat(features("train.epochs=1000")).isEqualTo((int) (0.06 * ITEMS * 1000 / 21));
        assertThat(features("train.epochs=100", "report.features-every=10"))
                .isLessThanOrEqualTo((int) Math.max(32, 0.06 * ITEMS * 100 / 11));
        assertThat(features("train.epochs=100000", "report.features-every=50000"))
                .isEqualTo(400);
        assertThat(features("train.epochs=1")).isEqualTo(32);
    }

    /** Neighbours among training items are as many again. */
    @Test
    void otherItemsAreHalfAsMany() throws IOException {
        assertThat(features("train.epochs=1000", "report.features-val=" + folder.resolve("set/images/val")))
                .isEqualTo((int) (0.06 * ITEMS * 1000 / 21 / 2));
    }

    @Test
    void aNumberThatSomebodySetStays() throws IOException {
        assertThat(features("train.epochs=1", "report.features=50")).isEqualTo(50);
        assertThat(fitted("train.epochs=1").origins().get("report.features")).hasToString("at most 3 % of the run");
    }
}
