package maskfeat.nn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import maskfeat.torch.Arrays;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionTest {
    /** The paper's formula, head by head, from slices of the packed weights: q, k and v, each head after head. */
    private static Tensor composed(Map<String, Tensor> parameters, Tensor x, int heads) {
        Tensor weight = requireNonNull(parameters.get("qkv.weight"));
        Tensor bias = requireNonNull(parameters.get("qkv.bias"));
        long C = x.size(2), D = C / heads;
        Tensor[] outputs = new Tensor[heads];
        for (int head = 0; head < heads; head++) {
            Tensor[] qkv = new Tensor[3];
            for (int part = 0; part < 3; part++) {
                long first = part * C + head * D;
                qkv[part] = x.matmul(weight.narrow(0, first, D).transpose(0, 1)).add(bias.narrow(0, first, D));
            }
            Tensor scores = qkv[0].matmul(qkv[1].transpose(1, 2)).div(new Scalar(Math.sqrt((double) D))); // [B, N, N]
            outputs[head] = scores.softmax(-1).matmul(qkv[2]);
        }
        Tensor together = torch.cat(new TensorVector(outputs), 2);
        return together.matmul(requireNonNull(parameters.get("proj.weight")).transpose(0, 1))
                .add(requireNonNull(parameters.get("proj.bias")));
    }

    @ParameterizedTest
    @CsvSource({"8, 1", "8, 2", "12, 4", "6, 6"})
    void equalsTheFormula(int dim, int heads) {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                Attention attention = new Attention(dim, heads, init)) {
            RandomTensors.addNoise(attention.parameters(), 0.5, heads);
            Tensor x = RandomTensors.normal(dim, 3, 7, dim);
            float[] expected = Arrays.floats(composed(attention.parameters(), x, heads));
            // float32 sums of dim products of numbers of about dim^0.5 * 0.5
            assertThat(Arrays.floats(attention.forward(x))).containsExactly(expected, within(2e-5f));
        }
    }

    @Test
    void gradientsEqualThoseOfTheFormula() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                Attention ours = new Attention(12, 3, init);
                Init sameInit = new Init(1);
                Attention plain = new Attention(12, 3, sameInit)) {
            RandomTensors.addNoise(ours.parameters(), 0.5, 2);
            RandomTensors.addNoise(plain.parameters(), 0.5, 2);
            Tensor x = RandomTensors.normal(3, 2, 5, 12);
            Tensor weights = RandomTensors.normal(4, 2, 5, 12);
            ours.forward(x).mul(weights).sum().backward();
            composed(plain.parameters(), x, 3).mul(weights).sum().backward();
            plain.parameters().forEach((name, expected) -> {
                float[] gradient = Arrays.floats(
                        requireNonNull(ours.parameters().get(name)).grad());
                assertThat(gradient).as(name).containsExactly(Arrays.floats(expected.grad()), within(2e-4f));
            });
        }
    }

    @Test
    void isMixAndThenProject() {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                Attention attention = new Attention(8, 2, init)) {
            RandomTensors.addNoise(attention.parameters(), 0.5, 2);
            Tensor x = RandomTensors.normal(3, 2, 5, 8);
            assertThat(Arrays.floats(attention.project(attention.mix(x))))
                    .isEqualTo(Arrays.floats(attention.forward(x)));
        }
    }

    @Test
    void aWidthThatDoesNotDivideIsRefused() {
        try (Init init = new Init(1)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Attention(10, 4, init))
                    .withMessage("dim 10 does not divide into 4 heads");
        }
    }
}
