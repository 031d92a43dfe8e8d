package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import maskfeat.run.Recipes;
import maskfeat.run.RunResult;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ProbeCommandTest {
    @TempDir
    private static Path folder = Path.of("");

    private static String model = "";
    private static String data = "";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void make() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        data = folder.resolve("set/images").toString();
        model = TinyRuns.weights(folder.resolve("tiny-image.safetensors"), Recipes.named("tiny-image"))
                .toString();
    }

    private int run(String... args) {
        CommandLine line = Commands.line();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    @Test
    void whereAStopIsAskedForNothingIsWritten() {
        Path to = folder.resolve("stopped");
        CommandLine line = Commands.line();
        line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        Objects.requireNonNull(line.getSubcommands().get("probe"))
                .<ProbeCommand>getCommand()
                .stoppedBy(() -> true);
        assertThat(line.execute("probe", model, "--data", data, "--per-class", "2", "--out", to.toString()))
                .as(err.toString())
                .isEqualTo(75);
        assertThat(out.toString()).isEmpty();
        assertThat(to).doesNotExist();
    }

    private JsonNode json(String... more) {
        out.getBuffer().setLength(0);
        List<String> args = new ArrayList<>(List.of("probe", model, "--data", data, "--json", "--per-class", "2"));
        args.addAll(List.of(more));
        assertThat(run(args.toArray(String[]::new))).as(err.toString()).isZero();
        return JsonMapper.shared().readTree(out.toString());
    }

    @Test
    void probesAllBlocksAndWritesWhatCameOut() throws IOException {
        Path results = folder.resolve("all");
        assertThat(run("probe", model, "--data", data, "--block", "all", "--out", results.toString()))
                .as(err.toString())
                .isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(3).allMatch(line -> line.length() <= 80);
        assertThat(lines.get(0)).contains("block", "probe top-1", "kNN top-1", "95 %", "lr", "k");
        assertThat(lines.get(2)).startsWith("1 ").contains(" %");

        RunResult result = RunResult.read(results.resolve("result.json"));
        assertThat(result.kind()).isEqualTo("probe");
        assertThat(result.figures())
                .containsKeys("probe/top1", "probe/top5", "probe/loss", "knn/top1", "probe/top1@0", "knn/top1@1");
        assertThat(result.figures().get("probe/top1"))
                .isEqualTo(result.figures().get("probe/top1@1"))
                .isBetween(0.0, 100.0);
        assertThat(result.facts())
                .containsEntry("images for training", "60")
                .containsEntry("images measured on", "20")
                .containsKeys("block 0", "block 1");
        List<String> predictions = Files.readAllLines(results.resolve("predictions.csv"));
        assertThat(predictions).hasSize(21);
        long right = predictions.stream()
                .skip(1)
                .map(line -> line.split(","))
                .filter(cells -> cells[1].equals(cells[2]))
                .count();
        assertThat(100.0 * right / 20).isEqualTo(result.figures().get("probe/top1"));
        assertThat(results.resolve("report.html"))
                .content()
                .contains("linear probe, top-1", "Cross-validation on the training items", "after each block");
        // A second time into the same folder is a probe again.
        assertThat(run("probe", model, "--data", data, "--per-class", "2", "--out", results.toString()))
                .isZero();
    }

    @Test
    void isTheSameEachTimeAndFromScratchTakesOtherWeights() {
        JsonNode first = json("--seed", "5");
        assertThat(json("--seed", "5")).isEqualTo(first);
        assertThat(first.at("/blocks/0/block").asInt()).isEqualTo(1);
        assertThat(first.at("/blocks/0/top1").asDouble())
                .isBetween(
                        first.at("/blocks/0/top1_low").asDouble(),
                        first.at("/blocks/0/top1_high").asDouble());
        // The checkpoint holds first values of seed 5.
        assertThat(json("--seed", "5", "--from-scratch").at("/blocks")).isEqualTo(first.at("/blocks"));
        assertThat(json("--seed", "6", "--from-scratch").at("/blocks/0/loss").asDouble())
                .isNotEqualTo(first.at("/blocks/0/loss").asDouble());
    }

    @Test
    void fewItemsOfAClassMakeFewerFoldsAndItSaysSo() {
        JsonNode few = json("--block", "0");
        assertThat(few.at("/blocks/0/folds").asInt()).isEqualTo(2);
        assertThat(err.toString()).contains("2 folds instead of 5");
        assertThat(few.at("/blocks/0/k").asInt()).isLessThan(20);
    }

    @Test
    void withoutValidationDataItTellsHowToGetThem() {
        String train = data + "/train";
        assertThat(run("probe", model, "--data", train)).isEqualTo(3);
        assertThat(err.toString()).contains("nothing to measure on", "--hold-out");
        assertThat(run("probe", model, "--data", train, "--hold-out", "0.3", "--per-class", "2"))
                .isZero();
        assertThat(run("probe", model, "--data", train, "--val", data + "/val", "--per-class", "2"))
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "--block, 2, 0 to 1",
        "--block, last, 0 to 1",
        "--views, 2x1, an image has one moment",
        "--hold-out, 1.5, between 0 and 1",
        "--device, tpu, tpu",
        "--batch, 0, at least 1",
    })
    void refusesWhatMakesNoSense(String option, String value, String hint) {
        assertThat(run("probe", model, "--data", data, option, value)).isEqualTo(2);
        assertThat(err.toString()).contains(hint).doesNotContain("Exception");
    }

    @Test
    void unlabelledDataAreAnInputError() throws IOException {
        Path flat = Files.createDirectories(folder.resolve("flat"));
        Path image;
        try (Stream<Path> files = Files.walk(Path.of(data))) {
            image = files.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
        Files.copy(image, flat.resolve(image.getFileName()));
        assertThat(run("probe", model, "--data", flat.toString())).isEqualTo(3);
        assertThat(err.toString()).contains(flat.toString()).doesNotContain("Exception");
    }

    @Test
    void neverOverwritesTheReportOfARun() throws IOException {
        Path runFolder = Files.createDirectories(folder.resolve("run"));
        Files.writeString(runFolder.resolve("config.yaml"), "seed: 0");
        assertThat(run("probe", model, "--data", data, "--out", runFolder.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("is the folder of a run");
    }

    @Test
    void helpFitsEightyColumns() {
        assertThat(run("probe", "--help")).isZero();
        assertThat(run("embed", "--help")).isZero();
        assertThat(out.toString().lines()).allMatch(text -> text.length() <= 80).isNotEmpty();
    }
}
