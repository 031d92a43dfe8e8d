package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.model.Classifier;
import maskfeat.model.MaskFeat;
import maskfeat.model.Vit;
import maskfeat.nn.Layer;
import maskfeat.run.Recipes;
import maskfeat.run.Runs;
import maskfeat.torch.Arrays;
import maskfeat.torch.RandomTensors;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** A network whose MLPs are three times as wide as its tokens, through every kind of file. */
class MlpRatioFilesTest {
    private static final Device CPU = new Device("cpu");
    private static final List<String> CLASSES = List.of("walk", "run", "jump");

    @TempDir
    private Path folder;

    private static NetworkSpec pretraining(String recipe) {
        return Runs.spec(Runs.run(recipe, "model.mlp-ratio=3"));
    }

    private static NetworkSpec classifier() {
        return Runs.spec(Runs.run("tiny-image-ft", "model.mlp-ratio=3"), CLASSES);
    }

    private static Map<String, float[]> values(Map<String, Tensor> parameters) {
        Map<String, float[]> values = new LinkedHashMap<>();
        parameters.forEach((name, value) -> values.put(name, Arrays.floats(value)));
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-image", "tiny-video"})
    void ourOwnFileIsOpenedAsTheSameNetwork(String recipe) throws IOException {
        NetworkSpec spec = pretraining(recipe);
        Path file = folder.resolve("model.safetensors");
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                MaskFeat network = (MaskFeat) spec.build(1, CPU)) {
            RandomTensors.addNoise(network.parameters(), 0.3, 8);
            AtomicFile.write(file, TensorFile.content(spec.metadata(), network.parameters()));

            try (OpenedWeights weights = OpenedWeights.open(file);
                    MaskFeat again = weights.maskFeat("cpu")) {
                assertThat(weights.spec()).isEqualTo(spec);
                assertThat(values(again.parameters()))
                        .usingRecursiveComparison()
                        .isEqualTo(values(network.parameters()));
                Tensor frames = RandomTensors.normal(
                        2,
                        2,
                        3,
                        spec.size().frames(),
                        spec.size().height(),
                        spec.size().width());
                Tensor hidden = Arrays.zeros(
                                frames,
                                2,
                                spec.backbone().embedGrid(spec.size()).size())
                        .to(ScalarType.Bool);
                network.train(false);
                again.train(false);
                assertThat(again.predictAll(frames, hidden).equal(network.predictAll(frames, hidden)))
                        .isTrue();
            }
        }
    }

    /** Its claim must not decide how much memory is taken. */
    @Test
    void aFileThatClaimsAnotherRatioThanItHoldsIsDamaged() throws IOException {
        NetworkSpec spec = pretraining("tiny-image");
        Path file = folder.resolve("model.safetensors");
        NetworkSpec wider = Runs.spec(Recipes.named("tiny-image"));
        try (Layer network = wider.build(1, CPU)) {
            AtomicFile.write(file, TensorFile.content(spec.metadata(), network.parameters()));
        }
        assertThatThrownBy(() -> OpenedWeights.open(file))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining("says that it is for 'blocks.0.mlp.fc1.weight' [96, 32], and has [128, 32]");
    }

    @ParameterizedTest
    @EnumSource(
            value = WeightsConversion.Form.class,
            names = {"SLOWFAST", "TIMM", "OPENMMLAB", "HF"})
    void anotherProgramsFileIsRecognised(WeightsConversion.Form form) throws IOException {
        NetworkSpec spec = classifier();
        Path ours = folder.resolve("ours.safetensors");
        Path theirs = form == WeightsConversion.Form.HF ? folder.resolve("theirs") : folder.resolve("theirs.pth");
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard();
                Classifier network = (Classifier) spec.build(1, CPU)) {
            RandomTensors.addNoise(network.parameters(), 0.3, 8);
            network.train(false);
            AtomicFile.write(ours, TensorFile.content(spec.metadata(), network.parameters()));

            WeightsConversion conversion;
            try (OpenedWeights weights = OpenedWeights.open(ours)) {
                conversion = WeightsConversion.write(weights, theirs, form, false, 0);
            }

            Vit.Config wanted = (Vit.Config) spec.backbone();
            try (OpenedWeights weights =
                    OpenedWeights.open(conversion.files().get(0), OptionalInt.of(wanted.heads()))) {
                assertThat(weights.spec().backbone().mlpRatio()).isEqualTo(3);
                assertThat(weights.spec().backbone().depth()).isEqualTo(wanted.depth());
                if (weights.isClassifier()) { // transformers' ViT has no head behind a mean
                    try (Classifier again = weights.classifier("cpu")) {
                        Tensor frames = RandomTensors.normal(2, 2, 3, 1, 32, 32);
                        assertThat(again.forward(frames).equal(network.forward(frames)))
                                .isTrue();
                    }
                }
            }
            if (form == WeightsConversion.Form.HF) {
                assertThat(JsonMapper.shared()
                                .readTree(Files.readString(theirs.resolve("config.json")))
                                .get("intermediate_size")
                                .asInt())
                        .isEqualTo(3 * wanted.dim());
            } else {
                assertThat(conversion.notes())
                        .anyMatch(note -> note.contains("MLP_RATIO 3.0")
                                || note.contains("mlp_ratio=3.0")
                                || note.contains("feedforward_channels 96"));
            }
        }
    }
}
