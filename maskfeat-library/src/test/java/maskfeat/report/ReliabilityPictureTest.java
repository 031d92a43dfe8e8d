package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class ReliabilityPictureTest {
    private static final int LEFT = 64;
    private static final int TOP = 16;
    private static final int SIDE = 420;
    private static final int COUNTS_BASE = TOP + SIDE + 26 + 90;
    private static final int ACCURACY = 0xffb7d2ea;
    private static final int TOO_SURE = 0xfff0a868;
    private static final int TOO_UNSURE = 0xff6da3d3;
    private static final int BAR = 0xff646b73;

    // Bins of a fifth each: empty, too sure, too unsure, right, with ten times as many samples.
    private static final BufferedImage PICTURE = ReliabilityPicture.draw(
            new double[] {Double.NaN, 0.35, 0.5, 0.7, 0.9},
            new double[] {Double.NaN, 0.15, 0.95, 0.7, 0.9},
            new long[] {0, 10, 10, 10, 100},
            0.0321);

    /** A point of the plot, in the left part of the bin, where neither dot nor line is. */
    private static int at(int bin, double share) {
        return PICTURE.getRGB(LEFT + bin * SIDE / 5 + 6, (int) Math.round(TOP + (1 - share) * SIDE));
    }

    private static int countAt(int bin, int above) {
        return PICTURE.getRGB(LEFT + bin * SIDE / 5 + 40, COUNTS_BASE - above);
    }

    @Test
    void aBarIsAsHighAsTheAccuracy() {
        assertThat(at(4, 0.1)).isEqualTo(ACCURACY);
        assertThat(at(4, 0.87)).isEqualTo(ACCURACY);
        assertThat(at(4, 0.93)).isEqualTo(0xffffffff);
    }

    @Test
    void whatIsClaimedTooMuchStandsOnTheBar() {
        assertThat(at(1, 0.12)).isEqualTo(ACCURACY);
        assertThat(at(1, 0.18)).isEqualTo(TOO_SURE);
        assertThat(at(1, 0.33)).isEqualTo(TOO_SURE);
        assertThat(at(1, 0.37)).isEqualTo(0xffffffff);
    }

    @Test
    void whatIsClaimedTooLittleIsTheTopOfTheBar() {
        assertThat(at(2, 0.47)).isEqualTo(ACCURACY);
        assertThat(at(2, 0.53)).isEqualTo(TOO_UNSURE);
        assertThat(at(2, 0.93)).isEqualTo(TOO_UNSURE);
    }

    @Test
    void anEmptyBinHasNoBar() {
        for (double share = 0.22; share < 0.9; share += 0.01) {
            assertThat(at(0, share)).isNotIn(ACCURACY, TOO_SURE, TOO_UNSURE);
        }
        assertThat(countAt(0, 3)).isEqualTo(0xffffffff);
    }

    @Test
    void countsAreBarsBelow() {
        assertThat(countAt(4, 85)).isEqualTo(BAR);
        assertThat(countAt(3, 5)).isEqualTo(BAR);
        assertThat(countAt(3, 13)).isEqualTo(0xffffffff);
    }

    @Test
    void needsNoSampleAndNoError() {
        BufferedImage none = ReliabilityPicture.draw(
                new double[] {Double.NaN}, new double[] {Double.NaN}, new long[] {0}, Double.NaN);
        assertThat(none.getWidth()).isEqualTo(PICTURE.getWidth());
        assertThat(none.getHeight()).isEqualTo(PICTURE.getHeight());
    }

    @Test
    void refusesBinsThatAreNone() {
        assertThatThrownBy(() -> ReliabilityPicture.draw(new double[2], new double[2], new long[3], 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bins need a confidence, an accuracy and a count each, got 2, 2 and 3");
        assertThatThrownBy(() -> ReliabilityPicture.draw(new double[] {50}, new double[] {0.5}, new long[] {1}, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("confidence and accuracy lie between 0 and 1, bin 0 has 50.0 and 0.5");
        assertThatThrownBy(() -> ReliabilityPicture.draw(new double[1], new double[1], new long[] {-1}, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("counts must not be negative, got [-1]");
    }
}
