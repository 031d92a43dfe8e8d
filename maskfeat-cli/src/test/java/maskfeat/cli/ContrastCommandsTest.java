package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import maskfeat.run.Recipes;
import maskfeat.sample.SampleSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What contrastive learning leaves goes through the same commands as any other network. */
class ContrastCommandsTest {
    @TempDir
    private static Path folder = Path.of("");

    private static String data = "";
    private static String run = "";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void make() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        data = folder.resolve("set/images").toString();
        run = folder.resolve("contrast").toString();
        ContrastCommandsTest first = new ContrastCommandsTest();
        first.runs(
                "pretrain",
                "tiny-mocov3",
                "--data",
                data + "/train",
                "--out",
                run,
                "--set",
                "train.epochs=2",
                "--set",
                "report.pictures-every=0");
    }

    private void runs(String... args) {
        assertThat(run(args)).as(err.toString()).isZero();
    }

    private int run(String... args) {
        CommandLine line = Commands.line();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }

    @Test
    void isFineTunedAndProbed() {
        String tuned = folder.resolve("tuned").toString();
        runs(
                "finetune",
                "--from",
                run,
                "--data",
                data,
                "--out",
                tuned,
                "--set",
                "train.epochs=1",
                "--set",
                "optim.warmup-epochs=0");
        out.getBuffer().setLength(0);
        runs("probe", tuned, "--data", data, "--json");
        assertThat(JsonMapper.shared()
                        .readTree(out.toString())
                        .get("blocks")
                        .get(0)
                        .get("top1")
                        .isNumber())
                .isTrue();
    }

    @Test
    void isProbedByItsPatchesAndByItsClassToken() {
        runs("probe", run, "--data", data, "--json");
        JsonNode patches = JsonMapper.shared().readTree(out.toString());
        out.getBuffer().setLength(0);
        runs("probe", run, "--data", data, "--json", "--class-token");
        JsonNode token = JsonMapper.shared().readTree(out.toString());

        assertThat(patches.get("features").asString()).isEqualTo("mean over the patches");
        assertThat(token.get("features").asString()).isEqualTo("class token, after the last block behind the norm");
        assertThat(token.get("blocks").get(0).get("loss"))
                .isNotEqualTo(patches.get("blocks").get(0).get("loss"));
    }

    @Test
    void aNetworkWhoseClassTokenNothingTrainedIsNotProbedByIt() throws IOException {
        String masked = TinyRuns.weights(folder.resolve("masked.safetensors"), Recipes.named("tiny-image"))
                .toString();
        assertThat(run("probe", masked, "--data", data, "--class-token")).isEqualTo(3);
        assertThat(err.toString())
                .contains("masked.safetensors has no class token that was trained", "mean of the patches");
        assertThat(run("probe", run, "--data", data, "--class-token", "--from-scratch"))
                .isEqualTo(2);
    }

    @Test
    void isEmbeddedInspectedAndConverted() throws IOException {
        Path features = folder.resolve("features.npy");
        runs("embed", run, data + "/val", "--out", features.toString());
        assertThat(features).isNotEmptyFile();
        runs("weights", "inspect", run);
        assertThat(out.toString()).contains("contrast");
        Path timm = folder.resolve("timm.safetensors");
        runs("weights", "convert", run, timm.toString(), "--to", "timm");
        runs("weights", "convert", run, folder.resolve("moco.pth").toString(), "--to", "mocov3");
        assertThat(Files.size(timm)).isPositive();
        out.getBuffer().setLength(0);
        runs("weights", "inspect", folder.resolve("moco.pth").toString(), "--heads", "2");
        assertThat(out.toString()).contains("module.base_encoder.");
    }
}
