package maskfeat.feature;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.augment.Normalize;
import maskfeat.feature.HogTarget.Channels;
import maskfeat.feature.HogTarget.Config;
import maskfeat.feature.HogTarget.Norm;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.mask.Grid;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Histograms equal those of the official classes.
 *
 * <p>Cells where a pixel's bin depends on the order of summation, or whose gx is exactly 0, must be equal as well: we
 * sum in the official order. Only cells in {@code flag_inherent} (exact ramps along a boundary between bins, where the
 * last bit of the arctangent decides) may differ.
 */
@Tag("golden")
class HogGoldenTest {

    private static final float TOLERANCE = (float) Tolerance.HISTOGRAM;

    private static final Path DIR = GoldenDir.path().resolve("hog");
    private static final JsonNode ABOUT =
            JsonMapper.shared().readTree(DIR.resolve("hog.json").toFile());
    private static final GoldenTensors GOLDEN = GoldenTensors.open(DIR.resolve("hog.safetensors"));

    static Stream<String> sets() {
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, JsonNode> set : ABOUT.get("sets").properties()) {
            if (set.getKey().equals("video")) {
                names.addAll(set.getValue().propertyNames());
            } else {
                names.add(set.getKey());
            }
        }
        return names.stream();
    }

    static Stream<String> targets() {
        return sets().flatMap(set -> GOLDEN.names().stream().filter(name -> name.startsWith(set + ".target")));
    }

    @ParameterizedTest
    @MethodSource("sets")
    void cellsEqualTheOfficialOnes(String set) {
        long[] shape = GOLDEN.shape(set + ".hog"); // [N, 3, bins, rows, columns]
        assertThat(shape[2]).isEqualTo(bins());
        List<PixelSource> clips = clips(set);
        int frames = (int) shape[0] / clips.size();
        Difference difference = new Difference(set, GOLDEN.values(set + ".hog"));
        int size = (int) (shape[1] * shape[2] * shape[3] * shape[4]);
        int inFrame = (int) (shape[3] * shape[4]);
        for (int n = 0; n < shape[0]; n++) {
            PixelSource clip = clips.get(n / frames);
            float[] cells = target(cell()).cells(clip, n % frames * (clip.frames() / frames));
            assertThat(cells).hasSize(size);
            for (int i = 0; i < size; i++) {
                int colour = i / inFrame / bins();
                difference.add(cells[i], n * size + i, (n * 3 + colour) * inFrame + i % inFrame);
            }
        }
        difference.check();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void tokensEqualTheOfficialOnes(String name) {
        String set = name.substring(0, name.indexOf('.'));
        String suffix = name.substring(set.length() + ".target".length());
        int patch =
                suffix.isEmpty() ? ABOUT.get("patch").asInt() : Integer.parseInt(suffix.substring("_patch".length()));
        HogTarget target = target(patch);
        long[] shape = GOLDEN.shape(name); // [B, P, dim]
        assertThat(shape[2]).isEqualTo(target.dim());
        List<PixelSource> clips = clips(set);
        assertThat(clips).hasSize((int) shape[0]);
        Difference difference = new Difference(set, GOLDEN.values(name));
        int cells = patch / cell();
        int at = 0;
        for (int b = 0; b < shape[0]; b++) {
            PixelSource clip = clips.get(b);
            int rows = clip.height() / patch;
            int columns = clip.width() / patch;
            Grid grid = new Grid((int) shape[1] / (rows * columns), rows, columns);
            float[] tokens = new float[grid.size() * target.dim()];
            target.of(clip, grid, Waves.everything(grid.size()), tokens, 0);
            for (int i = 0; i < tokens.length; i++) {
                int token = i / target.dim();
                int colour = i % target.dim() / (bins() * cells * cells);
                int y = token / columns % rows * cells + i / cells % cells;
                int x = token % columns * cells + i % cells;
                int frame = b * grid.t() + token / (rows * columns);
                difference.add(tokens[i], at++, ((frame * 3 + colour) * rows * cells + y) * columns * cells + x);
            }
        }
        difference.check();
    }

    /** Counts the cells that differ, and those of them that may not. */
    private static final class Difference {
        private final String set;
        private final float[] expected;
        private final float[] inherent;
        private final boolean[] differs;
        private float largest;
        private int seen;

        Difference(String set, float[] expected) {
            this.set = set;
            this.expected = expected;
            inherent = GOLDEN.values(set + ".flag_inherent");
            differs = new boolean[inherent.length];
        }

        void add(float actual, int index, int cell) {
            float difference = Math.abs(actual - expected[index]);
            seen++;
            if (!(difference <= TOLERANCE)) {
                differs[cell] = true;
            }
            if (inherent[cell] == 0 && !(difference <= largest)) {
                largest = difference;
            }
        }

        void check() {
            int all = 0;
            int unexcused = 0;
            for (int cell = 0; cell < differs.length; cell++) {
                all += differs[cell] ? 1 : 0;
                unexcused += differs[cell] && inherent[cell] == 0 ? 1 : 0;
            }
            assertThat(seen).isEqualTo(expected.length);
            assertThat(unexcused)
                    .as(
                            "%s: cells outside flag_inherent that differ by more than %s; %s of %s cells differ in all,"
                                    + " by %s at most outside flag_inherent (of which near %s, gx = 0 %s)",
                            set,
                            TOLERANCE,
                            all,
                            differs.length,
                            largest,
                            differingWhere("flag_near"),
                            differingWhere("flag_exact0"))
                    .isZero();
        }

        private int differingWhere(String flag) {
            float[] flags = GOLDEN.values(set + "." + flag);
            int count = 0;
            for (int cell = 0; cell < differs.length; cell++) {
                count += differs[cell] && inherent[cell] == 0 && flags[cell] != 0 ? 1 : 0;
            }
            return count;
        }
    }

    private static int bins() {
        return ABOUT.get("nbins").asInt();
    }

    private static int cell() {
        return ABOUT.get("cell").asInt();
    }

    private static HogTarget target(int patch) {
        return new Config(bins(), cell(), Channels.RGB, 0, Norm.L2).build(Normalize.IMAGENET, patch);
    }

    /** Each [3, T, H, W] of an input [B, 3, H, W] or [B, 3, T, H, W]. */
    private static List<PixelSource> clips(String set) {
        float[] input = GOLDEN.values(set + ".input");
        long[] shape = GOLDEN.shape(set + ".input");
        int height = (int) shape[shape.length - 2];
        int width = (int) shape[shape.length - 1];
        int frames = shape.length == 5 ? (int) shape[2] : 1;
        int size = 3 * frames * height * width;
        List<PixelSource> clips = new ArrayList<>();
        for (int b = 0; b < shape[0]; b++) {
            float[] clip = new float[size];
            System.arraycopy(input, b * size, clip, 0, size);
            clips.add(new PixelSource.Floats(clip, frames, height, width));
        }
        return clips;
    }
}
