package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import maskfeat.data.SampleSet;
import maskfeat.golden.GoldenDir;
import maskfeat.weights.TensorReader;
import maskfeat.weights.Weights;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class WeightsCommandTest {
    @TempDir
    Path temp;

    private Path folder;

    @BeforeEach
    void find() {
        assumeThat(GoldenDir.has("checkpoints")).as("golden set checkpoints").isTrue();
        folder = GoldenDir.path().resolve("checkpoints");
    }

    @Test
    void inspectSaysWhoseTheyAreWhatForAndWhatTheyAreLike() {
        TinyRuns.Ran ran = TinyRuns.run("weights", "inspect", folder.resolve("vit_ssl_checkpoint_epoch_00003.pyth"));

        assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.OK);
        assertThat(ran.out())
                .contains("PyTorch checkpoint", "model_state", "PySlowFast", "cfg, epoch")
                .contains("ViT, 3 blocks of width 64, 4 heads, patches of 16 px; images of 64 px; predicts 108 numbers")
                .containsPattern("(?m)^blocks.0.attn.qkv.weight +192x64 +f32 ")
                .containsPattern("(?m)^ +hogs.0.weight_y, which ");
    }

    @Test
    void inspectForMachinesIsOneObject() {
        TinyRuns.Ran ran = TinyRuns.run("weights", "inspect", folder.resolve("small_types.pyth"), "--json");

        JsonNode json = JsonMapper.shared().readTree(ran.out());
        assertThat(json.get("names").asString()).startsWith("unknown");
        JsonNode scalar = json.get("list")
                .valueStream()
                .filter(row -> row.get("name").asString().equals("scalar"))
                .findFirst()
                .orElseThrow();
        assertThat(scalar.get("shape")).isEmpty();
        assertThat(scalar.get("mean").asDouble()).isEqualTo(3.5);
        assertThat(scalar.get("type").asString()).isEqualTo("F32");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BAD_crc.pyth",
                "BAD_legacy_truncated.pyth",
                "BAD_pickle_cut.pyth",
                "BAD_short_storage.pyth",
                "BAD_truncated.pyth",
                "MALICIOUS_legacy.pyth",
                "MALICIOUS_zip.pyth"
            })
    void whatIsBrokenOrHostileIsOneErrorThatNamesTheFile(String name) {
        for (String command : new String[] {"inspect", "diff"}) {
            Path file = folder.resolve(name);
            TinyRuns.Ran ran = command.equals("diff")
                    ? TinyRuns.run("weights", command, file, file)
                    : TinyRuns.run("weights", command, file);

            assertThat(ran.code()).isEqualTo(Exit.INPUT);
            assertThat(ran.out()).isEmpty();
            assertThat(ran.err().lines()).hasSize(1);
            assertThat(ran.err()).contains(name);
        }
        assertThat(Path.of(System.getProperty("java.io.tmpdir"), "pwned")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"timm, out.pth", "slowfast, out.pyth", "openmmlab, out.pth", "safetensors, out.safetensors"})
    void convertedAndComparedNothingDiffers(String program, String name) throws IOException {
        Path start = folder.resolve("vit_timm_avgpool.pth");
        Path out = temp.resolve(name);

        TinyRuns.Ran converted = TinyRuns.run("weights", "convert", start, out, "--to", program, "--heads", 4);
        assertThat(converted.code()).as(converted.err()).isEqualTo(Exit.OK);
        assertThat(converted.out()).isEqualTo(out + System.lineSeparator());
        assertThat(converted.err()).contains("weights of timm").doesNotContain("left out");

        TinyRuns.Ran compared = TinyRuns.run("weights", "diff", start, out);
        assertThat(compared.code()).as(compared.out()).isEqualTo(Exit.OK);
        assertThat(compared.out()).startsWith("44 tensors equal, 0 not");
        try (TensorReader reader = Weights.open(out)) {
            assertThat(reader.entries()).hasSize(44);
        }
    }

    @Test
    void transformersGetAFolderThatIsReadAgainWithItsHeads() throws IOException {
        Path out = temp.resolve("vit");

        TinyRuns.Ran ran = TinyRuns.run(
                "weights", "convert", folder.resolve("vit_timm_token.pth"), out, "--to", "hf", "--heads", 4);

        assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.OK);
        JsonNode config =
                JsonMapper.shared().readTree(out.resolve("config.json").toFile());
        assertThat(config.get("num_attention_heads").asInt()).isEqualTo(4);
        assertThat(config.get("id2label")).hasSize(10);
        assertThat(out.resolve("preprocessor_config.json")).exists();
        assertThat(TinyRuns.run("weights", "inspect", out).out())
                .contains("transformers ViT", "4 heads", "10 classes")
                .doesNotContain("heads of 64");
    }

    @Test
    void convertRefusesWhatWouldBeLostOrCannotBe() throws IOException {
        Path start = folder.resolve("vit_timm_avgpool.pth");
        Path there = Files.writeString(temp.resolve("there.pth"), "mine");

        TinyRuns.Ran overwriting = TinyRuns.run("weights", "convert", start, there, "--to", "timm", "--heads", 4);
        assertThat(overwriting.code()).isEqualTo(Exit.USAGE);
        assertThat(overwriting.err()).contains("--overwrite");
        assertThat(there).hasContent("mine");

        assertThat(TinyRuns.run("weights", "convert", start, temp.resolve("x.pth"), "--to", "keras")
                        .err())
                .contains("--to keras must be timm, slowfast, openmmlab, hf or safetensors");
        assertThat(TinyRuns.run("weights", "convert", start, temp.resolve("x.npz"), "--to", "timm")
                        .err())
                .contains("x.npz must end in .safetensors");
        TinyRuns.Ran multiscale = TinyRuns.run(
                "weights",
                "convert",
                folder.resolve("mvit_ssl_checkpoint_epoch_00003.pyth"),
                temp.resolve("x.pth"),
                "--to",
                "timm");
        assertThat(multiscale.code()).isEqualTo(Exit.INPUT);
        assertThat(multiscale.err()).contains("multiscale");
        assertThat(temp.resolve("x.pth")).doesNotExist();
    }

    @Test
    void diffNamesWhatDiffersAndExitsWithItsOwnCode() {
        TinyRuns.Ran ran = TinyRuns.run(
                "weights",
                "diff",
                folder.resolve("vit_timm_avgpool.pth"),
                folder.resolve("vit_ssl_checkpoint_epoch_00003.pyth"));

        assertThat(ran.code()).isEqualTo(Exit.DIFFERENT);
        assertThat(ran.out())
                .contains(": mask_token", ": head.projection.weight", "blocks.0.attn.qkv.weight", "max |a-b|");
        assertThat(TinyRuns.run(
                                "weights",
                                "diff",
                                folder.resolve("vit_timm_avgpool.pth"),
                                folder.resolve("vit_timm_avgpool.pth"),
                                "--tolerance",
                                "-1")
                        .err())
                .contains("--tolerance");
    }

    /** Weights that others wrote, where a checkpoint is taken. */
    @Test
    void officialCheckpointsEmbedAndAreVisualized() throws IOException {
        SampleSet.write(temp.resolve("set"), SampleSet.Size.TINY);
        Path vit = folder.resolve("vit_ssl_checkpoint_epoch_00003.pyth");
        Path images = temp.resolve("set/images/val/star-waves");

        TinyRuns.Ran embedded = TinyRuns.run("embed", vit, images, "--out", temp.resolve("a.npy"));
        assertThat(embedded.code()).as(embedded.err()).isEqualTo(Exit.OK);
        assertThat(embedded.err()).contains("weights of PySlowFast");
        TinyRuns.Ran seen =
                TinyRuns.run("visualize", vit, images.resolve("0000.jpg"), "--out", temp.resolve("pictures"));
        assertThat(seen.code()).as(seen.err()).isEqualTo(Exit.OK);

        TinyRuns.Ran clips = TinyRuns.run(
                "embed",
                folder.resolve("mvit_ssl_checkpoint_epoch_00003.pyth"),
                temp.resolve("set/clips/val"),
                "--out",
                temp.resolve("b.npy"));
        assertThat(clips.code()).as(clips.err()).isEqualTo(Exit.OK);
    }
}
