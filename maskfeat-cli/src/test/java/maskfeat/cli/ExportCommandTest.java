package maskfeat.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.StillImage;
import maskfeat.data.VideoDataset;
import maskfeat.disk.AtomicFile;
import maskfeat.infer.Inference;
import maskfeat.media.Frames;
import maskfeat.media.ImageReader;
import maskfeat.model.Classifier;
import maskfeat.model.Vit;
import maskfeat.network.Head;
import maskfeat.network.Input;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.nn.Layer;
import maskfeat.onnx.OnnxModel;
import maskfeat.run.Recipes;
import maskfeat.sample.SampleSet;
import maskfeat.torch.RandomTensors;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExportCommandTest {
    private static final float CLOSE = 1e-4f;
    private static final List<String> LABELS = List.of("a \"fine\" one", "größer", "c");

    @TempDir
    private static Path folder = Path.of("");

    private static Path image = Path.of("");
    private static Path video = Path.of("");
    private static Path encoder = Path.of("");
    private static Path classifier = Path.of("");

    @BeforeAll
    static void make() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY);
        image = first(folder.resolve("set/images/val"));
        video = first(folder.resolve("set/clips/val"));
        encoder = TinyRuns.weights(folder.resolve("tiny-video.safetensors"), Recipes.named("tiny-video"));
        classifier = classifier();
    }

    private static Path first(Path in) throws IOException {
        try (Stream<Path> files = Files.walk(in)) {
            return files.filter(Files::isRegularFile).sorted().findFirst().orElseThrow();
        }
    }

    private static Path classifier() throws IOException {
        NetworkSpec spec = new NetworkSpec(
                new Input(StillImage.defaults(), 32, 40, Resize.Filter.BICUBIC, Normalize.IMAGENET),
                new Vit.Config(8, 1, 16, 2, 2, 4, 0),
                new Head.Classes(Classifier.Pooling.NORM_MEAN, 0.2, LABELS));
        Path file = folder.resolve("classifier.safetensors");
        try (Layer network = spec.build(5, new Device("cpu"))) {
            RandomTensors.addNoise(network.parameters(), 0.1, 7);
            AtomicFile.write(file, TensorFile.content(spec.metadata(), network.parameters()));
        }
        return file;
    }

    private static Input input(Path weights) throws IOException {
        try (OpenedWeights opened = OpenedWeights.open(weights)) {
            return opened.spec().input();
        }
    }

    private static float[] values(Map<String, OnnxModel.Output> outputs, String name) {
        return requireNonNull(outputs.get(name)).values();
    }

    @Test
    void aClassifierThatTakesBytesSaysWhatPredictSays() throws IOException, OrtException {
        Path file = folder.resolve("classifier.onnx");
        TinyRuns.Ran ran = TinyRuns.run("export", classifier, file, "--raw-input");
        assertThat(ran.code()).as(ran.err()).isZero();
        Input input = input(classifier);
        int side = input.side();
        assertThat(ran.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line).matches("\\Q" + file + "\\E: classifier of 3 classes, \\d+\\.\\d MB"),
                        line -> assertThat(line).isEqualTo("  input  rgb uint8 [batch, %d, %d, 3]", side, side),
                        line -> assertThat(line).isEqualTo("  output logits float32 [batch, 3]"),
                        line -> assertThat(line).isEqualTo("  output probabilities float32 [batch, 3]"));
        Frames seen = input.crop(1).apply(new ImageReader().read(image), 0).frames();
        try (OnnxModel model = new OnnxModel(file);
                Inference network = Inference.open(classifier, "cpu")) {
            float[] found = values(model.run(seen.rgb(), 1, side, side, 3), "probabilities");
            assertThat(found).containsExactly(network.scores(image), within(CLOSE));
            JsonNode labels = JsonMapper.shared().readTree(model.metadata().get("labels"));
            assertThat(labels.valueStream().map(JsonNode::asString)).isEqualTo(LABELS);
            JsonNode preprocessing =
                    JsonMapper.shared().readTree(model.metadata().get("preprocessing"));
            assertThat(preprocessing.path("side").asInt()).isEqualTo(side);
            assertThat(preprocessing.path("short-side").asInt()).isEqualTo(input.shortSide());
            assertThat(preprocessing.at("/normalize/mean/0").floatValue())
                    .isEqualTo(input.normalize().mean().get(0));
            assertThat(preprocessing.at("/clip/kind").asString()).isEqualTo("image");
        }
    }

    @Test
    void ofPreTrainingTheEncoderGivesWhatEmbedGives() throws IOException, OrtException {
        Path file = folder.resolve("encoder.onnx");
        TinyRuns.Ran ran = TinyRuns.run("export", encoder, file, "--raw-input");
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.out()).contains(": encoder, ", "output features float32 [batch, 32]", "output tokens float32");
        try (OnnxModel model = new OnnxModel(file);
                Inference network = Inference.open(encoder, "cpu")) {
            Frames clip = VideoDataset.clip(video, network.input().clip(), 0, 1);
            Frames seen = network.input().crop(1).apply(clip, 0).frames();
            Map<String, OnnxModel.Output> found =
                    model.run(seen.rgb(), 1, seen.count(), seen.height(), seen.width(), 3);
            assertThat(values(found, "features")).containsExactly(network.features(clip), within(CLOSE));
            assertThat(model.metadata()).containsEntry("task", "features").doesNotContainKey("labels");
        }
    }

    @Test
    void ofAClassifierTheEncoderCanBeHadAlone() throws IOException, OrtException {
        Path file = folder.resolve("under.onnx");
        TinyRuns.Ran ran = TinyRuns.run("export", classifier, file, "--encoder", "--batch", 2);
        assertThat(ran.code()).as(ran.err()).isZero();
        try (OnnxModel model = new OnnxModel(file)) {
            assertThat(model.ports()).containsOnlyKeys("pixel_values", "features", "tokens");
            assertThat(model.ports().get("pixel_values")).startsWith("FLOAT [2, 3, ");
        }
    }

    @Test
    void aFileIsReplacedOnlyWhenAskedTo() throws IOException {
        Path file = Files.writeString(folder.resolve("mine.onnx"), "mine");
        TinyRuns.Ran refused = TinyRuns.run("export", classifier, file);
        assertThat(refused.code()).isEqualTo(Exit.USAGE);
        assertThat(refused.err()).contains(file + " is there already", "--overwrite");
        assertThat(file).hasContent("mine");
        assertThat(TinyRuns.run("export", classifier, file, "--overwrite").code())
                .isZero();
        assertThat(Files.size(file)).isGreaterThan(1000);
    }

    @ParameterizedTest
    @CsvSource({
        "x.pt, --encoder, must end in .onnx",
        "nowhere/x.onnx, --encoder, there is no folder",
        "x.onnx, --batch=0, --batch 0 must be at least 1",
        "x.onnx, --batch=many, many",
    })
    void refusesWhatMakesNoSense(String name, String option, String hint) {
        Path file = folder.resolve(name);
        TinyRuns.Ran ran = TinyRuns.run("export", classifier, file, option);
        assertThat(ran.code()).isEqualTo(Exit.USAGE);
        assertThat(ran.err()).contains(hint).doesNotContain("Exception");
        assertThat(file).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"missing", "set", "damaged.safetensors"})
    void whatIsNoCheckpointIsSaidToBeNone(String name) throws IOException {
        byte[] whole = Files.readAllBytes(classifier);
        Files.write(folder.resolve("damaged.safetensors"), java.util.Arrays.copyOf(whole, whole.length / 2));
        Path file = folder.resolve("none.onnx");
        TinyRuns.Ran ran = TinyRuns.run("export", folder.resolve(name), file);
        assertThat(ran.code()).isEqualTo(Exit.INPUT);
        assertThat(ran.err()).startsWith("error: ").contains(name).doesNotContain("Exception");
        assertThat(file).doesNotExist();
    }
}
