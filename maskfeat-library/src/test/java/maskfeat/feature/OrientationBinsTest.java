package maskfeat.feature;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrientationBinsTest {
    private static final float TINY = 1e-30f;

    @ParameterizedTest
    @CsvSource({
        "0, 1, 0", "-0, 1, 0", "0, -1, 0", "-0, -1, 0",
        "1, 0, 4", "-1, 0, 4", "1, -0, 4", "-1, -0, 4",
        "0, 0, 0", "-0, -0, 0", "-0, 0, 0", "0, -0, 0"
    })
    void followsTheTableOfBoundaries(float gx, float gy, int bin) {
        assertThat(bin(new OrientationBins(9), gx, gy)).isEqualTo(bin);
    }

    @Test
    void slightlyLeftOfUpIsTheLastBin() {
        OrientationBins bins = new OrientationBins(9);
        assertThat(bin(bins, -TINY, 1)).isEqualTo(8);
        assertThat(bin(bins, -1e-4f, 1)).isEqualTo(8);
        assertThat(bin(bins, 1e-4f, -1)).isEqualTo(8);
        // so little that the arctangent rounds to pi: phase is 9, not a little less
        assertThat(bin(bins, TINY, -1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 6, 9, 12, 180})
    void neverDisagreesWithTheArctangentOnRandomGradients(int count) {
        OrientationBins bins = new OrientationBins(count);
        Random random = new Random(count);
        for (int i = 0; i < 200_000; i++) {
            double scale = Math.pow(10, random.nextInt(77) - 38); // to subnormal and to overflow of the sum
            check(bins, count, (float) (random.nextGaussian() * scale), (float) (random.nextGaussian() * scale));
        }
        for (int i = 0; i < 100_000; i++) {
            check(bins, count, anyFloat(random), anyFloat(random));
        }
        for (int i = 0; i < 100_000; i++) {
            check(bins, count, random.nextInt(9) - 4f, random.nextInt(2041) - 1020f);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 6, 9, 12, 180})
    void neverDisagreesWithTheArctangentNearBoundaries(int count) {
        OrientationBins bins = new OrientationBins(count);
        Random random = new Random(count);
        for (int i = 0; i < 300_000; i++) {
            // from the last bits of a float to several cells of the table
            double off = random.nextGaussian() * Math.pow(10, -random.nextInt(10));
            double angle = (random.nextInt(2 * count + 1) - count) * Math.PI / count + off * 1e-2;
            double length = Math.pow(10, random.nextInt(31) - 15);
            check(bins, count, (float) (length * Math.sin(angle)), (float) (length * Math.cos(angle)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 6, 9, 12, 180})
    void neverDisagreesWithTheArctangentAtTheEdgesOfTheTable(int count) {
        OrientationBins bins = new OrientationBins(count);
        for (int step = 0; step <= OrientationBins.STEPS; step++) {
            float gx = (float) step / OrientationBins.STEPS;
            for (float x : new float[] {Math.nextDown(gx), gx, Math.nextUp(gx)}) {
                float y = 1 - gx;
                check(bins, count, x, y);
                check(bins, count, x, -y);
                check(bins, count, -x, y);
                check(bins, count, -x, -y);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"Infinity, 1", "1, -Infinity", "-Infinity, Infinity", "NaN, 1", "1, NaN", "0, NaN"})
    void doesNotFallOverWhatIsNotFinite(float gx, float gy) {
        check(new OrientationBins(9), 9, gx, gy);
    }

    private static float anyFloat(Random random) {
        float any = Float.intBitsToFloat(random.nextInt());
        return Float.isNaN(any) ? 0 : any;
    }

    private static void check(OrientationBins bins, int count, float gx, float gy) {
        int expected = PlainHog.bin(gx, gy, count);
        if (bin(bins, gx, gy) != expected) {
            assertThat(bin(bins, gx, gy))
                    .as("bin of %s of gx %s, gy %s", count, gx, gy)
                    .isEqualTo(expected);
        }
    }

    private static int bin(OrientationBins bins, float gx, float gy) {
        return bins.of(gx, gy, OrientationBins.share(gx, gy));
    }
}
