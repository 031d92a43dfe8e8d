package maskfeat.boxes;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.eval.Corners;
import maskfeat.eval.FrameBoxes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnnotationBuilderTest {
    @TempDir
    Path folder;

    @Test
    void whatMakesTheOriginalStopIsSkippedAndToldWithItsLine() throws IOException {
        Path file = ReadRows.write(folder, "pred.csv", """
                v,0901,0.1,0.2,0.3,0.4,1,0.95
                v,0902,0.1,0.2,0.3,0.4,,0.95
                v,0902,0.1,0.2,0.3,0.4,1,0.899999
                v,0902,0.1,0.2,0.3,0.5,81,0.9
                w,0902,0.1,0.2,0.3,0.5,1,0.9
                v,0902,-0.1,0.2,1.3,0.5,0,0.9
                v,0903,-0.1,0.2,1.3,0.5,80,0.9
                v,0903,-0.1,0.2,1.3,0.5,80,0.9
                v,0903,0.5,0.2,0.5,0.5,80,0.9
                """);
        Annotations read = Grouping.ava().withVideos(List.of("v", "empty")).read(List.of(file));
        assertThat(read.oddities().sentences())
                .containsExactly(
                        "1 row has a second outside of the annotated part and was skipped; the first: " + file
                                + " line 1, second 0901, annotated are 902 to 1798",
                        "1 row is of a video that is not listed and was skipped; the first: " + file
                                + " line 5, video 'w'",
                        "1 row has a score below the threshold and was skipped; the first: " + file
                                + " line 3, score 0.899999, threshold 0.9 (task.boxes.threshold, --threshold)",
                        "2 rows have a class outside of those there can be and were skipped; the first: " + file
                                + " line 4, class 81, there are 1 to 80",
                        "1 row has no class and was kept; the first: " + file + " line 2, no class",
                        "1 row has a box that reaches outside of its frame and was kept; the first: " + file
                                + " line 7, box -0.1,0.2,1.3,0.5",
                        "1 row has a box without width or height and was kept; the first: " + file
                                + " line 9, box 0.5,0.2,0.5,0.5",
                        "1 row says what another said and was kept; the first: " + file
                                + " line 8, box -0.1,0.2,1.3,0.5",
                        "1 of the listed videos has no boxes and was skipped; the first: video 'empty'");
        assertThat(read.keyFrames()).hasSize(2);
        assertThat(read.keyFrames().get(0).boxes().get(0).labels()).containsExactly(LabelledBox.NO_LABEL);
        assertThat(read.keyFrames().get(1).boxes().get(0).labels()).containsExactly(80, 80);
        assertThat(read.keyFrames().get(1).boxes().get(0).classes()).containsExactly(80);
    }

    @Test
    void namesGetNumbersInAlphabeticalOrderOrThoseOfTheLabelMap() throws IOException {
        Path file = ReadRows.write(
                folder,
                "boxes.csv",
                "video,second,x1,y1,x2,y2,class\nv,2,0,0,1,1,run\nv,0.5,0,0,1,1,walk\nv,0.50,0,0,1,1,jump\n");
        Annotations read = Grouping.everything().read(List.of(file));
        assertThat(read.classes()).isEqualTo(Map.of(1, "jump", 2, "run", 3, "walk"));
        assertThat(read.keyFrames()).extracting(KeyFrame::frame).containsExactly("v,0.5", "v,0002");
        assertThat(read.keyFrames().get(0).boxes().get(0).labels()).containsExactly(3, 1);
        Annotations mapped = Grouping.everything()
                .withLabels(new LabelMap(Map.of(7, "run", 9, "walk")))
                .read(List.of(file));
        assertThat(mapped.keyFrames().get(0).boxes().get(0).labels()).containsExactly(9);
        assertThat(mapped.oddities().sentences())
                .containsExactly("1 row has a class that the label map does not name and was skipped; the first: "
                        + file + " line 4, class 'jump'");
    }

    @Test
    void labelMapsAreReadInBothForms() throws IOException {
        String items = "item {\n  name: \"bend/bow (at \\\"it\\\")\"\n  id: 1\n}\nitem { label_id: 80 name: 'x' }\n";
        assertThat(LabelMap.read(ReadRows.write(folder, "a.pbtxt", items)).ids())
                .containsExactly(1, 80);
        assertThat(LabelMap.read(ReadRows.write(folder, "a.txt", "1: bend\r\n3: crouch/kneel\r\n"))
                        .names())
                .isEqualTo(Map.of(1, "bend", 3, "crouch/kneel"));
        for (String bad : List.of("item {\n  name: \"a\"\n}\n", "1: a\nb\n", "", "1: a\n1: b\n")) {
            Path file = ReadRows.write(folder, "bad.txt", bad);
            assertThatThrownBy(() -> LabelMap.read(file)).isInstanceOf(DamagedFile.class);
        }
    }

    @Test
    void pathsOfFramesAreThoseOfTheList() throws IOException {
        List<String> paths = List.of(
                "v/v_000009.jpg",
                "v/v_000010.jpg",
                "v/v_000011.jpg",
                "v/v_000013.jpg",
                "v/9.jpg",
                "v/10.jpg",
                "v/x",
                "v/x",
                "v/99999999999.png",
                "v/99999999999.png");
        Path file = ReadRows.write(
                folder,
                "val.csv",
                "original_vido_id video_id frame_id path labels\n"
                        + String.join(
                                "",
                                paths.stream()
                                        .map(path -> "v 0 0 " + path + " \"\"\n")
                                        .toList()));
        assertThat(FrameList.read(file).frames().get("v")).isEqualTo(paths);
    }

    @Test
    void aClipThatHasNoMiddleIsRefused() {
        assertThatThrownBy(() -> new KeyFrameClip(7, 1)).hasMessageContaining("has no middle");
        assertThat(new KeyFrameClip(4, 2).around(0, 3)).containsExactly(0, 0, 0, 2);
    }

    @Test
    void writtenDetectionsAreReadAgainRoundedOrWhole() throws IOException {
        FrameBoxes boxes = new FrameBoxes(2);
        boxes.add("v,0902", new Corners(0.0625, -0.0001, 1 / 3.0, 0.0005), new float[] {0.00005f, 0.25f});
        Path file = folder.resolve("out.csv");
        AtomicFile.write(file, AvaDetectionWriter.content(false, boxes, List.of(3, 12)));
        // As Python's "%.3f" and "%.4f" write these.
        assertThat(Files.readAllLines(file))
                .containsExactly(
                        "v,0902,0.062,-0.000,0.333,0.001,3,0.0000", "v,0902,0.062,-0.000,0.333,0.001,12,0.2500");
        AtomicFile.write(file, AvaDetectionWriter.content(true, boxes, List.of(3, 12)));
        FrameBoxes again = EvaluationBoxes.detections(
                        file, new LabelMap(new java.util.TreeMap<>(Map.of(3, "a", 12, "b"))), ExcludedMoments.NONE)
                .boxes();
        assertThat(again.box(1, 0)).isEqualTo(boxes.box(1, 0));
        assertThat(again.score(0, 0)).isEqualTo(boxes.score(0, 0));
    }

    @Test
    void theTruthOfYowoIsAFolderOfTexts() throws IOException {
        ReadRows.write(folder, "Run_g01_00009.txt", "2 10 20 30 40\n");
        FrameBoxes boxes = EvaluationBoxes.yowoTruth(folder, 2);
        assertThat(boxes.frame(1, 0)).isEqualTo("Run_g01_00009");
        ReadRows.write(folder, "b.txt", "3 10 20 30 40\n");
        assertThatThrownBy(() -> EvaluationBoxes.yowoTruth(folder, 2)).hasMessageContaining("class from 1 to 2");
    }

    @Test
    void avasFolderIsFoundOutByContent() throws IOException {
        Path annotations = Files.createDirectories(folder.resolve("annotations/person_box"));
        ReadRows.write(
                folder, "train.csv", "original_vido_id video_id frame_id path labels\nv 0 0 v/v_000001.jpg \"\"\n");
        Path list = ReadRows.write(
                annotations, "ava_action_list_v2.2_for_activitynet_2019.pbtxt", "item { name: \"a\" id: 4 }");
        ReadRows.write(
                annotations, "ava_action_list_v2.2.pbtxt", "item { name: \"a\" id: 4 } item { name: \"b\" id: 5 }");
        ReadRows.write(annotations, "ava_train_v2.1.csv", "v,0902,0.1,0.2,0.3,0.4,4,7\n");
        Path truth = ReadRows.write(annotations, "ava_train_v2.2.csv", "v,0902,0.1,0.2,0.3,0.4,5,7\n");
        Path boxes =
                ReadRows.write(annotations, "ava_detection_val_boxes_and_labels.csv", "w,0902,0.1,0.2,0.3,0.4,,0.99\n");
        Path excluded = ReadRows.write(annotations, "ava_val_excluded_timestamps_v2.2.csv", "w,0903\n");
        AvaFolder found = AvaFolder.open(folder);
        assertThat(found.labels()).contains(list);
        AvaFolder.Files train = requireNonNull(found.parts().get(AvaFolder.Part.TRAIN));
        assertThat(train.truth()).contains(truth);
        assertThat(train.frames()).contains(folder.resolve("train.csv"));
        AvaFolder.Files val = requireNonNull(found.parts().get(AvaFolder.Part.VAL));
        assertThat(val.detections()).containsExactly(boxes);
        assertThat(ExcludedMoments.read(val.excluded().orElseThrow()).contains("w", Moment.second("903")))
                .isTrue();
        assertThat(ReadRows.of(folder).shown()).containsExactly("v 0902 0.1,0.2,0.3,0.4 FRACTION 5 null null 7");
        assertThat(val.excluded()).contains(excluded);
        assertThatThrownBy(() -> AvaFolder.open(Files.createDirectory(folder.resolve("empty"))))
                .isInstanceOf(DamagedFile.class);
    }
}
