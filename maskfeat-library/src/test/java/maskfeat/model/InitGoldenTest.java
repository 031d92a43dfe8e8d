package maskfeat.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenSettings;
import maskfeat.nn.Init;
import maskfeat.torch.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** First values against those of the official initialisation: constants to the bit, random ones by their moments. */
@Tag("golden")
@ParameterizedClass
@ValueSource(strings = {"vit", "mvit", "mvit_dim_mul_in_att"})
class InitGoldenTest {
    private final String set;
    private final JsonNode stats;
    private final GoldenSettings settings;

    InitGoldenTest(String set) {
        assumeThat(GoldenDir.has(set + "/init_stats.json"))
                .as("first values of golden set " + set)
                .isTrue();
        this.set = set;
        Path folder = GoldenDir.path().resolve(set);
        stats = JsonMapper.shared().readTree(folder.resolve("init_stats.json").toFile());
        settings = GoldenSettings.open(set + "/config.json");
    }

    private MaskFeat model(Init init) {
        if (settings.backbone() instanceof Mvit.Config) {
            return MvitGoldenSet.open(set).model(init);
        }
        int outputs =
                stats.get("pred_head.projections.0.bias").get("shape").get(0).asInt();
        return new MaskFeat(
                settings.vit().build(ClipSize.image(settings.number("/DATA/TRAIN_CROP_SIZE")), init), outputs, init);
    }

    /** All draws of one parameter taken together. */
    private record Pooled(double count, double mean, double std, double min, double max) {
        /** Of the moments of several equally large draws. */
        static Pooled of(JsonNode stats) {
            double numel = 1;
            for (JsonNode side : stats.get("shape")) {
                numel *= side.asDouble();
            }
            int seeds = stats.get("mean").size();
            double mean = 0;
            double square = 0;
            double min = Double.POSITIVE_INFINITY;
            double max = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < seeds; i++) {
                double m = stats.get("mean").get(i).asDouble();
                double s = stats.get("std").get(i).asDouble();
                mean += m / seeds;
                square += (s * s + m * m) / seeds;
                min = Math.min(min, stats.get("min").get(i).asDouble());
                max = Math.max(max, stats.get("max").get(i).asDouble());
            }
            return new Pooled(numel * seeds, mean, Math.sqrt(Math.max(0, square - mean * mean)), min, max);
        }

        static Pooled of(List<float[]> draws) {
            double count = 0;
            double sum = 0;
            double squares = 0;
            double min = Double.POSITIVE_INFINITY;
            double max = Double.NEGATIVE_INFINITY;
            for (float[] draw : draws) {
                for (float value : draw) {
                    count++;
                    sum += value;
                    squares += (double) value * value;
                    min = Math.min(min, value);
                    max = Math.max(max, value);
                }
            }
            double mean = sum / count;
            return new Pooled(count, mean, Math.sqrt(Math.max(0, squares / count - mean * mean)), min, max);
        }
    }

    private Map<String, List<float[]>> draws() {
        int seeds = stats.get("mask_token").get("mean").size();
        Map<String, List<float[]>> draws = new LinkedHashMap<>();
        for (int seed = 0; seed < seeds; seed++) {
            try (PointerScope scope = new PointerScope();
                    Init init = new Init(seed);
                    MaskFeat model = model(init)) {
                model.parameters()
                        .forEach((name, parameter) -> draws.computeIfAbsent(name, key -> new ArrayList<>())
                                .add(Arrays.floats(parameter)));
            }
        }
        return draws;
    }

    @Test
    void everyParameterBeginsAsTheOfficialOne() {
        Map<String, List<float[]>> draws = draws();
        assertThat(new TreeSet<>(draws.keySet())).isEqualTo(new TreeSet<>(stats.propertyNames()));
        int constants = 0;
        for (Map.Entry<String, JsonNode> entry : stats.properties()) {
            String name = entry.getKey();
            Pooled official = Pooled.of(entry.getValue());
            Pooled ours = Pooled.of(requireNonNull(draws.get(name)));
            assertThat(ours.count).as(name).isEqualTo(official.count);
            if (official.min == official.max) {
                constants++;
                assertThat(ours.min).as(name).isEqualTo(official.min);
                assertThat(ours.max).as(name).isEqualTo(official.max);
            } else {
                assertDrawnAlike(name, ours, official);
            }
        }
        assertThat(constants).as("norms and biases").isGreaterThan(stats.size() / 2);
    }

    /** Both are samples of the same size, so a moment's difference has twice its variance; five deviations of it. */
    private static void assertDrawnAlike(String name, Pooled ours, Pooled official) {
        double error = official.std * Math.sqrt(2 / official.count);
        assertThat(ours.mean).as("mean of " + name).isCloseTo(official.mean, within(5 * error));
        assertThat(ours.std).as("deviation of " + name).isCloseTo(official.std, within(5 * error / Math.sqrt(2)));
        // The largest of n normal numbers grows with the root of log n only: neither cut nor with longer tails.
        assertThat(ours.max).as("largest of " + name).isBetween(0.5 * official.max, 2 * official.max);
        assertThat(ours.min).as("smallest of " + name).isBetween(2 * official.min, 0.5 * official.min);
    }

    /** PyTorch's default for convolutions, which the official code leaves alone: uniform within 1 / sqrt(inputs). */
    @Test
    void thePatchEmbeddingsBiasKeepsToItsBound() {
        JsonNode shape = stats.get("patch_embed.proj.weight").get("shape");
        double inputs = 1;
        for (int axis = 1; axis < shape.size(); axis++) {
            inputs *= shape.get(axis).asDouble();
        }
        double bound = 1 / Math.sqrt(inputs);
        Pooled official = Pooled.of(stats.get("patch_embed.proj.bias"));
        Pooled ours = Pooled.of(requireNonNull(draws().get("patch_embed.proj.bias")));
        for (Pooled bias : List.of(official, ours)) {
            assertThat(Math.max(bias.max, -bias.min)).isBetween(0.9 * bound, bound);
            assertThat(bias.std).isCloseTo(bound / Math.sqrt(3), within(5 * bound / Math.sqrt(3 * 2 * bias.count)));
        }
    }
}
