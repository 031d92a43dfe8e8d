package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import maskfeat.feature.FeatureView;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureSheetTest {
    private static final int SIDE = 64;
    private static final int BINS = 9;

    /** Grey picture of a soft edge through the middle, {@code degrees} up from the right. */
    private static Frames slantedEdge(double degrees) {
        double angle = Math.toRadians(degrees);
        byte[] rgb = new byte[SIDE * SIDE * 3];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                // Rows count downwards, hence the minus: up is towards row 0.
                double right = x - (SIDE - 1) / 2.0;
                double up = -(y - (SIDE - 1) / 2.0);
                double across = -Math.sin(angle) * right + Math.cos(angle) * up;
                int grey = (int) Math.round(128 + 100 * Math.tanh(across / 2));
                Arrays.fill(rgb, (y * SIDE + x) * 3, (y * SIDE + x) * 3 + 3, (byte) grey);
            }
        }
        return Frames.image(SIDE, SIDE, rgb);
    }

    /** Histograms straight from the definition, of the first colour. */
    private static FeatureView.Histograms hog(Frames image) {
        int cells = SIDE / 8;
        float[] values = new float[cells * cells * BINS];
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                double gx = 0;
                double gy = 0;
                for (int d = -1; d <= 1; d++) {
                    gx += (2 - Math.abs(d)) * (grey(image, y + d, x - 1) - grey(image, y + d, x + 1));
                    gy += (2 - Math.abs(d)) * (grey(image, y - 1, x + d) - grey(image, y + 1, x + d));
                }
                int bin = Math.floorMod((int) Math.floor(Math.atan2(gx, gy) / Math.PI * BINS), BINS);
                values[(y / 8 * cells + x / 8) * BINS + bin] += (float) Math.hypot(gx, gy);
            }
        }
        for (int cell = 0; cell < cells * cells; cell++) {
            double square = 0;
            for (int b = 0; b < BINS; b++) {
                square += values[cell * BINS + b] * values[cell * BINS + b];
            }
            for (int b = 0; b < BINS; b++) {
                values[cell * BINS + b] /= (float) Math.max(1e-12, Math.sqrt(square));
            }
        }
        return new FeatureView.Histograms(cells, cells, BINS, values);
    }

    private static double grey(Frames image, int y, int x) {
        return image.rgb()[image.at(0, reflected(y), reflected(x))] & 255;
    }

    private static int reflected(int i) {
        return i < 0 ? -i : i >= SIDE ? 2 * SIDE - 2 - i : i;
    }

    /** Direction of what is bright in a square of the picture, degrees up from the right, by second moments. */
    private static double direction(BufferedImage picture, int left, int top, int side) {
        double xx = 0;
        double yy = 0;
        double xy = 0;
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                double light = picture.getRGB(left + x, top + y) & 255;
                double right = x - (side - 1) / 2.0;
                double up = (side - 1) / 2.0 - y;
                xx += light * right * right;
                yy += light * up * up;
                xy += light * right * up;
            }
        }
        return Math.toDegrees(Math.atan2(2 * xy, xx - yy) / 2);
    }

    private static double turnBetween(double a, double b) {
        return Math.abs(((a - b) % 180 + 270) % 180 - 90);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 15, 30, 50, 60, 75, 90, 110, 120, 135, 150, 165, 179})
    void theStrongestStrokeRunsAlongTheEdge(double degrees) {
        FeatureView.Histograms hog = hog(slantedEdge(degrees));
        BufferedImage glyphs =
                FeaturePainter.scaledTo(List.of(hog), PanelSize.SHEET).paint(hog);
        int cell = glyphs.getWidth() / 8;
        // The cells that the edge crosses: up and down from the middle, or left and right of it.
        boolean steep = degrees > 45 && degrees < 135;
        for (int at : new int[] {2, 3, 4, 5}) {
            double along = (at + 0.5 - 4) * 8;
            double across = along / Math.tan(Math.toRadians(degrees));
            int column = steep ? (int) Math.floor((SIDE / 2.0 - across) / 8) : at;
            int row = steep ? at : (int) Math.floor((SIDE / 2.0 - along * Math.tan(Math.toRadians(degrees))) / 8);
            assertThat(turnBetween(direction(glyphs, column * cell, row * cell, cell), degrees))
                    .as("cell %d, %d of an edge at %.0f degrees", row, column, degrees)
                    .isLessThan(11);
        }
    }

    @Test
    void aPictureThatChangesDownwardsOnlyHasHorizontalStrokes() {
        float[] values = new float[BINS];
        values[0] = 1;
        FeatureView.Histograms vertical = new FeatureView.Histograms(1, 1, BINS, values);
        BufferedImage glyph =
                FeaturePainter.scaledTo(List.of(vertical), PanelSize.SHEET).paint(vertical);
        assertThat(turnBetween(direction(glyph, 0, 0, glyph.getWidth()), 10)).isLessThan(1);
    }

    @Test
    void strongerBinsAreBrighter() {
        float[] values = {0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0.5f, 0, 0, 0, 0};
        FeatureView.Histograms two = new FeatureView.Histograms(1, 2, BINS, values);
        BufferedImage glyphs =
                FeaturePainter.scaledTo(List.of(two), PanelSize.SHEET).paint(two);
        int half = glyphs.getWidth() / 2;
        int middle = glyphs.getHeight() / 2;
        assertThat(glyphs.getRGB(half / 2, middle) & 255).isEqualTo(255);
        assertThat(glyphs.getRGB(half + half / 2, middle) & 255).isEqualTo(128);
    }

    @Test
    void aPictureWithoutGradientsIsBlack() {
        FeatureView.Histograms flat = new FeatureView.Histograms(2, 2, BINS, new float[4 * BINS]);
        BufferedImage glyphs =
                FeaturePainter.scaledTo(List.of(flat), PanelSize.SHEET).paint(flat);
        for (int y = 0; y < glyphs.getHeight(); y++) {
            for (int x = 0; x < glyphs.getWidth(); x++) {
                assertThat(glyphs.getRGB(x, y) & 0xffffff).isZero();
            }
        }
    }

    private static PictureSample sample(long seed) {
        Random random = new Random(seed);
        byte[] rgb = new byte[SIDE * SIDE * 3];
        random.nextBytes(rgb);
        Frames image = Frames.image(SIDE, SIDE, rgb);
        boolean[] hidden = new boolean[16];
        hidden[5] = true;
        hidden[6] = true;
        FeatureView target = hog(image);
        float[] other = new float[8 * 8 * BINS];
        Arrays.fill(other, 0.3f);
        return new PictureSample(
                "a.jpg", image, Grid.of(4, 4), hidden, target, new FeatureView.Histograms(8, 8, BINS, other), 0.08);
    }

    private static Panels panels(PictureSample sample) {
        return new Panels(sample, FeaturePainter.scaledTo(List.of(sample.target()), PanelSize.SHEET));
    }

    private static boolean same(BufferedImage a, BufferedImage b, int left, int top, int width, int height) {
        return Arrays.equals(
                a.getRGB(left, top, width, height, null, 0, width), b.getRGB(left, top, width, height, null, 0, width));
    }

    @Test
    void onlyHiddenTokensAreCovered() {
        Panels row = panels(sample(1));
        BufferedImage image = row.drawn().get(0);
        BufferedImage seen = row.drawn().get(1);
        int token = row.width() / 4;
        for (int n = 0; n < 16; n++) {
            int left = n % 4 * token;
            int top = n / 4 * token;
            if (n == 5 || n == 6) {
                assertThat(seen.getRGB(left + token / 2, top + token / 2)).isEqualTo(0xff80858b);
                assertThat(seen.getRGB(left + 1, top + token - 2)).isEqualTo(0xff80858b);
            } else {
                assertThat(same(image, seen, left, top, token, token))
                        .as("token " + n)
                        .isTrue();
            }
        }
    }

    @Test
    void thePredictionIsShownInHiddenTokensAndNowhereElse() {
        PictureSample one = sample(1);
        PictureSample two = new PictureSample(
                one.name(), one.image(), one.grid(), one.hidden(), one.target(), one.target(), one.loss());
        BufferedImage first = panels(one).drawn().get(3);
        BufferedImage second = panels(two).drawn().get(3);
        BufferedImage target = panels(two).drawn().get(2);
        int token = first.getWidth() / 4;
        for (int n = 0; n < 16; n++) {
            boolean hidden = n == 5 || n == 6;
            assertThat(same(first, second, n % 4 * token, n / 4 * token, token, token))
                    .isEqualTo(!hidden);
            assertThat(same(target, second, n % 4 * token, n / 4 * token, token, token))
                    .isEqualTo(hidden);
        }
    }

    @Test
    void theHiddenRegionHasABorderWithoutInnerLines() {
        BufferedImage target = panels(sample(1)).drawn().get(2);
        int token = target.getWidth() / 4;
        int amber = 0xffffb000;
        assertThat(target.getRGB(token, token + token / 2)).isEqualTo(amber);
        assertThat(target.getRGB(3 * token - 1, token + token / 2)).isEqualTo(amber);
        assertThat(target.getRGB(token + token / 2, token)).isEqualTo(amber);
        assertThat(target.getRGB(2 * token, token + token / 2)).isNotEqualTo(amber);
    }

    @Test
    void pixelTargetsAreStretchedToTheTargetsRange() {
        float[] values = new float[SIDE * SIDE * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 3 % SIDE < SIDE / 2 ? -2f : 3f;
        }
        float[] beyond = new float[values.length];
        Arrays.fill(beyond, 0, beyond.length / 2, 100f);
        Arrays.fill(beyond, beyond.length / 2, beyond.length, 0.5f);
        FeatureView target = new FeatureView.Pixels(SIDE, SIDE, values);
        FeaturePainter painter = FeaturePainter.scaledTo(List.of(target), PanelSize.SHEET);
        BufferedImage shown = painter.paint(target);
        assertThat(shown.getRGB(0, 0) & 0xffffff).isZero();
        assertThat(shown.getRGB(shown.getWidth() - 1, 0) & 0xffffff).isEqualTo(0xffffff);
        BufferedImage prediction = painter.paint(new FeatureView.Pixels(SIDE, SIDE, beyond));
        assertThat(prediction.getRGB(0, 0) & 0xffffff).isEqualTo(0xffffff);
        assertThat(prediction.getRGB(0, prediction.getHeight() - 1) & 0xffffff).isEqualTo(0x808080);
    }

    @Test
    void cellsAreLargeEnoughToSee() {
        FeatureView small = new FeatureView.Histograms(28, 28, BINS, new float[28 * 28 * BINS]);
        assertThat(FeaturePainter.scaledTo(List.of(small), PanelSize.SHEET).width())
                .isEqualTo(28 * 16);
    }

    @Test
    void aSheetHasARowForEachSampleUnderOneHeader() {
        BufferedImage one = PictureSheet.draw(sample(1));
        BufferedImage two = PictureSheet.draw(List.of(sample(1), sample(2)));
        BufferedImage three = PictureSheet.draw(List.of(sample(1), sample(2), sample(3)));
        assertThat(two.getWidth()).isEqualTo(one.getWidth());
        assertThat(three.getHeight() - two.getHeight()).isEqualTo(two.getHeight() - one.getHeight());
        assertThat(two.getHeight()).isLessThan(2 * one.getHeight());
    }

    @Test
    void eachTargetHasASectionWithItsOwnTitles() {
        List<PictureSample> ofHistograms = List.of(sample(1), sample(2));
        PictureSample first = sample(1);
        FeatureView colours = new FeatureView.Cells("token", 4, 4, new float[4 * 4 * 3]);
        List<PictureSample> ofTokens = List.of(new PictureSample(
                first.name(), first.image(), first.grid(), first.hidden(), colours, colours, first.loss()));
        BufferedImage above = PictureSheet.draw(ofHistograms);
        BufferedImage below = PictureSheet.draw(ofTokens);
        BufferedImage both = PictureSheet.sections(List.of(ofHistograms, ofTokens));
        assertThat(both.getWidth()).isEqualTo(Math.max(above.getWidth(), below.getWidth()));
        // The first section is the sheet that it is alone; the second is below, and covers none of it.
        int end = above.getHeight() - Paper.MARGIN / 2;
        assertThat(part(both, 0, end, above.getWidth())).isEqualTo(part(above, 0, end, above.getWidth()));
        int rest = both.getHeight() - below.getHeight();
        assertThat(rest).isGreaterThanOrEqualTo(end);
        assertThat(part(both, rest, below.getHeight(), below.getWidth()))
                .isEqualTo(part(below, 0, below.getHeight(), below.getWidth()));
    }

    private static int[] part(BufferedImage of, int top, int height, int width) {
        return of.getRGB(0, top, width, height, null, 0, width);
    }

    @Test
    void theSameSampleGivesTheSameBytes() {
        assertThat(PngBytes.encode(PictureSheet.draw(sample(4))))
                .isEqualTo(PngBytes.encode(PictureSheet.draw(sample(4))));
    }

    @Test
    void refusesWhatDoesNotFitTogether() {
        PictureSample s = sample(1);
        assertThatThrownBy(() -> new PictureSample(
                        s.name(), s.image(), Grid.of(3, 3), s.hidden(), s.target(), s.prediction(), 0))
                .hasMessage("the grid 3x3 needs 9 mask entries, got 16");
        FeatureView pixels = new FeatureView.Pixels(SIDE, SIDE, new float[SIDE * SIDE * 3]);
        assertThatThrownBy(() -> new PictureSample(s.name(), s.image(), s.grid(), s.hidden(), s.target(), pixels, 0))
                .hasMessage(
                        "target and prediction must have the same layout, got 8 x 8 cells of 9 bins and 64 x 64 pixels");
        assertThatThrownBy(() -> PictureSheet.draw(List.of())).hasMessageContaining("at least one");
    }

    @Test
    void titlesBreakBetweenWords() {
        assumeThat(Lettering.FONTS).isTrue();
        FontMetrics metrics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB)
                .createGraphics()
                .getFontMetrics(new Font(Font.SANS_SERIF, Font.BOLD, 16));
        String text = "what the network saw";
        int width = metrics.stringWidth("what the network");
        assertThat(Lettering.lines(text, metrics, width)).containsExactly("what the network", "saw");
        assertThat(Lettering.lines(text, metrics, width - 1)).containsExactly("what the", "network saw");
        assertThat(Lettering.lines(text, metrics, 1)).containsExactly("what", "the", "network", "saw");
    }

    @Test
    void aMachineWithoutFontsStillDraws() {
        assertThat(Lettering.works(() -> {
                    throw new InternalError("Fontconfig head is null, check your fonts or fonts configuration");
                }))
                .isFalse();
        assertThat(Lettering.works(() -> {})).isTrue();
    }
}
