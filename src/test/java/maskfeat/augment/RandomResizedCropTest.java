package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RandomResizedCropTest {
    private static final RandomResizedCrop PAPER = RandomResizedCrop.pretraining(224);

    static LongStream seeds() {
        return LongStream.range(0, 300);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void boxesLieWithinThePicture(long seed) {
        Random random = new Random(seed);
        double area = 0.01 + 0.99 * random.nextDouble();
        double aspect = Math.exp(4 * random.nextDouble() - 2);
        RandomResizedCrop crop = new RandomResizedCrop(
                area * random.nextDouble() + 1e-9,
                area,
                aspect,
                aspect * (1 + 3 * random.nextDouble()),
                16,
                Resize.Filter.BICUBIC);
        int height = 1 + random.nextInt(random.nextBoolean() ? 4 : 400);
        int width = 1 + random.nextInt(random.nextBoolean() ? 4 : 400);

        for (int i = 0; i < 20; i++) {
            crop.draw(height, width, random).requireWithin(height, width);
        }
    }

    @Test
    void areaIsUniformAndAspectIsUniformInItsLogarithm() {
        Random random = new Random(1);
        int draws = 20_000;
        double areas = 0;
        double squares = 0;
        double logs = 0;
        // Half the picture at most, so that no try fails and the distribution is not cut.
        RandomResizedCrop crop = new RandomResizedCrop(0.1, 0.5, 0.75, 4.0 / 3, 224, Resize.Filter.BICUBIC);
        for (int i = 0; i < draws; i++) {
            Box box = crop.draw(1000, 1000, random);
            double area = box.height() * (double) box.width() / 1e6;
            areas += area / draws;
            squares += area * area / draws;
            logs += Math.log((double) box.width() / box.height()) / draws;
            assertThat(area).isBetween(0.099, 0.501);
            assertThat((double) box.width() / box.height()).isBetween(0.745, 1.342);
        }
        // 5 standard errors of the mean of a uniform variable: 5 * range / sqrt(12 * draws).
        assertThat(areas).isCloseTo(0.3, within(5 * 0.4 / Math.sqrt(12.0 * draws)));
        assertThat(squares - areas * areas).isCloseTo(0.4 * 0.4 / 12, within(5e-4));
        assertThat(logs).isCloseTo(0, within(5 * 2 * Math.log(4.0 / 3) / Math.sqrt(12.0 * draws)));
    }

    @Test
    void reachesEveryOffsetTheLastIncluded() {
        RandomResizedCrop crop = new RandomResizedCrop(0.25, 0.25, 1, 1, 8, Resize.Filter.BICUBIC);
        Random random = new Random(2);
        Set<Box> boxes = new HashSet<>();
        for (int i = 0; i < 2000; i++) {
            boxes.add(crop.draw(8, 8, random));
        }
        assertThat(boxes).hasSize(5 * 5).contains(new Box(0, 0, 4, 4), new Box(4, 4, 4, 4), new Box(0, 4, 4, 4));
    }

    // Expected: torchvision's fallback, in Python: w = W; h = int(round(w / 0.75)); i = (H - h) // 2 and so on.
    @ParameterizedTest
    @CsvSource({"1000, 10, 493, 0, 13, 10", "10, 1000, 0, 493, 10, 13", "99, 6, 45, 0, 8, 6", "1, 100, 0, 49, 1, 1"})
    void fallsBackToTheLargestCentreBoxOfAnAllowedAspect(
            int height, int width, int top, int left, int boxHeight, int boxWidth) {
        assertThat(PAPER.draw(height, width, new Random(3))).isEqualTo(new Box(top, left, boxHeight, boxWidth));
    }

    @Test
    void followsTheOfficialOrderOfDraws() {
        // area 0.75 of 100 x 200, aspect 1: sqrt(15000) = 122 does not fit; then area 0.5, aspect 1: 100 x 100
        RandomGenerator random = new Scripted(0.5, 0.5, 0.0, 0.5);

        Box box = PAPER.draw(100, 200, random);

        assertThat(box).isEqualTo(new Box(0, 50, 100, 100));
    }

    @Test
    void cutsTheDrawnBoxFromEveryFrame() {
        Frames clip = Pictures.noise(3, 50, 60, 4);
        RandomResizedCrop crop = RandomResizedCrop.pretraining(32);

        Frames result = crop.apply(clip, new Random(9)).frames();

        Box box = crop.draw(50, 60, new Random(9));
        assertThat(result.rgb()).isEqualTo(Resize.bicubic(clip, box, 32, 32).rgb());
        assertThat(result.rgb())
                .isEqualTo(crop.apply(clip, new Random(9)).frames().rgb());
        assertThat(result.rgb())
                .isNotEqualTo(crop.apply(clip, new Random(10)).frames().rgb());
    }

    @Test
    void refusesRangesThatMakeNoSense() {
        assertThatThrownBy(() -> new RandomResizedCrop(0, 1, 0.75, 1.33, 224, Resize.Filter.BICUBIC))
                .hasMessageContaining("crop area 0.0");
        assertThatThrownBy(() -> new RandomResizedCrop(0.5, 1.1, 0.75, 1.33, 224, Resize.Filter.BICUBIC))
                .hasMessageContaining("1.1");
        assertThatThrownBy(() -> new RandomResizedCrop(0.5, 1, 2, 1, 224, Resize.Filter.BICUBIC))
                .hasMessageContaining("crop aspect 2.0 to 1");
        assertThatThrownBy(() -> new RandomResizedCrop(0.5, 1, Double.NaN, 1, 224, Resize.Filter.BICUBIC))
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> new RandomResizedCrop(0.5, 1, 0.75, 1.33, 0, Resize.Filter.BICUBIC))
                .hasMessageContaining("crop side 0");
    }

    /** Doubles as written; whole numbers: the one in the middle, or the lower of the middle two. */
    private static final class Scripted implements RandomGenerator {
        private final Iterator<Double> script;

        Scripted(Double... script) {
            this.script = List.of(script).iterator();
        }

        @Override
        public double nextDouble() {
            return script.next();
        }

        @Override
        public int nextInt(int bound) {
            return (bound - 1) / 2;
        }

        @Override
        public long nextLong() {
            throw new AssertionError("not in the script");
        }
    }
}
