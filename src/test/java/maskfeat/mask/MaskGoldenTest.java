package maskfeat.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Block masks of images against the official generator: draw for draw, and in distribution. */
@Tag("golden")
class MaskGoldenTest {
    private static final Path MASKS = GoldenDir.path().resolve("masks");
    private static final GoldenTensors TENSORS = GoldenTensors.open(MASKS.resolve("masks.safetensors"));
    private static final JsonNode STATS = json("stats.json");
    private static final double MIN_ASPECT = 0.3;

    /** Every recorded setting of the image generator, such as {@code image_14_r0.4}. */
    static SortedSet<String> traced() throws IOException {
        SortedSet<String> settings = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(MASKS, "trace_image_*.json")) {
            for (Path file : files) {
                settings.add(file.getFileName().toString().replaceAll("^trace_|\\.json$", ""));
            }
        }
        return settings;
    }

    static Stream<String> counted() {
        return TENSORS.names().stream()
                .filter(name -> name.startsWith("freq.image_"))
                .map(name -> name.substring("freq.".length()));
    }

    @ParameterizedTest
    @MethodSource("traced")
    void theOfficialDrawsGiveTheOfficialMask(String setting) {
        JsonNode trace = json("trace_" + setting + ".json");
        Arguments arguments = Arguments.of(trace.get("args"));
        assertThat(trace.get("layouts").size()).isPositive();
        for (JsonNode layout : trace.get("layouts")) {
            String name = "mask." + setting + ".seed" + layout.get("seed").asInt();
            Replay replay = new Replay(layout.get("draws"));

            Blocks blocks = new Blocks(arguments.grid, MIN_ASPECT, replay);
            blocks.fillRectangles(arguments.target, arguments.minArea, arguments.maxArea);

            assertThat(replay.leftOver()).as("%s: draws not made", name).isZero();
            assertThat(blocks.count()).as(name).isEqualTo(layout.get("count").asInt());
            assertThat(blocks.accepted())
                    .as(name)
                    .containsExactlyElementsOf(layout.get("blocks")
                            .valueStream()
                            .map(MaskGoldenTest::block)
                            .toList());
            assertThat(floats(blocks.hidden())).as(name).isEqualTo(TENSORS.values(name));
        }
    }

    @ParameterizedTest
    @MethodSource("counted")
    void theSettingsAreDerivedFromTheGrid(String setting) {
        JsonNode stats = STATS.get(setting);
        Arguments arguments = Arguments.of(stats.get("args"));
        BlockMask rule = BlockMask.of(stats.get("ratio").asDouble());
        assumeThat(arguments.maxArea)
                .as("a limit of its own to the area, which BlockMask has not")
                .isEqualTo(arguments.target);

        assertThat(rule.target(arguments.grid)).isEqualTo(arguments.target);
        assertThat(rule.minArea(arguments.grid)).isEqualTo(arguments.minArea);
    }

    @ParameterizedTest
    @MethodSource("counted")
    void masksAreDistributedAsTheOfficialOnes(String setting) {
        JsonNode stats = STATS.get(setting);
        Arguments arguments = Arguments.of(stats.get("args"));
        BlockMask rule = BlockMask.of(stats.get("ratio").asDouble());
        assumeThat(arguments.maxArea)
                .as("a limit of its own to the area, which BlockMask has not")
                .isEqualTo(arguments.target);
        RandomGenerator random = new SplittableRandom(20);
        int samples = stats.get("samples").asInt();
        // Ours are more than theirs, so that hardly any of the deviation is our own noise and the bounds hold for
        // other golden sets as well, without a lucky seed.
        int ours = 5 * samples;
        double[] frequency = new double[arguments.grid.size()];
        double mean = 0;
        double reaching = 0;
        for (int i = 0; i < ours; i++) {
            int count = 0;
            boolean[] hidden = rule.draw(arguments.grid, random);
            for (int token = 0; token < hidden.length; token++) {
                if (hidden[token]) {
                    count++;
                    frequency[token] += 1.0 / ours;
                }
            }
            mean += (double) count / ours;
            reaching += count == arguments.target ? 1.0 / ours : 0;
        }

        double floor = 4.0 / samples; // a few single masks, where the official frequency is nearly 0 or 1
        float[] official = TENSORS.values("freq." + setting);
        assertThat(TENSORS.shape("freq." + setting)).containsExactly(arguments.grid.h(), arguments.grid.w());
        for (int token = 0; token < official.length; token++) {
            double p = official[token];
            assertThat(frequency[token])
                    .as("%s, token %d", setting, token)
                    .isCloseTo(p, within(4 * Math.sqrt(2 * p * (1 - p) / samples) + floor));
        }
        double deviation = stats.get("count_std").asDouble();
        assertThat(mean)
                .as("%s, mean count", setting)
                .isCloseTo(
                        stats.get("count_mean").asDouble(), within(4 * deviation * Math.sqrt(2.0 / samples) + floor));
        double p = stats.get("fraction_reaching_target").asDouble();
        assertThat(reaching)
                .as("%s, fraction reaching the target", setting)
                .isCloseTo(p, within(4 * Math.sqrt(2 * p * (1 - p) / samples) + floor));
    }

    private static float[] floats(boolean[] hidden) {
        float[] floats = new float[hidden.length];
        for (int i = 0; i < hidden.length; i++) {
            floats[i] = hidden[i] ? 1 : 0;
        }
        return floats;
    }

    private static Blocks.Block block(JsonNode json) {
        return new Blocks.Block(
                1,
                json.get("h").asInt(),
                json.get("w").asInt(),
                0,
                json.get("top").asInt(),
                json.get("left").asInt(),
                json.get("new").asInt());
    }

    private static JsonNode json(String file) {
        return JsonMapper.shared().readTree(MASKS.resolve(file));
    }

    /** What the official generator was called with. */
    private record Arguments(Grid grid, int target, int minArea, int maxArea) {
        static Arguments of(JsonNode json) {
            JsonNode window = json.get("mask_window_size");
            Grid grid = window.isArray()
                    ? Grid.of(window.get(0).asInt(), window.get(1).asInt())
                    : Grid.of(window.asInt(), window.asInt());
            int target = json.get("num_masking_patches").asInt();
            JsonNode most = json.get("max_num_patches");
            return new Arguments(
                    grid, target, json.get("min_num_patches").asInt(), most.isNull() ? target : most.asInt());
        }
    }

    /** Gives the recorded draws, one after the other, and insists on being asked for just those. */
    private static final class Replay implements Draws {
        private final Iterator<JsonNode> draws;

        Replay(JsonNode draws) {
            this.draws = draws.iterator();
        }

        @Override
        public double uniform(double a, double b) {
            JsonNode draw = next("uniform");
            // Python's logarithm may differ from Java's in the last bit.
            assertThat(a).isCloseTo(draw.get(1).asDouble(), within(1e-14));
            assertThat(b).isCloseTo(draw.get(2).asDouble(), within(1e-14));
            return draw.get(3).asDouble();
        }

        @Override
        public int randint(int first, int last) {
            JsonNode draw = next("randint");
            assertThat(first).isEqualTo(draw.get(1).asInt());
            assertThat(last).isEqualTo(draw.get(2).asInt());
            return draw.get(3).asInt();
        }

        int leftOver() {
            int count = 0;
            for (; draws.hasNext(); draws.next()) {
                count++;
            }
            return count;
        }

        private JsonNode next(String kind) {
            assertThat(draws.hasNext()).as("more draws than the official").isTrue();
            JsonNode draw = draws.next();
            assertThat(draw.get(0).asString()).isEqualTo(kind);
            return draw;
        }
    }
}
