package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import maskfeat.model.Mvit;
import maskfeat.model.Vit;
import maskfeat.sample.SampleSet;
import maskfeat.train.Checkpoints;
import maskfeat.train.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinetuningTest {
    @TempDir
    private Path folder = Path.of("");

    private Run run() {
        return Runs.run("tiny-image-ft", "train.epochs=1", "data.path=" + folder.resolve("set/images"));
    }

    private Training training() throws IOException {
        return Training.of(run(), RunData.open(run()));
    }

    /** As many classes and items as before, so that nothing else would notice: the labels would mean other things. */
    @Test
    void dataWhoseClassesAreOthersIsRefusedAtResume() throws Exception {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        try (RunFolder out = RunFolder.create(folder.resolve("run"));
                Training first = training()) {
            first.train(out);
        }
        for (String split : List.of("train", "val")) {
            Path classes = folder.resolve("set/images").resolve(split);
            Files.move(classes.resolve("disc-bricks"), classes.resolve("zebra"));
        }
        try (RunFolder out = RunFolder.resume(folder.resolve("run"));
                Training again = training()) {
            var latest = Checkpoints.latestIn(out.checkpoints(), notice -> {});
            assertThat(latest).isPresent();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> again.train(out, latest, List.of(), () -> false, notice -> {}))
                    .withMessageContaining("number 0 is 'disc-checks'")
                    .withMessageContaining("it was 'disc-bricks'");
        }
    }

    @Test
    void dropPathComesFromTheRecipeAlsoWhereItsNetworkIsOfAnotherKind() {
        Vit.Config vit = Vit.Config.base().ofVideo();
        Mvit.Config mvit = Mvit.Config.small();
        assertThat(vit.likeForFineTuning(mvit.forFineTuning(0.1)))
                .isEqualTo(new Vit.Config(16, 2, 768, 12, 12, 4, 0.1));
        assertThat(mvit.likeForFineTuning(new Vit.Config(16, 2, 768, 12, 12, 4, 0.3)))
                .isEqualTo(mvit.forFineTuning(0.3));
    }
}
