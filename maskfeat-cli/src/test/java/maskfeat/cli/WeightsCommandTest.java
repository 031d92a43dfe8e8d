package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenSettings;
import maskfeat.infer.NetworkFiles;
import maskfeat.model.Vit;
import maskfeat.run.RunResult;
import maskfeat.sample.SampleSet;
import maskfeat.weights.DType;
import maskfeat.weights.Safetensors;
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

    /** What the reduced ViT was made with, of pre-training and of the classifiers under timm's names. */
    private static GoldenSettings settings() {
        return GoldenSettings.open("vit/config.json");
    }

    private static int heads() {
        return GoldenSettings.open("finetune/vit_cls.json").number("/MVIT/NUM_HEADS");
    }

    @Test
    void inspectSaysWhoseTheyAreWhatForAndWhatTheyAreLike() {
        Vit.Config vit = settings().vit();

        TinyRuns.Ran ran = TinyRuns.run("weights", "inspect", folder.resolve("vit_ssl_checkpoint_epoch_00003.pyth"));

        assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.OK);
        assertThat(ran.out())
                .contains("PyTorch checkpoint", "model_state", "PySlowFast", "cfg, epoch")
                .contains(String.format(
                        Locale.ROOT,
                        "ViT, %d blocks of width %d, %d heads, patches of %d px; images of %d px; predicts %d numbers",
                        vit.depth(),
                        vit.dim(),
                        vit.heads(),
                        vit.patch(),
                        settings().number("/DATA/TRAIN_CROP_SIZE"),
                        27 * vit.patch() / 8 * vit.patch() / 8)) // 9 bins of 3 colours in each cell of 8 px
                .containsPattern("(?m)^blocks.0.attn.qkv.weight +" + 3 * vit.dim() + "x" + vit.dim() + " +f32 ")
                .containsPattern("(?m)^ +hogs.0.weight_y, which ");
    }

    /** DALL-E's encoder is published as a network pickled whole, with its classes by name. */
    @ParameterizedTest
    @ValueSource(strings = {"encoder_zip.pkl", "encoder_legacy.pkl"})
    void inspectReadsThePickledEncoderWithoutRunningIt(String name) {
        assumeThat(GoldenDir.has("dvae/" + name)).isTrue();
        TinyRuns.Ran ran = TinyRuns.run(
                "weights", "inspect", GoldenDir.path().resolve("dvae").resolve(name));

        assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.OK);
        assertThat(ran.out())
                .containsPattern("(?m)^format +PyTorch checkpoint$")
                .containsPattern("(?m)^names +DALL-E$")
                .containsPattern("(?m)^as teacher +tokens of a vocabulary of \\d+, a cell of 8 px")
                .containsPattern("(?m)^blocks.group_2.block_1.id_path.w +\\d+x\\d+x1x1 +f32 ");
    }

    @Test
    void aPickledEncoderThatRunsACommandIsOneErrorThatNamesIt() {
        assumeThat(GoldenDir.has("dvae/MALICIOUS_encoder.pkl")).isTrue();
        Path file = GoldenDir.path().resolve("dvae").resolve("MALICIOUS_encoder.pkl");
        TinyRuns.Ran ran = TinyRuns.run("weights", "inspect", file);

        assertThat(ran.code()).isEqualTo(Exit.INPUT);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err().lines()).hasSize(1);
        assertThat(ran.err()).contains(file + " names posix.system");
        assertThat(Path.of(System.getProperty("java.io.tmpdir"), "pwned")).doesNotExist();
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

        TinyRuns.Ran converted = TinyRuns.run("weights", "convert", start, out, "--to", program, "--heads", heads());
        assertThat(converted.code()).as(converted.err()).isEqualTo(Exit.OK);
        assertThat(converted.out()).isEqualTo(out + System.lineSeparator());
        assertThat(converted.err()).contains("weights of timm").doesNotContain("left out");

        if (program.equals("safetensors")) {
            assertThat(TinyRuns.run("weights", "inspect", out).out())
                    .contains(heads() + " heads")
                    .doesNotContain("assumed");
        }
        TinyRuns.Ran compared = TinyRuns.run("weights", "diff", start, out);
        assertThat(compared.code()).as(compared.out()).isEqualTo(Exit.OK);
        int count = GoldenSettings.open("finetune/vit_cls.json").parameters().size();
        assertThat(compared.out()).startsWith(count + " tensors equal, 0 not");
        try (TensorReader reader = Weights.open(out)) {
            assertThat(reader.entries()).hasSize(count);
        }
    }

    @Test
    void transformersGetAFolderThatIsReadAgainWithItsHeads() throws IOException {
        Path out = temp.resolve("vit");

        TinyRuns.Ran ran = TinyRuns.run(
                "weights", "convert", folder.resolve("vit_timm_token.pth"), out, "--to", "hf", "--heads", heads());

        assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.OK);
        JsonNode config =
                JsonMapper.shared().readTree(out.resolve("config.json").toFile());
        int classes = GoldenSettings.open("finetune/vit_cls.json").number("/MODEL/NUM_CLASSES");
        assertThat(config.get("num_attention_heads").asInt()).isEqualTo(heads());
        assertThat(config.get("id2label")).hasSize(classes);
        assertThat(out.resolve("preprocessor_config.json")).exists();
        assertThat(Files.readString(out.resolve("README.md")))
                .startsWith("---\nlibrary_name: transformers\npipeline_tag: image-classification\n")
                .contains(classes + " classes apart", "AutoModelForImageClassification.from_pretrained(\"vit\")")
                .doesNotContain(temp.toString());
        assertThat(TinyRuns.run("weights", "inspect", out).out())
                .contains("transformers ViT", heads() + " heads", classes + " classes")
                .doesNotContain("heads of 64");
    }

    /** Of a run, the card says how it went; no path of this machine is on it. */
    @Test
    void theModelCardTellsOfTheRun() throws IOException {
        Path run = Files.createDirectory(temp.resolve("run"));
        NetworkFiles.write(run.resolve("model.safetensors"), NetworkFiles.imageClassifier(), 3);
        new RunResult(
                        "finetune",
                        Map.of("val/top1", 41.25),
                        Map.of(
                                "recipe",
                                "tiny-image-ft",
                                "epochs",
                                "4",
                                "from",
                                "scratch",
                                "data",
                                "/home/somebody/pictures"))
                .write(run.resolve("result.json"));
        TinyRuns.Ran ran = TinyRuns.run("weights", "convert", run, temp.resolve("card"), "--to", "hf");
        assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.OK);
        assertThat(Files.readString(temp.resolve("card/README.md")))
                .contains(
                        "by: maskfeat finetune",
                        "recipe: tiny-image-ft",
                        "validation top-1: 41.3 %",
                        "left out: `head.projection.weight`, which ",
                        "figures of classes are with the classifier, which is left out here",
                        "began with: random weights",
                        "model.layernorm = torch.nn.Identity()",
                        "last_hidden_state",
                        "Before publishing, add")
                .doesNotContain("somebody");
        assertThat(TinyRuns.run("weights", "convert", run, temp.resolve("card"), "--to", "hf")
                        .err())
                .contains("--overwrite");
    }

    @Test
    void aNumberOfHeadsThatNoFileTellsIsSaid() throws IOException {
        Path weights = NetworkFiles.write(temp.resolve("w.safetensors"), NetworkFiles.imageClassifier(), 3);
        TinyRuns.Ran ran = TinyRuns.run("weights", "convert", weights, temp.resolve("w.pth"), "--to", "timm");
        assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.OK);
        int heads = NetworkFiles.imageClassifier().backbone().attentionHeads().orElseThrow();
        assertThat(ran.err())
                .contains("timm needs num_heads=" + heads + " for these weights, and maskfeat --heads " + heads);
    }

    @Test
    void convertRefusesWhatWouldBeLostOrCannotBe() throws IOException {
        Path start = folder.resolve("vit_timm_avgpool.pth");
        Path there = Files.writeString(temp.resolve("there.pth"), "mine");

        TinyRuns.Ran overwriting = TinyRuns.run("weights", "convert", start, there, "--to", "timm", "--heads", heads());
        assertThat(overwriting.code()).isEqualTo(Exit.USAGE);
        assertThat(overwriting.err()).contains("--overwrite");
        assertThat(there).hasContent("mine");

        assertThat(TinyRuns.run("weights", "convert", start, temp.resolve("x.pth"), "--to", "keras")
                        .err())
                .contains(
                        "--to keras must be one of timm, slowfast, openmmlab, hf, videomae, mocov3, torchvision, safetensors");
        assertThat(TinyRuns.run(
                                "weights",
                                "convert",
                                folder.resolve("vit_ssl_checkpoint_epoch_00003.pyth"),
                                temp.resolve("x.pth"),
                                "--to",
                                "timm",
                                "--heads",
                                2 * heads())
                        .err())
                .contains(heads() + " heads", "NUM_HEADS", "not " + 2 * heads());
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

    @Test
    void convertNeverWritesIntoARunOrOverWhatItReads() throws IOException {
        Path start = folder.resolve("vit_timm_token.pth");
        Path run = Files.createDirectories(temp.resolve("run"));
        Files.writeString(run.resolve("config.yaml"), "seed: 0");
        assertThat(TinyRuns.run("weights", "convert", start, run, "--to", "hf", "--overwrite", "--heads", heads())
                        .err())
                .contains("is the folder of a run");

        Path copy = Files.copy(start, temp.resolve("copy.pth"));
        assertThat(TinyRuns.run("weights", "convert", copy, copy, "--to", "timm", "--overwrite", "--heads", heads())
                        .err())
                .contains("is what is read");

        Path full = Files.createDirectories(temp.resolve("full"));
        Files.writeString(full.resolve("config.json"), "mine");
        TinyRuns.Ran refused = TinyRuns.run("weights", "convert", start, full, "--to", "hf", "--heads", heads());
        assertThat(refused.code()).isEqualTo(Exit.USAGE);
        assertThat(refused.err()).contains("config.json is there already");
        assertThat(full.resolve("model.safetensors")).doesNotExist();

        assertThat(TinyRuns.run(
                                "weights",
                                "convert",
                                start,
                                temp.resolve("no/where.pth"),
                                "--to",
                                "timm",
                                "--heads",
                                heads())
                        .err())
                .contains("there is no folder");
        assertThat(TinyRuns.run("weights", "inspect", temp.resolve("nowhere.pth"))
                        .err())
                .contains("nowhere.pth: there is no such file");
    }

    /** A head that cannot be expressed must not be promised: a random one with labels would take its place. */
    @Test
    void transformersAreNotPromisedAHeadOnTheMeanOfThePatches() {
        Path out = temp.resolve("vit");

        TinyRuns.Ran ran = TinyRuns.run(
                "weights", "convert", folder.resolve("vit_timm_avgpool.pth"), out, "--to", "hf", "--heads", heads());

        assertThat(ran.err()).contains("left out: head.projection.weight");
        JsonNode config =
                JsonMapper.shared().readTree(out.resolve("config.json").toFile());
        assertThat(config.get("architectures").get(0).asString()).isEqualTo("ViTModel");
        assertThat(config.has("id2label")).isFalse();
    }

    @Test
    void diffDoesNotCallEqualWhatComputesSomethingElse() throws IOException {
        Path timm = folder.resolve("vit_timm_avgpool.pth");
        Path ours = temp.resolve("ours.safetensors");
        TinyRuns.run("weights", "convert", timm, ours, "--to", "safetensors", "--heads", heads());
        Path scaled = temp.resolve("scaled.safetensors");
        int dim = GoldenSettings.open("finetune/vit_cls.json").vit().dim();
        try (TensorReader reader = Weights.open(timm)) {
            List<Safetensors.Source> sources = new ArrayList<>();
            reader.entries().values().forEach(entry -> sources.add(Safetensors.Source.of(reader, entry)));
            sources.add(Safetensors.Source.of(
                    "blocks.0.ls1.gamma", DType.F32, List.of((long) dim), () -> ByteBuffer.allocate(4 * dim)));
            Safetensors.write(scaled, Map.of(), sources);
        }

        TinyRuns.Ran ran = TinyRuns.run("weights", "diff", ours, scaled);

        assertThat(ran.code()).as(ran.out()).isEqualTo(Exit.DIFFERENT);
        assertThat(ran.out()).contains("not compared: ", "ls1.gamma");
        assertThat(TinyRuns.run("weights", "diff", ours, timm).code()).isEqualTo(Exit.OK);
    }

    @Test
    void namesOutOfAFileDoNotReachTheTerminalRaw() throws IOException {
        Path file = temp.resolve("rude.safetensors");
        Safetensors.write(
                file,
                Map.of("note\u001b[2J", "x"),
                List.of(Safetensors.Source.of("a\u001b[2Jb", DType.F32, List.of(1L), () -> ByteBuffer.allocate(4))));
        Path other = temp.resolve("other.safetensors");
        Safetensors.write(
                other,
                Map.of(),
                List.of(Safetensors.Source.of("c", DType.F32, List.of(1L), () -> ByteBuffer.allocate(4))));

        assertThat(TinyRuns.run("weights", "inspect", file).out())
                .contains("a\\u001b[2Jb")
                .doesNotContain("\u001b");
        assertThat(TinyRuns.run("weights", "diff", file, other).out())
                .contains("a\\u001b[2Jb")
                .doesNotContain("\u001b");
    }

    /** What a file says of itself decides nothing about memory. */
    @Test
    void networkThatAFileOnlyClaimsIsNotBuilt() throws IOException {
        Path honest = temp.resolve("honest.safetensors");
        TinyRuns.run(
                "weights",
                "convert",
                folder.resolve("vit_ssl_checkpoint_epoch_00003.pyth"),
                honest,
                "--to",
                "safetensors");
        int dim = settings().vit().dim();
        int depth = settings().vit().depth();
        for (String claim : List.of(
                "\"dim\":" + dim + "=\"dim\":" + dim + "00=says that it is for",
                "\"depth\":" + depth + "=\"depth\":" + depth + "00=says that it is for",
                "\"dim\":" + dim + "=\"dim\":" + dim + "00000=does not say what network it is for: backbone.dim",
                "\"depth\":" + depth + "=\"depth\":" + depth
                        + "000=does not say what network it is for: backbone.dim")) {
            Path boaster = temp.resolve("boaster.safetensors");
            String[] swap = claim.split("=", -1);
            try (TensorReader reader = Weights.open(honest)) {
                List<Safetensors.Source> sources = new ArrayList<>();
                reader.entries().values().forEach(entry -> sources.add(Safetensors.Source.of(reader, entry)));
                String said = String.valueOf(reader.metadata().get("maskfeat")).replace(" ", "");
                assertThat(said).contains(swap[0]);
                Safetensors.write(boaster, Map.of("maskfeat", said.replace(swap[0], swap[1])), sources);
            }

            TinyRuns.Ran ran =
                    TinyRuns.run("visualize", boaster, temp.resolve("x.jpg"), "--out", temp.resolve("pictures"));

            assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.INPUT);
            assertThat(ran.err()).contains("boaster.safetensors " + swap[2]);
        }
    }

    @Test
    void severalFilesWithAnIndexAreTheSameWeights() throws IOException {
        Path start = folder.resolve("vit_ssl_checkpoint_epoch_00003.pyth");
        Path out = temp.resolve("sharded");
        Path whole = temp.resolve("whole.safetensors");

        TinyRuns.Ran ran = TinyRuns.run("weights", "convert", start, out, "--to", "safetensors", "--max-shard-mb", 1);
        TinyRuns.run("weights", "convert", start, whole, "--to", "safetensors");

        assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.OK);
        assertThat(ran.out()).contains("model.safetensors.index.json");
        try (TensorReader sharded = Weights.open(out.resolve("model.safetensors.index.json"));
                TensorReader one = Weights.open(whole)) {
            assertThat(sharded.entries()).isEqualTo(one.entries());
            assertThat(sharded.metadata()).containsKey("maskfeat");
        }
        TinyRuns.Ran compared = TinyRuns.run("weights", "diff", out, whole);
        assertThat(compared.code()).as(compared.out()).isEqualTo(Exit.OK);
        Files.delete(out.resolve("model.safetensors.index.json"));
        assertThat(TinyRuns.run("weights", "convert", start, out, "--to", "safetensors", "--max-shard-mb", 1)
                        .err())
                .contains("parts of other weights");
        assertThat(TinyRuns.run(
                                "weights",
                                "convert",
                                start,
                                temp.resolve("x.safetensors"),
                                "--to",
                                "safetensors",
                                "--max-shard-mb",
                                1)
                        .err())
                .contains("need a folder");
    }
}
