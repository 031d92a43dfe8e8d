package maskfeat.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import maskfeat.mask.Grid;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReachTest {
    /** Every line that is in the 3 around a multiple of the stride, by looking at all windows. */
    private static Set<Integer> read(int side, int stride) {
        Set<Integer> lines = new TreeSet<>();
        for (int middle = 0; middle < side; middle += stride) {
            for (int line = Math.max(0, middle - 1); line <= Math.min(side - 1, middle + 1); line++) {
                lines.add(line);
            }
        }
        return lines;
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6, 7, 8, 9})
    void holdsWhatSomeWindowReads(int stride) {
        for (int h = 1; h < 30; h++) {
            Grid grid = new Grid(2, h, 31 - h);
            Reach reach = Reach.of(grid, stride);
            Set<Long> expected = new TreeSet<>();
            for (int t = 0; t < 2; t++) {
                for (int y : read(h, stride)) {
                    for (int x : read(31 - h, stride)) {
                        expected.add((long) grid.index(t, y, x));
                    }
                }
            }
            assertThat(reach.tokens()).hasSize(reach.grid().size()).isSorted();
            assertThat(reach.tokens())
                    .containsExactly(
                            expected.stream().mapToLong(Long::longValue).toArray());
            assertThat(ConvPooling.pooled(reach.grid(), reach.stride())).isEqualTo(ConvPooling.pooled(grid, stride));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void isEverythingWhereWindowsTouch(int stride) {
        Grid grid = new Grid(2, 7, 8);
        Reach reach = Reach.of(grid, stride);
        assertThat(reach.grid()).isEqualTo(grid);
        assertThat(reach.stride()).isEqualTo(stride);
        assertThat(reach.tokens()).hasSize(grid.size());
    }
}
