package maskfeat.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.UnaryOperator;
import maskfeat.mask.Grid;
import maskfeat.torch.Arrays;
import maskfeat.torch.Handles;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** A handle keeps the memory of its tensor: what a block holds of its own making is its output and what the graph needs. */
class HeldTensorsTest {
    private static final int DIM = 8;

    @Test
    void aBlockLeavesOnlyItsOutput() throws InterruptedException {
        try (Init init = new Init(1);
                Block block = new Block(DIM, 2, 2 * DIM, 0, init);
                Tensor rows = Arrays.tensor(new long[] {7, 0, 3}, 3)) {
            leavesOnlyOne(block::forward, 2, 5, DIM);
            leavesOnlyOne(x -> block.forward(x, rows), 2, 5, DIM);
        }
    }

    @Test
    void aMultiscaleBlockLeavesOnlyItsOutput() throws InterruptedException {
        Grid grid = new Grid(2, 4, 4);
        MultiscaleBlock.Sizes sizes =
                new MultiscaleBlock.Sizes(DIM, 2 * DIM, 2, 2 * DIM, false, grid, grid, 2, 2, true);
        try (Init init = new Init(1);
                MultiscaleBlock block = new MultiscaleBlock(sizes, 0, init);
                Tensor rows = Arrays.tensor(new long[] {9, 0, 3}, 3)) {
            long tokens = 2 * (1 + grid.size());
            leavesOnlyOne(block::forward, tokens, DIM);
            leavesOnlyOne(x -> block.forward(x, rows), tokens, DIM);
        }
    }

    private static void leavesOnlyOne(UnaryOperator<Tensor> forward, long... shape) throws InterruptedException {
        try (PointerScope scope = new PointerScope()) {
            Tensor x = RandomTensors.normal(3, shape);
            Tensor unused = forward.apply(x); // also loads what stays
            long before = Handles.settled();
            Tensor y = forward.apply(x);
            assertThat(y.requires_grad()).isTrue();
            assertThat(Handles.now() - before).isLessThanOrEqualTo(1);
        }
    }
}
