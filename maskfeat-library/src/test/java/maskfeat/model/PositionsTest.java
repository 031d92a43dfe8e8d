package maskfeat.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import maskfeat.mask.Grid;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PositionsTest {
    private static final int C = 3;

    private static float[] floats(Tensor tensor) {
        return maskfeat.torch.Arrays.floats(tensor);
    }

    /** t^1.5 for t = 0 to 26, resized; made by the official code. */
    @Test
    void relativePositionsAreTheOfficialOnes() {
        float[] table = new float[27];
        for (int t = 0; t < table.length; t++) {
            table[t] = (float) Math.pow(t, 1.5);
        }
        try (PointerScope scope = new PointerScope()) {
            Tensor rows = maskfeat.torch.Arrays.tensor(table, 27, 1);
            assertThat(floats(Positions.relative(rows, 13)))
                    .containsExactly(
                            new float[] {
                                .53846f,
                                4.28549f,
                                10.20177f,
                                17.63795f,
                                26.32730f,
                                36.10902f,
                                46.87217f,
                                58.54900f,
                                71.05814f,
                                84.34762f,
                                98.37411f,
                                113.10082f,
                                128.49593f
                            },
                            within(1e-5f));
            float[] finer = floats(Positions.relative(rows, 39));
            assertThat(finer).hasSize(39);
            assertThat(Arrays.copyOf(finer, 6))
                    .containsExactly(new float[] {0, .53846f, 1.42194f, 2.68778f, 4.28549f, 6.05888f}, within(1e-5f));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void onTheSameGridNothingChanges(int classTokens) {
        Grid grid = new Grid(2, 3, 4);
        try (PointerScope scope = new PointerScope()) {
            Tensor positions = RandomTensors.normal(1, 1, classTokens + grid.size(), C);
            Tensor same = Positions.absolute(positions, grid, grid);
            assertThat(same.shape()).containsExactly(positions.shape());
            assertThat(floats(same)).isEqualTo(floats(positions));
        }
    }

    /** Space alone, time alone, both, coarser and finer, squares and not. */
    @ParameterizedTest
    @CsvSource({
        "1, 2, 2, 1, 3, 3, 1",
        "1, 4, 4, 1, 7, 7, 1",
        "1, 14, 14, 1, 7, 5, 0",
        "1, 3, 5, 1, 6, 2, 1",
        "8, 2, 2, 20, 2, 2, 1",
        "4, 2, 3, 2, 2, 3, 0",
        "3, 4, 4, 5, 6, 5, 1",
        "2, 5, 3, 1, 4, 6, 0",
    })
    void isBicubicOverPicturesAndLinearOverTime(int t, int h, int w, int toT, int toH, int toW, int classTokens) {
        Grid from = new Grid(t, h, w);
        Grid to = new Grid(toT, toH, toW);
        try (PointerScope scope = new PointerScope()) {
            Tensor positions = RandomTensors.normal(5, 1, classTokens + from.size(), C);
            float[] given = floats(positions);
            Tensor resized = Positions.absolute(positions, from, to);
            assertThat(resized.shape()).containsExactly(1, classTokens + to.size(), C);
            assertThat(resized.is_contiguous()).isTrue();
            float[] actual = floats(resized);
            int before = classTokens * C;
            assertThat(Arrays.copyOf(actual, before)).isEqualTo(Arrays.copyOf(given, before));
            double[] expected = plain(Arrays.copyOfRange(given, before, given.length), from, to);
            for (int i = 0; i < expected.length; i++) {
                assertThat((double) actual[before + i]).as("value " + i).isCloseTo(expected[i], within(2e-5));
            }
        }
    }

    /** Each picture, then each place over time: double numbers, one value at a time. */
    private static double[] plain(float[] x, Grid from, Grid to) {
        double[] pictures = new double[from.t() * to.h() * to.w() * C];
        for (int t = 0; t < from.t(); t++) {
            for (int y = 0; y < to.h(); y++) {
                for (int x0 = 0; x0 < to.w(); x0++) {
                    for (int c = 0; c < C; c++) {
                        double sum = 0;
                        double sy = (y + 0.5) * from.h() / to.h() - 0.5;
                        double sx = (x0 + 0.5) * from.w() / to.w() - 0.5;
                        for (int i = -1; i <= 2; i++) {
                            for (int j = -1; j <= 2; j++) {
                                int py = (int) Math.floor(sy) + i;
                                int px = (int) Math.floor(sx) + j;
                                sum += cubic(sy - py)
                                        * cubic(sx - px)
                                        * x[from.index(t, clamp(py, from.h()), clamp(px, from.w())) * C + c];
                            }
                        }
                        pictures[((t * to.h() + y) * to.w() + x0) * C + c] = sum;
                    }
                }
            }
        }
        int picture = to.h() * to.w() * C;
        double[] all = new double[to.t() * picture];
        for (int t = 0; t < to.t(); t++) {
            double at = Math.max(0, (t + 0.5) * from.t() / to.t() - 0.5);
            int low = (int) at;
            int high = Math.min(low + 1, from.t() - 1);
            for (int i = 0; i < picture; i++) {
                all[t * picture + i] =
                        pictures[low * picture + i] * (1 - (at - low)) + pictures[high * picture + i] * (at - low);
            }
        }
        return all;
    }

    private static int clamp(int i, int size) {
        return Math.max(0, Math.min(size - 1, i));
    }

    /** Keys 1981, equation 4 with a = -0.75, as PyTorch has it. */
    private static double cubic(double distance) {
        double a = -0.75;
        double d = Math.abs(distance);
        return d <= 1
                ? (a + 2) * d * d * d - (a + 3) * d * d + 1
                : d < 2 ? a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a : 0;
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 6})
    void positionsOfAnotherGridAreRefused(int count) {
        try (PointerScope scope = new PointerScope()) {
            Tensor positions = RandomTensors.normal(1, 1, count, C);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Positions.absolute(positions, Grid.of(2, 2), Grid.of(3, 3)))
                    .withMessageContaining(count + " positions do not fit");
        }
    }
}
