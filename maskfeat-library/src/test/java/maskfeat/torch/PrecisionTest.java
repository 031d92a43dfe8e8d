package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What is rounded to bfloat16, and that nothing else is. */
class PrecisionTest {
    /** Half a step of bfloat16, as a share of a number. */
    private static final double UNIT = 1.0 / (1 << 8) / 2;

    private final Device cpu = Devices.named("cpu");
    private PointerScope scope;

    @BeforeEach
    void open() {
        scope = new PointerScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private <T> T bfloat16(Supplier<T> body) {
        return Precision.BFLOAT16.compute(cpu, body);
    }

    private static ScalarType type(Tensor tensor) {
        return tensor.scalar_type().intern();
    }

    private static float[] floats(Tensor tensor) {
        return Arrays.floats(tensor.to(ScalarType.Float));
    }

    /** Largest difference as a share of the largest number. */
    private static double distance(Tensor actual, Tensor expected) {
        float[] a = floats(actual);
        float[] e = floats(expected);
        assertThat(a).hasSameSizeAs(e);
        double difference = 0;
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            difference = Math.max(difference, Math.abs((double) a[i] - e[i]));
            largest = Math.max(largest, Math.abs(e[i]));
        }
        return difference / largest;
    }

    private static Tensor[] attention() {
        return new Tensor[] {
            RandomTensors.normal(1, 2, 3, 17, 8),
            RandomTensors.normal(2, 2, 3, 17, 8),
            RandomTensors.normal(3, 2, 3, 17, 8)
        };
    }

    /** The ways around libtorch's slow operators are taken in bfloat16 alone, whatever processor this is. */
    @ParameterizedTest
    @EnumSource(Bfloat16.class)
    void inFloat32EachOperatorIsLibtorchsToTheLastBit(Bfloat16 processor) {
        Tensor x = RandomTensors.normal(1, 5, 24);
        Tensor weight = RandomTensors.normal(2, 7, 24);
        Tensor bias = RandomTensors.normal(3, 7);
        Tensor[] qkv = attention();
        Tensor map = RandomTensors.normal(4, 2, 8, 9, 9);
        Tensor kernels = RandomTensors.normal(5, 8, 1, 3, 3);
        try (TakenDetours detours = TakenDetours.of(processor)) {
            Tensor[] actual = Precision.FLOAT32.compute(cpu, () -> new Tensor[] {
                Ops.linear(x, weight, bias),
                Ops.attention(qkv[0], qkv[1], qkv[2]),
                Ops.depthwise3x3(map, kernels, 2),
                Ops.layerNorm(x, RandomTensors.normal(6, 24), RandomTensors.normal(7, 24), 1e-6)
            });
            Tensor[] expected = {
                torch.linear(x, weight, new TensorOptional(bias)),
                torch.scaled_dot_product_attention(
                        qkv[0], qkv[1], qkv[2], new TensorOptional(), 0.0, false, new DoubleOptional(), false),
                torch.conv2d(
                        map, kernels, new TensorOptional(), new long[] {2, 2}, new long[] {1, 1}, new long[] {1, 1}, 8),
                torch.layer_norm(
                        x,
                        new long[] {24},
                        new TensorOptional(RandomTensors.normal(6, 24)),
                        new TensorOptional(RandomTensors.normal(7, 24)),
                        1e-6,
                        true)
            };
            for (int i = 0; i < expected.length; i++) {
                assertThat(Arrays.floats(actual[i])).isEqualTo(Arrays.floats(expected[i]));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Bfloat16.class)
    void inBfloat16ALinearLayerIsThatOfRoundedNumbers(Bfloat16 processor) {
        Tensor x = RandomTensors.normal(1, 33, 24);
        Tensor weight = RandomTensors.normal(2, 16, 24);
        Tensor bias = RandomTensors.normal(3, 16);
        try (TakenDetours detours = TakenDetours.of(processor)) {
            Tensor y = bfloat16(() -> Ops.linear(x, weight, bias));
            assertThat(type(y)).isEqualTo(ScalarType.BFloat16);
            Tensor rounded = torch.linear(
                    x.to(ScalarType.BFloat16).to(ScalarType.Float),
                    weight.to(ScalarType.BFloat16).to(ScalarType.Float),
                    new TensorOptional(bias.to(ScalarType.BFloat16).to(ScalarType.Float)));
            // The result is rounded once, or twice where the bias is added by itself.
            assertThat(distance(y, rounded)).isLessThanOrEqualTo(2 * UNIT);
            assertThat(distance(y, torch.linear(x, weight, new TensorOptional(bias))))
                    .isGreaterThan(UNIT / 50); // not float32 under another name
        }
    }

    @ParameterizedTest
    @EnumSource(Bfloat16.class)
    void attentionInBfloat16IsThatOfTheFormulaWithinItsRounding(Bfloat16 processor) {
        Tensor[] qkv = attention();
        for (Tensor each : qkv) {
            each.set_requires_grad(true);
        }
        Tensor exact = Ops.attention(qkv[0], qkv[1], qkv[2]);
        exact.square().sum().backward();
        Tensor[] gradients =
                java.util.Arrays.stream(qkv).map(each -> each.grad().clone()).toArray(Tensor[]::new);
        for (Tensor each : qkv) {
            each.mutable_grad().reset();
        }
        try (TakenDetours detours = TakenDetours.of(processor)) {
            Tensor y = bfloat16(() -> Ops.attention(qkv[0], qkv[1], qkv[2]));
            // Each of q, k, v, the scores (up to 4), their softmax and the result is rounded: some 8 roundings.
            assertThat(distance(y, exact)).isBetween(UNIT / 50, 8 * UNIT);
            y.to(ScalarType.Float).square().sum().backward();
            for (int i = 0; i < qkv.length; i++) {
                assertThat(type(qkv[i].grad())).isEqualTo(ScalarType.Float);
                assertThat(distance(qkv[i].grad(), gradients[i]))
                        .as("gradient " + i)
                        .isLessThanOrEqualTo(16 * UNIT);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, AMX", "2, AMX", "2, AVX512", "2, NONE", "2, CUDA"})
    void depthwiseConvolutionsAreThoseOfTheRoundedInput(long stride, Bfloat16 processor) {
        Tensor map = RandomTensors.normal(4, 2, 8, 9, 9);
        Tensor kernels = RandomTensors.normal(5, 8, 1, 3, 3);
        try (TakenDetours detours = TakenDetours.of(processor)) {
            Tensor y = bfloat16(() -> Ops.depthwise3x3(map, kernels, stride));
            assertThat(distance(y, Ops.depthwise3x3(map, kernels, stride))).isLessThanOrEqualTo(4 * UNIT);
            boolean asFloat32 = stride > 1 && processor != Bfloat16.CUDA;
            assertThat(type(y)).isEqualTo(asFloat32 ? ScalarType.Float : ScalarType.BFloat16);
        }
    }

    @Test
    void normsAreFloat32() {
        Tensor x = RandomTensors.normal(1, 5, 24).to(ScalarType.BFloat16);
        Tensor ones = torch.ones(new long[] {24});
        Tensor zeros = torch.zeros(new long[] {24});
        Tensor normed = bfloat16(() -> Ops.layerNorm(x, ones, zeros, 1e-6));
        assertThat(type(normed)).isEqualTo(ScalarType.Float);
        assertThat(Arrays.floats(normed))
                .isEqualTo(Arrays.floats(Ops.layerNorm(x.to(ScalarType.Float), ones, zeros, 1e-6)));
    }

    /** A cached copy of a weight would be multiplied with after the optimizer has moved the weight. */
    @Test
    void aWeightThatMovesIsRoundedAnew() {
        Tensor x = RandomTensors.normal(1, 4, 8);
        Tensor weight = RandomTensors.normal(2, 4, 8);
        weight.set_requires_grad(true);
        bfloat16(() -> {
            float[] before = floats(Ops.linear(x, weight));
            try (org.bytedeco.pytorch.NoGradGuard guard = new org.bytedeco.pytorch.NoGradGuard()) {
                weight.mul_(new org.bytedeco.pytorch.Scalar(2));
            }
            float[] after = floats(Ops.linear(x, weight));
            for (int i = 0; i < before.length; i++) {
                assertThat((double) after[i]).isCloseTo(2.0 * before[i], within(1e-6));
            }
            return before;
        });
    }

    @Test
    void whatWasOnBeforeIsOnAfterwards() throws Exception {
        assertThatThrownBy(() -> bfloat16(() -> {
                    assertThat(Autocast.isOnProcessor()).isTrue();
                    throw new IllegalStateException("on purpose");
                }))
                .hasMessage("on purpose");
        assertThat(Autocast.isOnProcessor()).isFalse();
        assertThat(torch.is_autocast_cache_enabled()).isTrue();
        bfloat16(() -> {
            assertThat(bfloat16(Autocast::isOnProcessor)).isTrue();
            assertThat(Autocast.isOnProcessor()).isTrue();
            assertThat(Autocast.float32Within(Autocast::isOnProcessor)).isFalse();
            assertThat(Autocast.isOnProcessor()).isTrue();
            assertThat(elsewhere(Autocast::isOnProcessor)).isFalse();
            return true;
        });
    }

    private static <T> T elsewhere(Callable<T> body) {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            return other.submit(body).get();
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            other.shutdown();
        }
    }

    @Test
    void autoIsBfloat16WhereItPays() {
        assertThat(Precision.AUTO.on(cpu))
                .isEqualTo(Bfloat16.ofProcessor().pays() ? Precision.BFLOAT16 : Precision.FLOAT32);
        assertThat(Precision.FLOAT32.on(cpu)).isEqualTo(Precision.FLOAT32);
        assertThat(Precision.BFLOAT16.on(cpu)).isEqualTo(Precision.BFLOAT16);
        assertThatThrownBy(() -> Precision.AUTO.compute(cpu, () -> 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aProcessorIsKnownByItsFlags() {
        assertThat(Bfloat16.ofProcessor(Set.of("fpu", "avx512f", "avx512_bf16", "amx_tile", "amx_bf16")))
                .isEqualTo(Bfloat16.AMX);
        assertThat(Bfloat16.ofProcessor(Set.of("fpu", "avx512f", "avx512_bf16")))
                .isEqualTo(Bfloat16.AVX512);
        assertThat(Bfloat16.ofProcessor(Set.of("fpu", "avx2", "avx512f"))).isEqualTo(Bfloat16.NONE);
        assertThat(Bfloat16.ofProcessor(Set.of())).isEqualTo(Bfloat16.NONE);
        assertThat(Bfloat16.NONE.pays()).isFalse();
    }
}
