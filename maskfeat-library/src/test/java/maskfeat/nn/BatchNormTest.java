package maskfeat.nn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import maskfeat.torch.Arrays;
import maskfeat.torch.RandomTensors;
import maskfeat.torch.Ranks;
import maskfeat.torch.RanksHere;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batch norm of ranks against libtorch's own, which one process has, over the rows of all. */
class BatchNormTest {
    private static final int DIM = 5;

    /** Rows of each rank; one has a single row, of which libtorch alone would refuse to take the variance. */
    private static final int[] ROWS = {3, 1, 6};

    private static final int ALL = 10;

    /** Of rows and weights of this size a sum in float32 is that near to one in another order. */
    private static final float ROUNDING = 2e-6f;

    /** What two passes with gradients and one without leave: rows of this rank, and what is the same for all. */
    private record Left(
            List<float[]> outputs,
            List<float[]> gradientsOfRows,
            List<float[]> gradientsOfParameters,
            List<float[]> running) {}

    /** As MoCo v3 has it: both views through the same norm, one backward pass, and no gradient for the keys. */
    private static Left passes(boolean affine, Ranks ranks, int from, int count) {
        try (PointerScope scope = new PointerScope();
                Init init = new Init(0);
                BatchNorm norm = new BatchNorm(DIM, affine, init)) {
            norm.among(ranks);
            RandomTensors.addNoise(norm.parameters(), 0.5, 3);
            List<Tensor> rows = new ArrayList<>();
            List<Tensor> outputs = new ArrayList<>();
            Tensor loss = Arrays.tensor(new float[1]);
            for (int view = 0; view < 2; view++) {
                // A mean far from 0, which the plain sum of squares would not survive.
                Tensor own = part(RandomTensors.normal(10 + view, ALL, DIM).add(new Scalar(100 * view)), from, count);
                own.set_requires_grad(true);
                rows.add(own);
                Tensor y = norm.forward(own);
                outputs.add(y);
                Tensor wanted = part(RandomTensors.normal(20 + view, ALL, DIM), from, count);
                loss = loss.add(y.sub(wanted).square().mul(wanted).sum());
            }
            ranks.backward(loss);
            try (NoGradGuard guard = new NoGradGuard()) {
                outputs.add(norm.forward(part(RandomTensors.normal(30, ALL, DIM), from, count)));
            }
            return new Left(
                    outputs.stream().map(Arrays::floats).toList(),
                    rows.stream().map(each -> Arrays.floats(each.grad())).toList(),
                    norm.parameters().values().stream()
                            .map(each -> Arrays.floats(each.grad()))
                            .toList(),
                    norm.buffers().values().stream().map(Arrays::floats).toList());
        }
    }

    private static Tensor part(Tensor all, int from, int count) {
        return all.narrow(0, from, count).clone();
    }

    private static List<Left> ofRanks(boolean affine) throws Exception {
        return RanksHere.each(ROWS.length, ranks -> {
            int from = 0;
            for (int i = 0; i < ranks.rank(); i++) {
                from += ROWS[i];
            }
            return passes(affine, ranks, from, ROWS[ranks.rank()]);
        });
    }

    private static float[] joined(List<float[]> parts) {
        int length = parts.stream().mapToInt(each -> each.length).sum();
        float[] all = new float[length];
        int at = 0;
        for (float[] each : parts) {
            System.arraycopy(each, 0, all, at, each.length);
            at += each.length;
        }
        return all;
    }

    private static float[] sum(List<float[]> parts) {
        float[] sum = new float[DIM];
        for (float[] each : parts) {
            for (int i = 0; i < DIM; i++) {
                sum[i] += each[i];
            }
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ranksHaveWhatOneProcessHas(boolean affine) throws Exception {
        Left alone = passes(affine, Ranks.ALONE, 0, ALL);
        List<Left> ranks = ofRanks(affine);
        for (int i = 0; i < 3; i++) {
            int pass = i;
            assertThat(joined(ranks.stream().map(each -> each.outputs.get(pass)).toList()))
                    .as("output of pass %s", i)
                    .containsExactly(alone.outputs.get(i), within(tolerance(i)));
        }
        for (int i = 0; i < 2; i++) {
            int pass = i;
            assertThat(joined(ranks.stream()
                            .map(each -> each.gradientsOfRows.get(pass))
                            .toList()))
                    .as("gradient at the rows of pass %s", i)
                    .containsExactly(alone.gradientsOfRows.get(i), within(10 * tolerance(i)));
        }
        assertThat(alone.gradientsOfParameters).hasSize(affine ? 2 : 0);
        for (int i = 0; i < alone.gradientsOfParameters.size(); i++) {
            int which = i;
            assertThat(sum(ranks.stream()
                            .map(each -> each.gradientsOfParameters.get(which))
                            .toList()))
                    .as("gradient of parameter %s", i)
                    .containsExactly(alone.gradientsOfParameters.get(i), within(100 * tolerance(1)));
        }
        for (int i = 0; i < alone.running.size(); i++) {
            for (Left rank : ranks) {
                assertThat(rank.running.get(i))
                        .containsExactly(alone.running.get(i), within(10 * ROUNDING))
                        .isEqualTo(ranks.get(0).running.get(i)); // to the bit, so that it does not matter who saves
            }
        }
        assertThat(requireNonNull(ranks.get(1).running.get(2))).containsExactly(3f); // batches
    }

    /** libtorch shifts and scales in float32: rows around 100 lose two digits there, and not here. */
    private static float tolerance(int pass) {
        return pass == 1 ? 100 * ROUNDING : ROUNDING;
    }

    /** Without a sum over ranks the test above would find this. */
    @Test
    void halfOfTheRowsByThemselvesHaveOther() {
        Left alone = passes(true, Ranks.ALONE, 0, ALL);
        Left half = passes(true, Ranks.ALONE, 0, ALL / 2);
        assertThat(half.outputs.get(0)[0]).isNotCloseTo(alone.outputs.get(0)[0], within(1e-2f));
        assertThat(half.gradientsOfRows.get(0)[0])
                .isNotCloseTo(alone.gradientsOfRows.get(0)[0], within(1e-2f));
        assertThat(half.running.get(0)[0]).isNotCloseTo(alone.running.get(0)[0], within(1e-3f));
    }
}
