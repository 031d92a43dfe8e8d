package maskfeat.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import maskfeat.augment.Normalize;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PixelTargetTest {
    private final PixelTarget plain = new PixelTarget.Config(false).build(Normalize.IMAGENET, 4);
    private final PixelTarget normalized = new PixelTarget.Config(true).build(Normalize.IMAGENET, 16);

    @Test
    void firstLabelOfAnImageEqualsTheOfficialFigures() {
        float[] out = new float[5 * 768];
        normalized.of(Waves.clip(0, 1, 64), Grid.of(4, 4), Waves.mask("0110/0110/0000/0001"), out, 0);
        assertThat(Arrays.copyOf(out, 4))
                .containsExactly(new float[] {.559136f, .321538f, .545293f, .306577f}, within(1e-6f));
    }

    @Test
    void firstLabelOfAClipEqualsTheOfficialFigures() {
        float[] out = new float[12 * 768];
        boolean[] hidden = Waves.mask("1100/1100/0000/0000 1100/1100/0011/0011");
        normalized.of(Waves.clip(0, 4, 64), new Grid(2, 4, 4), hidden, out, 0);
        assertThat(Arrays.copyOf(out, 4))
                .containsExactly(new float[] {-.745637f, -.365539f, -.237902f, -.612017f}, within(1e-6f));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void anImageIsOrderedColourRowColumn(int seed) {
        Frames image = noise(1, 8, 12, seed);
        boolean[] hidden = Waves.mask("011 101");
        float[] out = new float[4 * 48];
        plain.of(image, Grid.of(2, 3), hidden, out, 0);
        int[][] corners = {{0, 4}, {0, 8}, {4, 0}, {4, 8}};
        for (int i = 0; i < out.length; i++) {
            int[] corner = corners[i / 48];
            assertThat(out[i]).isEqualTo(seen(image, 0, corner[0] + i / 4 % 4, corner[1] + i % 4, i / 16 % 3));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void aClipIsOrderedRowColumnColourOfTheFirstFrameOfACube(int seed) {
        Frames clip = noise(6, 4, 8, seed);
        float[] out = new float[3 * 48];
        plain.of(clip, new Grid(3, 1, 2), Waves.mask("01 00 11"), out, 0);
        int[][] places = {{0, 4}, {4, 0}, {4, 4}}; // frame, left
        for (int i = 0; i < out.length; i++) {
            int[] place = places[i / 48];
            assertThat(out[i]).isEqualTo(seen(clip, place[0], i / 12 % 4, place[1] + i / 3 % 4, i % 3));
        }
    }

    @Test
    void normalizedTokensHaveMeanZeroAndUnbiasedVarianceOne() {
        float[] out = new float[4 * 768];
        normalized.of(noise(1, 32, 32, 3), Grid.of(2, 2), Waves.everything(4), out, 0);
        for (int token = 0; token < 4; token++) {
            double sum = 0;
            double squares = 0;
            for (int i = token * 768; i < (token + 1) * 768; i++) {
                sum += out[i];
                squares += (double) out[i] * out[i];
            }
            assertThat(sum / 768).isCloseTo(0, within(1e-6));
            assertThat(squares / 767).isCloseTo(1, within(1e-5));
        }
    }

    @Test
    void flatTokensAreZeroWhenNormalized() {
        byte[] black = new byte[16 * 16 * 3];
        PixelTarget sameForAllColours = new PixelTarget.Config(true)
                .build(new Normalize(java.util.List.of(.5f, .5f, .5f), java.util.List.of(.25f, .25f, .25f)), 16);
        float[] out = new float[768];
        sameForAllColours.of(Frames.image(16, 16, black), Grid.of(1, 1), Waves.everything(1), out, 0);
        assertThat(out).containsOnly(0f);
    }

    @Test
    void viewPutsEveryPixelOfAnImageBack() {
        Frames image = noise(1, 8, 12, 5);
        float[] out = new float[6 * 48];
        plain.of(image, Grid.of(2, 3), Waves.everything(6), out, 0);
        FeatureView.Pixels view = (FeatureView.Pixels) plain.view(out, Grid.of(2, 3), 0);
        assertThat(view.height()).isEqualTo(8);
        assertThat(view.width()).isEqualTo(12);
        assertThat(view.values()).containsExactly(seen(image, 0));
    }

    @Test
    void viewPutsEveryPixelOfAClipBack() {
        Frames clip = noise(4, 8, 12, 5);
        Grid grid = new Grid(2, 2, 3);
        float[] out = new float[12 * 48];
        plain.of(clip, grid, Waves.everything(12), out, 0);
        assertThat(((FeatureView.Pixels) plain.view(out, grid, 0)).values()).containsExactly(seen(clip, 0));
        assertThat(((FeatureView.Pixels) plain.view(out, grid, 1)).values()).containsExactly(seen(clip, 2));
        assertThatThrownBy(() -> plain.view(out, grid, 2)).hasMessageContaining("time 2");
    }

    @Test
    void refusesWhatDoesNotDivide() {
        float[] out = new float[6 * 48];
        assertThatThrownBy(() -> plain.of(noise(1, 9, 12, 1), Grid.of(2, 3), new boolean[6], out, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("9 x 12", "2x3", "8 x 12");
        assertThatThrownBy(() -> new PixelTarget.Config(true).build(Normalize.IMAGENET, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 px");
    }

    private static Frames noise(int frames, int height, int width, int seed) {
        byte[] rgb = new byte[frames * height * width * 3];
        new Random(seed).nextBytes(rgb);
        return new Frames(frames, height, width, rgb);
    }

    private static float seen(Frames frames, int frame, int y, int x, int colour) {
        float value = (frames.rgb()[((frame * frames.height() + y) * frames.width() + x) * 3 + colour] & 0xff) / 255f;
        return (value - Normalize.IMAGENET.mean().get(colour))
                / Normalize.IMAGENET.std().get(colour);
    }

    private static float[] seen(Frames frames, int frame) {
        float[] values = new float[frames.height() * frames.width() * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = seen(frames, frame, i / 3 / frames.width(), i / 3 % frames.width(), i % 3);
        }
        return values;
    }
}
