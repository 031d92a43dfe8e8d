package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import maskfeat.cli.TinyRuns.Ran;
import maskfeat.run.Run;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands on targets that frozen networks make. */
class TeacherCommandsTest {
    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(strings = {"features", "tokens", "pseudo-labels"})
    void settingsAreShownAndExplainedBeforeATeacherIsChosen(String kind) throws IOException {
        String target = "task.target.kind=" + kind;
        Ran explained = TinyRuns.run("config", "tiny-image", "--explain", "--set", target);
        assertThat(explained.code()).as(explained.err()).isZero();
        assertThat(explained.out()).contains("kind: " + kind, "file: null", "# of weights, or a run folder");
        Ran shown = TinyRuns.run("config", "tiny-image", "--set", target);
        assertThat(shown.code()).as(shown.err()).isZero();
        // What is shown is a file of settings, and a run asks for what it lacks.
        Path file = Files.writeString(folder.resolve("run.yaml"), shown.out());
        Ran refused = TinyRuns.run("train", file, "--out", folder.resolve("run"));
        assertThat(refused.code()).isEqualTo(Exit.USAGE);
        assertThat(refused.err()).contains("task.target.teacher.file must name the ");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void visualizeDrawsWhatATeacherSaysWhereItStillIs() throws Exception {
        Path images = TinyRuns.images(folder.resolve("set"));
        Path teacher = folder.resolve("teacher");
        TinyRuns.train(teacher, images, TinyRuns.settings("train.epochs=1"), null);
        Settings<Run> settings = TinyRuns.settingsOf(
                "tiny-image",
                "train.epochs=1",
                "task.target.kind=both",
                "task.target.second.kind=features",
                "task.target.second.teacher.file=" + teacher);
        Path run = folder.resolve("run");
        TinyRuns.train(run, images, settings, null);
        Path image;
        try (Stream<Path> files = Files.walk(images)) {
            image = files.filter(each -> each.toString().endsWith(".jpg"))
                    .findFirst()
                    .orElseThrow();
        }
        Path out = folder.resolve("pictures");
        Ran drawn = TinyRuns.run("visualize", run, image, "--out", out);
        assertThat(drawn.code()).as(drawn.err()).isZero();
        assertThat(Path.of(drawn.out().strip())).isNotEmptyFile();

        Path moved = folder.resolve("moved");
        Files.move(teacher, moved);
        Ran gone = TinyRuns.run("visualize", run, image, "--out", out);
        assertThat(gone.code()).isEqualTo(Exit.INPUT);
        assertThat(gone.err()).contains(teacher + ": is no longer there", "put the file back");
        assertThat(gone.err().lines()).hasSize(1);

        TinyRuns.train(teacher, images, TinyRuns.settings("train.epochs=1", "seed=7"), null);
        Ran other = TinyRuns.run("visualize", run, image, "--out", out);
        assertThat(other.code()).isEqualTo(Exit.INPUT);
        assertThat(other.err()).contains(teacher + ": is another file than", "SHA-256");
    }

    @Test
    void inspectSaysOfOurRunsWhatTheyGiveAsTeachers() throws Exception {
        Path images = TinyRuns.images(folder.resolve("set"));
        Path run = folder.resolve("run");
        TinyRuns.train(run, images, TinyRuns.settings("train.epochs=1"), null);
        assertThat(TinyRuns.run("weights", "inspect", run).out())
                .containsPattern(
                        "(?m)^as teacher +features of 32 numbers, a cell of 8 px; scores of 10 classes a cell$");
    }
}
