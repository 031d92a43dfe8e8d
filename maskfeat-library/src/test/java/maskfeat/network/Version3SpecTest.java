package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import maskfeat.golden.GoldenDir;
import maskfeat.model.Classifier;
import maskfeat.model.Vit;
import maskfeat.run.Run;
import maskfeat.run.RunFormat;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.Test;

/** What version 3 wrote says the same today. */
class Version3SpecTest {
    private static final Path FILES = GoldenDir.resource("/version3");

    @Test
    void settingsOfARunHaveTheValuesThatTheyHadBeforeTheyWereSettings() {
        Run run = Settings.of(RunFormat.FORMAT, FILES.resolve("run.yaml")).value();
        assertThat(run.loader().keepIndex()).isFalse();
        assertThat(((Vit.Config) run.model()).positions()).isEqualTo(Vit.PositionKind.LEARNED);
        assertThat(run.model().classToken()).isTrue();
    }

    @Test
    void aNetworkIsWhatItWas() throws Exception {
        NetworkSpec spec = SpecFormat.parse("network.json", Files.readString(FILES.resolve("network.json")));
        assertThat(spec.backbone()).isInstanceOf(Vit.Config.class);
        assertThat(((Head.Classes) spec.head()).head().pooling()).isEqualTo(Classifier.Pooling.MEAN);
        assertThat(((Head.Classes) spec.head()).normEpsilon()).isEqualTo(1e-6);
    }
}
