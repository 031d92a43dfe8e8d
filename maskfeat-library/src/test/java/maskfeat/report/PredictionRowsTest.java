package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.NewerFile;
import maskfeat.mask.Grid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PredictionRowsTest {
    @TempDir
    private Path folder = Path.of("");

    private static List<PictureSample> samples(String... names) {
        return Stream.of(names)
                .map(name -> ClipSamples.of(name, 2, new Grid(1, 2, 2)).at(0))
                .toList();
    }

    private void draw(long... steps) throws IOException {
        PredictionRows rows = PredictionRows.open(folder, steps[0]);
        for (long step : steps) {
            rows.add(step, samples("a.png", "b.png"));
        }
    }

    private List<String> panels() throws IOException {
        return PredictionRows.of(folder).get(0).panels().stream()
                .map(panel -> panel.title() + ": " + panel.note())
                .toList();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aRowGoesFromWhatWasSeenToWhatIsSaidNow() throws Exception {
        draw(0, 10, 20, 90, 100);
        assertThat(PredictionRows.of(folder))
                .extracting(HtmlReport.PictureRow::caption)
                .containsExactly("a.png", "b.png");
        // Of 10, 20 and 90 the one in the middle of 0 and 100 is 20: 50 - 20 < 90 - 50.
        assertThat(panels())
                .containsExactly(
                        "seen: 25 % hidden",
                        "target: HOG",
                        "start: before training, loss 0.0800",
                        "middle: step 20, loss 0.0800",
                        "now: step 100, loss 0.0800");
        for (HtmlReport.Panel panel : PredictionRows.of(folder).get(1).panels()) {
            assertThat(ImageIO.read(new ByteArrayInputStream(panel.png())).getWidth())
                    .isEqualTo(280);
        }
    }

    @Test
    void whatIsNotThereYetIsLeftOut() throws Exception {
        assertThat(PredictionRows.of(folder)).isEmpty();
        draw(0);
        assertThat(panels()).containsExactly("seen: 25 % hidden", "target: HOG", "now: before training, loss 0.0800");
        draw(0, 7);
        assertThat(panels())
                .endsWith("start: before training, loss 0.0800", "now: step 7, loss 0.0800")
                .hasSize(4);
    }

    /** However long the run is, a step near its middle is there, and the folder stays small. */
    @ParameterizedTest
    @ValueSource(ints = {3, 9, 10, 17, 100, 255})
    void ofALongRunAFewStepsAreKept(int last) throws Exception {
        PredictionRows rows = PredictionRows.open(folder, 0);
        for (long step = 0; step <= last; step++) {
            rows.add(step, samples("a.png"));
        }
        List<String> drawn =
                files().stream().filter(file -> file.contains("step")).toList();
        assertThat(drawn)
                .hasSize(Math.min(9, last + 1))
                .contains("1-step-00000000.png", String.format("1-step-%08d.png", last));
        String middle = panels().get(3);
        double step = Double.parseDouble(
                middle.replaceAll("middle: step ([0-9,]+), .*", "$1").replace(",", ""));
        assertThat(step / last).as(middle).isBetween(0.33, 0.67);
    }

    /** A run that was killed goes on from before what it drew last. */
    @Test
    void whatIsGoneOnWithKeepsTheBeginning() throws Exception {
        draw(0, 10, 20, 30);
        PredictionRows.open(folder, 15).add(18, samples("a.png", "b.png"));
        assertThat(panels())
                .containsSubsequence(
                        "start: before training, loss 0.0800",
                        "middle: step 10, loss 0.0800",
                        "now: step 18, loss 0.0800");
        assertThat(files())
                .doesNotContain("1-step-00000020.png", "2-step-00000030.png")
                .hasSize(2 * 5 + 1);
    }

    @Test
    void otherSamplesBeginAnew() throws Exception {
        draw(0, 10);
        PredictionRows.open(folder, 10).add(20, samples("c.png"));
        assertThat(PredictionRows.of(folder))
                .extracting(HtmlReport.PictureRow::caption)
                .containsExactly("c.png");
        assertThat(panels()).endsWith("now: step 20, loss 0.0800").hasSize(3);
        assertThat(files()).containsExactly("1-seen.png", "1-step-00000020.png", "1-target.png", "rows.json");
    }

    @Test
    void picturesThatSomebodyDeletedAreLeftOut() throws Exception {
        draw(0, 10, 20);
        Files.delete(folder.resolve("2-step-00000010.png"));
        assertThat(panels()).hasSize(4).noneMatch(panel -> panel.startsWith("middle"));
        Files.delete(folder.resolve("1-seen.png"));
        assertThat(PredictionRows.of(folder)).isEmpty();
    }

    @Test
    void whatItCannotReadIsNamed() throws Exception {
        draw(0);
        Path list = folder.resolve("rows.json");
        String whole = Files.readString(list);
        for (String damaged : List.of(whole.substring(0, 40), "{}", whole.replace("[0.08,0.08]", "[0.08]"))) {
            Files.writeString(list, damaged);
            assertThatThrownBy(() -> PredictionRows.of(folder))
                    .isInstanceOf(DamagedFile.class)
                    .hasMessageContaining("rows.json is no list of pictures")
                    .hasMessageContaining("delete " + folder);
        }
        Files.writeString(list, whole.replace("\"version\":1", "\"version\":2"));
        assertThatThrownBy(() -> PredictionRows.open(folder, 0)).isInstanceOf(NewerFile.class);
    }

    /** The frame of a clip that is shown is the one in which most is hidden. */
    @Test
    void ofAClipTheStepWithMostHiddenIsShown() {
        ClipSample clip = ClipSamples.of("a.mp4", 8, new Grid(2, 2, 2));
        boolean[] hidden = clip.hidden().clone();
        hidden[clip.grid().index(1, 0, 0)] = true;
        ClipSample more = new ClipSample(
                clip.name(), clip.clip(), clip.grid(), hidden, clip.targets(), clip.predictions(), clip.loss());
        List<String> names = new ArrayList<>();
        names.add(clip.mostHidden().name());
        names.add(more.mostHidden().name());
        assertThat(names).containsExactly("a.mp4, frame 0", "a.mp4, frame 4");
        assertThat(Caption.hiddenPerCent(more.mostHidden().hidden())).isEqualTo(50);
    }
}
