package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import maskfeat.cli.TinyRuns.Ran;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands on annotations of actions. */
class DetectionCommandsTest {
    @TempDir
    private static Path folder = Path.of("");

    private static Path scenes = Path.of("");
    private static Path run = Path.of("");

    @BeforeAll
    static void make() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.scenesOnly());
        scenes = folder.resolve("set/scenes");
        run = folder.resolve("run");
        Ran ran = TinyRuns.run(
                "finetune", "tiny-detect", "--from", "none", "--data", scenes, "--out", run, "--set", "train.epochs=1");
        assertThat(ran.code()).as(ran.err()).isZero();
    }

    @Test
    void theTaskFindsItsRecipeByTheWeightsAndTakesAnnotationsFromElsewhere() throws IOException {
        Path boxes = Files.writeString(
                folder.resolve("boxes.csv"),
                "video,second,x1,y1,x2,y2,class\n0000,0.2,0.1,0.1,0.5,0.5,walk\n0001,0.2,0.1,0.1,0.5,0.5,run\n");
        Path out = folder.resolve("again");
        Ran ran = TinyRuns.run(
                "finetune",
                "--task",
                "detect",
                "--from",
                run,
                "--data",
                scenes.resolve("train"),
                "--boxes",
                boxes,
                "--out",
                out,
                "--set",
                "train.batch=2",
                "--set",
                "train.epochs=1");
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(out.resolve("config.yaml")).content().contains("recipe tiny-detect", "kind: detect");
        assertThat(TinyRuns.run("finetune", "--task", "fly", "--from", run, "--out", folder.resolve("x"))
                        .err())
                .contains("classify, detect");
    }

    @Test
    void aDetectorIsMeasuredAndItsDetectionsAre() throws IOException {
        Path out = folder.resolve("measured");
        Ran ran = TinyRuns.run("evaluate", run, "--device", "cpu", "--out", out, "--json");
        assertThat(ran.code()).as(ran.err()).isZero();
        JsonNode network = JsonMapper.shared().readTree(ran.out());
        Ran file = TinyRuns.run(
                "evaluate", out.resolve("detections.csv"), "--boxes", scenes.resolve("ava_val.csv"), "--json");
        assertThat(file.code()).as(file.err()).isZero();
        JsonNode alone = JsonMapper.shared().readTree(file.out());
        assertThat(alone.path("frame_map").asDouble())
                .isEqualTo(network.path("frame_map").asDouble())
                .isPositive();
        assertThat(alone.path("protocol").asString()).isEqualTo("ava");
    }

    /** The tensors are those of a classifier, and it is none. */
    @Test
    void weightsSayThatTheyAreOfADetector() throws IOException {
        int actions = Files.readAllLines(scenes.resolve("label_map.pbtxt")).stream()
                .filter(line -> line.contains("name:"))
                .toList()
                .size();
        Ran ran = TinyRuns.run("weights", "inspect", run);
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out())
                .contains("; " + actions + " actions in given boxes")
                .doesNotContain("classes");
    }

    @Test
    void aScanSaysWhatIsThereAndFailsWhereVideosAreNot() throws IOException {
        Ran good = TinyRuns.run("data", "scan", scenes, "--boxes", scenes, "--threshold", "0.5", "--json");
        assertThat(good.code()).as(good.err()).isZero();
        JsonNode train =
                JsonMapper.shared().readTree(good.out().lines().findFirst().orElseThrow());
        assertThat(train.path("videos").asInt()).isEqualTo(8);
        assertThat(train.path("videos_missing")).isEmpty();
        Path boxes = Files.writeString(
                folder.resolve("absent.csv"), "video,second,x1,y1,x2,y2,class\nabsent,0.2,0.1,0.1,0.5,0.5,walk\n");
        Ran bad = TinyRuns.run("data", "scan", scenes, "--boxes", boxes);
        assertThat(bad.code()).isEqualTo(4);
        assertThat(bad.out()).contains("absent");
    }

    @Test
    void momentsThatAVideoDoesNotHaveAreRefused() throws IOException {
        Path boxes =
                Files.writeString(folder.resolve("late.csv"), "video,second,x1,y1,x2,y2\n0000,50,0.1,0.1,0.5,0.5\n");
        Ran ran = TinyRuns.run("predict", run, scenes.resolve("val/0000.mp4"), "--boxes", boxes);
        assertThat(ran.code()).isEqualTo(4);
        assertThat(ran.err() + ran.out()).contains("all 1 moments with boxes lie outside of");
        Path ava = Files.writeString(folder.resolve("ava.csv"), "0000,0902,0.1,0.1,0.5,0.5,1,1\n");
        Ran plain = TinyRuns.run("evaluate", run, "--data", scenes.resolve("val"), "--boxes", ava, "--device", "cpu");
        assertThat(plain.code()).isNotZero();
        assertThat(plain.err()).contains("--range 902-1798");
        Ran ranged = TinyRuns.run(
                "evaluate",
                run,
                "--data",
                scenes.resolve("val"),
                "--boxes",
                ava,
                "--range",
                "902-1798",
                "--device",
                "cpu");
        assertThat(ranged.err()).contains("at 2.00 s of its video", "task.boxes.range.start=0");
    }

    private static List<Object> predict(Path boxes, Path out, Object... more) {
        List<Object> words = new ArrayList<>(
                List.of("predict", run, scenes.resolve("val"), "--device", "cpu", "--boxes", boxes, "--out", out));
        words.addAll(List.of(more));
        return words;
    }

    @Test
    void filmsOfShardsAreThoseOfOneProcess() throws IOException {
        Path boxes = Files.writeString(
                folder.resolve("people.csv"),
                "video,second,x1,y1,x2,y2\n0000,0.2,0.1,0.1,0.5,0.5\n0001,0.3,0.1,0.1,0.5,0.5\n0002,0.2,0,0,0.5,1\n");
        Path whole = folder.resolve("films");
        Ran alone = TinyRuns.run(predict(boxes, whole).toArray());
        assertThat(SameFiles.in(whole)).as(alone.err()).contains("0000.mp4.actions.csv", "0001.mp4.actions.mp4");

        Path parts = folder.resolve("film-parts");
        List<Object> shards = new ArrayList<>();
        for (String shard : List.of("1/2", "2/2")) {
            Ran ran = TinyRuns.run(predict(boxes, parts, "--shard", shard).toArray());
            assertThat(ran.code()).as(ran.err()).isIn(Exit.OK, Exit.BAD_FILES);
            shards.add(ran.out().strip());
        }
        Path merged = folder.resolve("film-merged");
        List<Object> words = new ArrayList<>(List.of("merge", merged));
        words.addAll(shards);
        Ran ran = TinyRuns.run(words.toArray());
        assertThat(ran.code()).as(ran.err()).isEqualTo(alone.code());
        SameFiles.check(merged, whole);
        SameFiles.check(parts, whole);

        Ran again = TinyRuns.run(predict(boxes, parts, "--shard", "1/2").toArray());
        assertThat(again.err()).contains("of them done before");
        Files.writeString(boxes, "0001,0.4,0.1,0.1,0.5,0.5\n", StandardOpenOption.APPEND);
        Ran other = TinyRuns.run(predict(boxes, parts, "--shard", "1/2").toArray());
        assertThat(other.code()).isEqualTo(Exit.USAGE);
        assertThat(other.err()).contains("were made with --boxes ");
    }

    /** What the options of a command would not do is refused. */
    @ParameterizedTest
    @CsvSource({
        "evaluate RUN --views 2x1 | --views",
        "evaluate FILE --boxes FILE --out there | --out",
        "evaluate FILE --boxes FILE --given FILE | --given",
        "data scan FILE --all | --all",
        "data scan VIDEOS --boxes FILE --deadline 5 | --deadline",
        "data scan VIDEOS --range 902-1798 | --range",
        "predict RUN VIDEO --boxes FILE --windows | --windows",
    })
    void optionsThatWouldDoNothingAreRefused(String line) {
        String[] parts = line.split(" \\| ");
        List<String> words = List.of(parts[0].replace("RUN", run.toString())
                .replace("FILE", scenes.resolve("ava_val.csv").toString())
                .replace("VIDEOS", scenes.toString())
                .replace("VIDEO", scenes.resolve("val/0000.mp4").toString())
                .split(" "));
        Ran ran = TinyRuns.run(words.toArray());
        assertThat(ran.code()).as(ran.err()).isEqualTo(2);
        assertThat(ran.err()).contains(parts[1]);
    }
}
