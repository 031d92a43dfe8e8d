package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.augment.BoxRule;
import maskfeat.eval.BoxProtocol;
import maskfeat.infer.VideoBoxes;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people have in files of boxes that are not what was meant: each is said, none gives figures in silence. */
class OddBoxesTest {
    private static final String HEADER = "video,second,x1,y1,x2,y2,class,score\n";

    @TempDir
    private static Path made = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    private static Path scenes = Path.of("");

    @BeforeAll
    static void make() throws IOException {
        SampleSet.write(made.resolve("set"), SampleSet.Size.TINY.scenesOnly());
        scenes = made.resolve("set/scenes");
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static RunData open(Path boxes, String... assignments) throws IOException {
        Settings<Run> settings = Recipes.BOOK
                .settings("tiny-detect")
                .set("data.path=" + scenes.resolve("train"))
                .set("task.boxes.source=" + boxes);
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return RunData.open(settings.value());
    }

    @Test
    void aFileWithoutARowSaysSoAndOneWhoseRowsAreAllLeftOutSaysWhy() throws Exception {
        Path header = file("header.csv", HEADER);
        Path low = file("low.csv", HEADER + "0000,0.2,0.1,0.1,0.5,0.5,walk,0.1\n");
        assertThatThrownBy(() -> open(header))
                .hasMessageContaining("header.csv")
                .hasMessageContaining("no row");
        assertThatThrownBy(() -> open(low))
                .hasMessageContaining("low.csv has no box that can be used")
                .hasMessageContaining("below the threshold");
        assertThatThrownBy(() -> VideoBoxes.read(low, 0.5, notice -> {})).hasMessageContaining("below the threshold");
        assertThatThrownBy(() -> VideoBoxes.read(header, 0.5, notice -> {})).hasMessageContaining("no row");
        Path good = file("good.csv", HEADER + "0000,0.2,0.1,0.1,0.5,0.5,walk,1\n");
        Path other = file("other.csv", HEADER + "0001,0.2,0.1,0.1,0.5,0.5,fly,1\n");
        assertThatThrownBy(() -> open(good, "task.boxes.validation=" + other))
                .hasMessageContaining("other.csv")
                .hasMessageContaining("class 'fly'");
        BoxScan scan = BoxScan.of(scenes.resolve("train"), source(header));
        assertThat(scan.parts().get(0).sentences()).anyMatch(each -> each.contains("nothing to train"));
        assertThat(scan.isBroken()).isTrue();
    }

    @Test
    void anEmptyFileAndAnUnknownTableSayWhatWouldDo() throws Exception {
        Path empty = file("empty.csv", "");
        assertThatThrownBy(() -> open(empty)).hasMessageEndingWith("empty.csv is empty");
        Path sizes = file("sizes.csv", "video,second,x,y,w,h,class\n0000,0.2,0.1,0.1,0.5,0.5,walk\n");
        assertThatThrownBy(() -> open(sizes)).hasMessageContaining("video,second,x1,y1,x2,y2,class");
    }

    @Test
    void givenBoxesOfOtherMomentsAreTold() throws Exception {
        Path truth = file("truth.csv", HEADER + "0000,0.2,0.1,0.1,0.5,0.5,walk,1\n0000,0.4,0.1,0.1,0.5,0.5,walk,1\n");
        Path other = file("other.csv", HEADER + "street,0.2,0.1,0.1,0.5,0.5,,0.9\n");
        Path half = file("half.csv", HEADER + "0000,0.2,0.1,0.1,0.5,0.5,,0.9\n");
        String validation = "task.boxes.validation=" + truth;
        assertThat(open(truth, validation, "task.boxes.given=" + other).notices())
                .anyMatch(notice -> notice.contains("2 of the 2 annotated key frames have no box in")
                        && notice.contains("its own first is of street"));
        assertThat(open(truth, validation, "task.boxes.given=" + half).notices())
                .anyMatch(notice -> notice.contains("1 of the 2 annotated key frames have no box in")
                        && notice.contains("0000 at 0.4"));
        Path all = file("all.csv", HEADER + "0000,0.2,0.1,0.1,0.5,0.5,,0.9\n0000,0.4,0.1,0.1,0.5,0.5,,0.9\n");
        assertThat(open(truth, validation, "task.boxes.given=" + all).notices())
                .noneMatch(notice -> notice.contains("have no box in"));
    }

    private static DetectConfig.Boxes source(Path boxes) {
        return new DetectConfig.Boxes(boxes.toString(), null, null, null, null, null, null, null, 0, 1, 0);
    }

    private static ActionMeasuring measuring(Path boxes) {
        return new ActionMeasuring(new DetectConfig(source(boxes), 0, BoxRule.EXACT, 0, true, BoxProtocol.AVA, 0.5));
    }

    @Test
    void detectionsOfWhichNoneCountsAreNotMeasuredAsNothing() throws Exception {
        Path unlabelled = scenes.resolve("ava_val_predicted_boxes.csv");
        assertThatThrownBy(() -> measuring(scenes.resolve("ava_val.csv")).measure(unlabelled, notice -> {}))
                .hasMessageContaining("has no box that can be used")
                .hasMessageContaining("have no class and were skipped");
        Path header = file("header.csv", HEADER);
        Path truth = file("truth.csv", HEADER + "0000,0.2,0.1,0.1,0.5,0.5,walk,1\n");
        assertThatThrownBy(() -> measuring(truth).measure(header, notice -> {})).hasMessageContaining("no row");
        assertThatThrownBy(() -> measuring(header).measure(truth, notice -> {})).hasMessageContaining("no row");
    }

    /** Boxes of the part for training have nothing to do with detections of the other. */
    @Test
    void ofAFolderOnlyThePartForValidationIsComparedWith() throws Exception {
        Path detections = file("found.csv", "0000,0.08,0.198,0.407,0.407,0.704,6,0.9\n");
        List<String> notices = new ArrayList<>();
        ActionMeasuring.OfFile ofFolder = measuring(scenes).measure(detections, notices::add);
        ActionMeasuring.OfFile ofFile = measuring(scenes.resolve("ava_val.csv")).measure(detections, notice -> {});
        assertThat(ofFolder.trueBoxes()).isEqualTo(ofFile.trueBoxes());
        assertThat(ofFolder.keyFrames()).isEqualTo(ofFile.keyFrames());
        assertThat(ofFolder.classes()).hasSize(6).contains("drift");
        assertThat(notices).anyMatch(notice -> notice.contains("ava_val.csv, which is for validation"));
    }

    /** In the sample set the first videos of both parts have one name. */
    @Test
    void boxesOfAFolderAreNotMixed() {
        assertThatThrownBy(() -> VideoBoxes.read(scenes, 0.5, notice -> {}))
                .hasMessageContaining("is a folder")
                .hasMessageContaining("name one of them");
    }
}
