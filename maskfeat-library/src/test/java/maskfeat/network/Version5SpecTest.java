package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import maskfeat.feature.BothTargets;
import maskfeat.feature.CellFit;
import maskfeat.feature.FeaturesTarget;
import maskfeat.feature.LabelMaps;
import maskfeat.feature.PseudoLabels;
import maskfeat.feature.TeacherFile;
import maskfeat.golden.GoldenDir;
import maskfeat.run.MaskedConfig;
import maskfeat.run.Run;
import maskfeat.run.RunFormat;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.Test;

/** What version 5 wrote says the same today: its teachers see the frames as they are, and its pseudo-labels are a network's. */
class Version5SpecTest {
    private static final Path FILES = GoldenDir.resource("/version5");

    private static final PseudoLabels LABELS = new PseudoLabels(
            new TeacherFile(Path.of("teachers/deit.pth"), null, 1000, "5f1d"), CellFit.BILINEAR, LabelMaps.NONE);

    @Test
    void aRunPredictsWhatItPredicted() {
        Run run = Settings.of(RunFormat.FORMAT, FILES.resolve("run.yaml")).value();
        FeaturesTarget features = new FeaturesTarget(
                new TeacherFile(Path.of("teachers/dino.pth"), null, 384, "5f1c"),
                CellFit.NEAREST,
                FeaturesTarget.Distance.SQUARED);
        assertThat(((MaskedConfig) run.task()).target()).isEqualTo(new BothTargets(features, 1, LABELS, 0.5));
    }

    @Test
    void aNetworkIsWhatItWas() throws Exception {
        NetworkSpec spec = SpecFormat.parse("network.json", Files.readString(FILES.resolve("network.json")));
        assertThat(((Head.Prediction) spec.head()).target()).isEqualTo(LABELS);
    }
}
