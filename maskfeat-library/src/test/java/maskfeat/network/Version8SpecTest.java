package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import maskfeat.golden.GoldenDir;
import maskfeat.run.Run;
import maskfeat.run.RunFormat;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.Test;

/** What version 8 wrote says the same today: its runs measure no features. */
class Version8SpecTest {
    private static final Path FILES = GoldenDir.resource("/version8");

    @Test
    void aRunMeasuresNoFeatures() {
        Run run = Settings.of(RunFormat.FORMAT, FILES.resolve("run.yaml")).value();
        assertThat(run.report().featuresEvery()).isZero();
        assertThat(run.report().picturesEvery()).isEqualTo(15);
        assertThat(run.train().recompute()).isTrue();
        assertThat(run.seed()).isEqualTo(4);
    }
}
