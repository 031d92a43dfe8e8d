package maskfeat.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import maskfeat.torch.Arrays;
import maskfeat.torch.Generators;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;

class InitTest {
    private static final int COUNT = 40_000;

    @Test
    void theSameSeedDrawsTheSameValuesOneAfterTheOther() {
        try (PointerScope scope = new PointerScope();
                Init a = new Init(4);
                Init b = new Init(4);
                Init c = new Init(5)) {
            float[] first = Arrays.floats(a.normal(3, 5));
            assertThat(Arrays.floats(b.normal(3, 5))).isEqualTo(first);
            assertThat(Arrays.floats(c.normal(3, 5))).isNotEqualTo(first);
            assertThat(Arrays.floats(a.normal(3, 5))).isNotEqualTo(first);
            b.normal(3, 5);
            assertThat(Arrays.floats(a.uniform(1, 4))).isEqualTo(Arrays.floats(b.uniform(1, 4)));
        }
    }

    @Test
    void drawsNothingFromTheDefaultGenerator() {
        byte[] before = Generators.state();
        try (PointerScope scope = new PointerScope();
                Init init = new Init(4)) {
            init.normal(100);
            init.uniform(1, 100);
        }
        assertThat(Generators.state()).isEqualTo(before);
    }

    @Test
    void normalsHaveTheirDeviation() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(4)) {
            Moments moments = Moments.of(Arrays.floats(init.normal(COUNT)));
            assertThat(moments.mean()).isCloseTo(0, within(5 * Init.STD / Math.sqrt(COUNT)));
            assertThat(moments.std()).isCloseTo(Init.STD, within(5 * Init.STD / Math.sqrt(2.0 * COUNT)));
            assertThat(moments.max()).isGreaterThan(3.5 * Init.STD); // not cut
        }
    }

    @Test
    void uniformsFillTheirInterval() {
        double bound = 0.3;
        try (PointerScope scope = new PointerScope();
                Init init = new Init(4)) {
            Moments moments = Moments.of(Arrays.floats(init.uniform(bound, COUNT)));
            assertThat(moments.mean()).isCloseTo(0, within(5 * bound / Math.sqrt(3.0 * COUNT)));
            assertThat(moments.max()).isBetween(0.999 * bound, bound);
            assertThat(moments.min()).isBetween(-bound, -0.999 * bound);
        }
    }

    private record Moments(double mean, double std, double min, double max) {
        static Moments of(float[] values) {
            double sum = 0;
            double squares = 0;
            double min = values[0];
            double max = values[0];
            for (float value : values) {
                sum += value;
                squares += (double) value * value;
                min = Math.min(min, value);
                max = Math.max(max, value);
            }
            double mean = sum / values.length;
            return new Moments(mean, Math.sqrt(squares / values.length - mean * mean), min, max);
        }
    }
}
