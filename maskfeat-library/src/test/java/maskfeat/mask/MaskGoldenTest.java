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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Masks of images and clips against the official generators: draw for draw, and in distribution. */
@Tag("golden")
class MaskGoldenTest {
    private static final Path MASKS = GoldenDir.path().resolve("masks");
    private static final GoldenTensors TENSORS = GoldenTensors.open(MASKS.resolve("masks.safetensors"));
    private static final JsonNode STATS = json("stats.json");
    private static final Pattern SEEDED =
            Pattern.compile("mask\\.(?<rule>tube|frames)(_\\d+)+(_r(?<ratio>[\\d.]+))?\\.seed(?<seed>\\d+)");
    /** Where a setting's name says no ratio. */
    private static final double RATIO = 0.4;

    /** Every recorded setting of the generators of blocks, such as {@code video_8_7_7_r0.4}. */
    static SortedSet<String> traced() throws IOException {
        SortedSet<String> settings = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(MASKS, "trace_{image,video}_*.json")) {
            for (Path file : files) {
                settings.add(file.getFileName().toString().replaceAll("^trace_|\\.json$", ""));
            }
        }
        return settings;
    }

    static Stream<String> tracedClips() throws IOException {
        return traced().stream().filter(setting -> setting.startsWith("video_"));
    }

    static Stream<String> counted() {
        return TENSORS.names().stream()
                .filter(name -> name.matches("freq\\.(image|video)_.*"))
                .map(name -> name.substring("freq.".length()));
    }

    /** Every mask of a generator whose draws are not recorded, such as {@code mask.tube_7_7.seed0}. */
    static Stream<String> seeded() {
        return TENSORS.names().stream().filter(name -> name.matches("mask\\.(tube|frames)_.*\\.seed\\d+"));
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

            HiddenBlocks blocks = arguments.blocks(replay);

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

    @ParameterizedTest(allowZeroInvocations = true) // a set may have none
    @MethodSource("tracedClips")
    void ofAFinerGridTheOfficialDrawsGiveTheOfficialMaskResized(String setting) {
        JsonNode trace = json("trace_" + setting + ".json");
        Arguments arguments = Arguments.of(trace.get("args"));
        arguments.assumeDerived();
        Grid window = arguments.grid;
        for (JsonNode layout : trace.get("layouts")) {
            String name = "mask." + setting + ".seed" + layout.get("seed").asInt();
            assumeThat(layout.get("count").asInt())
                    .as("an empty mask, which ours never is")
                    .isPositive();
            for (int cell = 1; cell < 4; cell++) {
                CubeMask rule = new CubeMask(STATS.get(setting).get("ratio").asDouble(), false, cell);
                Grid tokens = new Grid(window.t(), window.h() * cell, window.w() * cell);

                boolean[] hidden = rule.draw(tokens, new Replay(layout.get("draws")));

                float[] official = TENSORS.values(name);
                for (int token = 0; token < hidden.length; token++) {
                    int time = token / (tokens.h() * tokens.w());
                    int row = token / tokens.w() % tokens.h();
                    int column = token % tokens.w();
                    assertThat(hidden[token])
                            .as("%s, cell %d, token %d", name, cell, token)
                            .isEqualTo(official[window.index(time, row / cell, column / cell)] == 1);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("traced")
    void pythonsGeneratorGivesTheRecordedDraws(String setting) {
        for (JsonNode layout : json("trace_" + setting + ".json").get("layouts")) {
            PythonDraws python = new PythonDraws(layout.get("seed").asInt());
            for (JsonNode draw : layout.get("draws")) {
                JsonNode value = draw.get(3);
                if (draw.get(0).asString().equals("uniform")) {
                    double a = draw.get(1).asDouble();
                    assertThat(python.uniform(a, draw.get(2).asDouble())).isEqualTo(value.asDouble());
                } else {
                    assertThat(python.randint(draw.get(1).asInt(), draw.get(2).asInt()))
                            .isEqualTo(value.asInt());
                }
            }
        }
    }

    @ParameterizedTest(allowZeroInvocations = true) // a set may have none
    @MethodSource("seeded")
    void tubesAndFramesOfPythonsSeedAreTheOfficialOnes(String name) {
        Matcher parts = SEEDED.matcher(name);
        assertThat(parts.matches()).as(name).isTrue();
        double ratio = parts.group("ratio") == null ? RATIO : Double.parseDouble(parts.group("ratio"));
        long[] shape = TENSORS.shape(name);
        Grid window = new Grid((int) shape[0], (int) shape[1], (int) shape[2]);
        PythonDraws python = new PythonDraws(Integer.parseInt(parts.group("seed")));

        boolean[] hidden = parts.group("rule").equals("tube")
                ? new TubeMask(ratio, false, 1).draw(window, python)
                : new FrameMask(ratio).draw(window, python);

        assertThat(floats(hidden)).as(name).isEqualTo(TENSORS.values(name));
    }

    @ParameterizedTest
    @MethodSource("counted")
    void theSettingsAreDerivedFromTheGrid(String setting) {
        JsonNode stats = STATS.get(setting);
        Arguments arguments = Arguments.of(stats.get("args"));
        double ratio = stats.get("ratio").asDouble();
        arguments.assumeDerived();

        assertThat(Ratio.target(ratio, arguments.grid)).isEqualTo(arguments.target);
        int minArea = arguments.clip
                ? CubeMask.minArea(arguments.grid)
                : BlockMask.of(ratio).minArea(arguments.grid);
        assertThat(minArea).isEqualTo(arguments.minArea);
    }

    @ParameterizedTest
    @MethodSource("counted")
    void masksAreDistributedAsTheOfficialOnes(String setting) {
        JsonNode stats = STATS.get(setting);
        Arguments arguments = Arguments.of(stats.get("args"));
        double ratio = stats.get("ratio").asDouble();
        MaskStrategy rule = arguments.clip ? new CubeMask(ratio, false, 1) : BlockMask.of(ratio);
        arguments.assumeDerived();
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
        Grid grid = arguments.grid;
        assertThat(TENSORS.shape("freq." + setting))
                .containsExactly(
                        arguments.clip ? new long[] {grid.t(), grid.h(), grid.w()} : new long[] {grid.h(), grid.w()});
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

    private static HiddenBlocks.Cuboid block(JsonNode json) {
        return new HiddenBlocks.Cuboid(
                json.path("t").asInt(1),
                json.get("h").asInt(),
                json.get("w").asInt(),
                json.path("front").asInt(0),
                json.get("top").asInt(),
                json.get("left").asInt(),
                json.get("new").asInt());
    }

    private static JsonNode json(String file) {
        return JsonMapper.shared().readTree(MASKS.resolve(file));
    }

    /** What the official generator was called with, and whether it was that of clips. */
    private record Arguments(Grid grid, boolean clip, int target, int minArea, int maxArea) {
        static Arguments of(JsonNode json) {
            JsonNode window = json.get("mask_window_size");
            boolean clip = window.size() == 3;
            int last = window.size() - 1;
            Grid grid = window.isArray()
                    ? new Grid(
                            clip ? window.get(0).asInt() : 1,
                            window.get(last - 1).asInt(),
                            window.get(last).asInt())
                    : Grid.of(window.asInt(), window.asInt());
            int target = json.get("num_masking_patches").asInt();
            JsonNode most = json.get("max_num_patches");
            return new Arguments(
                    grid, clip, target, json.get("min_num_patches").asInt(), most.isNull() ? target : most.asInt());
        }

        HiddenBlocks blocks(Draws draws) {
            HiddenBlocks blocks = new HiddenBlocks(grid, HiddenBlocks.MIN_ASPECT, draws);
            if (clip) {
                blocks.fillCuboids(target, minArea, maxArea);
            } else {
                blocks.fillRectangles(target, minArea, maxArea);
            }
            return blocks;
        }

        void assumeDerived() {
            assumeThat(maxArea)
                    .as("a limit of its own to the area, which our rules have not")
                    .isEqualTo(clip ? CubeMask.maxArea(grid) : target);
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
