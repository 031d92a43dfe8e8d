package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import maskfeat.golden.GoldenDir;
import maskfeat.model.Vit;
import maskfeat.run.Run;
import maskfeat.run.RunFormat;
import maskfeat.settings.Settings;
import maskfeat.torch.Precision;
import org.junit.jupiter.api.Test;

/** What version 6 wrote says the same today: its runs multiply in float32. */
class Version6SpecTest {
    private static final Path FILES = GoldenDir.resource("/version6");

    @Test
    void aRunMultipliesInFloat32() {
        Run run = Settings.of(RunFormat.FORMAT, FILES.resolve("run.yaml")).value();
        assertThat(run.train().precision()).isEqualTo(Precision.FLOAT32);
        assertThat(run.seed()).isEqualTo(3);
        assertThat(run.data().maxBadShare()).isEqualTo(0.02);
    }

    @Test
    void aNetworkIsWhatItWas() throws Exception {
        NetworkSpec spec = SpecFormat.parse("network.json", Files.readString(FILES.resolve("network.json")));
        assertThat(spec.backbone()).isEqualTo(new Vit.Config(8, 1, 32, 2, 2, 4, 0.1));
    }
}
