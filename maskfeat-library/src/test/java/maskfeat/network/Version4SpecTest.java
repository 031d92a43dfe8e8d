package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import maskfeat.feature.HogTarget;
import maskfeat.golden.GoldenDir;
import maskfeat.run.MaskedConfig;
import maskfeat.run.Run;
import maskfeat.run.RunFormat;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.Test;

/** What version 4 wrote says the same today. */
class Version4SpecTest {
    private static final Path FILES = GoldenDir.resource("/version4");

    @Test
    void aRunPredictsWhatItPredicted() {
        Run run = Settings.of(RunFormat.FORMAT, FILES.resolve("run.yaml")).value();
        assertThat(((MaskedConfig) run.task()).target()).isEqualTo(HogTarget.Config.paper());
    }

    @Test
    void aNetworkIsWhatItWas() throws Exception {
        NetworkSpec spec = SpecFormat.parse("network.json", Files.readString(FILES.resolve("network.json")));
        assertThat(((Head.Prediction) spec.head()).target()).isEqualTo(HogTarget.Config.paper());
    }
}
