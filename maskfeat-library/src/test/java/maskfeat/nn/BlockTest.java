package maskfeat.nn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import maskfeat.torch.Arrays;
import maskfeat.torch.Generators;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rows alone must be what the whole block gives there: that form is the one that is trained. */
class BlockTest {
    private static final int B = 3;
    private static final int N = 5;
    private static final int DIM = 8;

    /** In any order, with a gap, all of one sample and none of another. */
    private static final long[] ROWS = {11, 0, 3, 4, 1, 2, 14};

    private interface Form {
        Tensor of(Block block, Tensor x, Tensor rows);
    }

    private static Tensor plain(Block block, Tensor x, Tensor rows) {
        return block.forward(x).reshape(B * N, DIM).index_select(0, rows);
    }

    /** The output, and the gradient of a random weighing of it by everything. */
    private static Map<String, float[]> run(Form form, double dropPath, boolean training) {
        Map<String, float[]> results = new LinkedHashMap<>();
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                Block block = new Block(DIM, 2, 3 * DIM, dropPath, init)) {
            RandomTensors.addNoise(block.parameters(), 0.3, 5);
            block.train(training);
            Generators.seed(17);
            Tensor x = RandomTensors.normal(3, B, N, DIM);
            x.set_requires_grad(true);
            Tensor rows = Arrays.tensor(ROWS, ROWS.length);
            Tensor y = form.of(block, x, rows);
            assertThat(y.shape()).containsExactly(ROWS.length, DIM);
            y.mul(RandomTensors.normal(4, ROWS.length, DIM)).sum().backward();
            results.put("output", Arrays.floats(y));
            results.put("gradient of x", Arrays.floats(x.grad()));
            block.parameters().forEach((name, parameter) -> results.put(name, Arrays.floats(parameter.grad())));
        }
        return results;
    }

    @ParameterizedTest
    @CsvSource({"0, true", "0, false", "0.5, false", "0.5, true"})
    void theRowsAloneEqualTheRowsOfAll(double dropPath, boolean training) {
        Map<String, float[]> expected = run(BlockTest::plain, dropPath, training);
        Map<String, float[]> rows = run(Block::forward, dropPath, training);
        assertThat(rows.keySet()).isEqualTo(expected.keySet()).hasSize(2 + 12);
        rows.forEach((name, actual) -> assertClose(name, actual, requireNonNull(expected.get(name))));
    }

    /** Fewer rows of a matrix product are summed in another order: a few units in float32's last place of the largest. */
    private static void assertClose(String name, float[] actual, float[] expected) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        double largest = 0;
        double worst = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
        }
        assertThat(largest).as("largest in " + name).isPositive();
        assertThat(worst).as("largest difference in " + name).isLessThanOrEqualTo(2e-6 * largest);
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "4"})
    void isPreNormWithTwoResiduals(int heads) {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(1);
                Block block = new Block(DIM, heads, 4 * DIM, 0, init);
                Init other = new Init(2);
                LayerNorm norm1 = new LayerNorm(DIM, 0, other);
                LayerNorm norm2 = new LayerNorm(DIM, 0, other);
                Attention attn = new Attention(DIM, heads, other);
                Mlp mlp = new Mlp(DIM, 4 * DIM, DIM, other)) {
            RandomTensors.addNoise(block.parameters(), 0.3, 5);
            copy(block, "norm1.", norm1);
            copy(block, "norm2.", norm2);
            copy(block, "attn.", attn);
            copy(block, "mlp.", mlp);
            Tensor x = RandomTensors.normal(3, B, N, DIM);
            Tensor y = x.add(attn.forward(norm1.forward(x)));
            Tensor z = y.add(mlp.forward(norm2.forward(y)));
            assertThat(Arrays.floats(block.forward(x))).isEqualTo(Arrays.floats(z));
        }
    }

    private static void copy(Block block, String prefix, Layer into) {
        into.parameters()
                .forEach((name, parameter) ->
                        parameter.set_data(requireNonNull(block.parameters().get(prefix + name))
                                .detach()
                                .clone()));
    }
}
