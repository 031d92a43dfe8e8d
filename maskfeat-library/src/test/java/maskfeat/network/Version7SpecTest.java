package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import maskfeat.golden.GoldenDir;
import maskfeat.run.Run;
import maskfeat.run.RunFormat;
import maskfeat.settings.Settings;
import maskfeat.torch.Precision;
import org.junit.jupiter.api.Test;

/** What version 7 wrote says the same today: its runs keep what their blocks compute. */
class Version7SpecTest {
    private static final Path FILES = GoldenDir.resource("/version7");

    @Test
    void aRunKeepsWhatItsBlocksCompute() {
        Run run = Settings.of(RunFormat.FORMAT, FILES.resolve("run.yaml")).value();
        assertThat(run.train().recompute()).isFalse();
        assertThat(run.train().precision()).isEqualTo(Precision.BFLOAT16);
        assertThat(run.train().microBatch()).isEqualTo(32);
        assertThat(run.seed()).isEqualTo(3);
    }
}
