package maskfeat.network;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.augment.Normalize;
import maskfeat.data.TimedClip;
import maskfeat.foreign.ForeignNetwork;
import maskfeat.foreign.Layout;
import maskfeat.foreign.Renamed;
import maskfeat.foreign.UnfitWeights;
import maskfeat.golden.GoldenDir;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.model.Vit;
import maskfeat.onnx.OnnxExport;
import maskfeat.onnx.OnnxModel;
import maskfeat.torch.Arrays;
import maskfeat.weights.MadeUpTensors;
import maskfeat.weights.TensorFile;
import maskfeat.weights.TensorReader;
import maskfeat.weights.Weights;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * VideoMAE's networks compute here what they compute in transformers. {@code src/test/python/videomae.py} made the weights
 * and ran transformers.
 */
class VideoMaeTest {
    private static final Path ALL = GoldenDir.resource("/videomae");

    /** Sums of a few hundred products of 32 bits, in another order. */
    private static final float TOLERANCE = 1e-5f;

    @TempDir
    private Path temp = Path.of("");

    static Stream<Path> networks() throws IOException {
        try (Stream<Path> folders = Files.list(ALL)) {
            return folders.sorted().toList().stream();
        }
    }

    private static Path weights(Path folder) {
        Path torch = folder.resolve("model.pth");
        return Files.exists(torch) ? torch : folder.resolve("model.safetensors");
    }

    private static void assertComputesTheSame(Path folder, Path file) throws IOException {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                OpenedWeights weights = OpenedWeights.open(file)) {
            Map<String, Tensor> expected = TensorFile.read(folder.resolve("expected.safetensors"));
            Tensor input = requireNonNull(expected.get("input"));
            try (Backbone backbone = weights.backbone("cpu")) {
                Tensor tokens = backbone.encode(backbone.embed(input)).x();
                assertClose("tokens", tokens, requireNonNull(expected.get("tokens")));
            }
            assertThat(weights.isClassifier()).isEqualTo(expected.containsKey("logits"));
            if (weights.isClassifier()) {
                try (Classifier classifier = weights.classifier("cpu")) {
                    assertClose("logits", classifier.forward(input), requireNonNull(expected.get("logits")));
                }
            }
        }
    }

    private static void assertClose(String what, Tensor ours, Tensor theirs) {
        assertClose(what, Arrays.floats(ours), Arrays.floats(theirs));
    }

    private static void assertClose(String what, float[] ours, float[] theirs) {
        assertThat(ours).as(what).hasSameSizeAs(theirs);
        float most = 0;
        for (int i = 0; i < ours.length; i++) {
            most = Math.max(most, Math.abs(ours[i] - theirs[i]));
        }
        if (Boolean.getBoolean("differences")) {
            System.out.printf("difference of %s: %.1e%n", what, most);
        }
        assertThat(most).as("largest difference of " + what).isLessThan(TOLERANCE);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void computesWhatTransformersComputes(Path folder) throws IOException {
        assertComputesTheSame(folder, weights(folder));
    }

    /** Our own form says by itself what network it is for. */
    @ParameterizedTest
    @MethodSource("networks")
    void theSameInOurForm(Path folder) throws IOException {
        Path ours = temp.resolve("ours.safetensors");
        try (OpenedWeights weights = OpenedWeights.open(weights(folder))) {
            WeightsConversion.write(weights, ours, WeightsConversion.Form.SAFETENSORS, false, 0);
        }
        assertComputesTheSame(folder, ours);
    }

    @ParameterizedTest
    @CsvSource({"classes-mean-16", "classes-first-8", "official-fine-tuned", "model-mean-16", "pretraining-mean-8"})
    void theSameAsOnnx(String name) throws IOException {
        Path file = temp.resolve("network.onnx");
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                OpenedWeights weights = OpenedWeights.open(weights(ALL.resolve(name)))) {
            Map<String, Tensor> expected = TensorFile.read(ALL.resolve(name).resolve("expected.safetensors"));
            Tensor input = requireNonNull(expected.get("input"));
            OnnxExport.Options options =
                    OnnxExport.Options.describedBy(weights.spec().description());
            String output = weights.isClassifier() ? "logits" : "tokens";
            if (weights.isClassifier()) {
                try (Classifier network = weights.classifier("cpu")) {
                    OnnxExport.classifier(file, network, options);
                }
            } else {
                try (Backbone network = weights.backbone("cpu")) {
                    OnnxExport.encoder(file, network, options);
                }
            }
            assertClose(output, run(file, input, output), Arrays.floats(requireNonNull(expected.get(output))));
        }
    }

    private static float[] run(Path file, Tensor input, String output) {
        try (OnnxModel model = new OnnxModel(file)) {
            OnnxModel.Output values = requireNonNull(
                    model.run(Arrays.floats(input), input.shape()).get(output));
            return values.values();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void isAVitWithoutClassTokenAndWithFixedPositions() throws IOException {
        try (OpenedWeights weights = OpenedWeights.open(weights(ALL.resolve("classes-mean-16")))) {
            NetworkSpec spec = weights.spec();
            assertThat(spec.backbone())
                    .isEqualTo(new Vit.Config(4, 2, 16, 2, 2, 3, 0, false, Vit.PositionKind.SINUSOID, 1e-12));
            assertThat(spec.backbone().describe())
                    .isEqualTo(
                            "ViT, 2 blocks of width 16, 2 heads, patches of 2 frames x 4 px, no class token, fixed positions");
            assertThat(spec.head())
                    .isEqualTo(new Head.Classes(
                            Classifier.Pooling.MEAN, 0, List.of("waving", "jumping", "standing"), 1e-5));
            assertThat(spec.size()).isEqualTo(ClipSize.square(16, 16));
            assertThat(spec.input().clip()).isEqualTo(new TimedClip(16, 4, 30));
            assertThat(spec.input().shortSide()).isEqualTo(16);
            assertThat(spec.input().normalize()).isEqualTo(Normalize.IMAGENET);
        }
    }

    @Test
    void aPoolingWithoutTheMeanReadsTheFirstToken() throws IOException {
        for (String name : List.of("classes-first-8", "official-first")) {
            try (OpenedWeights weights = OpenedWeights.open(weights(ALL.resolve(name)))) {
                assertThat(weights.classes().pooling()).isEqualTo(Classifier.Pooling.FIRST_PATCH);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"pretraining-first-16", "pretraining-mean-8", "official-pretraining"})
    void theDecoderIsNotUsed(String name) throws IOException {
        try (TensorReader file = Weights.open(weights(ALL.resolve(name)));
                Renamed renamed = Layout.read(file)) {
            assertThat(renamed.unused())
                    .isNotEmpty()
                    .allSatisfy((tensor, reason) ->
                            assertThat(reason).containsAnyOf("belongs to a decoder", "hidden tokens"));
            assertThat(renamed.unused().keySet()).contains("encoder_to_decoder.weight", "mask_token");
        }
    }

    /** Widths of the published networks; the last is asked for. */
    @ParameterizedTest
    @CsvSource({
        "384, 6, 16",
        "768, 12, 16",
        "1024, 16, 16",
        "1280, 16, 16",
        "1408, 16, 14",
        "832, 13, 16",
        "1664, 0, 14"
    })
    void headsAreThoseOfThePublishedNetworks(int width, int heads, int patch) throws IOException {
        MadeUpTensors tensors = official(width, patch);
        if (heads == 0) {
            assertThatThrownBy(() -> ForeignNetwork.of(Layout.read(tensors)))
                    .isInstanceOf(UnfitWeights.class)
                    .hasMessageContaining("the number must be given (--heads N");
            return;
        }
        ForeignNetwork network = ForeignNetwork.of(Layout.read(tensors));
        assertThat(network.backbone().attentionHeads()).hasValue(heads);
        assertThat(network.input().frames()).isEqualTo(16);
        assertThat(network.input().side()).isEqualTo(224);
        assertThat(network.assumed())
                .anySatisfy(assumed -> assertThat(assumed).contains(heads + " heads"))
                .anySatisfy(assumed -> assertThat(assumed).contains("16 frames of 224 px, as is usual"));
    }

    private static MadeUpTensors official(int width, int patch) {
        MadeUpTensors tensors = new MadeUpTensors()
                .with("patch_embed.proj.weight", width, 3, 2, patch, patch)
                .with("patch_embed.proj.bias", width);
        for (String norm : List.of("blocks.0.norm1", "blocks.0.norm2", "fc_norm")) {
            tensors.with(norm + ".weight", width).with(norm + ".bias", width);
        }
        return tensors.with("blocks.0.attn.q_bias", width)
                .with("blocks.0.attn.v_bias", width)
                .with("blocks.0.attn.qkv.weight", 3L * width, width)
                .with("blocks.0.attn.proj.weight", width, width)
                .with("blocks.0.attn.proj.bias", width)
                .with("blocks.0.mlp.fc1.weight", 4L * width, width)
                .with("blocks.0.mlp.fc1.bias", 4L * width)
                .with("blocks.0.mlp.fc2.weight", width, 4L * width)
                .with("blocks.0.mlp.fc2.bias", width)
                .with("head.weight", 400, width)
                .with("head.bias", 400);
    }

    @Test
    void cosineAttentionIsRefused() throws IOException {
        Renamed renamed = Layout.read(official(768, 16).with("blocks.0.attn.scale", 12, 1, 1));
        assertThat(renamed.refusal().orElseThrow()).contains("'blocks.0.attn.scale'", "cosine attention");
    }

    @Test
    void aConfigOfOtherSizesThanSquaresIsRefused() throws IOException {
        Path copy = temp.resolve("model.safetensors");
        Files.copy(weights(ALL.resolve("classes-mean-8")), copy);
        String config = Files.readString(ALL.resolve("classes-mean-8").resolve("config.json"));
        Path beside = temp.resolve("config.json");
        Files.writeString(beside, config.replace("\"image_size\": 16", "\"image_size\": [16, 16]"));
        try (OpenedWeights weights = OpenedWeights.open(copy)) {
            assertThat(weights.spec().size()).isEqualTo(ClipSize.square(8, 16));
        }
        Files.writeString(beside, config.replace("\"image_size\": 16", "\"image_size\": [16, 32]"));
        assertThatThrownBy(() -> OpenedWeights.open(copy))
                .isInstanceOf(UnfitWeights.class)
                .hasMessageContaining("image_size [16,32]; ours are of squares");
    }

    /** The same names and numbers as in the file that it came from. */
    @ParameterizedTest
    @CsvSource({
        "classes-mean-16, HF",
        "classes-first-8, HF",
        "official-fine-tuned, VIDEOMAE",
        "official-first, VIDEOMAE"
    })
    void isWrittenAsItWas(String name, WeightsConversion.Form form) throws IOException {
        Path out = temp.resolve("out");
        Path file = form == WeightsConversion.Form.HF ? out.resolve("model.safetensors") : temp.resolve("out.pth");
        Path theirs = weights(ALL.resolve(name));
        try (OpenedWeights weights = OpenedWeights.open(theirs)) {
            WeightsConversion.write(weights, form == WeightsConversion.Form.HF ? out : file, form, false, 0);
        }
        try (PointerScope scope = new PointerScope();
                TensorReader before = Weights.open(theirs);
                TensorReader after = Weights.open(file)) {
            Map<String, Tensor> wanted = TensorFile.read(before);
            Map<String, Tensor> found = TensorFile.read(after);
            assertThat(found.keySet()).isEqualTo(wanted.keySet());
            found.forEach((tensor, values) -> assertThat(Arrays.floats(values))
                    .as(tensor)
                    .isEqualTo(Arrays.floats(requireNonNull(wanted.get(tensor)))));
        }
        if (form == WeightsConversion.Form.HF) {
            assertThat(Files.readString(out.resolve("config.json")))
                    .contains("\"videomae\"", "\"VideoMAEForVideoClassification\"", "\"jumping\"");
            assertComputesTheSame(ALL.resolve(name), file);
        }
    }

    @Test
    void programsWithoutFixedPositionsAreNotWritten() throws IOException {
        for (WeightsConversion.Form form : List.of(
                WeightsConversion.Form.TIMM,
                WeightsConversion.Form.SLOWFAST,
                WeightsConversion.Form.OPENMMLAB,
                WeightsConversion.Form.TORCHVISION)) {
            try (OpenedWeights weights = OpenedWeights.open(weights(ALL.resolve("classes-mean-16")))) {
                Path out = temp.resolve(form + ".pth");
                assertThatThrownBy(() -> WeightsConversion.write(weights, out, form, false, 0))
                        .as(form.toString())
                        .isInstanceOf(UnfitWeights.class);
                assertThat(out).doesNotExist();
            }
        }
    }
}
