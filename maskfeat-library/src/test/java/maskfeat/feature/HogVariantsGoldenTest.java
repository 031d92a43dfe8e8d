package maskfeat.feature;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import maskfeat.augment.Normalize;
import maskfeat.feature.HogTarget.Channels;
import maskfeat.feature.HogTarget.Config;
import maskfeat.feature.HogTarget.Norm;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import maskfeat.golden.Tolerance;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The paper's variants of histograms (orientations, cells, norms, colours) equal the official class's with those numbers.
 * Cells in {@code flag_near}, whose pixels lie on the border of two bins, may differ.
 */
@Tag("golden")
class HogVariantsGoldenTest {
    private static final int PATCH = 16;
    private static final Path DIR = GoldenDir.path().resolve("targets");
    private static final GoldenTensors GOLDEN = GoldenTensors.open(DIR.resolve("hog_variants.safetensors"));

    private static final List<String> NORMS = List.of("l2", "l1", "none");

    /** Such as {@code bytes.bins9_cell8.l1}: a picture, a variant, a norm or {@code target}. */
    static Stream<String> variants() {
        return GOLDEN.names().stream().filter(name -> name.endsWith(".target") || NORMS.contains(last(name)));
    }

    private static String last(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** The numbers as the official class had them: three colours, or those that we make of the bytes ourselves. */
    @ParameterizedTest
    @MethodSource("variants")
    void cellsAndTokensEqualTheOfficialOnes(String name) {
        String[] parts = name.split("\\.");
        String colours = parts[1].startsWith("bins") ? "rgb" : parts[1];
        float[] input = GOLDEN.values(parts[0] + "." + colours + ".input");
        long[] shape = GOLDEN.shape(parts[0] + "." + colours + ".input"); // [1, 1 or 3, H, W]
        int height = (int) shape[2];
        int width = (int) shape[3];
        // Of a grey picture the official class computed three equal colours.
        float[] three = new float[3 * height * width];
        for (int i = 0; i < three.length; i++) {
            three[i] = input[i % input.length];
        }
        check(name, config(parts, Channels.RGB), new PixelSource.Floats(three, 1, height, width), height, width);
    }

    static Stream<String> ofBytes() {
        return variants().filter(name -> name.startsWith("bytes.") && name.endsWith(".target"));
    }

    @ParameterizedTest
    @MethodSource("ofBytes")
    void histogramsOfAPictureEqualTheOfficialOnes(String name) {
        String[] parts = name.split("\\.");
        long[] shape = GOLDEN.shape("bytes.rgb"); // [1, H, W, 3]
        float[] values = GOLDEN.values("bytes.rgb");
        byte[] rgb = new byte[values.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (int) values[i];
        }
        Frames frames = Frames.image((int) shape[1], (int) shape[2], rgb);
        Channels channels =
                parts[1].startsWith("bins") ? Channels.RGB : Channels.valueOf(parts[1].toUpperCase(Locale.ROOT));
        Config config = config(parts, channels);
        HogTarget target = config.build(Normalize.IMAGENET, PATCH);
        Grid grid = Grid.of(frames.height() / PATCH, frames.width() / PATCH);
        float[] tokens = new float[grid.size() * target.dim()];
        target.of(frames, grid, Waves.everything(grid.size()), tokens, 0);
        compareTokens(name, config, tokens, frames.height(), frames.width());
    }

    private static Config config(String[] parts, Channels channels) {
        int bins = 9;
        int cell = 8;
        if (parts[1].startsWith("bins")) {
            String[] numbers = parts[1].substring("bins".length()).split("_cell");
            bins = Integer.parseInt(numbers[0]);
            cell = Integer.parseInt(numbers[1]);
        }
        Norm norm = NORMS.contains(parts[2]) ? Norm.valueOf(parts[2].toUpperCase(Locale.ROOT)) : Norm.L2;
        return new Config(bins, cell, channels, 0, norm);
    }

    private static void check(String name, Config config, PixelSource picture, int height, int width) {
        HogTarget target = config.build(Normalize.IMAGENET, PATCH);
        if (name.endsWith(".target")) {
            Grid grid = Grid.of(height / PATCH, width / PATCH);
            float[] tokens = new float[grid.size() * target.dim()];
            target.of(picture, grid, Waves.everything(grid.size()), tokens, 0);
            compareTokens(name, config, tokens, height, width);
            return;
        }
        float[] cells = target.cells(picture, 0);
        float[] expected = GOLDEN.values(name);
        int inFrame = (height / config.cell()) * (width / config.cell());
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, value);
        }
        float[] flags = flags(name, config, height, width);
        int compared = 0;
        for (int i = 0; i < expected.length; i++) {
            int colour = i / inFrame / config.bins();
            if (flags[colour * inFrame + i % inFrame] == 0) {
                assertThat(Math.abs(cells[i] - expected[i]))
                        .as("%s[%s]", name, i)
                        .isLessThanOrEqualTo((float) Tolerance.HISTOGRAM * Math.max(1, largest));
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(expected.length / 8);
    }

    /** @param tokens [N, P, dim], of which the golden ones may hold the first colour alone */
    private static void compareTokens(String name, Config config, float[] tokens, int height, int width) {
        float[] expected = GOLDEN.values(name);
        int dim = (int) GOLDEN.shape(name)[2];
        int tokenCount = expected.length / dim;
        int ours = tokens.length / tokenCount;
        int u = PATCH / config.cell();
        int columns = width / config.cell();
        int inFrame = height / config.cell() * columns;
        float[] flags = flags(name, config, height, width);
        int compared = 0;
        for (int i = 0; i < expected.length; i++) {
            int token = i / dim;
            int feature = i % dim;
            int colour = feature / (config.bins() * u * u);
            int y = token / (width / PATCH) * u + feature / u % u;
            int x = token % (width / PATCH) * u + feature % u;
            if (flags[colour * inFrame + y * columns + x] == 0) {
                assertThat(Math.abs(tokens[token * ours + feature] - expected[i]))
                        .as("%s[%s]", name, i)
                        .isLessThanOrEqualTo((float) Tolerance.HISTOGRAM);
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(expected.length / 8);
    }

    /** [colours, rows, columns], 1 where a cell may differ. */
    private static float[] flags(String name, Config config, int height, int width) {
        String flag = name.substring(0, name.lastIndexOf('.')) + ".flag_near";
        float[] flags = new float[3 * (height / config.cell()) * (width / config.cell())];
        if (GOLDEN.has(flag)) {
            float[] given = GOLDEN.values(flag);
            for (int i = 0; i < flags.length; i++) {
                flags[i] = given[i % given.length];
            }
        }
        return flags;
    }
}
