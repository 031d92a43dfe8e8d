package maskfeat.network;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import maskfeat.golden.GoldenDir;
import maskfeat.model.Backbone;
import maskfeat.model.Classifier;
import maskfeat.torch.Arrays;
import maskfeat.weights.TensorFile;
import maskfeat.weights.TensorReader;
import maskfeat.weights.Weights;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Networks of other programs compute here what they compute there. {@code src/test/python/weights_of_others.py} made the
 * weights and ran those programs.
 */
class WeightsOfOthersTest {
    private static final Path ALL = GoldenDir.resource("/weights-of-others");

    /** Sums of a few hundred products of 32 bits, in another order. */
    private static final float TOLERANCE = 2e-5f;

    @TempDir
    Path temp;

    static Stream<Path> networks() throws IOException {
        return Files.list(ALL)
                .filter(folder -> Files.exists(folder.resolve("model.safetensors")))
                .sorted();
    }

    private static OptionalInt heads(Path folder) throws IOException {
        try (TensorReader expected = Weights.open(folder.resolve("expected.safetensors"))) {
            return OptionalInt.of(Integer.parseInt(expected.metadata().getOrDefault("heads", "")));
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void computesWhatTheOtherProgramComputes(Path folder) throws IOException {
        assertSame(folder, folder.resolve("model.safetensors"));
    }

    private static void assertSame(Path folder, Path file) throws IOException {
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                OpenedWeights weights = OpenedWeights.open(file, heads(folder))) {
            Map<String, Tensor> expected = TensorFile.read(folder.resolve("expected.safetensors"));
            Tensor frames = requireNonNull(expected.get("input"));
            Tensor input = frames.dim() == 4 ? frames.unsqueeze(2) : frames;
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
        float[] a = Arrays.floats(ours);
        float[] b = Arrays.floats(theirs);
        assertThat(a).as(what).hasSameSizeAs(b);
        float most = 0;
        for (int i = 0; i < a.length; i++) {
            most = Math.max(most, Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(b[i])));
        }
        if (Boolean.getBoolean("differences")) {
            System.out.printf("difference of %s: %.1e%n", what, most);
        }
        assertThat(most).as("largest difference of " + what).isLessThan(TOLERANCE);
    }

    @Test
    void saysWhatWasMadePartOfTheLayers() throws IOException {
        assertThat(notes("timm-dinov2"))
                .anySatisfy(note -> assertThat(note).contains("'blocks.0.ls1.gamma'", "LayerScale", "multiplied into"));
        assertThat(notes("timm-deit3"))
                .anySatisfy(note -> assertThat(note).contains("'pos_embed' [1, 16, 16]", "class token; it is zero"));
        assertThat(notes("timm-without-bias"))
                .anySatisfy(note -> assertThat(note).contains("attn.qkv", "has no bias; it is zero"));
        assertThat(notes("transformers-dinov2"))
                .anySatisfy(note -> assertThat(note).contains("'dinov2.encoder.layer.0.layer_scale1.lambda1'"));
    }

    private static List<String> notes(String name) throws IOException {
        Path folder = ALL.resolve(name);
        try (OpenedWeights weights = OpenedWeights.open(folder.resolve("model.safetensors"), heads(folder))) {
            return weights.notes();
        }
    }

    /** As torchvision itself would save it: the same names, shapes and numbers. */
    @Test
    void writesWhatTorchvisionReads() throws IOException {
        for (String name : List.of("torchvision-vit", "torchvision-mvit")) {
            Path theirs = ALL.resolve(name).resolve("model.safetensors");
            Path out = temp.resolve(name + ".safetensors");
            try (OpenedWeights weights = OpenedWeights.open(theirs, heads(ALL.resolve(name)))) {
                WeightsConversion.write(weights, out, WeightsConversion.Form.TORCHVISION, false, 0);
            }
            try (PointerScope scope = new PointerScope()) {
                Map<String, Tensor> before = new TreeMap<>(TensorFile.read(theirs));
                Map<String, Tensor> after = new TreeMap<>(TensorFile.read(out));
                assertThat(after.keySet()).isEqualTo(before.keySet());
                after.forEach((tensor, values) -> {
                    assertThat(values.shape())
                            .isEqualTo(requireNonNull(before.get(tensor)).shape());
                    assertThat(Arrays.floats(values))
                            .as(tensor)
                            .isEqualTo(Arrays.floats(requireNonNull(before.get(tensor))));
                });
            }
        }
    }

    /** What was multiplied stays so in what is written: a program without LayerScale computes the same. */
    @Test
    void foldedWeightsCanBeWrittenForProgramsWithoutLayerScale() throws IOException {
        Path folder = ALL.resolve("timm-deit3");
        for (WeightsConversion.Form form : List.of(
                WeightsConversion.Form.TIMM, WeightsConversion.Form.TORCHVISION, WeightsConversion.Form.SAFETENSORS)) {
            Path out = temp.resolve(form + ".safetensors");
            try (OpenedWeights weights = OpenedWeights.open(folder.resolve("model.safetensors"), heads(folder))) {
                WeightsConversion.write(weights, out, form, false, 0);
            }
            assertSame(folder, out);
        }
    }

    /** What their norms add stays written where transformers looks for it. */
    @Test
    void transformersEpsilonIsKept() throws IOException {
        Path in = Files.createDirectories(temp.resolve("in"));
        Path folder = ALL.resolve("transformers-vit");
        Files.copy(folder.resolve("model.safetensors"), in.resolve("model.safetensors"));
        String config = Files.readString(folder.resolve("config.json"));
        for (String epsilon : List.of("1e-12", "1e-05", "1e-06")) {
            Files.writeString(in.resolve("config.json"), config.replace("1e-06", epsilon));
            Path out = temp.resolve("out" + epsilon);
            try (OpenedWeights weights = OpenedWeights.open(in)) {
                WeightsConversion.write(weights, out, WeightsConversion.Form.HF, false, 0);
            }
            double written = JsonMapper.shared()
                    .readTree(Files.readString(out.resolve("config.json")))
                    .path("layer_norm_eps")
                    .asDouble();
            assertThat(written).isEqualTo(Double.parseDouble(epsilon));
        }
    }
}
