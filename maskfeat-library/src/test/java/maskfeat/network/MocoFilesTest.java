package maskfeat.network;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import maskfeat.foreign.Layout;
import maskfeat.foreign.UnfitWeights;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.model.ClassTokens;
import maskfeat.model.Vit;
import maskfeat.weights.DType;
import maskfeat.weights.Safetensors;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorFile;
import maskfeat.weights.TorchWriter;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Files as MoCo v3's own program writes them: two encoders and a predictor under {@code module.}. */
@Tag("golden")
class MocoFilesTest {
    private static final Path FOLDER = GoldenDir.path().resolve("mocov3");
    private static final GoldenTensors GOLDEN = GoldenTensors.open(FOLDER.resolve("mocov3.safetensors"));
    private static final JsonNode CONFIG =
            JsonMapper.shared().readTree(FOLDER.resolve("config.json").toFile());
    private static final OptionalInt HEADS = OptionalInt.of(CONFIG.get("heads").asInt());

    @TempDir
    private Path folder = Path.of("");

    private Path file = Path.of("");

    /** The state after three steps, under the official names. */
    @BeforeEach
    void write() throws IOException {
        file = folder.resolve("vit-tiny.pth.tar");
        try (PointerScope scope = new PointerScope()) {
            List<Safetensors.Source> sources = new ArrayList<>();
            for (String name : GOLDEN.names()) {
                if (name.startsWith("w.")) {
                    String official = name.substring(2);
                    String from = GOLDEN.has("a3." + official) ? "a3." + official : name;
                    sources.add(source("module." + official, GOLDEN.values(from), GOLDEN.shape(from)));
                }
            }
            TorchWriter.write(file, "state_dict", Map.of("arch", "vit_small"), sources);
        }
    }

    private static Safetensors.Source source(String name, float[] values, long... shape) {
        TensorEntry entry =
                new TensorEntry(name, DType.F32, Arrays.stream(shape).boxed().toList());
        Tensor tensor = maskfeat.torch.Arrays.tensor(values, shape);
        return new Safetensors.Source(entry, out -> TensorFile.write(tensor, out));
    }

    @Test
    void theTrainedEncoderIsTakenWithoutBeingNamed() throws IOException {
        try (OpenedWeights weights = OpenedWeights.open(file, HEADS)) {
            assertThat(weights.notes().get(0)).contains("weights of MoCo v3", "under 'module.base_encoder.'");
            Vit.Config vit = (Vit.Config) weights.spec().backbone();
            assertThat(vit.dim()).isEqualTo(CONFIG.get("dim").asInt());
            assertThat(vit.depth()).isEqualTo(CONFIG.get("depth").asInt());
            assertThat(weights.spec().input().side())
                    .isEqualTo(CONFIG.get("img").asInt());
            assertThat(weights.unused())
                    .contains(
                            "module.base_encoder.head.0.weight",
                            "module.predictor.3.weight",
                            "module.momentum_encoder.cls_token");
        }
    }

    @Test
    void itsClassTokensAreTheOfficialFeatures() throws IOException {
        try (OpenedWeights weights = OpenedWeights.open(file, HEADS);
                ClassTokens network = weights.classTokens("cpu");
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            Tensor x1 = maskfeat.torch.Arrays.tensor(GOLDEN.values("x1"), GOLDEN.shape("x1"))
                    .unsqueeze(2);
            Tensor features = network.of(
                    network.backbone().encode(network.backbone().embed(x1)),
                    network.backbone().depth() - 1);
            assertThat(maskfeat.torch.Arrays.floats(features))
                    .containsExactly(GOLDEN.values("eval.feature"), within(1e-5f));
        }
    }

    @Test
    void theMomentumEncoderIsTakenWhereItIsNamed() throws IOException {
        try (OpenedWeights weights = OpenedWeights.open(file, HEADS, Optional.of("module.momentum_encoder"));
                PointerScope scope = new PointerScope()) {
            assertThat(maskfeat.torch.Arrays.floats(
                            requireNonNull(TensorFile.read(weights.tensors()).get("cls_token"))))
                    .isEqualTo(GOLDEN.values("a3.momentum_encoder.cls_token"));
        }
    }

    /** Shapes do not tell heads: those of a width that no file of MoCo v3 has must be said. */
    @Test
    void headsOfAnUnknownWidthAreAskedFor() {
        assertThatThrownBy(() -> OpenedWeights.open(file))
                .isInstanceOf(UnfitWeights.class)
                .hasMessageContaining("--heads N");
    }

    /** ViT-S of MoCo v3 has twelve heads, and nothing in the file says so. */
    @Test
    void smallAndBaseHaveTwelveHeads() throws IOException {
        for (int dim : new int[] {384, 768}) {
            Path wide = folder.resolve("wide-" + dim + ".pth");
            try (PointerScope scope = new PointerScope()) {
                List<Safetensors.Source> sources = new ArrayList<>();
                for (String encoder : List.of("module.base_encoder.", "module.momentum_encoder.")) {
                    NetworkSpec.on(
                                    new org.bytedeco.pytorch.Device("cpu"),
                                    0,
                                    init -> new maskfeat.model.Contrast.Encoder(
                                            new Vit.Config(16, 1, dim, 1, 12, 4, 0),
                                            new maskfeat.model.ClipSize(1, 32, 32),
                                            new maskfeat.model.Contrast.Widths(8, 4),
                                            init))
                            .parameters()
                            .forEach((name, tensor) -> sources.add(
                                    source(encoder + name, maskfeat.torch.Arrays.floats(tensor), tensor.shape())));
                    sources.add(source(encoder + "head.1.running_mean", new float[8], 8));
                }
                TorchWriter.write(wide, "state_dict", Map.of(), sources);
            }
            try (OpenedWeights weights = OpenedWeights.open(wide)) {
                assertThat(((Vit.Config) weights.spec().backbone()).heads()).isEqualTo(12);
                assertThat(weights.notes()).anySatisfy(note -> assertThat(note).contains("12 heads, as MoCo v3's"));
            }
        }
    }

    @Test
    void whatIsWrittenForTheirProgramHasItsNames() throws IOException {
        Path out = folder.resolve("out.pth");
        try (OpenedWeights weights = OpenedWeights.open(file, HEADS)) {
            WeightsConversion.write(weights, out, WeightsConversion.Form.MOCOV3, false, 0);
        }
        try (var reader = maskfeat.weights.Weights.open(out)) {
            assertThat(reader.entries().keySet())
                    .contains("module.base_encoder.norm.weight", "module.base_encoder.blocks.1.attn.qkv.bias")
                    .allMatch(name -> name.startsWith("module.base_encoder."));
            assertThat(Layout.recognise(out, reader.entries().values())).isEqualTo(Layout.TIMM);
        }
    }
}
