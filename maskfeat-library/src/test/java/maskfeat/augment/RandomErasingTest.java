package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RandomErasingTest {
    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void boxesLieWithinThePictureAndNeverSpanIt(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int height = 1 + random.nextInt(40);
        int width = 1 + random.nextInt(40);
        int frames = 1 + random.nextInt(3);
        RandomErasing erasing = new RandomErasing(1, 0.02, 1, 0.1 + 0.9 * random.nextDouble(), 20);
        for (int i = 0; i < 20; i++) {
            erasing.draw(frames, height, width, random).ifPresent(erased -> {
                Box box = erased.box();
                box.requireWithin(height, width);
                assertThat(box.height()).isLessThan(height);
                assertThat(box.width()).isLessThan(width);
                assertThat(erased.noise()).hasSize(frames * box.height() * box.width() * 3);
            });
        }
    }

    @Test
    void areaIsUniformAndAspectIsUniformInItsLogarithm() {
        SplittableRandom random = new SplittableRandom(1);
        // Areas of a quarter at most, so that no try fails and the distribution is not cut: 0.25 / 0.3 is below 1.
        RandomErasing erasing = new RandomErasing(1, 0.02, 0.25, 0.3, 1);
        int draws = 4000;
        double areas = 0;
        double areaSquares = 0;
        double logs = 0;
        double logSquares = 0;
        for (int i = 0; i < draws; i++) {
            Box box = erasing.draw(1, 100, 100, random).orElseThrow().box();
            double area = box.height() * box.width() / 1e4;
            double log = Math.log((double) box.height() / box.width());
            areas += area / draws;
            areaSquares += area * area / draws;
            logs += log / draws;
            logSquares += log * log / draws;
            // Sides are rounded to whole pixels, of which a box has at least 7 (the root of 200 * 0.3).
            assertThat(area).isBetween(0.018, 0.26);
            assertThat(Math.abs(log)).isLessThan(-Math.log(0.3) + 0.1);
        }
        double logRange = -2 * Math.log(0.3);
        // 5 standard errors of the mean of a uniform variable: 5 * range / sqrt(12 * draws).
        assertThat(areas).isCloseTo(0.135, within(5 * 0.23 / Math.sqrt(12.0 * draws)));
        assertThat(areaSquares - areas * areas).isCloseTo(0.23 * 0.23 / 12, within(4e-4));
        assertThat(logs).isCloseTo(0, within(5 * logRange / Math.sqrt(12.0 * draws)));
        assertThat(logSquares - logs * logs).isCloseTo(logRange * logRange / 12, within(0.04));
    }

    @Test
    void reachesEveryPlaceTheLastIncluded() {
        RandomErasing erasing = new RandomErasing(1, 0.25, 0.25, 1, 1);
        SplittableRandom random = new SplittableRandom(2);
        Set<Box> boxes = new HashSet<>();
        for (int i = 0; i < 2000; i++) {
            boxes.add(erasing.draw(1, 8, 8, random).orElseThrow().box());
        }
        assertThat(boxes).hasSize(5 * 5).contains(new Box(0, 0, 4, 4), new Box(4, 4, 4, 4), new Box(0, 4, 4, 4));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.25, 0.25", "1, 1"})
    void hidesTheAskedShareOfSamples(double probability, double expected) {
        SplittableRandom random = new SplittableRandom(3);
        int draws = 20_000;
        int hidden = 0;
        for (int i = 0; i < draws; i++) {
            hidden += RandomErasing.clips(probability).draw(1, 16, 16, random).isPresent() ? 1 : 0;
        }
        assertThat(hidden / (double) draws)
                .isCloseTo(expected, within(5 * Math.sqrt(expected * (1 - expected) / draws)));
    }

    // A box of a third of 4 x 400 pixels has at most the aspect 1 / 0.3 and so is at least 12 rows high: none fits.
    // Of 4 x 40 pixels, 53 at most, those below 4 rows and 40 columns that fit come up now and then.
    @Test
    void triesAsOftenAsAskedAndThenHidesNothing() {
        assertThat(RandomErasing.clips(1).draw(2, 1, 50, new SplittableRandom(4)))
                .isEmpty();
        RandomErasing thin = new RandomErasing(1, 1.0 / 3, 1.0 / 3, 0.3, 100);
        assertThat(thin.draw(1, 4, 400, new SplittableRandom(5))).isEmpty();

        SplittableRandom random = new SplittableRandom(6);
        int draws = 20_000;
        int once = 0;
        int twice = 0;
        for (int i = 0; i < draws; i++) {
            once += new RandomErasing(1, 0.02, 1.0 / 3, 0.3, 1)
                            .draw(1, 4, 40, random)
                            .isPresent()
                    ? 1
                    : 0;
            twice += new RandomErasing(1, 0.02, 1.0 / 3, 0.3, 2)
                            .draw(1, 4, 40, random)
                            .isPresent()
                    ? 1
                    : 0;
        }
        double fits = once / (double) draws;
        assertThat(fits).isBetween(0.1, 0.6);
        assertThat(twice / (double) draws).isCloseTo(1 - (1 - fits) * (1 - fits), within(10 * Math.sqrt(0.25 / draws)));
        assertThat(RandomErasing.images(0.25).tries()).isEqualTo(10);
        assertThat(RandomErasing.clips(0.25).tries()).isEqualTo(100);
    }

    @Test
    void noiseIsStandardNormalAndFreshForEachPixelChannelAndFrame() {
        Erased erased = new RandomErasing(1, 0.3, 0.3, 1, 1)
                .draw(4, 112, 112, new SplittableRandom(7))
                .orElseThrow();

        float[] noise = erased.noise();
        int n = noise.length;
        double mean = 0;
        double squares = 0;
        double within = 0;
        Set<Float> values = new HashSet<>();
        for (float value : noise) {
            mean += value / n;
            squares += value * value / n;
            within += Math.abs(value) < 1 ? 1.0 / n : 0;
            values.add(value);
        }
        assertThat(n).isEqualTo(4 * 61 * 61 * 3);
        assertThat(mean).isCloseTo(0, within(5 / Math.sqrt(n)));
        assertThat(squares).isCloseTo(1, within(5 * Math.sqrt(2.0 / n)));
        assertThat(within).isCloseTo(0.6827, within(5 * Math.sqrt(0.6827 * 0.3173 / n)));
        // Floats near 0 are dense, those near 1 are 2^-24 apart: few of 45,000 coincide by chance.
        assertThat(values).hasSizeGreaterThan(n - n / 50);
    }

    @Test
    void sameGeneratorStateGivesTheSameBoxAndNoise() {
        for (long seed = 0; seed < 20; seed++) {
            Optional<Erased> first = RandomErasing.images(0.5).draw(2, 30, 20, new SplittableRandom(seed));
            Optional<Erased> second = RandomErasing.images(0.5).draw(2, 30, 20, new SplittableRandom(seed));

            assertThat(first.map(Erased::box)).isEqualTo(second.map(Erased::box));
            assertThat(first.map(e -> Arrays.hashCode(e.noise())))
                    .isEqualTo(second.map(e -> Arrays.hashCode(e.noise())));
        }
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        assertThatThrownBy(() -> RandomErasing.images(1.5)).hasMessageContaining("probability 1.5");
        assertThatThrownBy(() -> RandomErasing.images(Double.NaN)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> new RandomErasing(0.25, 0, 0.3, 0.3, 10)).hasMessageContaining("0.0 to 0.3");
        assertThatThrownBy(() -> new RandomErasing(0.25, 0.4, 0.3, 0.3, 10)).hasMessageContaining("0.4 to 0.3");
        assertThatThrownBy(() -> new RandomErasing(0.25, 0.02, 1.1, 0.3, 10)).hasMessageContaining("1.1");
        assertThatThrownBy(() -> new RandomErasing(0.25, 0.02, 0.3, 0, 10)).hasMessageContaining("aspect 0.0");
        assertThatThrownBy(() -> new RandomErasing(0.25, 0.02, 0.3, 1.2, 10)).hasMessageContaining("aspect 1.2");
        assertThatThrownBy(() -> new RandomErasing(0.25, 0.02, 0.3, 0.3, 0)).hasMessageContaining("at least 1 try");
        assertThatThrownBy(() -> new Erased(new Box(0, 0, 2, 2), new float[13]))
                .hasMessageContaining("13 values")
                .hasMessageContaining("2 x 2");
        assertThatThrownBy(() -> new Erased(new Box(0, 0, 2, 2), new float[0])).hasMessageContaining("0 values");
    }
}
