package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShortSideJitterTest {
    private static final ShortSideJitter UNIFORM = new ShortSideJitter(256, 320, false, 224, Resize.Filter.BILINEAR);
    private static final ShortSideJitter INVERSE = new ShortSideJitter(256, 320, true, 224, Resize.Filter.BILINEAR);
    private static final int DRAWS = 50_000;

    static LongStream seeds() {
        return LongStream.range(0, 50);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void cutsASquareOutOfTheResizedFrames(long seed) {
        SplittableRandom sizes = new SplittableRandom(seed);
        Frames clip = Pictures.noise(2, 20 + sizes.nextInt(30), 20 + sizes.nextInt(30), seed);
        byte[] before = clip.rgb().clone();
        ShortSideJitter jitter = new ShortSideJitter(24, 40, seed % 2 == 0, 22, Resize.Filter.BILINEAR);

        Frames result = jitter.apply(clip, new SplittableRandom(seed)).frames();

        SplittableRandom random = new SplittableRandom(seed);
        int shortSide = jitter.drawShortSide(random);
        boolean tall = clip.height() > clip.width();
        int height = tall ? shortSide * clip.height() / clip.width() : shortSide;
        int width = tall ? shortSide : shortSide * clip.width() / clip.height();
        Box square = jitter.drawSquare(new Scaled(height, width), random);
        Frames resized = Resize.bilinear(clip, Box.whole(clip), height, width);
        assertThat(result.height()).isEqualTo(22);
        assertThat(result.width()).isEqualTo(22);
        assertThat(result.rgb()).isEqualTo(Pictures.cut(resized, square).rgb());
        assertThat(clip.rgb()).as("the input is left alone").isEqualTo(before);
    }

    @Test
    void shortSidesAreUniformButForTheTwoEnds() {
        int[] counts = shortSides(UNIFORM, 1);

        for (int side = 256; side <= 320; side++) {
            double share = side == 256 || side == 320 ? 0.5 / 64 : 1.0 / 64;
            assertThat(counts[side] / (double) DRAWS).as("%d px", side).isCloseTo(share, within(fiveErrors(share)));
        }
    }

    @Test
    void inverseShortSidesAreUniformInOneOverTheLength() {
        int[] counts = shortSides(INVERSE, 2);

        double range = 1.0 / 256 - 1.0 / 320;
        for (int side = 256; side <= 320; side++) {
            double from = Math.max(256, side - 0.5);
            double to = Math.min(320, side + 0.5);
            double share = (1 / from - 1 / to) / range;
            assertThat(counts[side] / (double) DRAWS).as("%d px", side).isCloseTo(share, within(fiveErrors(share)));
        }
    }

    @Test
    void takesEveryPlaceEquallyOftenTheLastIncluded() {
        ShortSideJitter jitter = new ShortSideJitter(8, 8, false, 5, Resize.Filter.BILINEAR);
        SplittableRandom random = new SplittableRandom(3);
        int[][] counts = new int[4][6];
        Set<Integer> sides = new HashSet<>();
        for (int i = 0; i < DRAWS; i++) {
            Box box = jitter.drawSquare(new Scaled(8, 10), random);
            counts[box.top()][box.left()]++;
            sides.add(box.height());
            sides.add(box.width());
        }
        for (int[] row : counts) {
            for (int count : row) {
                assertThat(count / (double) DRAWS).isCloseTo(1 / 24.0, within(fiveErrors(1 / 24.0)));
            }
        }
        assertThat(sides).containsExactly(5);
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        assertThatThrownBy(() -> new ShortSideJitter(200, 320, false, 224, Resize.Filter.BILINEAR))
                .hasMessageContaining("side 224 from short sides of 200 to 320");
        assertThatThrownBy(() -> new ShortSideJitter(320, 256, false, 224, Resize.Filter.BILINEAR))
                .hasMessageContaining("320 to 256");
        assertThatThrownBy(() -> new ShortSideJitter(256, 320, false, 0, Resize.Filter.BILINEAR))
                .hasMessageContaining("at least 1");
    }

    private static int[] shortSides(ShortSideJitter jitter, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] counts = new int[321];
        for (int i = 0; i < DRAWS; i++) {
            int side = jitter.drawShortSide(random);
            assertThat(side).isBetween(256, 320);
            counts[side]++;
        }
        return counts;
    }

    /** Five standard errors of a share. */
    private static double fiveErrors(double share) {
        return 5 * Math.sqrt(share * (1 - share) / DRAWS);
    }
}
