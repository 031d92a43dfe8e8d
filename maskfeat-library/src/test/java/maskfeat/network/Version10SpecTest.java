package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import maskfeat.golden.GoldenDir;
import maskfeat.run.Run;
import maskfeat.run.RunFormat;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.Test;

/** What version 10 wrote says the same today: its runs measure features on items that they train on. */
class Version10SpecTest {
    private static final Path FILES = GoldenDir.resource("/version10");

    @Test
    void aRunMeasuresFeaturesOfItsTrainingItems() {
        Run run = Settings.of(RunFormat.FORMAT, FILES.resolve("run.yaml")).value();
        assertThat(run.report().featuresVal()).isNull();
        assertThat(run.report().featuresEvery()).isEqualTo(6);
        assertThat(run.report().features()).isEqualTo(250);
        assertThat(run.train().until()).isEqualTo(0.8);
        assertThat(run.seed()).isEqualTo(10);
    }
}
