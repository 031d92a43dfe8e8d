package maskfeat.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import maskfeat.augment.Box;
import maskfeat.augment.Cutout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which part of a picture's map a sample's tokens take, and where. */
class LabelCropTest {
    private static final int CLASSES = 12;

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    /** One class, whose score in a cell is its place: a plane, which a mean of mixtures keeps. */
    private static LabelMap plane(int rows, int columns) {
        float[] scores = new float[rows * columns];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = i / columns + 100f * (i % columns);
        }
        return new LabelMap(1, 1, rows, columns, scores, new int[scores.length]);
    }

    private static float score(LabelCrop crop, int row, int column, int rows, int columns) {
        float[] into = new float[3];
        crop.scores(row, rows, column, columns, into, 1);
        assertThat(into[0]).isZero();
        assertThat(into[2]).isZero();
        return into[1];
    }

    /** Crops away from the border of a picture of 180 x 360 px, whose map has cells of 10 x 20 px. */
    @ParameterizedTest
    @MethodSource("seeds")
    void aTokenTakesWhatLiesUnderItsMiddle(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Box box = new Box(
                10 + random.nextInt(70), 20 + random.nextInt(140), 20 + random.nextInt(70), 40 + random.nextInt(120));
        boolean mirrored = random.nextBoolean();
        LabelCrop crop = LabelCrop.of(plane(18, 18), new Cutout(box, mirrored), 180, 360, LabelMaps.Axes.PICTURE);
        for (int row = 0; row < 4; row++) {
            for (int column = 0; column < 3; column++) {
                double y = box.top() + box.height() * (row + 0.5) / 4;
                double across = (column + 0.5) / 3;
                double x = box.left() + box.width() * (mirrored ? 1 - across : across);
                double expected = y / 10 - 0.5 + 100 * (x / 20 - 0.5); // centres of cells are whole numbers
                assertThat((double) score(crop, row, column, 4, 3)).isCloseTo(expected, within(1e-2));
            }
        }
    }

    /** Between four cells, by hand. */
    @Test
    void theWholeOfAMapOfTheSameGridMixesCellsAsRoiAlignDoes() {
        float[] scores = {1, 2, 3, 4};
        LabelMap map = new LabelMap(1, 1, 2, 2, scores, new int[4]);
        LabelCrop crop = new LabelCrop(map, 0, 0, 1, 1, false, LabelMaps.Axes.PICTURE);
        // From -0.5 to 1.5 in two tokens of one place each: the centres 0 and 1.
        assertThat(score(crop, 0, 0, 2, 2)).isEqualTo(1);
        assertThat(score(crop, 1, 0, 2, 2)).isEqualTo(3);
        // In one token two places a side, the same centres: their mean.
        assertThat(score(crop, 0, 0, 1, 1)).isEqualTo(2.5f);
        // In four tokens the places -0.25, 0.25, 0.75, 1.25, past the border as at it.
        assertThat(score(crop, 0, 0, 4, 4)).isEqualTo(1);
        assertThat(score(crop, 0, 1, 4, 4)).isEqualTo(1.25f);
        assertThat(score(crop, 1, 0, 4, 4)).isEqualTo(1.5f);
    }

    @Test
    void swappedAxesTakeThePlaceMirroredOnTheDiagonal() {
        LabelCrop right = new LabelCrop(plane(18, 18), 0.5f, 0.1f, 0.25f, 0.4f, false, LabelMaps.Axes.PICTURE);
        LabelCrop swapped = new LabelCrop(plane(18, 18), 0.1f, 0.5f, 0.4f, 0.25f, false, LabelMaps.Axes.SWAPPED);
        for (int token = 0; token < 9; token++) {
            assertThat(score(swapped, token / 3, token % 3, 3, 3)).isEqualTo(score(right, token / 3, token % 3, 3, 3));
        }
    }

    @Test
    void classesThatACellDoesNotNameHaveTheScoreZero() {
        LabelMap map = new LabelMap(CLASSES, 2, 1, 1, new float[] {3, 5}, new int[] {7, 2});
        float[] into = new float[CLASSES];
        new LabelCrop(map, 0, 0, 1, 1, false, LabelMaps.Axes.PICTURE).scores(0, 1, 0, 1, into, 0);
        float[] expected = new float[CLASSES];
        expected[7] = 3;
        expected[2] = 5;
        assertThat(into).isEqualTo(expected);
    }

    @Test
    void whatIsNoMapIsRefused() {
        assertThatThrownBy(() -> new LabelMap(CLASSES, 1, 1, 1, new float[1], new int[] {CLASSES}))
                .hasMessageContainingAll("names class 12", "there are 12 classes", "task.target.maps.classes");
        assertThatThrownBy(() -> new LabelMap(CLASSES, 1, 1, 1, new float[1], new int[] {-1}))
                .hasMessageContaining("names class -1");
        assertThatThrownBy(() -> new LabelMap(CLASSES, 2, 1, 1, new float[2], new int[] {3, 3}))
                .hasMessageContaining("names class 3 twice in row 0, column 0");
        assertThatThrownBy(() -> new LabelMap(CLASSES, 1, 1, 2, new float[] {0, Float.NaN}, new int[2]))
                .hasMessageContaining("score NaN in row 0, column 1");
    }
}
