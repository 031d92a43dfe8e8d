package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file does not tell of its weights is asked for, and every command that opens weights can be told. */
class WeightsOptionsTest {
    @TempDir
    Path temp;

    /** The library's, read where they lie: its jar of tests has classes alone. */
    private final Path others = Stream.of("", "../")
            .map(up -> Path.of(up + "maskfeat-library/src/test/resources/weights-of-others"))
            .filter(Files::isDirectory)
            .findFirst()
            .orElseThrow();

    @Test
    void severalNetworksAreListedAndOneIsChosen() {
        Path dino = others.resolve("dino.pth");

        TinyRuns.Ran list = TinyRuns.run("weights", "inspect", dino);
        assertThat(list.code()).as(list.err()).isEqualTo(Exit.OK);
        assertThat(list.out()).containsPattern("networks +student, teacher").contains("--network NAME");

        TinyRuns.Ran refused = TinyRuns.run("embed", dino, temp, "--out", temp.resolve("a.npy"));
        assertThat(refused.code()).isEqualTo(Exit.INPUT);
        assertThat(refused.err()).contains("2 networks: 'student', 'teacher'", "--network NAME");

        for (String name : List.of("student", "teacher")) {
            TinyRuns.Ran chosen = TinyRuns.run("weights", "inspect", dino, "--network", name, "--heads", "2");
            assertThat(chosen.out())
                    .contains("ViT, 1 block of width 16, 2 heads", name.equals("student") ? "3 classes" : "4 classes");
        }
    }

    @Test
    void theAverageIsSaidAndCanBeTaken() {
        Path file = others.resolve("ema.pth");

        TinyRuns.Ran plain = TinyRuns.run("weights", "inspect", file, "--heads", "2");
        assertThat(plain.out()).contains("state_dict_ema").contains("3 classes").contains("--network NAME");

        TinyRuns.Ran average = TinyRuns.run("weights", "inspect", file, "--heads", "2", "--network", "state_dict_ema");
        assertThat(average.out()).contains("4 classes");

        TinyRuns.Ran unknown = TinyRuns.run("weights", "inspect", file, "--network", "ema");
        assertThat(unknown.out()).contains("no network of the name 'ema'");
    }

    @Test
    void whatDependsOnTheNumberOfHeadsIsNotGuessed() throws IOException, InterruptedException {
        Path images = TinyRuns.images(temp).resolve("val");
        Path file = others.resolve("swa.pth");
        Path out = temp.resolve("a.npy");

        TinyRuns.Ran asked = TinyRuns.run("embed", file, images, "--out", out);
        assertThat(asked.code()).isEqualTo(Exit.INPUT);
        assertThat(asked.err()).contains("how many heads", "--heads");

        TinyRuns.Ran told = TinyRuns.run("embed", file, images, "--out", out, "--heads", "2");
        assertThat(told.code()).as(told.err()).isEqualTo(Exit.OK);
        assertThat(out).exists();
    }

    @Test
    void fineTuningBeginsWithTheNetworkThatIsNamed() throws IOException, InterruptedException {
        Path run = temp.resolve("run");
        TinyRuns.Ran ran = TinyRuns.run(
                "finetune",
                "tiny-image-ft",
                "--from",
                others.resolve("dino.pth"),
                "--network",
                "teacher",
                "--heads",
                "2",
                "--data",
                TinyRuns.images(temp),
                "--set",
                "train.epochs=1",
                "--set",
                "optim.warmup-epochs=0",
                "--out",
                run);
        assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.OK);
        assertThat(Files.readString(run.resolve("config.yaml")))
                .contains("from-network: teacher")
                .contains("heads: 2");
    }
}
