package maskfeat.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ArraysTest {
    private PointerScope scope;

    @BeforeEach
    void open() {
        scope = new PointerScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void floatsGoInAndComeOutAsTheyWere() {
        float[] values = {0, -0f, 1.5f, Float.NaN, Float.MIN_VALUE, Float.POSITIVE_INFINITY};
        Tensor tensor = Arrays.tensor(values, 2, 3);
        assertThat(tensor.shape()).containsExactly(2, 3);
        assertThat(Arrays.floats(tensor)).containsExactly(values);
        assertThat(tensor.select(0, 1).select(0, 0).isnan().item_bool()).isTrue(); // row-major
    }

    @Test
    void aTensorIsACopy() {
        float[] values = {1, 2};
        Tensor tensor = Arrays.tensor(values, 2);
        values[0] = 7;
        assertThat(Arrays.floats(tensor)).containsExactly(1, 2);
    }

    @Test
    void longsBytesAndBooleansKeepTheirTypeAndSign() {
        Tensor longs = Arrays.tensor(new long[] {-1, 1L << 40, Long.MAX_VALUE}, 3);
        assertThat(longs.scalar_type().intern()).isEqualTo(ScalarType.Long);
        assertThat(longs.select(0, 2).item_long()).isEqualTo(Long.MAX_VALUE);
        Tensor bytes = Arrays.tensor(new byte[] {0, 127, (byte) 200, -1}, 2, 2);
        assertThat(bytes.scalar_type().intern()).isEqualTo(ScalarType.Byte);
        assertThat(Arrays.floats(bytes)).containsExactly(0, 127, 200, 255);
        Tensor booleans = Arrays.tensor(new boolean[] {true, false, true}, 3);
        assertThat(booleans.scalar_type().intern()).isEqualTo(ScalarType.Bool);
        assertThat(Arrays.floats(booleans)).containsExactly(1, 0, 1);
    }

    @Test
    void whatLiesOtherwiseInMemoryComesOutRowMajor() {
        Tensor tensor = Arrays.tensor(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        assertThat(Arrays.floats(tensor.transpose(0, 1))).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(Arrays.floats(tensor.select(1, 1))).containsExactly(2, 5);
        assertThat(Arrays.floats(tensor.to(ScalarType.Double))).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(Arrays.floats(tensor.set_requires_grad(true))).hasSize(6);
    }

    @Test
    void aSingleNumberHasNoAxes() {
        assertThat(Arrays.tensor(new float[] {3}).dim()).isZero();
        assertThat(Arrays.floats(Arrays.zeros(scalar(), 2, 2))).containsExactly(0, 0, 0, 0);
        assertThat(Arrays.zeros(scalar()).dim()).isZero();
    }

    private static Tensor scalar() {
        return Arrays.tensor(new long[] {1});
    }

    @Test
    void aWrongNumberOfValuesIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arrays.tensor(new float[5], 2, 3))
                .withMessage("5 values do not fill a tensor of [2, 3]");
        assertThatIllegalArgumentException().isThrownBy(() -> Arrays.tensor(new long[5], 4));
        assertThatIllegalArgumentException().isThrownBy(() -> Arrays.tensor(new byte[5], 6));
        assertThatIllegalArgumentException().isThrownBy(() -> Arrays.tensor(new boolean[5], 6));
    }
}
