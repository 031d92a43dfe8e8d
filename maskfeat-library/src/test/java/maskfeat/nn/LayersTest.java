package maskfeat.nn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import maskfeat.torch.Arrays;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/** The small layers. */
class LayersTest {
    @Test
    void anMlpIsLinearExactGeluLinear() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                Mlp mlp = new Mlp(4, 6, 3, init)) {
            assertThat(mlp.parameters().keySet()).containsExactly("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias");
            RandomTensors.addNoise(mlp.parameters(), 1, 1);
            Tensor x = RandomTensors.normal(2, 5, 4);
            Tensor h = x.matmul(of(mlp, "fc1.weight").transpose(0, 1)).add(of(mlp, "fc1.bias"));
            // x / 2 (1 + erf(x / sqrt 2)); the approximation with tanh differs by up to 5e-4
            Tensor gelu = h.mul(torch.erf(h.div(new Scalar(Math.sqrt(2)))).add(new Scalar(1)))
                    .div(new Scalar(2));
            Tensor y = gelu.matmul(of(mlp, "fc2.weight").transpose(0, 1)).add(of(mlp, "fc2.bias"));
            assertThat(Arrays.floats(mlp.forward(x))).containsExactly(Arrays.floats(y), within(1e-5f));
        }
    }

    @Test
    void aConstantTokenIsNormalisedToTheBias() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                LayerNorm norm = new LayerNorm(4, 0.02, init)) {
            float[] constant = Arrays.floats(norm.forward(Arrays.tensor(new float[] {7, 7, 7, 7}, 1, 4)));
            assertThat(constant).containsOnly(0.02f);
        }
    }

    /** A variance of 1e-6 is as large as eps: what is normalised has half of unit variance. */
    @Test
    void epsIsAMillionth() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                LayerNorm norm = new LayerNorm(2, 0, init)) {
            float[] y = Arrays.floats(norm.forward(Arrays.tensor(new float[] {1e-3f, -1e-3f}, 1, 2)));
            assertThat(y).containsExactly(new float[] {(float) Math.sqrt(0.5), (float) -Math.sqrt(0.5)}, within(1e-5f));
        }
    }

    private static Tensor of(Layer layer, String name) {
        return requireNonNull(layer.parameters().get(name));
    }
}
