package maskfeat.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import maskfeat.augment.Normalize;
import maskfeat.feature.HogTarget.Channels;
import maskfeat.feature.HogTarget.Config;
import maskfeat.feature.HogTarget.Norm;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HogTargetTest {
    /** Half of the last digit that the figures of the official classes are given with. */
    private static final Offset<Float> PRINTED = within(6e-7f);

    private static final Offset<Double> PRINTED_SUM = within(2e-5);

    private final HogTarget paper = Config.paper().build(Normalize.IMAGENET, 16);

    @Test
    void equalsTheOfficialFigures() {
        float[] hog = paper.cells(Waves.clip(0, 1, 32), 0); // [3, 9, 4, 4]
        assertThat(sum(hog)).isCloseTo(92.2583263, PRINTED_SUM);
        assertThat(IntStream.range(0, hog.length)
                        .mapToDouble(i -> hog[i] * hog[i])
                        .sum())
                .isCloseTo(48, PRINTED_SUM);
        assertThat(histogram(hog, 0, 0, 0))
                .containsExactly(new float[] {.381286f, 0, 0, 0, .010608f, 0, 0, .119913f, .916586f}, PRINTED);
        assertThat(histogram(hog, 1, 0, 0))
                .containsExactly(
                        new float[] {.218062f, 0, .009760f, .010362f, .033964f, .001204f, .040479f, .068637f, .971978f},
                        PRINTED);
        assertThat(histogram(hog, 2, 0, 0))
                .containsExactly(
                        new float[] {.708571f, .085923f, 0, 0, .020028f, .007930f, .021413f, .023703f, .699328f},
                        PRINTED);
        assertThat(histogram(hog, 1, 1, 2))
                .containsExactly(
                        new float[] {
                            .358227f, .247804f, .377743f, .358766f, .686557f, .215620f, .047476f, .061623f, .122312f
                        },
                        PRINTED);
    }

    @Test
    void ordersATokenByColourBinCellRowAndCellColumn() {
        float[] tokens = of(paper, Waves.clip(0, 1, 32), Grid.of(2, 2), Waves.everything(4));
        assertThat(Arrays.copyOf(tokens, 8))
                .containsExactly(new float[] {.381286f, 0, .225655f, 0, 0, 0, 0, 0}, PRINTED);
        assertThat(Arrays.copyOfRange(tokens, 3 * 108 + 36, 3 * 108 + 44))
                .containsExactly(
                        new float[] {.034604f, .603064f, .354203f, .399687f, .009243f, .448064f, .163552f, 0}, PRINTED);
    }

    @Test
    void equalsTheOfficialFiguresUnderAWindow() {
        HogTarget windowed = new Config(9, 8, Channels.RGB, 16, Norm.L2).build(Normalize.IMAGENET, 16);
        float[] hog = windowed.cells(Waves.clip(0, 1, 32), 0);
        assertThat(sum(hog)).isCloseTo(91.9755482, PRINTED_SUM);
        assertThat(histogram(hog, 0, 0, 0))
                .containsExactly(new float[] {.287606f, 0, 0, 0, .007457f, 0, 0, .137049f, .947863f}, PRINTED);
    }

    @Test
    void windowOfTheOracleHasTheOfficialWeights() {
        float[][] window = PlainHog.gaussian(16);
        assertThat(window[0][0]).isCloseTo(.002213546f, within(1e-9f));
        assertThat(window[7][7]).isCloseTo(.005310019f, within(1e-9f));
    }

    @Test
    void hiddenTokensOfABatchSumToTheOfficialFigure() {
        float[] first = of(paper, Waves.clip(0, 1, 64), Grid.of(4, 4), Waves.mask("0110/0110/0000/0001"));
        float[] second = of(paper, Waves.clip(1, 1, 64), Grid.of(4, 4), Waves.mask("1000/1000/0000/0011"));
        assertThat(first.length + second.length).isEqualTo(9 * 108);
        assertThat(sum(first) + sum(second)).isCloseTo(191.777282, within(5e-5));
    }

    @Test
    void hiddenCubesOfABatchOfClipsSumToTheOfficialFigure() {
        // the masks 10/00 10/01 and 00/10 01/10, each of their tokens doubled both ways
        String first = "1100/1100/0000/0000 1100/1100/0011/0011";
        String second = "0000/0000/1100/1100 0011/0011/1100/1100";
        Grid grid = new Grid(2, 4, 4);
        double sum = sum(of(paper, Waves.clip(0, 4, 64), grid, Waves.mask(first)))
                + sum(of(paper, Waves.clip(1, 4, 64), grid, Waves.mask(second)));
        assertThat(sum).isCloseTo(531.983036, within(2e-4));
    }

    @Test
    void describesACubeByItsFirstFrame() {
        Frames clip = picture(6, 32, 48, 5);
        float[] cubes = of(paper, clip, new Grid(3, 2, 3), Waves.everything(18));
        for (int time = 0; time < 3; time++) {
            int pixels = 32 * 48 * 3;
            byte[] frame = Arrays.copyOfRange(clip.rgb(), 2 * time * pixels, (2 * time + 1) * pixels);
            float[] alone = of(paper, Frames.image(32, 48, frame), Grid.of(2, 3), Waves.everything(6));
            assertSame(Arrays.copyOfRange(cubes, time * 6 * 108, (time + 1) * 6 * 108), alone);
        }
    }

    @Test
    void constantImageHasNoGradients() {
        float[] planes = new float[3 * 32 * 32];
        Arrays.fill(planes, -1.25f);
        assertThat(paper.cells(new PixelSource.Floats(planes, 1, 32, 32), 0)).containsOnly(0f);
    }

    @Test
    void constantColourWhoseTripleIsRoundedIsBinZeroAsInTheOfficialTarget() {
        // 3x needs more digits than float32 has, so top minus bottom leaves its last one, which is scaled to unit
        // length.
        // The official targets of black and white borders are like this (golden set img224).
        float[] hog = paper.cells(bytes(Frames.image(32, 32, new byte[32 * 32 * 3])), 0);
        for (int i = 0; i < hog.length; i++) {
            boolean green = i / 144 == 1; // its black, normalised, triples without rounding
            assertThat(hog[i]).isEqualTo(i / 16 % 9 == 0 && !green ? 1 : 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 0", "-1, 0, 0", "0, 1, 4", "0, -1, 4"})
    void slopesDownwardsAreBinZeroAndSidewaysBinFour(int down, int right, int bin) {
        byte[] slope = new byte[32 * 32 * 3];
        for (int i = 0; i < slope.length; i++) {
            int y = i / 3 / 32;
            int x = i / 3 % 32;
            slope[i] = (byte) (128 + 3 * (down * (y - 16) + right * (x - 16)));
        }
        float[] hog = paper.cells(bytes(Frames.image(32, 32, slope)), 0);
        for (int i = 0; i < hog.length; i++) {
            assertThat(hog[i]).as("number %s", i).isCloseTo(i / 16 % 9 == bin ? 1 : 0, within(1e-6f));
        }
    }

    static Stream<Config> everyOption() {
        List<Config> options = new ArrayList<>();
        for (int bins : new int[] {6, 9, 12}) {
            for (int cell : new int[] {1, 4, 8, 16}) {
                for (Channels channels : Channels.values()) {
                    for (int window : new int[] {0, 5, 16}) {
                        for (Norm norm : Norm.values()) {
                            options.add(new Config(bins, cell, channels, window, norm));
                        }
                    }
                }
            }
        }
        return options.stream();
    }

    @ParameterizedTest
    @MethodSource("everyOption")
    void onePassOverHiddenTokensEqualsThePlainFormToTheBit(Config config) {
        int side = config.gaussianWindow() == 5 ? 80 : 48;
        int patch = 16;
        Grid grid = Grid.of(side / patch, side / patch + (config.gaussianWindow() == 5 ? 0 : 2));
        Frames picture = picture(1, side, grid.w() * patch, config.hashCode() % 1000);
        float[][][][] plain = PlainHog.of(config, PlainHog.planes(picture, 0, table(config)));
        check(config, patch, grid, picture, PlainHog.tokens(plain, patch / config.cell()));
    }

    @ParameterizedTest
    @CsvSource({"8, 8, 27", "16, 8, 108", "32, 8, 432", "12, 6, 108", "16, 16, 27", "15, 5, 243", "9, 3, 243"})
    void sidesOfTokensAndCellsAreFree(int patch, int cell, int dim) {
        Config config = new Config(9, cell, Channels.RGB, 0, Norm.L2);
        Grid grid = Grid.of(3, 5);
        Frames picture = picture(1, 3 * patch, 5 * patch, patch * 100 + cell);
        float[][][][] plain = PlainHog.of(config, PlainHog.planes(picture, 0, table(config)));
        assertThat(config.build(Normalize.IMAGENET, patch).dim()).isEqualTo(dim);
        check(config, patch, grid, picture, PlainHog.tokens(plain, patch / cell));
    }

    private static void check(Config config, int patch, Grid grid, Frames picture, float[] plain) {
        HogTarget target = config.build(Normalize.IMAGENET, patch);
        Random random = new Random(7);
        boolean[] hidden = new boolean[grid.size()];
        for (int i = 0; i < hidden.length; i++) {
            hidden[i] = random.nextInt(5) < 3;
        }
        float[] expected = new float[0];
        for (int token = 0; token < hidden.length; token++) {
            if (hidden[token]) {
                int at = expected.length;
                expected = Arrays.copyOf(expected, at + target.dim());
                System.arraycopy(plain, token * target.dim(), expected, at, target.dim());
            }
        }
        assertSame(of(target, picture, grid, Waves.everything(grid.size())), plain);
        assertSame(of(target, picture, grid, hidden), expected);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void wholeFrameEqualsThePlainFormToTheBitAndDropsWhatIsLeftOfCells(int seed) {
        Frames picture = picture(2, 37, 59, seed);
        float[][][][] plain = PlainHog.of(Config.paper(), PlainHog.planes(picture, 1, Normalize.IMAGENET.table()));
        float[] flat = new float[3 * 9 * 4 * 7];
        int at = 0;
        for (float[][][] colour : plain) {
            for (float[][] bin : colour) {
                for (float[] row : bin) {
                    System.arraycopy(row, 0, flat, at, row.length);
                    at += row.length;
                }
            }
        }
        assertSame(paper.cells(bytes(picture), 1), flat);
    }

    @Test
    void bytesGoTheSameWayAsFloats() {
        Frames picture = picture(1, 32, 32, 9);
        float[] planes = new float[3 * 32 * 32];
        float[][][] table = PlainHog.planes(picture, 0, Normalize.IMAGENET.table());
        for (int i = 0; i < planes.length; i++) {
            planes[i] = table[i / 1024][i / 32 % 32][i % 32];
        }
        assertSame(paper.cells(new PixelSource.Floats(planes, 1, 32, 32), 0), paper.cells(bytes(picture), 0));
    }

    @Test
    void strongestColourAloneVotes() {
        // steep in green to the right, gentle in red downwards
        float[] planes = new float[3 * 16 * 16];
        for (int i = 0; i < 256; i++) {
            int y = i / 16;
            int x = i % 16;
            planes[i] = .1f * y;
            planes[256 + i] = x;
        }
        HogTarget strongest = new Config(9, 16, Channels.STRONGEST, 0, Norm.NONE).build(Normalize.IMAGENET, 16);
        float[] hog = strongest.cells(new PixelSource.Floats(planes, 1, 16, 16), 0);
        assertThat(hog).hasSize(9);
        // borders mirror: in the outer columns green is flat, so there red votes, which is flat in the outer rows
        assertThat(hog[4]).isCloseTo(16 * 14 * 8f, within(1e-2f));
        assertThat(hog[0]).isCloseTo(2 * 14 * .8f, within(1e-4f));
    }

    @Test
    void manyThreadsShareOneTarget() {
        Frames picture = picture(1, 64, 64, 11);
        float[] alone = of(paper, picture, Grid.of(4, 4), Waves.everything(16));
        assertThat(IntStream.range(0, 64)
                        .parallel()
                        .allMatch(i -> Arrays.equals(alone, of(paper, picture, Grid.of(4, 4), Waves.everything(16)))))
                .isTrue();
    }

    @Test
    void writesFromTheOffsetOnAndNothingElse() {
        float[] out = new float[108 + 5];
        Arrays.fill(out, -1);
        paper.of(picture(1, 32, 32, 3), Grid.of(2, 2), Waves.mask("0010"), out, 2);
        assertThat(out[1]).isEqualTo(-1);
        assertThat(Arrays.copyOfRange(out, 2, 110)).doesNotContain(-1);
        assertThat(out[110]).isEqualTo(-1);
    }

    @Test
    void nothingHiddenWritesNothing() {
        float[] out = {};
        paper.of(picture(1, 32, 32, 3), Grid.of(2, 2), new boolean[4], out, 0);
        assertThat(out).isEmpty();
    }

    @Test
    void refusesAClipThatDoesNotDivide() {
        float[] out = new float[108 * 8];
        assertThatThrownBy(() -> paper.of(picture(1, 40, 32, 1), Grid.of(2, 2), new boolean[4], out, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("40 x 32", "2x2", "32 x 32");
        assertThatThrownBy(() -> paper.of(picture(3, 32, 32, 1), new Grid(2, 2, 2), new boolean[8], out, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("3 frames", "2x2x2", "multiple of 2");
        assertThatThrownBy(() -> paper.of(picture(1, 32, 32, 1), Grid.of(2, 2), new boolean[5], out, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("5", "2x2 = 4");
        assertThatThrownBy(() -> paper.of(picture(1, 32, 32, 1), Grid.of(2, 2), Waves.everything(4), out, 108 * 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("432", "864", "540");
    }

    @Test
    void refusesAWindowThatDoesNotTile() {
        HogTarget windowed = new Config(9, 8, Channels.RGB, 16, Norm.L2).build(Normalize.IMAGENET, 8);
        assertThatThrownBy(() -> of(windowed, picture(1, 40, 48, 1), Grid.of(5, 6), Waves.everything(30)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("16 px", "40 x 48");
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        assertThatThrownBy(() -> new Config(1, 8, Channels.RGB, 0, Norm.L2)).hasMessageContaining("bins 1 must lie");
        assertThatThrownBy(() -> new Config(181, 8, Channels.RGB, 0, Norm.L2)).hasMessageContaining("181");
        assertThatThrownBy(() -> new Config(9, 0, Channels.RGB, 0, Norm.L2)).hasMessageContaining("cell of 0");
        assertThatThrownBy(() -> new Config(9, 8, Channels.RGB, 1, Norm.L2)).hasMessageContaining("window of 1");
        assertThatThrownBy(() -> Config.paper().build(Normalize.IMAGENET, 12))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("8 px", "12 px");
    }

    @Test
    void viewLaysCellsOutAndMergesColours() {
        Frames clip = picture(2, 32, 48, 21);
        Grid grid = new Grid(2, 2, 3);
        FeatureView.Histograms view =
                (FeatureView.Histograms) paper.view(of(paper, clip, grid, Waves.everything(12)), grid, 1);
        float[] cells = paper.cells(bytes(clip), 1);
        assertThat(view.rows()).isEqualTo(4);
        assertThat(view.columns()).isEqualTo(6);
        assertThat(view.bins()).isEqualTo(9);
        for (int cell = 0; cell < 24; cell++) {
            for (int bin = 0; bin < 9; bin++) {
                float mean =
                        (cells[bin * 24 + cell] + cells[(9 + bin) * 24 + cell] + cells[(18 + bin) * 24 + cell]) / 3;
                assertThat(view.values()[cell * 9 + bin]).isEqualTo(mean);
            }
        }
    }

    @Test
    void viewTakesNegativePredictionsAsNothing() {
        float[] predicted = new float[108];
        Arrays.fill(predicted, -.5f);
        predicted[0] = .75f; // red, bin 0, first cell
        FeatureView.Histograms view = (FeatureView.Histograms) paper.view(predicted, Grid.of(1, 1), 0);
        assertThat(view.values()[0]).isEqualTo(.25f);
        assertThat(Arrays.copyOfRange(view.values(), 1, 36)).containsOnly(0f);
        assertThatThrownBy(() -> paper.view(predicted, Grid.of(1, 2), 0)).hasMessageContainingAll("108", "216");
        assertThatThrownBy(() -> paper.view(predicted, Grid.of(1, 1), 1)).hasMessageContaining("time 1");
    }

    /** Noise, waves and flat patches of few levels: gradients of every kind, many exactly 0 and many along axes. */
    private static Frames picture(int frames, int height, int width, int seed) {
        Random random = new Random(seed);
        byte[] rgb = new byte[frames * height * width * 3];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % width;
            int y = i / 3 / width;
            int kind = (x / 11 + y / 13 + seed) % 4;
            rgb[i] = (byte)
                    switch (kind) {
                        case 0 -> random.nextInt(256);
                        case 1 -> 128 + 100 * Math.sin(.1 * x * (1 + i % 3) + .2 * y);
                        case 2 -> 40 * ((x / 3 + y / 2 + i % 3) % 3);
                        default -> 2 * x + 3 * y;
                    };
        }
        return new Frames(frames, height, width, rgb);
    }

    private static float[][] table(Config config) {
        if (config.channels() == Channels.RGB || config.channels() == Channels.STRONGEST) {
            return Normalize.IMAGENET.table();
        }
        float[][] raw = new float[3][256];
        for (int i = 0; i < 768; i++) {
            raw[i / 256][i % 256] = i % 256 / (config.channels() == Channels.GRAY ? 1f : 255f);
        }
        return raw;
    }

    private static PixelSource bytes(Frames frames) {
        return new PixelSource.Bytes(frames, Normalize.IMAGENET.table());
    }

    private static float[] of(HogTarget target, Frames frames, Grid grid, boolean[] hidden) {
        float[] out = new float[count(hidden) * target.dim()];
        target.of(frames, grid, hidden, out, 0);
        return out;
    }

    private static float[] of(HogTarget target, PixelSource pixels, Grid grid, boolean[] hidden) {
        float[] out = new float[count(hidden) * target.dim()];
        target.of(pixels, grid, hidden, out, 0);
        return out;
    }

    private static int count(boolean[] hidden) {
        return (int) IntStream.range(0, hidden.length).filter(i -> hidden[i]).count();
    }

    private static void assertSame(float[] actual, float[] expected) {
        assertThat(Arrays.mismatch(actual, expected))
                .as("place of the first difference")
                .isEqualTo(-1);
    }

    private static float[] histogram(float[] hog, int colour, int row, int column) {
        float[] histogram = new float[9];
        for (int bin = 0; bin < 9; bin++) {
            histogram[bin] = hog[((colour * 9 + bin) * 4 + row) * 4 + column];
        }
        return histogram;
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }
}
