package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.awt.Color;
import java.awt.Font;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfusionPictureTest {
    private static final int PURE = Ink.right(1).getRGB();

    private static List<String> classes(int count) {
        return IntStream.range(0, count).mapToObj(i -> "class " + i).toList();
    }

    private static long[][] diagonal(int size) {
        long[][] counts = new long[size][size];
        for (int i = 0; i < size; i++) {
            counts[i][i] = 5;
        }
        return counts;
    }

    /** The matrix on the paper, found by its first cell, all of whose samples are right. */
    private record Matrix(BufferedImage picture, int left, int top, int cell) {
        static Matrix of(long[][] counts) {
            BufferedImage picture = ConfusionPicture.draw(classes(counts.length), counts);
            for (int y = 0; y < picture.getHeight(); y++) {
                for (int x = 0; x < picture.getWidth(); x++) {
                    if (picture.getRGB(x, y) == PURE) {
                        int height = 0;
                        while (picture.getRGB(x, y + height) == PURE) {
                            height++;
                        }
                        return new Matrix(picture, x, y, counts.length > 64 ? height : height + 1);
                    }
                }
            }
            throw new AssertionError("no cell is all right");
        }

        /** In the corner of the cell, where no number stands. */
        int at(int row, int column) {
            return picture.getRGB(left + column * cell, top + row * cell);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 15, 30, 60, 65, 101, 400})
    void theDiagonalIsBlueAndTheRestEmptyWhereAllIsRight(int size) {
        Matrix matrix = Matrix.of(diagonal(size));
        for (int i = 0; i < size; i++) {
            assertThat(matrix.at(i, i)).as("class " + i).isEqualTo(PURE);
            if (i > 0) {
                assertThat(matrix.at(i, 0)).isEqualTo(Ink.EMPTY.getRGB());
                assertThat(matrix.at(0, i)).isEqualTo(Ink.EMPTY.getRGB());
            }
        }
        assertThat(matrix.picture().getWidth()).isBetween(300, 1110);
        assertThat(matrix.picture().getHeight()).isBetween(150, 1110);
    }

    @Test
    void rowsAreTheTruthAndShadesTheirShares() {
        long[][] counts = diagonal(3);
        counts[1] = new long[] {0, 5, 5};
        counts[2] = new long[] {1_000_000, 0, 0};
        Matrix matrix = Matrix.of(counts);
        assertThat(matrix.at(1, 1)).isNotEqualTo(PURE).isNotEqualTo(Ink.EMPTY.getRGB());
        assertThat(matrix.at(2, 0)).isEqualTo(Ink.wrong(1).getRGB());
        assertThat(matrix.at(2, 2)).isEqualTo(Ink.EMPTY.getRGB());
        // Half of a row is half, of however many samples.
        assertThat(isOrange(matrix.at(1, 2))).isTrue();
        assertThat(matrix.at(1, 2)).isNotEqualTo(Ink.wrong(1).getRGB());
    }

    @Test
    void oneErrorInAHundredIsSeen() {
        long[][] counts = diagonal(400);
        counts[7][8] = 1;
        counts[7][7] = 99;
        Color seen = new Color(Matrix.of(counts).at(7, 8));
        assertThat(Ink.EMPTY.getBlue() - seen.getBlue()).isGreaterThan(10);
        assertThat(isOrange(seen.getRGB())).isTrue();
    }

    private static boolean isOrange(int rgb) {
        Color colour = new Color(rgb);
        return colour.getRed() > colour.getGreen() && colour.getGreen() > colour.getBlue();
    }

    @Test
    void aClassWithoutSamplesIsEmpty() {
        long[][] counts = diagonal(4);
        counts[2][2] = 0;
        Matrix matrix = Matrix.of(counts);
        for (int column = 0; column < 4; column++) {
            assertThat(matrix.at(2, column)).isEqualTo(Ink.EMPTY.getRGB());
        }
    }

    @Test
    void largeCellsCarryNumbersAndSmallOnesDoNot() {
        assumeThat(Lettering.FONTS).isTrue();
        assertThat(coloursInFirstCell(Matrix.of(diagonal(2)))).isGreaterThan(1);
        assertThat(coloursInFirstCell(Matrix.of(diagonal(20)))).isGreaterThan(1);
        assertThat(coloursInFirstCell(Matrix.of(diagonal(60)))).isEqualTo(1);
        assertThat(coloursInFirstCell(Matrix.of(diagonal(100)))).isEqualTo(1);
    }

    private static long coloursInFirstCell(Matrix matrix) {
        int side = Math.max(1, matrix.cell() - 1);
        return IntStream.range(0, side * side)
                .map(i -> matrix.picture().getRGB(matrix.left() + i % side, matrix.top() + i / side))
                .distinct()
                .count();
    }

    @Test
    void numbersCanBeReadOnEveryShade() {
        for (int i = 0; i <= 100; i++) {
            for (Color shade : List.of(Ink.right(i / 100.0), Ink.wrong(i / 100.0))) {
                assertThat(contrast(shade, Ink.on(shade)))
                        .as("%d %% of %s", i, shade)
                        .isGreaterThan(4);
            }
        }
        for (int i = 0; i < 8; i++) {
            assertThat(contrast(Ink.series(i), Color.WHITE)).as("series " + i).isGreaterThan(4);
        }
    }

    /** As the Web Content Accessibility Guidelines define it, 1 to 21. */
    private static double contrast(Color a, Color b) {
        double light = Math.max(Ink.luminance(a), Ink.luminance(b));
        double dark = Math.min(Ink.luminance(a), Ink.luminance(b));
        return (light + 0.05) / (dark + 0.05);
    }

    @Test
    void aLongNameIsShortenedAtItsEnd() {
        assumeThat(Lettering.FONTS).isTrue();
        Lettering lettering = new Lettering(Font.PLAIN, 13, Color.BLACK);
        String name = "tying a knot (not on a tie)";
        assertThat(lettering.shortened(name, 1000)).isEqualTo(name);
        assertThat(lettering.shortened(name, 80)).startsWith("tying").endsWith("...");
        assertThat(lettering.width(lettering.shortened(name, 80))).isLessThanOrEqualTo(80);
        assertThat(lettering.shortened("", 80)).isEmpty();
    }

    @Test
    void longNamesDoNotWidenThePaperWithoutEnd() {
        List<String> names = List.of("x".repeat(5000), "y".repeat(5000));
        assertThat(ConfusionPicture.draw(names, diagonal(2)).getWidth()).isLessThan(600);
    }

    @Test
    void refusesWhatIsNoMatrixOfTheClasses() {
        assertThatThrownBy(() -> ConfusionPicture.draw(List.of(), new long[0][0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one class");
        assertThatThrownBy(() -> ConfusionPicture.draw(classes(3), diagonal(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("3 classes need as many rows, got 2");
        assertThatThrownBy(() -> ConfusionPicture.draw(classes(2), new long[][] {{1, 2}, {1}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("2 classes need as many columns, got 1 in row 1");
        assertThatThrownBy(() -> ConfusionPicture.draw(classes(1), new long[][] {{-1}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("counts must not be negative, got [-1] in row 0");
    }
}
