package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import maskfeat.cli.TinyRuns.Ran;
import maskfeat.data.TooManyBadFiles;
import maskfeat.report.MetricsFile;
import maskfeat.run.RunResult;
import maskfeat.train.Checkpoints;
import maskfeat.train.Trainer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FinetuneReportTest {
    @TempDir
    private static Path folder = Path.of("");

    private static Path images = Path.of("");

    @BeforeAll
    static void makeData() throws Exception {
        images = TinyRuns.images(folder.resolve("set"));
    }

    @Test
    void theKeptWeightsAreMeasuredOnceMore() throws Exception {
        Path run = folder.resolve("run");
        // Steps so large that the last weights are not the best.
        assertThat(TinyRuns.train(
                        run,
                        images,
                        TinyRuns.settings("optim.lr=0.05", "optim.ema=0", "train.epochs=3", "report.pictures=7"),
                        null))
                .isEqualTo(Trainer.Ending.DONE);
        RunResult result = RunResult.read(run.resolve("result.json"));
        assertThat(result.kind()).isEqualTo("finetune");
        assertThat(result.facts())
                .containsEntry("recipe", "tiny-image-ft")
                .containsEntry("from", "scratch")
                .containsEntry("validation images", "20");

        int stepsPerEpoch = 60 / 16;
        int epoch = Integer.parseInt(result.facts().get("epoch"));
        Map<Long, Map<String, Double>> metrics = MetricsFile.read(run.resolve("metrics.jsonl"));
        Map<String, Double> validated = metrics.getOrDefault((long) epoch * stepsPerEpoch, Map.of());
        result.figures()
                .forEach((tag, value) ->
                        assertThat(value).as(tag).isCloseTo(validated.getOrDefault(tag, Double.NaN), within(1e-3)));
        assertThat(metrics.values().stream()
                        .filter(row -> row.containsKey("val/top1"))
                        .mapToDouble(row -> row.get("val/top1"))
                        .max())
                .hasValueCloseTo(result.figures().get("val/top1"), within(1e-3));

        assertThat(Files.readAllLines(run.resolve("predictions.csv")))
                .hasSize(21)
                .first()
                .asString()
                .startsWith("name,label,top1");
        assertThat(run.resolve("report.html"))
                .content()
                .contains("<b>Confusion</b>", "<b>Reliability</b>", "<b>What the network trained on</b>")
                .contains("random weights (from scratch)", "after epoch " + epoch + " of 3", "star-waves")
                .contains("most often confused with", "samples are mixed with each other afterwards");
        BufferedImage sheet =
                ImageIO.read(run.resolve("pictures/step-00000000.png").toFile());
        assertThat(sheet.getWidth()).isGreaterThan(7 * 128);
        showsTheSurestMistakes(run);
    }

    /** Those of the page are those of the file of predictions that are wrong, by their scores. */
    private static void showsTheSurestMistakes(Path run) throws Exception {
        List<String> surest = Files.readAllLines(run.resolve("predictions.csv")).stream()
                .skip(1)
                .map(line -> line.split(","))
                .filter(row -> !row[1].equals(row[2]))
                .sorted(Comparator.comparingDouble((String[] row) -> -Double.parseDouble(row[3])))
                .map(row -> row[0])
                .toList();
        assertThat(surest).hasSizeGreaterThan(1);
        String page = Files.readString(run.resolve("report.html"));
        assertThat(page).contains("<b>Mistakes</b>");
        String table = page.substring(page.indexOf("The surest mistakes"));
        assertThat(table.indexOf("<td>" + surest.get(0) + "</td>"))
                .isPositive()
                .isLessThan(table.indexOf("<td>" + surest.get(1) + "</td>"));
    }

    @Test
    void withoutValidationDataThereAreThePageAndTheFiguresOfTraining() throws Exception {
        Path run = folder.resolve("unmeasured");
        Path train = folder.resolve("train-only");
        copy(images.resolve("train"), train);
        TinyRuns.train(run, train, TinyRuns.settings("train.epochs=1", "report.pictures-every=0"), null);
        assertThat(run.resolve("model.safetensors")).exists();
        assertThat(RunResult.read(run.resolve("result.json")).figures())
                .containsOnlyKeys("train/loss", "train/epoch_loss");
        assertThat(run.resolve("predictions.csv")).doesNotExist();
        assertThat(run.resolve("report.html"))
                .content()
                .contains("there was no validation data")
                .doesNotContain("<b>Confusion</b>", "What the network trained on");
    }

    @Test
    void whatCannotBeMeasuredIsLeftOutNamedOnceAndCounted() throws Exception {
        Path data = folder.resolve("one-bad");
        copy(images, data);
        Path bad = data.resolve("val/disc-bricks/0000-bad.jpg");
        Files.writeString(bad, "no picture");
        Path run = folder.resolve("one-bad-run");
        assertThat(TinyRuns.train(run, data, TinyRuns.settings("train.epochs=2", "data.max-bad-share=0.05"), null))
                .isEqualTo(Trainer.Ending.DONE);
        assertThat(MetricsFile.read(run.resolve("metrics.jsonl")).values().stream()
                        .filter(row -> row.containsKey("val/top1"))
                        .map(row -> row.get("val/count")))
                .containsExactly(20.0, 20.0);
        assertThat(Files.readAllLines(run.resolve("bad-files.jsonl")))
                .singleElement()
                .asString()
                .contains("0000-bad.jpg");
        RunResult result = RunResult.read(run.resolve("result.json"));
        assertThat(result.figures()).containsEntry("val/count", 20.0);
        assertThat(result.facts()).containsEntry("validation images", "20 of 21 (the others cannot be read)");
        assertThat(run.resolve("report.html")).content().contains("0000-bad.jpg", "20 of 21");

        Ran strict = TinyRuns.run("evaluate", run, "--data", data, "--device", "cpu", "--max-bad-share", "0");
        assertThat(strict.code()).isEqualTo(4);
        assertThat(strict.err()).contains("1 of 21 images", "0.0", "max-bad-share", "0000-bad.jpg");
        Ran ran = TinyRuns.run("evaluate", run, "--data", data, "--device", "cpu", "--max-bad-share", "0.05", "--json");
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.err()).containsOnlyOnce("left out: ").contains("0000-bad.jpg");
        JsonNode row = JsonMapper.shared().readTree(ran.out());
        assertThat(row.path("count").asInt()).isEqualTo(20);
        assertThat(row.path("left_out").asInt()).isEqualTo(1);
        assertThat(100 * row.path("top1").asDouble()).isCloseTo(result.figures().get("val/top1"), within(1e-9));
    }

    @Test
    void tooManyFilesThatCannotBeMeasuredStopTheRunAfterItIsSaved() throws Exception {
        Path data = folder.resolve("two-bad");
        copy(images, data);
        for (int i = 1; i <= 4; i++) { // three are left out whatever the share
            Files.writeString(data.resolve("val/disc-bricks/bad-" + i + ".jpg"), "no picture");
        }
        Path run = folder.resolve("two-bad-run");
        assertThatExceptionOfType(TooManyBadFiles.class)
                .isThrownBy(() ->
                        TinyRuns.train(run, data, TinyRuns.settings("train.epochs=1", "data.max-bad-share=0.05"), null))
                .withMessageContainingAll("4 of 24 images", "0.05", "bad-4.jpg");
        assertThat(Checkpoints.latestIn(run.resolve("checkpoints"), notice -> {}))
                .isPresent();
    }

    @Test
    void aStoppedRunIsNotMeasuredOnceMore() throws Exception {
        Path run = folder.resolve("stopped");
        assertThat(TinyRuns.train(run, images, TinyRuns.settings(), 1)).isEqualTo(Trainer.Ending.STOPPED);
        assertThat(run.resolve("result.json")).doesNotExist();
        assertThat(run.resolve("report.html"))
                .content()
                .contains(
                        "stopped on request; to go on: maskfeat finetune --resume --out ",
                        "What the network trained on")
                .doesNotContain("<b>Confusion</b>");
    }

    private static void copy(Path from, Path to) throws Exception {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
