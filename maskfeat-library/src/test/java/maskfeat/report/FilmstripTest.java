package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import maskfeat.feature.FeatureView;
import maskfeat.mask.Grid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilmstripTest {
    private static final int PANEL = 168;
    private static final int LEFT = 20 + 104;
    private static final int TOP = 14 + 28 + 22;
    private static final int PITCH = PANEL + 6;
    private static final int COARSE = 5;
    private static final int FRAME = 0;
    private static final int SEEN = 1;
    private static final int TARGET = 2;
    private static final int PREDICTION = 3;

    private static final ClipSample CLIP = ClipSamples.of("a.mp4", 16, new Grid(8, 4, 4));
    private static final BufferedImage STRIP = Filmstrip.draw(CLIP);

    /** Red in the middle of a token of the 4 x 4. */
    private static int red(BufferedImage strip, int row, int column, int token) {
        int side = PANEL / 4;
        int x = LEFT + column * PITCH + token % 4 * side + side / 2;
        int y = TOP + row * PITCH + token / 4 * side + side / 2;
        return (strip.getRGB(x, y) >> 16) & 255;
    }

    @Test
    void aColumnShowsTheFirstFrameOfItsStep() {
        for (int step = 0; step < 8; step++) {
            assertThat(red(STRIP, FRAME, step, 15)).as("step " + step).isCloseTo(7 * 2 * step, within(COARSE));
        }
    }

    @Test
    void aTokenIsCoveredInTheStepThatHidesIt() {
        for (int step = 0; step < 8; step++) {
            for (int token = 0; token < 16; token++) {
                int expected = token == step ? 0x80 : 7 * 2 * step;
                assertThat(red(STRIP, SEEN, step, token))
                        .as("token %d of step %d", token, step)
                        .isCloseTo(expected, within(COARSE));
            }
        }
    }

    @Test
    void featuresOfAllStepsAreInOneScale() {
        for (int step = 0; step < 8; step++) {
            assertThat(red(STRIP, TARGET, step, 15)).as("step " + step).isCloseTo(255 * (step + 1) / 8, within(COARSE));
        }
    }

    @Test
    void thePredictionIsShownWhereSomethingWasHidden() {
        for (int token = 0; token < 16; token++) {
            // All that was predicted is nothing; around it the target is dimmed.
            int expected = token == 6 ? 0 : (int) (255 * 7 / 8 * 0.35);
            assertThat(red(STRIP, PREDICTION, 6, token)).as("token " + token).isCloseTo(expected, within(COARSE));
        }
    }

    @Test
    void ofManyStepsEightAreShownFromTheFirstToTheLast() {
        ClipSample longer = ClipSamples.of("a.mp4", 32, new Grid(16, 4, 4));
        BufferedImage strip = Filmstrip.draw(longer);
        assertThat(strip.getWidth()).isEqualTo(STRIP.getWidth());
        int[] steps = {0, 2, 4, 6, 8, 10, 12, 15};
        for (int column = 0; column < 8; column++) {
            assertThat(red(strip, FRAME, column, 3)).isCloseTo(7 * 2 * steps[column], within(COARSE));
            assertThat(red(strip, SEEN, column, steps[column])).isCloseTo(0x80, within(COARSE));
        }
    }

    @Test
    void titlesTimesAndCaptionsAreWritten() {
        assumeThat(Lettering.FONTS).isTrue();
        assertThat(ink(STRIP, 20, 14, 300, 28)).isPositive();
        for (int row = 0; row < 4; row++) {
            assertThat(ink(STRIP, 20, TOP + row * PITCH, 100, 30)).isPositive();
        }
        for (int column = 0; column < 8; column++) {
            assertThat(ink(STRIP, LEFT + column * PITCH, TOP - 22, PANEL, 22)).isPositive();
        }
    }

    private static long ink(BufferedImage picture, int left, int top, int width, int height) {
        int[] pixels = picture.getRGB(left, top, width, height, null, 0, width);
        return Arrays.stream(pixels).filter(rgb -> (rgb & 255) < 160).count();
    }

    @Test
    void clipsStandOneBelowTheOther() {
        ClipSample shorter = ClipSamples.of("b.mp4", 4, new Grid(4, 4, 4));
        BufferedImage both = Filmstrip.draw(List.of(CLIP, shorter));
        BufferedImage alone = Filmstrip.draw(shorter);
        assertThat(both.getWidth()).isEqualTo(STRIP.getWidth());
        assertThat(both.getHeight()).isEqualTo(STRIP.getHeight() + alone.getHeight() - 14);
        int down = STRIP.getHeight() - 14;
        assertThat(both.getRGB(LEFT + 3 * PITCH + 160, TOP + down + 10))
                .isEqualTo(alone.getRGB(LEFT + 3 * PITCH + 160, TOP + 10));
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 8, 14, 28})
    void isAboutAsWideAsABrowserShows(int cells) {
        FeaturePainter painter = FeaturePainter.scaledTo(
                List.of(new FeatureView.Histograms(cells, cells, 9, new float[cells * cells * 9])), PanelSize.STRIP);
        assertThat(painter.width()).isBetween(130, 190);
        assertThat(painter.width() / cells).isGreaterThanOrEqualTo(cells <= 14 ? 12 : 6);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 112, 224})
    void pixelTargetsAreShownAtAboutTheSameSize(int side) {
        float[] values = new float[side * side * 3];
        Random random = new Random(side);
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
        }
        FeatureView view = new FeatureView.Pixels(side, side, values);
        BufferedImage picture =
                FeaturePainter.scaledTo(List.of(view), PanelSize.STRIP).paint(view);
        assertThat(picture.getWidth()).isBetween(130, 192).isEqualTo(picture.getHeight());
    }

    @Test
    void wantsAClip() {
        assertThatThrownBy(() -> Filmstrip.draw(List.of())).hasMessageContaining("at least one clip");
    }
}
