package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each operator against its formula in plain Java, in double. */
class OpsTest {
    private static final float TOLERANCE = 2e-6f; // sums of up to 27 float32 products of about 1

    private PointerScope scope;

    @BeforeEach
    void open() {
        scope = new PointerScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static void assertEqual(Tensor actual, double[] expected) {
        float[] values = Arrays.floats(actual);
        assertThat(values).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) values[i])
                    .as("element " + i)
                    .isCloseTo(expected[i], within(TOLERANCE * Math.max(1, Math.abs(expected[i]))));
        }
    }

    @Test
    void linearIsXTimesWeightTransposedPlusBias() {
        Tensor x = RandomTensors.normal(1, 5, 3);
        Tensor weight = RandomTensors.normal(2, 4, 3);
        Tensor bias = RandomTensors.normal(3, 4);
        float[] xs = Arrays.floats(x);
        float[] ws = Arrays.floats(weight);
        float[] bs = Arrays.floats(bias);
        double[] expected = new double[5 * 4];
        for (int row = 0; row < 5; row++) {
            for (int out = 0; out < 4; out++) {
                expected[row * 4 + out] = bs[out];
                for (int in = 0; in < 3; in++) {
                    expected[row * 4 + out] += (double) xs[row * 3 + in] * ws[out * 3 + in];
                }
            }
        }
        assertEqual(Ops.linear(x, weight, bias), expected);
    }

    @Test
    void layerNormIsOverTheLastAxisWithTheBiasedVariance() {
        Tensor x = RandomTensors.normal(1, 3, 6);
        Tensor weight = RandomTensors.normal(2, 6);
        Tensor bias = RandomTensors.normal(3, 6);
        float[] xs = Arrays.floats(x);
        float[] ws = Arrays.floats(weight);
        float[] bs = Arrays.floats(bias);
        double[] expected = new double[18];
        for (int row = 0; row < 3; row++) {
            double mean = 0;
            double square = 0;
            for (int i = 0; i < 6; i++) {
                mean += xs[row * 6 + i] / 6.0;
            }
            for (int i = 0; i < 6; i++) {
                square += (xs[row * 6 + i] - mean) * (xs[row * 6 + i] - mean) / 6;
            }
            for (int i = 0; i < 6; i++) {
                expected[row * 6 + i] = (xs[row * 6 + i] - mean) / Math.sqrt(square + 0.5) * ws[i] + bs[i];
            }
        }
        assertEqual(Ops.layerNorm(x, weight, bias, 0.5), expected);
    }

    @Test
    void conv2dSlidesTheKernelUnturned() {
        Tensor x = RandomTensors.normal(1, 2, 3, 6, 9);
        Tensor weight = RandomTensors.normal(2, 4, 3, 3, 3);
        Tensor bias = RandomTensors.normal(3, 4);
        float[] xs = Arrays.floats(x);
        float[] ws = Arrays.floats(weight);
        float[] bs = Arrays.floats(bias);
        double[] expected = new double[2 * 4 * 2 * 3];
        for (int at = 0; at < expected.length; at++) {
            int column = at % 3;
            int row = at / 3 % 2;
            int out = at / 6 % 4;
            int sample = at / 24;
            expected[at] = bs[out];
            for (int i = 0; i < 27; i++) {
                int pixel = (sample * 3 + i / 9) * 54 + (row * 3 + i / 3 % 3) * 9 + column * 3 + i % 3;
                expected[at] += (double) xs[pixel] * ws[out * 27 + i];
            }
        }
        assertEqual(Ops.conv2d(x, weight, bias, 3), expected);
    }

    @Test
    void attentionWeighsValuesByTheSoftmaxOfScaledProducts() {
        int n = 5;
        int d = 4;
        Tensor q = RandomTensors.normal(1, 1, 1, n, d);
        Tensor k = RandomTensors.normal(2, 1, 1, n, d);
        Tensor v = RandomTensors.normal(3, 1, 1, n, d);
        float[] qs = Arrays.floats(q);
        float[] ks = Arrays.floats(k);
        float[] vs = Arrays.floats(v);
        double[] expected = new double[n * d];
        for (int row = 0; row < n; row++) {
            double[] weights = new double[n];
            double sum = 0;
            for (int key = 0; key < n; key++) {
                for (int i = 0; i < d; i++) {
                    weights[key] += (double) qs[row * d + i] * ks[key * d + i] / Math.sqrt(d);
                }
                weights[key] = Math.exp(weights[key]);
                sum += weights[key];
            }
            for (int key = 0; key < n; key++) {
                for (int i = 0; i < d; i++) {
                    expected[row * d + i] += weights[key] / sum * vs[key * d + i];
                }
            }
        }
        assertEqual(Ops.attention(q, k, v), expected);
    }

    @Test
    void depthwiseAndMaxPoolingSeeOneChannelAndThreeByThree() {
        int C = 2, H = 5, W = 4, stride = 2;
        Tensor x = RandomTensors.normal(1, 1, C, H, W);
        Tensor weight = RandomTensors.normal(2, C, 1, 3, 3);
        float[] xs = Arrays.floats(x);
        float[] ws = Arrays.floats(weight);
        double[] sums = new double[C * 3 * 2];
        double[] largest = new double[C * 3 * 2];
        java.util.Arrays.fill(largest, Double.NEGATIVE_INFINITY);
        for (int out = 0; out < sums.length; out++) {
            int c = out / 6, row = out / 2 % 3 * stride, column = out % 2 * stride;
            for (int tap = 0; tap < 9; tap++) {
                int i = row + tap / 3 - 1, j = column + tap % 3 - 1;
                if (i >= 0 && i < H && j >= 0 && j < W) {
                    double value = xs[(c * H + i) * W + j];
                    sums[out] += value * ws[c * 9 + tap];
                    largest[out] = Math.max(largest[out], value);
                }
            }
        }
        assertEqual(Ops.depthwise3x3(x, weight, stride), sums);
        assertEqual(Ops.maxPool3x3(x, stride), largest);
    }

    @Test
    void splitAndUnbindAndCatAreEachOthersInverses() {
        Tensor x = RandomTensors.normal(1, 3, 4, 2);
        Tensor[] parts = Ops.split(x, 1, 1, 3);
        assertThat(parts[0].equal(x.narrow(1, 0, 1))).isTrue();
        assertThat(parts[1].equal(x.narrow(1, 1, 3))).isTrue();
        assertThat(Ops.cat(1, parts).equal(x)).isTrue();
        Tensor[] slices = Ops.unbind(x, 1);
        assertThat(slices).hasSize(4);
        assertThat(slices[2].equal(x.select(1, 2))).isTrue();
    }

    /** What an interpolation of t^1.5 with aligned pixel centres gives. */
    @Test
    void rowsAreResizedLinearly() {
        float[] powers = new float[27];
        for (int t = 0; t < 27; t++) {
            powers[t] = (float) Math.pow(t, 1.5);
        }
        Tensor x = Arrays.tensor(powers, 27, 1);
        assertThat(Arrays.floats(Ops.resizeRows(x, 13)))
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
        assertThat(Arrays.floats(Ops.resizeRows(x, 39).narrow(0, 0, 6)))
                .containsExactly(new float[] {0, .53846f, 1.42194f, 2.68778f, 4.28549f, 6.05888f}, within(1e-5f));
    }

    @Test
    void aRangeCountsFromZero() {
        assertThat(Arrays.floats(Ops.range(4, Arrays.tensor(new float[1], 1)))).containsExactly(0, 1, 2, 3);
    }

    @Test
    void theGlobalNormIsThatOfAllElementsTogether() {
        Tensor a = RandomTensors.normal(1, 3, 4);
        Tensor b = RandomTensors.normal(2, 7);
        double squares = 0;
        for (float value : Arrays.floats(a)) {
            squares += (double) value * value;
        }
        for (float value : Arrays.floats(b)) {
            squares += (double) value * value;
        }
        Tensor norm = Ops.globalNorm(new TensorVector(a, b));
        assertThat(norm.dim()).isZero();
        assertEqual(norm, new double[] {Math.sqrt(squares)});
    }
}
