package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import maskfeat.augment.BoxRule;
import maskfeat.data.Footage;
import maskfeat.data.KeyBox;
import maskfeat.data.KeyFrameDataset;
import maskfeat.eval.BoxProtocol;
import maskfeat.eval.Corners;
import maskfeat.infer.ActionSeries;
import maskfeat.infer.Inference;
import maskfeat.infer.VideoBoxes;
import maskfeat.media.Frames;
import maskfeat.report.ActionFilm;
import maskfeat.report.MetricsFile;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.torch.Arrays;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import maskfeat.weights.TensorFile;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Detection of actions from annotations to weights, figures and films, on tiny generated scenes. */
class DetectRunTest {
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

    private static Settings<Run> settings(String... assignments) {
        Settings<Run> settings = Recipes.BOOK.settings("tiny-detect").set("data.path=" + scenes);
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return settings;
    }

    private static Map<String, float[]> weights(Path run) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Map<String, float[]> values = new TreeMap<>();
            for (Map.Entry<String, Tensor> tensor :
                    TensorFile.read(run.resolve("model.safetensors")).entrySet()) {
                values.put(tensor.getKey(), Arrays.floats(tensor.getValue()));
            }
            return values;
        }
    }

    @Test
    void learnsAndIsMeasured() throws Exception {
        Path place = folder.resolve("run");
        RunJob.begin(place, settings("train.epochs=12", "validate.every-epochs=12", "optim.warmup-epochs=1"))
                .run();
        List<Double> losses = MetricsFile.read(place.resolve("metrics.jsonl")).values().stream()
                .filter(row -> row.containsKey("train/loss"))
                .map(row -> row.get("train/loss"))
                .toList();
        assertThat(losses.get(losses.size() - 1)).isLessThan(0.75 * losses.get(0));
        Map<String, Double> figures =
                RunResult.read(place.resolve(RunResult.FILE)).figures();
        assertThat(figures).containsKeys("val/frame_map", "val/true_box_map", "val/bound", "val/box_recall");
        assertThat(figures.get("val/frame_map")).isBetween(1.0, figures.get("val/bound"));
        assertThat(place.resolve("classes.csv")).content().startsWith("class,ap,true_box_ap,true,found\n");
        assertThat(place.resolve("report.html"))
                .content()
                .contains("most that these boxes allow", "rules", "AVA, IoU 0.5");
        assertThat(place.resolve("pictures/step-00000000.png")).isNotEmptyFile();
    }

    @Test
    void aStoppedRunThatGoesOnGivesTheSameWeights() throws Exception {
        RunJob.begin(folder.resolve("whole"), settings()).run();
        Path place = folder.resolve("stopped");
        AtomicInteger asked = new AtomicInteger();
        RunJob job = RunJob.begin(place, settings());
        try (RunFolder run = job.folder()) {
            RunJob.Watch watch = new RunJob.Watch(
                    List.of(), () -> asked.incrementAndGet() >= 3, (done, of) -> {}, "maskfeat finetune --out here");
            assertThat(job.run(run, watch).ending()).isEqualTo(Trainer.Ending.STOPPED);
        }
        assertThat(RunJob.resume(place).run().ending()).isEqualTo(Trainer.Ending.DONE);
        assertThat(weights(place)).usingRecursiveComparison().isEqualTo(weights(folder.resolve("whole")));
    }

    /** With nothing but boxes that a crop leaves whole, some steps have none. */
    @Test
    void stepsWithoutABoxMoveNothing() throws Exception {
        Path place = folder.resolve("run");
        RunJob.begin(
                        place,
                        settings(
                                "task.least-visible=1",
                                "train.batch=1",
                                "train.accumulate=2",
                                "train.epochs=1",
                                "augment.crop.max-short-side=120",
                                "augment.crop.min-short-side=110"))
                .run();
        assertThat(MetricsFile.read(place.resolve("metrics.jsonl")).values())
                .anyMatch(row -> row.getOrDefault("train/loss", 1.0) == 0)
                .noneMatch(row -> row.getOrDefault("train/loss", 1.0).isNaN());
    }

    @Test
    void aRunDoesNotGoOnWithOtherBoxes() throws Exception {
        String header = "video,second,x1,y1,x2,y2,class\n";
        StringBuilder rows = new StringBuilder(header);
        for (int i = 0; i < 8; i++) {
            rows.append("000")
                    .append(i)
                    .append(",0.3,0.1,0.1,0.5,0.5,")
                    .append(i % 2 == 0 ? "walk" : "run")
                    .append('\n');
        }
        Path file = folder.resolve("boxes.csv");
        Files.writeString(file, rows);
        Path place = folder.resolve("run");
        RunJob job = RunJob.begin(
                place, settings("task.boxes.source=" + file, "data.path=" + scenes.resolve("train"), "train.batch=2"));
        AtomicInteger asked = new AtomicInteger();
        try (RunFolder run = job.folder()) {
            job.run(run, new RunJob.Watch(List.of(), () -> asked.incrementAndGet() >= 2, (done, of) -> {}, "here"));
        }
        Files.writeString(file, rows.toString().replace("0.5,0.5,walk", "0.5,0.6,walk"));
        assertThatThrownBy(() -> RunJob.resume(place).run()).hasMessageContaining("--accept-changed-data");
    }

    @Test
    void aTrainedDetectorIsMeasuredAsInItsRunAndShowsAVideo() throws Exception {
        Path place = folder.resolve("run");
        RunJob.begin(place, settings()).run();
        Map<String, Double> ofRun =
                RunResult.read(place.resolve(RunResult.FILE)).figures();
        DetectConfig config = (DetectConfig) settings().value().task();
        try (Inference network = Inference.open(place, "cpu")) {
            assertThat(network.isDetector()).isTrue();
            ActionMeasuring.Outcome outcome = new ActionMeasuring(config)
                    .measure(network, scenes, 8, 0, notice -> {}, (file, why) -> {}, (done, of) -> {});
            assertThat(outcome.evaluation().figures()).containsExactlyInAnyOrderEntriesOf(ofRun);
            outcome.write(folder);
            assertAsByHand(network, outcome);
            // The same detections from their file give the same figure, by another way.
            ActionMeasuring.OfFile again = new ActionMeasuring(settings(
                            BoxProtocol.AVA, boxes(scenes.resolve("ava_val.csv"), scenes.resolve("label_map.pbtxt"))))
                    .measure(folder.resolve("detections.csv"), notice -> {});
            assertThat(100 * again.ap().mean()).isEqualTo(ofRun.get("val/frame_map"));
            Path video = scenes.resolve("val/0000.mp4");
            VideoBoxes boxes = VideoBoxes.read(scenes.resolve("ava_val_predicted_boxes.csv"), 0.5, notice -> {});
            try (Footage footage = Footage.open(video)) {
                ActionSeries series = ActionSeries.of(
                        network, footage, boxes.of(video.getFileName().toString(), notice -> {}), (done, of) -> {});
                assertThat(series.people()).isNotEmpty();
                ActionFilm film = new ActionFilm(series, 2);
                film.write(folder.resolve("film.mp4"), footage);
                film.writeTable(folder.resolve("film.csv"));
                try (Footage shown = Footage.open(folder.resolve("film.mp4"))) {
                    assertThat(shown.info().timeline().frames())
                            .isEqualTo(footage.info().timeline().frames());
                }
                assertThat(folder.resolve("film.csv")).content().startsWith("second,person,x1,y1,x2,y2,action,score\n");
            }
        }
    }

    /** The boxes of a key frame, asked about one clip at a time. */
    private static void assertAsByHand(Inference network, ActionMeasuring.Outcome outcome) throws IOException {
        KeyFrameDataset held =
                (KeyFrameDataset) RunData.open(settings().value()).validation().orElseThrow();
        for (int i = 0; i < held.size(); i += 5) {
            KeyFrameDataset.Key key = held.keys().get(i);
            try (Footage footage = Footage.open(key.video())) {
                Frames clip = footage.frames(network.input()
                        .clip()
                        .around(
                                footage.info().timeline(),
                                key.at().in(footage.info().timeline())));
                List<Corners> boxes = key.asked().stream().map(KeyBox::corners).toList();
                List<float[]> scores = network.actions(clip, boxes);
                for (int b = 0; b < boxes.size(); b++) {
                    assertThat(scoreOf(outcome, key.name(), boxes.get(b), 2))
                            .isCloseTo(scores.get(b)[2], Offset.offset(1e-5));
                }
            }
        }
    }

    private static double scoreOf(ActionMeasuring.Outcome outcome, String frame, Corners box, int action) {
        for (int row = 0; row < outcome.detections().size(action); row++) {
            if (outcome.detections().frame(action, row).equals(frame)
                    && outcome.detections().box(action, row).equals(box)) {
                return outcome.detections().score(action, row);
            }
        }
        throw new AssertionError("no detection in " + frame + " at " + box);
    }

    private static DetectConfig settings(BoxProtocol protocol, DetectConfig.Boxes boxes) {
        return new DetectConfig(boxes, 0, BoxRule.EXACT, 0, true, protocol, 0.5);
    }

    private static DetectConfig.Boxes boxes(Path source, Path labels) {
        return new DetectConfig.Boxes(
                source.toString(), null, null, null, labels.toString(), null, null, null, 0.7, 1, 0);
    }

    @Test
    void classesAreThoseOfTheLabelMapAndOfTheAnnotationsWithoutGaps() throws Exception {
        Files.writeString(folder.resolve("map.txt"), "1: bend\n3: walk\n5: run\n");
        Files.writeString(
                folder.resolve("boxes.csv"),
                "video,second,x1,y1,x2,y2,class\n0000,0.2,0.1,0.1,0.5,0.5,3\n0001,0.2,0.1,0.1,0.5,0.5,6\n");
        KeyFrameDataset train = train(
                "task.boxes.source=" + folder.resolve("boxes.csv"),
                "task.boxes.labels=" + folder.resolve("map.txt"),
                "data.path=" + scenes.resolve("train"));
        assertThat(train.actions().ids()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(train.classes()).containsExactly("bend", "2", "walk", "4", "run", "6");
        assertThat(train.actions().counted()).containsExactly(0, 2, 4);
    }

    private static KeyFrameDataset train(String... assignments) throws IOException {
        return (KeyFrameDataset) RunData.open(settings(assignments).value()).train();
    }

    /** A file for validation that lacks a class must not number the others anew. */
    @Test
    void classesWithNamesAloneAreNumberedByTheTrainingData() throws Exception {
        String header = "video,second,x1,y1,x2,y2,class\n";
        Files.writeString(
                folder.resolve("train.csv"),
                header + "0000,0.2,0.1,0.1,0.5,0.5,bend\n0001,0.2,0.1,0.1,0.5,0.5,walk\n0002,0.2,0,0,1,1,run\n");
        Files.writeString(folder.resolve("val.csv"), header + "0003,0.2,0.1,0.1,0.5,0.5,walk\n0003,0.4,0,0,1,1,fly\n");
        RunData data = RunData.open(settings(
                        "task.boxes.source=" + folder.resolve("train.csv"),
                        "task.boxes.validation=" + folder.resolve("val.csv"),
                        "data.path=" + scenes.resolve("train"))
                .value());
        assertThat(data.classes()).containsExactly("bend", "run", "walk");
        KeyFrameDataset held = (KeyFrameDataset) data.validation().orElseThrow();
        assertThat(held.keys().get(0).truth().get(0).actions()).containsExactly(2);
        assertThat(data.notices()).anyMatch(notice -> notice.contains("class 'fly'"));
        assertThat(data.notices()).anyMatch(notice -> notice.contains("measured with the annotated boxes"));
    }

    @Test
    void pixelsAndFramesBecomePlacesInTheVideo() throws Exception {
        Files.writeString(
                folder.resolve("boxes.csv"),
                "video,frame,x1,y1,x2,y2,class\n0000.mp4,1,9.6,6.4,48,32,walk\n0000.mp4,5,9.6,6.4,48,32,run\n");
        RunData data = RunData.open(
                settings("task.boxes.source=" + folder.resolve("boxes.csv"), "data.path=" + scenes.resolve("train"))
                        .value());
        KeyFrameDataset train = (KeyFrameDataset) data.train();
        KeyFrameDataset.Key key = train.keys().get(1);
        assertThat(key.at().frame()).hasValue(4);
        assertThat(key.asked().get(0).fractions(train.size(key)).x1()).isEqualTo(9.6 / 96);
        assertThat(key.asked().get(0).fractions(train.size(key)).y2()).isEqualTo(0.5);
        assertThat(data.notices()).anyMatch(notice -> notice.contains("frames are counted from 1"));
    }

    @Test
    void videosThatAreNotThereAreNamed() throws Exception {
        Files.writeString(
                folder.resolve("boxes.csv"),
                "video,second,x1,y1,x2,y2,class\n0000,0.2,0.1,0.1,0.5,0.5,walk\nabsent,0.2,0.1,0.1,0.5,0.5,walk\n");
        RunData data = RunData.open(
                settings("task.boxes.source=" + folder.resolve("boxes.csv"), "data.path=" + scenes.resolve("train"))
                        .value());
        assertThat(data.train().size()).isOne();
        assertThat(data.notices())
                .anyMatch(notice -> notice.contains("1 video with boxes is not in") && notice.contains("absent"));
        Files.writeString(
                folder.resolve("none.csv"), "video,second,x1,y1,x2,y2,class\nabsent,0.2,0.1,0.1,0.5,0.5,walk\n");
        assertThatThrownBy(() -> train(
                        "task.boxes.source=" + folder.resolve("none.csv"), "data.path=" + scenes.resolve("train")))
                .hasMessageContaining("absent")
                .hasMessageContaining("8 videos");
    }

    /** Rows for validation must not be trained on. */
    @Test
    void aColumnSaysWhichVideosAreMeasuredOn() throws Exception {
        String rows = "video,split,second,x1,y1,x2,y2,class\n0000,train,0.2,0.1,0.1,0.5,0.5,walk\n"
                + "0001,val,0.2,0.1,0.1,0.5,0.5,run\n";
        Files.writeString(folder.resolve("boxes.csv"), rows);
        RunData data = RunData.open(
                settings("task.boxes.source=" + folder.resolve("boxes.csv"), "data.path=" + scenes.resolve("train"))
                        .value());
        assertThat(data.train().items()).allMatch(item -> item.file().endsWith("0000.mp4"));
        assertThat(data.validation().orElseThrow().items())
                .allMatch(item -> item.file().endsWith("0001.mp4"));
        Files.writeString(folder.resolve("both.csv"), rows + "0000,val,0.4,0.1,0.1,0.5,0.5,walk\n");
        assertThatThrownBy(() -> train(
                        "task.boxes.source=" + folder.resolve("both.csv"), "data.path=" + scenes.resolve("train")))
                .hasMessageContaining("line 4")
                .hasMessageContaining("another part");
    }

    @Test
    void oneVideoHasOneName() throws Exception {
        Files.writeString(
                folder.resolve("boxes.csv"),
                "video,second,x1,y1,x2,y2,class\n0000,0.2,0.1,0.1,0.5,0.5,walk\n0000.mp4,0.4,0.1,0.1,0.5,0.5,run\n");
        assertThatThrownBy(() -> train(
                        "task.boxes.source=" + folder.resolve("boxes.csv"), "data.path=" + scenes.resolve("train")))
                .hasMessageContaining("'0000' and '0000.mp4'");
    }

    @Test
    void detectionsAreComparedWithTheirOwnClassesAndUnits() throws Exception {
        Files.writeString(folder.resolve("found.csv"), "a,0001,0.1,0.1,0.5,0.5,1,0.900\n");
        Files.writeString(
                folder.resolve("truth.csv"),
                "video,second,x1,y1,x2,y2,class\na,1,0.1,0.1,0.5,0.5,fly\na,1,0.2,0.1,0.5,0.5,walk\n");
        ActionMeasuring measuring = new ActionMeasuring(settings(
                BoxProtocol.AVA,
                new DetectConfig.Boxes(
                        folder.resolve("truth.csv").toString(), null, null, null, null, null, null, null, 0, 1, 0)));
        assertThatThrownBy(() -> measuring.measure(folder.resolve("found.csv"), notice -> {}))
                .hasMessageContaining("--labels");
        Files.writeString(folder.resolve("label_map.pbtxt"), "item {\n name: \"walk\"\n id: 1\n}\n");
        assertThat(measuring.measure(folder.resolve("found.csv"), notice -> {}).classes())
                .containsExactly("walk");
        Files.writeString(folder.resolve("found.csv"), "a,0001,10,10,50,50,1,0.900\n");
        assertThatThrownBy(() -> measuring.measure(folder.resolve("found.csv"), notice -> {}))
                .hasMessageContaining("pixels");
    }

    @Test
    void aScanTellsWhatOnlyTheVideosTell() throws Exception {
        Files.writeString(
                folder.resolve("boxes.csv"),
                "video,frame,x1,y1,x2,y2,class\n0000,1,300,300,400,400,walk\n0000,900,1,1,30,30,walk\nabsent,1,1,1,9,9,run\n");
        BoxScan scan = BoxScan.of(
                scenes.resolve("train"),
                new DetectConfig.Boxes(
                        folder.resolve("boxes.csv").toString(), null, null, null, null, null, null, null, 0, 1, 0));
        assertThat(scan.isBroken()).isTrue();
        assertThat(scan.parts().get(0).sentences())
                .anyMatch(
                        each -> each.startsWith("1 key frame lies outside of the video") && each.contains("frame 900"))
                .anyMatch(each -> each.startsWith("1 box lies wholly outside of the frame"))
                .anyMatch(each -> each.contains("1 video is not there: absent"));
    }

    @Test
    void aShareOfTheVideosIsHeldOut() throws Exception {
        RunData data = RunData.open(settings(
                        "task.boxes.source=" + scenes.resolve("ava_train.csv"),
                        "data.path=" + scenes.resolve("train"),
                        "task.boxes.hold-out=0.25")
                .value());
        KeyFrameDataset train = (KeyFrameDataset) data.train();
        KeyFrameDataset held = (KeyFrameDataset) data.validation().orElseThrow();
        List<Path> trained =
                train.keys().stream().map(KeyFrameDataset.Key::video).distinct().toList();
        List<Path> measured =
                held.keys().stream().map(KeyFrameDataset.Key::video).distinct().toList();
        assertThat(trained).hasSize(6).doesNotContainAnyElementsOf(measured);
        assertThat(measured).hasSize(2);
    }

    @Test
    void detectionsInFractionsAreNotMeasuredByRulesThatCountPixels() {
        assertThatThrownBy(() -> new ActionMeasuring(settings(
                                BoxProtocol.ACT,
                                boxes(scenes.resolve("ava_val.csv"), scenes.resolve("label_map.pbtxt"))))
                        .measure(scenes.resolve("ava_val_predicted_boxes.csv"), notice -> {}))
                .hasMessageContaining("--protocol ava");
    }
}
