package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import maskfeat.media.Frames;
import maskfeat.report.TimelinePicture.Segment;
import maskfeat.report.TimelinePicture.Thumbnail;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimelinePictureTest {
    private static final int PLOT = 840;
    private static final int RIGHT = 88;
    private static final int TOP = 14;
    private static final int STRIP = 72 + 8;
    private static final int BAR = 26 + 8;
    private static final int ROW = 34;
    private static final int PITCH = ROW + 8;
    private static final int WHITE = 0xffffffff;

    private static int x(BufferedImage picture, double share) {
        return picture.getWidth() - RIGHT - PLOT + (int) Math.round(share * PLOT);
    }

    /** How much of a column of a row is darker than the paper behind it, 0 to 1. */
    private static double height(BufferedImage picture, int rowTop, int row, double share) {
        double paper = Ink.luminance(Ink.mixed(Color.WHITE, Ink.series(row), 0.08));
        int drawn = 0;
        for (int y = 0; y < ROW; y++) {
            drawn +=
                    Ink.luminance(new Color(picture.getRGB(x(picture, share), rowTop + row * PITCH + y))) < paper - 0.05
                            ? 1
                            : 0;
        }
        return (double) drawn / ROW;
    }

    /** Surer windows stand out, and the doubtful ones can still be seen and read. */
    @Test
    void whatIsLessSureIsPaler() {
        BufferedImage picture = TimelinePicture.draw(
                List.of(),
                List.of("a"),
                new double[] {0, 5},
                new double[] {5, 10},
                new float[][] {{1}, {0.4f}},
                List.of(new Segment(0, 5, "a", 1), new Segment(5, 10, "a", 0.4)));
        for (int y : new int[] {TOP + 3, TOP + BAR + ROW - 4}) {
            Color sure = new Color(picture.getRGB(x(picture, 0.4), y));
            Color doubtful = new Color(picture.getRGB(x(picture, 0.9), y));
            assertThat(sure).isEqualTo(Ink.series(0));
            assertThat(doubtful).isEqualTo(Ink.mixed(Color.WHITE, Ink.series(0), 0.55));
        }
        for (int series = 0; series < 8; series++) {
            for (double score = 0; score <= 1; score += 0.05) {
                Color faded = TimelinePicture.faded(Ink.series(series), score);
                assertThat(contrast(Ink.on(faded), faded)).isGreaterThan(4.4);
            }
        }
    }

    private static double contrast(Color a, Color b) {
        double one = Ink.luminance(a) + 0.05;
        double other = Ink.luminance(b) + 0.05;
        return Math.max(one, other) / Math.min(one, other);
    }

    private static Frames grey(int level) {
        byte[] rgb = new byte[36 * 64 * 3];
        Arrays.fill(rgb, (byte) level);
        return Frames.image(36, 64, rgb);
    }

    @Test
    void aRowIsAsHighAsTheScoreOfTheWindow() {
        float[][] scores = {{0.8f, 0.2f}, {0.5f, 0.5f}, {0.1f, 0.9f}};
        BufferedImage picture = TimelinePicture.draw(
                List.of(), List.of("a", "b"), new double[] {0, 2, 4}, new double[] {2, 4, 6}, scores, List.of());
        for (int window = 0; window < 3; window++) {
            for (int row = 0; row < 2; row++) {
                assertThat(height(picture, TOP, row, (window + 0.4) / 3))
                        .as("class %d in window %d", row, window)
                        .isCloseTo(scores[window][row], within(0.05));
            }
        }
    }

    @Test
    void whereWindowsOverlapTheirMeanIsShown() {
        BufferedImage picture = TimelinePicture.draw(
                List.of(),
                List.of("a"),
                new double[] {0, 4},
                new double[] {6, 10},
                new float[][] {{1}, {0.5f}},
                List.of());
        assertThat(height(picture, TOP, 0, 0.2)).isEqualTo(1);
        assertThat(height(picture, TOP, 0, 0.5)).isCloseTo(0.75, within(0.05));
        assertThat(height(picture, TOP, 0, 0.8)).isCloseTo(0.5, within(0.05));
    }

    @Test
    void whereNoWindowLookedTheRowIsWhite() {
        BufferedImage picture = TimelinePicture.draw(
                List.of(),
                List.of("a"),
                new double[] {0, 8},
                new double[] {2, 10},
                new float[][] {{0.5f}, {0.5f}},
                List.of());
        assertThat(picture.getRGB(x(picture, 0.51), TOP + ROW / 2)).isEqualTo(WHITE);
        assertThat(picture.getRGB(x(picture, 0.11), TOP + 3)).isNotEqualTo(WHITE);
    }

    @Test
    void segmentsHaveTheColourOfTheirClass() {
        BufferedImage picture = TimelinePicture.draw(
                List.of(),
                List.of("a", "b"),
                new double[] {0},
                new double[] {10},
                new float[][] {{0.5f, 0.5f}},
                List.of(new Segment(0, 4, "b", 1), new Segment(4, 6, "unheard of", 1), new Segment(6, 9, "a", 1)));
        assertThat(picture.getRGB(x(picture, 0.39), TOP + 3))
                .isEqualTo(Ink.series(1).getRGB());
        Color other = new Color(picture.getRGB(x(picture, 0.59), TOP + 3));
        assertThat(other).isNotEqualTo(Color.WHITE).isNotEqualTo(Ink.series(0)).isNotEqualTo(Ink.series(1));
        assertThat(picture.getRGB(x(picture, 0.89), TOP + 3))
                .isEqualTo(Ink.series(0).getRGB());
        assertThat(picture.getRGB(x(picture, 0.95), TOP + 3)).isEqualTo(WHITE);
    }

    @Test
    void picturesStandAtTheirTimeAndDoNotCoverOneAnother() {
        List<Thumbnail> thumbnails = new ArrayList<>();
        for (int second = 0; second <= 100; second++) {
            thumbnails.add(new Thumbnail(second, grey(second)));
        }
        BufferedImage picture = TimelinePicture.draw(
                thumbnails, List.of("a"), new double[] {0}, new double[] {100}, new float[][] {{1}}, List.of());
        List<Integer> shown = new ArrayList<>();
        for (int x = x(picture, 0); x < x(picture, 1); x++) {
            int rgb = picture.getRGB(x, TOP + 36);
            int level = rgb & 255;
            if (rgb != WHITE && !shown.contains(level)) {
                shown.add(level);
                // 128 px wide, its middle at its second, or pushed inwards.
                double middle = Math.max(64, Math.min(PLOT - 64, level / 100.0 * PLOT));
                assertThat((double) (x - x(picture, 0))).isCloseTo(middle - 64, within(2.0));
            }
        }
        assertThat(shown).hasSizeBetween(5, 6).isSorted().first().isEqualTo(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 500, 5000})
    void isOfOneSizeForAnyNumberOfWindows(int windows) {
        double[] starts = new double[windows];
        double[] ends = new double[windows];
        float[][] scores = new float[windows][2];
        List<Segment> segments = new ArrayList<>(List.of(new Segment(0, 0, "a", 1)));
        for (int i = 0; i < windows; i++) {
            starts[i] = i * 0.5;
            ends[i] = starts[i] + 2;
            scores[i][i % 2] = 1;
            segments.add(new Segment(starts[i], starts[i] + 0.5, i % 2 == 0 ? "a" : "b", 1));
        }
        BufferedImage picture = TimelinePicture.draw(
                List.of(new Thumbnail(0, grey(9))), List.of("a", "b"), starts, ends, scores, segments);
        assertThat(picture.getHeight()).isEqualTo(TOP + STRIP + BAR + 2 * PITCH + 36);
        assertThat(picture.getWidth()).isBetween(PLOT + RIGHT, 1110);
        if (windows > 1) {
            assertThat(height(picture, TOP + STRIP + BAR, 0, 0.5)).isBetween(0.3, 0.7);
        }
    }

    @Test
    void refusesWhatDoesNotFitTogether() {
        List<String> one = List.of("a");
        assertThatThrownBy(() ->
                        TimelinePicture.draw(List.of(), one, new double[2], new double[1], new float[2][1], List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("windows need a start, an end and scores each, got 2, 1 and 2");
        assertThatThrownBy(() ->
                        TimelinePicture.draw(List.of(), one, new double[1], new double[1], new float[1][3], List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("1 classes need as many scores, got 3 in window 0");
        assertThatThrownBy(() -> TimelinePicture.draw(
                        List.of(), one, new double[] {2}, new double[] {1}, new float[1][1], List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a window must end after it starts, number 0 runs from 2.0 to 1.0");
        assertThatThrownBy(() -> new Segment(2, 1, "a", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a segment must end after it starts, a runs from 2.0 to 1.0");
        assertThatThrownBy(() -> new Segment(1, 2, "a", 1.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the score of a segment lies between 0 and 1, that of a is 1.5");
        assertThatThrownBy(() -> new Thumbnail(0, new Frames(2, 1, 1, new byte[6])))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a thumbnail is one frame, got 2");
    }
}
