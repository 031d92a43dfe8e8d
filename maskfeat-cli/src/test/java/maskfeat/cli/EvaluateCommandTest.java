package maskfeat.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import maskfeat.cli.TinyRuns.Ran;
import maskfeat.data.PictureFiles;
import maskfeat.run.RunResult;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EvaluateCommandTest {
    @TempDir
    private static Path folder = Path.of("");

    private static Path images = Path.of("");
    private static Path run = Path.of("");

    @BeforeAll
    static void train() throws Exception {
        images = TinyRuns.images(folder.resolve("set"));
        run = folder.resolve("run");
        TinyRuns.train(run, images, TinyRuns.settings("train.epochs=1"), null);
    }

    @Test
    void measuresTheSplitForValidationAsTheRunDid() throws Exception {
        Ran ran = TinyRuns.run("evaluate", run, "--data", images, "--device", "cpu", "--json");
        assertThat(ran.code()).as(ran.err()).isZero();
        JsonNode row = JsonMapper.shared().readTree(ran.out());
        RunResult result = RunResult.read(run.resolve("result.json"));
        assertThat(row.path("count").asInt()).isEqualTo(20);
        assertThat(100 * row.path("top1").asDouble()).isCloseTo(result.figures().get("val/top1"), within(1e-9));
        assertThat(row.path("loss").asDouble()).isCloseTo(result.figures().get("val/loss"), within(1e-5));
        assertThat(row.path("top1_low").asDouble())
                .isLessThan(row.path("top1").asDouble())
                .isGreaterThanOrEqualTo(0);
        assertThat(row.path("classes").size()).isEqualTo(10);
        assertThat(row.path("views").asString()).isEqualTo("1x1");
    }

    @Test
    void aRunInBfloat16IsMeasuredInFloat32() throws Exception {
        Path inBfloat16 = folder.resolve("run-bfloat16");
        TinyRuns.train(inBfloat16, images, TinyRuns.settings("train.epochs=1", "train.precision=bfloat16"), null);
        Ran ran = TinyRuns.run("evaluate", inBfloat16, "--data", images, "--device", "cpu", "--json");
        assertThat(ran.code()).as(ran.err()).isZero();
        RunResult result = RunResult.read(inBfloat16.resolve("result.json"));
        assertThat(result.facts()).containsEntry("precision", "bfloat16");
        assertThat(JsonMapper.shared().readTree(ran.out()).path("loss").asDouble())
                .isCloseTo(result.figures().get("val/loss"), within(1e-5));
    }

    @Test
    void inBfloat16FiguresAreNearAndTheResultSaysIt() throws Exception {
        Path out = folder.resolve("in-bfloat16");
        Ran ran = TinyRuns.run(
                "evaluate", run, "--data", images, "--device", "cpu", "--precision", "bfloat16", "--out", out);
        assertThat(ran.code()).as(ran.err()).isZero();
        RunResult result = RunResult.read(out.resolve("result.json"));
        double float32 = requireNonNull(
                RunResult.read(run.resolve("result.json")).figures().get("val/loss"));
        assertThat(result.figures().get("val/loss")).isNotEqualTo(float32).isCloseTo(float32, within(2e-3));
        assertThat(result.facts()).containsEntry("precision", "bfloat16");

        Ran wrong = TinyRuns.run("evaluate", run, "--data", images, "--precision", "half");
        assertThat(wrong.code()).isEqualTo(Exit.USAGE);
        assertThat(wrong.err()).contains("'half'", "float32, bfloat16, auto");
    }

    @Test
    void saysItInEightyColumns() {
        Ran ran = TinyRuns.run("evaluate", run, "--data", images.resolve("train"), "--device", "cpu");
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out().lines()).allMatch(line -> line.length() <= 80);
        assertThat(ran.out())
                .contains("60 in 10 classes, views 1x1", "95 % interval", "top-5", "mean of classes", "loss")
                .contains("calibration error", "star-waves", "recall", "most often taken", " for ");
    }

    @Test
    void leavesAReportPredictionsAndAResult() throws Exception {
        Path out = folder.resolve("evaluation");
        Ran ran = TinyRuns.run("evaluate", run, "--data", images, "--device", "cpu", "--out", out);
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(out.resolve("report.html"))
                .content()
                .contains("Evaluation of ", "<b>Confusion</b>", "<b>Reliability</b>", "star-waves")
                .doesNotContain("<h2>Settings</h2>");
        assertThat(Files.readAllLines(out.resolve("predictions.csv"))).hasSize(21);
        assertThat(JsonMapper.shared()
                        .readTree(Files.readString(out.resolve("predictions.json")))
                        .path("predictions")
                        .size())
                .isEqualTo(20);
        assertThat(out.resolve("confusion.png")).isNotEmptyFile();
        RunResult result = RunResult.read(out.resolve("result.json"));
        assertThat(result.kind()).isEqualTo("evaluate");
        assertThat(result.facts()).containsEntry("views", "1x1").containsEntry("images", "20");
        assertThat(TinyRuns.run("evaluate", run, "--data", images, "--device", "cpu", "--out", out)
                        .code())
                .isZero();
    }

    @Test
    void severalViewsAreMeasuredEachIntoItsFolder() throws Exception {
        Path out = folder.resolve("views");
        Ran ran = TinyRuns.run(
                "evaluate",
                run,
                "--data",
                images,
                "--device",
                "cpu",
                "--views",
                "1x1,1x3",
                "--views",
                "1x1",
                "--json",
                "--out",
                out);
        assertThat(ran.code()).as(ran.err()).isZero();
        List<JsonNode> rows =
                ran.out().lines().map(JsonMapper.shared()::readTree).toList();
        assertThat(rows).extracting(row -> row.path("views").asString()).containsExactly("1x1", "1x3");
        assertThat(rows.get(0).path("loss").asDouble())
                .isNotEqualTo(rows.get(1).path("loss").asDouble());
        assertThat(out.resolve("1x1/result.json")).exists();
        assertThat(RunResult.read(out.resolve("1x3/result.json")).facts()).containsEntry("views", "1x3");
    }

    @Test
    void theFolderOfARunIsNotOverwritten() {
        Ran ran = TinyRuns.run("evaluate", run, "--data", images, "--out", run);
        assertThat(ran.code()).isEqualTo(Exit.USAGE);
        assertThat(ran.err()).contains("is the folder of a run");
        assertThat(run.resolve("report.html")).content().contains("What the network trained on");
    }

    @Test
    void whatCannotBeMeasuredIsRefusedInASentence() throws Exception {
        Ran clips = TinyRuns.run("evaluate", run, "--data", images, "--views", "2x1");
        assertThat(clips.code()).isEqualTo(Exit.USAGE);
        assertThat(clips.err()).contains("an image has one moment");

        Ran none = TinyRuns.run("evaluate", folder.resolve("nowhere"), "--data", images);
        assertThat(none.code()).isEqualTo(Exit.INPUT);
        assertThat(none.err()).contains("there is no such file");

        Path other = folder.resolve("other");
        for (String name : List.of("cat/0.png", "dog/0.png")) {
            PictureFiles.write(other.resolve(name), 16, 16, 1);
        }
        Ran strange = TinyRuns.run("evaluate", run, "--data", other);
        assertThat(strange.code()).isEqualTo(Exit.INPUT);
        assertThat(strange.err()).contains("'cat', 'dog'", "the checkpoint does not know");
    }

    @Test
    void preTrainedWeightsAreNoClassifier() throws Exception {
        Path out = folder.resolve("pretrained");
        TinyRuns.train(
                out,
                images.resolve("train"),
                TinyRuns.settingsOf("tiny-image", "train.epochs=1", "optim.warmup-epochs=0"),
                null);
        RunResult result = RunResult.read(out.resolve("result.json"));
        assertThat(result.kind()).isEqualTo("pretrain");
        assertThat(result.facts()).containsEntry("recipe", "tiny-image").containsEntry("images", "60");
        assertThat(result.figures())
                .containsOnlyKeys(
                        "train/loss", "train/loss_vs_baseline", "train/epoch_loss", "train/epoch_loss_vs_baseline");
        assertThat(result.figures().get("train/loss")).isPositive();

        Ran ran = TinyRuns.run("evaluate", out, "--data", images);
        assertThat(ran.code()).isEqualTo(Exit.INPUT);
        assertThat(ran.err()).contains("is no classifier", "maskfeat finetune --from " + out);
    }
}
