package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Counts by hand: 2 for each multiplication and addition, once more for each factor that has a gradient. */
class FlopsTest {
    private PointerScope scope;

    @BeforeEach
    void open() {
        scope = new PointerScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static Tensor learned(Tensor tensor) {
        tensor.set_requires_grad(true);
        return tensor;
    }

    /** The same in any precision, whichever way it is computed. */
    @ParameterizedTest
    @EnumSource(Bfloat16.class)
    void productsAreCountedFromTheirShapes(Bfloat16 processor) {
        Tensor x = RandomTensors.normal(1, 2, 5, 24);
        Tensor weight = learned(RandomTensors.normal(2, 7, 24));
        Tensor bias = learned(RandomTensors.normal(3, 7));
        Tensor q = learned(RandomTensors.normal(4, 2, 3, 17, 8));
        Tensor map = RandomTensors.normal(5, 2, 8, 9, 9);
        Tensor depthwise = learned(RandomTensors.normal(6, 8, 1, 3, 3));
        Tensor kernels = learned(RandomTensors.normal(7, 6, 8, 3, 3));
        try (TakenDetours detours = TakenDetours.of(processor)) {
            for (Precision precision : new Precision[] {Precision.FLOAT32, Precision.BFLOAT16}) {
                precision.compute(Devices.named("cpu"), () -> {
                    double linear = 2.0 * 2 * 5 * 24 * 7;
                    assertThat(Flops.of(() -> Ops.linear(x, weight, bias))).isEqualTo(2 * linear);
                    assertThat(Flops.of(() -> Ops.linear(learned(x.clone()), weight, bias)))
                            .isEqualTo(3 * linear);
                    assertThat(Flops.of(() -> Ops.attention(q, q, q))).isEqualTo(3 * 2 * 2.0 * 2 * 3 * 17 * 17 * 8);
                    assertThat(Flops.of(() -> Ops.depthwise3x3(map, depthwise, 2)))
                            .isEqualTo(2 * 2.0 * 2 * 8 * 5 * 5 * 9);
                    return true;
                });
            }
        }
        assertThat(Flops.of(() -> Ops.conv2d(map, kernels, RandomTensors.normal(8, 6), 1)))
                .isEqualTo(2 * 2.0 * 2 * 6 * 7 * 7 * 8 * 9);
        assertThat(Flops.of(() -> Ops.bmm(q.flatten(0, 1), q.flatten(0, 1).transpose(1, 2))))
                .isEqualTo(3 * 2.0 * 6 * 17 * 17 * 8);
        assertThat(Flops.of(() -> Ops.matmul(RandomTensors.normal(9, 4, 5, 6), RandomTensors.normal(10, 6, 3))))
                .isEqualTo(2.0 * 4 * 5 * 6 * 3);
    }

    @Test
    void whatHasNoGradientIsCountedOnceAndAnInnerCountBelongsToTheOuter() {
        Tensor x = learned(RandomTensors.normal(1, 5, 24));
        Tensor weight = learned(RandomTensors.normal(2, 7, 24));
        double forward = 2.0 * 5 * 24 * 7;
        assertThat(Flops.of(() -> {
                    try (NoGradGuard guard = new NoGradGuard()) {
                        Ops.linear(x, weight);
                    }
                }))
                .isEqualTo(forward);
        assertThat(Flops.of(() -> {
                    assertThat(Flops.of(() -> Ops.linear(x, weight))).isEqualTo(3 * forward);
                    Ops.linear(x, weight);
                }))
                .isEqualTo(6 * forward);
    }
}
