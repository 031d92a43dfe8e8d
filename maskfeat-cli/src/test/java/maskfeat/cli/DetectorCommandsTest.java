package maskfeat.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.augment.Augmented;
import maskfeat.augment.BoxRule;
import maskfeat.augment.Rectangle;
import maskfeat.augment.WholeFrame;
import maskfeat.data.Footage;
import maskfeat.data.KeyFrameDataset;
import maskfeat.disk.AtomicFile;
import maskfeat.eval.Corners;
import maskfeat.infer.Inference;
import maskfeat.media.Frames;
import maskfeat.network.ActionHead;
import maskfeat.network.Input;
import maskfeat.network.NetworkSpec;
import maskfeat.nn.Layer;
import maskfeat.onnx.OnnxModel;
import maskfeat.people.FixedDetector;
import maskfeat.run.Recipes;
import maskfeat.run.Run;
import maskfeat.sample.SampleSet;
import maskfeat.torch.RandomTensors;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Device;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A detector of actions exported, and with boxes that a detector of people finds. */
class DetectorCommandsTest {
    private static final float CLOSE = 1e-4f;

    @TempDir
    private static Path folder = Path.of("");

    private static Path video = Path.of("");
    private static Path weights = Path.of("");
    private static Path people = Path.of("");

    @BeforeAll
    static void make() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.scenesOnly());
        try (Stream<Path> files = Files.walk(folder.resolve("set/scenes/val"))) {
            video = files.filter(file -> file.toString().endsWith(".mp4"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
        Run recipe = Recipes.named("tiny-detect");
        NetworkSpec spec = new NetworkSpec(
                recipe.data().input(),
                recipe.model(),
                new ActionHead(0, List.of("walk", "wave", "run"), List.of(1, 2, 3)));
        weights = folder.resolve("detector.safetensors");
        try (Layer network = spec.build(5, new Device("cpu"))) {
            RandomTensors.addNoise(network.parameters(), 0.2, 7);
            AtomicFile.write(weights, TensorFile.content(spec.metadata(), network.parameters()));
        }
        people = folder.resolve("people.onnx");
        float[][] boxes = {{0.1f, 0.2f, 0.4f, 0.9f}, {0.5f, 0.1f, 0.9f, 0.8f}, {0, 0, 1, 1}};
        FixedDetector.dfine(people, 32, new float[] {0, 0, 2}, boxes, new float[] {0.9f, 0.6f, 0.9f});
    }

    @Test
    void theExportGivesWhatInferenceGives() throws IOException, OrtException {
        Path file = folder.resolve("detector.onnx");
        try (Inference network = Inference.open(weights, "cpu");
                Footage footage = Footage.open(video)) {
            Input input = network.input();
            Frames clip = footage.frames(input.clip().around(footage.info().timeline(), 0.3));
            List<Corners> boxes = List.of(new Corners(0.1, 0.2, 0.4, 0.9), new Corners(0.5, 0, 1, 0.7));
            Augmented seen = new WholeFrame(
                            input.side(), network.spec().backbone().patch(), input.resize())
                    .apply(clip, new SplittableRandom(0));
            int height = seen.frames().height();
            int width = seen.frames().width();
            TinyRuns.Ran ran = TinyRuns.run("export", weights, file, "--frame-size", height + "x" + width);
            assertThat(ran.code()).as(ran.err()).isZero();
            assertThat(ran.out().lines())
                    .element(0)
                    .asString()
                    .matches("\\Q" + file + "\\E: detector of 3 actions, \\d+\\.\\d MB");
            assertThat(ran.out()).contains("  input  boxes float32 [boxes, 5]", "  output scores float32 [boxes, 3]");
            float[] rows = new float[10];
            for (int b = 0; b < 2; b++) {
                Rectangle place =
                        BoxRule.EXACT.apply(KeyFrameDataset.upright(boxes.get(b)), clip.height(), clip.width(), seen);
                rows[5 * b + 1] = (float) place.left();
                rows[5 * b + 2] = (float) place.top();
                rows[5 * b + 3] = (float) place.right();
                rows[5 * b + 4] = (float) place.bottom();
            }
            int pixels = seen.frames().count() * height * width;
            float[] values = new float[3 * pixels];
            for (int i = 0; i < values.length; i++) {
                int colour = i / pixels;
                values[i] = ((seen.frames().rgb()[i % pixels * 3 + colour] & 0xFF) / 255f
                                - input.normalize().mean().get(colour))
                        / input.normalize().std().get(colour);
            }
            try (OnnxModel model = new OnnxModel(file)) {
                float[] found = requireNonNull(model.run(
                                        values, new long[] {1, 3, seen.frames().count(), height, width}, rows)
                                .get("scores"))
                        .values();
                List<float[]> wanted = network.actions(clip, boxes);
                assertThat(Arrays.copyOfRange(found, 0, 3)).containsExactly(wanted.get(0), within(CLOSE));
                assertThat(Arrays.copyOfRange(found, 3, 6)).containsExactly(wanted.get(1), within(CLOSE));
                assertThat(model.metadata()).containsEntry("labels", "[\"walk\",\"wave\",\"run\"]");
            }
        }
    }

    @Test
    void aFrameSizeMustDivideIntoTokensAndBeOfADetector() {
        Path file = folder.resolve("refused.onnx");
        assertThat(TinyRuns.run("export", weights, file, "--frame-size", "33x64")
                        .err())
                .contains("--frame-size 33x64 must be height x width, both multiples of ");
        assertThat(TinyRuns.run("export", weights, file, "--encoder", "--frame-size", "32x64")
                        .err())
                .contains("exported without its head");
        assertThat(file).doesNotExist();
    }

    @Test
    void peopleAreFoundByTheModel() {
        TinyRuns.Ran ran = TinyRuns.run(
                "predict",
                weights,
                video,
                "--detector",
                people,
                "--detector-every",
                "0.25",
                "--json",
                "--out",
                folder.resolve("shown"));
        assertThat(ran.code()).as(ran.err()).isZero();
        assertThat(ran.err())
                .contains("people are found by " + people + ": class 0, pictures of 32 x 32, values 0 to 1");
        JsonNode seen = JsonMapper.shared().readTree(ran.out()).path("seen");
        assertThat(seen.size()).isGreaterThan(2);
        assertThat(seen.at("/0/box/0").asDouble()).isCloseTo(0.1, within(1e-6));
        assertThat(seen.at("/0/person").asString()).isEqualTo("1");
        assertThat(seen.at("/2/second").asDouble()).isCloseTo(0.25, within(0.05));
        assertThat(folder.resolve("shown/" + video.getFileName() + ".actions.mp4"))
                .isNotEmptyFile();
        TinyRuns.Ran sure = TinyRuns.run("predict", weights, video, "--detector", people, "--threshold", "0.7");
        assertThat(sure.out()).contains(" boxes of 1 person");
        TinyRuns.Ran other = TinyRuns.run("predict", weights, video, "--detector", people, "--detector-class", "5");
        assertThat(other.code()).as(other.err()).isZero();
        assertThat(other.out()).contains("0 boxes of 0 people");
    }

    /** Results that another detector of people, or another setting of it, found are not kept as those of this one. */
    @Test
    void aShardKeepsResultsOfTheSameDetectorAlone() throws IOException {
        Path into = folder.resolve("shards");
        List<Object> words = List.of(
                "predict",
                weights,
                video,
                "--out",
                into,
                "--shard",
                "1/1",
                "--threshold",
                "0.7",
                "--detector",
                people,
                "--detector-every",
                "0.5");
        TinyRuns.Ran first = TinyRuns.run(words.toArray());
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(TinyRuns.run(words.toArray()).err()).contains("1 file, 1 of them done before");
        List<List<Object>> others = List.of(
                List.of("--detector-every", "0.25"),
                List.of("--detector-class", "0"),
                List.of("--detector-pixels", "imagenet"),
                List.of("--detector-activation", "softmax"));
        for (List<Object> other : others) {
            List<Object> changed = new ArrayList<>(words);
            if (other.get(0).equals("--detector-every")) {
                changed.set(changed.size() - 1, other.get(1));
            } else {
                changed.addAll(other);
            }
            TinyRuns.Ran ran = TinyRuns.run(changed.toArray());
            assertThat(ran.code()).as(ran.err()).isEqualTo(Exit.USAGE);
            assertThat(ran.err()).contains(other.get(0) + " ", "another --out");
        }
        Path changed = folder.resolve("other-people.onnx");
        float[][] boxes = {{0.2f, 0.2f, 0.4f, 0.9f}};
        FixedDetector.dfine(changed, 32, new float[] {0}, boxes, new float[] {0.9f});
        List<Object> file = new ArrayList<>(words);
        file.set(file.indexOf(people), changed);
        assertThat(TinyRuns.run(file.toArray()).err()).contains("--detector ", "another --out");
        Path copy = Files.copy(people, folder.resolve("moved.onnx"));
        file.set(file.indexOf(changed), copy);
        assertThat(TinyRuns.run(file.toArray()).err())
                .as("the file is known by what is in it")
                .contains("1 file, 1 of them done before");
    }

    @Test
    void whatIsMissingOrTooMuchIsSaid() {
        assertThat(TinyRuns.run("predict", weights, video).err())
                .contains("--boxes FILE or --detector MODEL.onnx is missing");
        assertThat(TinyRuns.run("predict", weights, video, "--boxes", "x.csv", "--detector", people)
                        .err())
                .contains("exclude each other");
        assertThat(TinyRuns.run("predict", weights, video, "--boxes", "x.csv", "--detector-every", "2")
                        .err())
                .contains("--detector MODEL.onnx, which is missing");
        assertThat(TinyRuns.run("predict", weights, video, "--detector", weights)
                        .err())
                .contains("cannot be opened by ONNX Runtime");
        assertThat(TinyRuns.run("predict", weights, video, "--detector", people, "--detector-pixels", "x")
                        .err())
                .contains("--detector-pixels");
    }

    @Test
    void withoutOnnxRuntimeOneSentenceSaysWhatToDo() throws Exception {
        String without = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("onnxruntime"))
                .collect(Collectors.joining(File.pathSeparator));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        without,
                        "maskfeat.Main",
                        "predict",
                        weights.toString(),
                        video.toString(),
                        "--detector",
                        people.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(Exit.USAGE);
        assertThat(said)
                .contains(
                        "error: --detector needs ONNX Runtime",
                        "com.microsoft.onnxruntime:onnxruntime",
                        "MASKFEAT_LIB");
    }
}
