package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MixTest {
    private static final int DRAWS = 40_000;

    private static double[] shares(Mix mix, int height, int width) {
        RandomGenerator random = new SplittableRandom(11);
        double[] shares = new double[DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            shares[i] = mix.draw(height, width, random).share();
        }
        return shares;
    }

    /** Kolmogorov's distance, of which one in a thousand samples has 1.95 / sqrt(n), and two moments. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.8, 1, 2.5})
    void theSharesOfMixupAreBetaDistributed(double a) {
        double[] shares = shares(new Mix(a, 0, 0, 1, 0), 8, 8);
        Arrays.sort(shares);
        double[] cdf = betaCdf(a);
        double worst = 0;
        double mean = 0;
        double variance = 0;
        for (int i = 0; i < DRAWS; i++) {
            double at = at(cdf, shares[i]);
            worst = Math.max(worst, Math.max(at - (double) i / DRAWS, (i + 1.0) / DRAWS - at));
            mean += shares[i] / DRAWS;
            variance += (shares[i] - 0.5) * (shares[i] - 0.5) / DRAWS;
        }
        assertThat(worst * Math.sqrt(DRAWS)).isLessThan(1.95);
        double expected = 1 / (4 * (2 * a + 1));
        assertThat(mean).isCloseTo(0.5, within(5 * Math.sqrt(expected / DRAWS)));
        assertThat(variance).isCloseTo(expected, within(0.02 * expected));
    }

    @Test
    void theCumulativeDistributionOfTheTestIsRight() {
        assertThat(at(betaCdf(1), 0.3)).isCloseTo(0.3, within(1e-4));
        assertThat(at(betaCdf(0.5), 0.1)).isCloseTo(2 / Math.PI * Math.asin(Math.sqrt(0.1)), within(1e-4));
        assertThat(at(betaCdf(2), 0.2)).isCloseTo(3 * 0.04 - 2 * 0.008, within(1e-4));
    }

    /** Of Beta(a, a) at sin^2 of even angles from 0 to pi / 2, by summing sin(x)^(2a - 1) cos(x)^(2a - 1). */
    private static double[] betaCdf(double a) {
        double[] cdf = new double[20_001];
        for (int i = 1; i < cdf.length; i++) {
            double x = (i - 0.5) * Math.PI / 2 / (cdf.length - 1);
            cdf[i] = cdf[i - 1] + Math.pow(Math.sin(x) * Math.cos(x), 2 * a - 1);
        }
        double whole = cdf[cdf.length - 1];
        for (int i = 0; i < cdf.length; i++) {
            cdf[i] /= whole;
        }
        return cdf;
    }

    private static double at(double[] cdf, double share) {
        double place = Math.asin(Math.sqrt(share)) / (Math.PI / 2) * (cdf.length - 1);
        int low = Math.min((int) place, cdf.length - 2);
        return cdf[low] + (cdf[low + 1] - cdf[low]) * (place - low);
    }

    /** A pixel is the other sample's as often as boxes around every centre, of sides that the shares give, hold it. */
    @ParameterizedTest
    @CsvSource({"9, 14, 1", "16, 16, 1", "8, 8, 3"})
    void everyPixelIsCutAsOftenAsItShouldBe(int height, int width, double a) {
        int[][] cut = new int[height][width];
        RandomGenerator random = new SplittableRandom(5);
        Mix mix = new Mix(0, a, 1, 1, 0);
        for (int i = 0; i < DRAWS; i++) {
            mix.draw(height, width, random).box().ifPresent(box -> {
                for (int y = 0; y < box.height(); y++) {
                    for (int x = 0; x < box.width(); x++) {
                        cut[box.top() + y][box.left() + x]++;
                    }
                }
            });
        }
        double[][] expected = new double[height][width];
        double[] cdf = betaCdf(a);
        int steps = 2000;
        for (int step = 0; step < steps; step++) {
            double lambda = (step + 0.5) / steps;
            double weight = at(cdf, (step + 1.0) / steps) - at(cdf, (double) step / steps);
            int h = (int) (height * Math.sqrt(1 - lambda));
            int w = (int) (width * Math.sqrt(1 - lambda));
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    expected[y][x] += weight * covers(y, h, height) * covers(x, w, width);
                }
            }
        }
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double share = expected[y][x];
                assertThat((double) cut[y][x] / DRAWS)
                        .as("pixel " + y + ", " + x)
                        .isCloseTo(share, within(5 * Math.sqrt(share * (1 - share) / DRAWS) + 1e-3));
            }
        }
    }

    /** Share of the centres from which a length, halved and rounded down to either side, holds a place. */
    private static double covers(int place, int length, int size) {
        int count = 0;
        for (int centre = 0; centre < size; centre++) {
            count += place >= centre - length / 2 && place < centre + length / 2 ? 1 : 0;
        }
        return (double) count / size;
    }

    @ParameterizedTest
    @CsvSource({"7, 13", "224, 224", "1, 5", "2, 2"})
    void theShareOfCutMixIsExactlyWhatTheBoxLeaves(int height, int width) {
        RandomGenerator random = new SplittableRandom(3);
        Mix mix = new Mix(0, 1, 1, 1, 0);
        for (int i = 0; i < 2000; i++) {
            Mix.Draw draw = mix.draw(height, width, random);
            draw.box().ifPresent(box -> box.requireWithin(height, width));
            double area =
                    draw.box().map(box -> (double) box.height() * box.width()).orElse(0.0);
            assertThat(draw.share()).isEqualTo(1 - area / (height * width));
        }
    }

    @Test
    void mixesAsOftenAsAsked() {
        int mixed = 0;
        for (double share : shares(new Mix(0.8, 0, 0, 0.3, 0), 8, 8)) {
            mixed += share < 1 ? 1 : 0;
        }
        assertThat((double) mixed / DRAWS).isCloseTo(0.3, within(5 * Math.sqrt(0.3 * 0.7 / DRAWS)));
    }

    /** A picture so large that hardly a box has no pixel. */
    @ParameterizedTest
    @CsvSource({"0.8, 1, 0.5, 0.5", "0.8, 1, 0.2, 0.2", "0.8, 1, 0, 0", "0.8, 1, 1, 1", "0, 1, 0, 1", "0.8, 0, 1, 0"})
    void cutsTheShareOfBatchesThatIsAskedFor(double mixup, double cutmix, double cutmixShare, double expected) {
        RandomGenerator random = new SplittableRandom(9);
        Mix mix = new Mix(mixup, cutmix, cutmixShare, 1, 0);
        int cut = 0;
        for (int i = 0; i < DRAWS; i++) {
            cut += mix.draw(10_000, 10_000, random).box().isPresent() ? 1 : 0;
        }
        assertThat((double) cut / DRAWS)
                .isCloseTo(expected, within(5 * Math.sqrt(expected * (1 - expected) / DRAWS) + 1e-4));
    }

    @Test
    void theOfficialOneIsWhatItBeginsWith() {
        assertThat(Mix.defaults()).isEqualTo(new Mix(0.8, 1.0, 0.5, 1, 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -1 | 1 | 0.5 | 1 | mixup -1.0 and cutmix 1.0 must not be negative nor both 0
            1 | -0.1 | 0.5 | 1 | mixup 1.0 and cutmix -0.1 must not be negative nor both 0
            0 | 0 | 0.5 | 1 | mixup 0.0 and cutmix 0.0 must not be negative nor both 0; set the whole to null for no mixing
            NaN | 1 | 0.5 | 1 | mixup NaN and cutmix 1.0
            1 | 1 | 1.1 | 1 | cutmix-share 1.1 must lie between 0 and 1
            1 | 1 | NaN | 1 | cutmix-share NaN must lie between 0 and 1
            1 | 1 | 0.5 | 0 | probability 0.0 of mixing must be above 0, at most 1
            1 | 1 | 0.5 | 1.5 | probability 1.5 of mixing must be above 0, at most 1
            """)
    void whatMakesNoSenseIsRefused(
            double mixup, double cutmix, double cutmixShare, double probability, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Mix(mixup, cutmix, cutmixShare, probability, 0))
                .withMessageContaining(message);
    }
}
