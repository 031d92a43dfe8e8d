package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import maskfeat.golden.GoldenDir;
import maskfeat.run.Run;
import maskfeat.run.RunFormat;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.Test;

/** What version 9 wrote says the same today: its runs train for all their epochs. */
class Version9SpecTest {
    private static final Path FILES = GoldenDir.resource("/version9");

    @Test
    void aRunTrainsForAllItsEpochs() {
        Run run = Settings.of(RunFormat.FORMAT, FILES.resolve("run.yaml")).value();
        assertThat(run.train().until()).isNull();
        assertThat(run.train().epochs()).isEqualTo(80);
        assertThat(run.report().featuresEvery()).isEqualTo(7);
        assertThat(run.seed()).isEqualTo(9);
    }
}
