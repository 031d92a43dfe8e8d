package maskfeat.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import maskfeat.foreign.UnfitWeights;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.network.OpenedWeights;
import maskfeat.weights.TensorReader;
import maskfeat.weights.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pictures are prepared as the files beside weights of transformers and timm say: probabilities are those of the other
 * program. {@code src/test/python/weights_of_others.py} ran it.
 */
class PreparationTest {
    private static final Path ALL = GoldenDir.resource("/weights-of-others");
    private static final int CLASSES = 5;

    @TempDir
    Path temp;

    static Stream<String> cases() throws IOException {
        try (Stream<Path> folders = Files.list(ALL.resolve("prepared"))) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    /** The weights with the files of the case beside them. */
    private Path folder(String name) throws IOException {
        Path from = ALL.resolve("prepared").resolve(name);
        String model;
        try (TensorReader expected = Weights.open(from.resolve("expected.safetensors"))) {
            model = expected.metadata().getOrDefault("model", "");
        }
        Files.copy(ALL.resolve(model).resolve("model.safetensors"), temp.resolve("model.safetensors"));
        for (String file : new String[] {"config.json", "preprocessor_config.json"}) {
            if (Files.exists(from.resolve(file))) {
                Files.copy(from.resolve(file), temp.resolve(file));
            }
        }
        return temp;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void probabilitiesAreThoseOfTheOtherProgram(String name) throws IOException {
        float[] expected = GoldenTensors.open(
                        ALL.resolve("prepared").resolve(name).resolve("expected.safetensors"))
                .values("probabilities");
        float most = 0;
        try (Inference network = Inference.open(folder(name), "cpu")) {
            for (int i = 0; i < expected.length / CLASSES; i++) {
                float[] scores = network.scores(ALL.resolve("pictures").resolve(i + ".png"));
                for (int c = 0; c < CLASSES; c++) {
                    most = Math.max(most, Math.abs(scores[c] - expected[i * CLASSES + c]));
                }
            }
        }
        if (Boolean.getBoolean("differences")) {
            System.out.printf("difference of probabilities, %s: %.1e%n", name, most);
        }
        assertThat(most).isLessThan(5e-6f);
    }

    @Test
    void whoSaysSoIsSaid() throws IOException {
        try (OpenedWeights weights = OpenedWeights.open(folder("deit"))) {
            assertThat(weights.notes())
                    .anySatisfy(note -> assertThat(note)
                            .contains("as preprocessor_config.json says", "stretched to 37 x 37 px (bicubic)"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"size\": {\"height\": 32, \"width\": 32}, \"resample\": 0}|takes the nearest pixel",
                "{\"size\": {\"height\": 32, \"width\": 40}}|brought to a square",
                "{\"size\": {\"shortest_edge\": 40}}|crops nothing",
                "{\"size\": {\"shortest_edge\": 24}, \"do_center_crop\": true, \"crop_size\": 32}|edge of black"
            })
    void whatCannotBeDoneIsRefusedByName(String config, String why) throws IOException {
        Path folder = folder("vit");
        Files.writeString(folder.resolve("preprocessor_config.json"), config);
        assertThatThrownBy(() -> OpenedWeights.open(folder))
                .isInstanceOf(UnfitWeights.class)
                .hasMessageContainingAll("preprocessor_config.json", why);
    }

    @ParameterizedTest
    @CsvSource({"nearest, center, 0.9", "bicubic, border, 0.9", "random, center, 0.9"})
    void ofTimmToo(String filter, String mode, double share) throws IOException {
        Path folder = folder("timm");
        Files.writeString(
                folder.resolve("config.json"),
                "{\"architecture\": \"x\", \"model_args\": {\"num_heads\": 2}, \"pretrained_cfg\": {\"input_size\":"
                        + " [3, 32, 32], \"interpolation\": \"" + filter + "\", \"crop_mode\": \"" + mode
                        + "\", \"crop_pct\": " + share + "}}");
        assertThatThrownBy(() -> OpenedWeights.open(folder))
                .isInstanceOf(UnfitWeights.class)
                .hasMessageContainingAll(filter, mode, "config.json pretrained_cfg");
    }

    @ParameterizedTest
    @CsvSource({"max", "avgmax", "map", "cat"})
    void otherPoolingOfTimmIsRefusedByName(String pool) throws IOException {
        Path folder = folder("timm");
        String config = Files.readString(folder.resolve("config.json"));
        Files.writeString(folder.resolve("config.json"), config.replace("\"token\"", "\"" + pool + "\""));
        assertThatThrownBy(() -> OpenedWeights.open(folder))
                .isInstanceOf(UnfitWeights.class)
                .hasMessageContaining("global_pool '" + pool + "'");
    }
}
