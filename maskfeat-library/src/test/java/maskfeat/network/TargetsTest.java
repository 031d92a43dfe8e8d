package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import maskfeat.augment.Normalize;
import maskfeat.feature.HogTarget;
import maskfeat.feature.PixelTarget;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import maskfeat.task.Samplings;
import org.junit.jupiter.api.Test;

class TargetsTest {
    private static final Grid FINE = Grid.of(4, 4);
    private static final Grid COARSE = Grid.of(2, 2);

    private final HogTarget cells = HogTarget.Config.paper().build(Normalize.IMAGENET, 8);
    private final HogTarget blocks = HogTarget.Config.paper().build(Normalize.IMAGENET, 16);
    private final Targets targets = new Targets(
            Grid.of(8, 8), List.of(new Targets.Depth(0, FINE, cells), new Targets.Depth(3, COARSE, blocks)));

    @Test
    void eachDepthDescribesTheSameRegionOnItsOwnGrid() {
        Frames frames = Samplings.noise(32, 32, 1);
        boolean[] hidden = {false, true, false, false}; // the upper right quarter
        List<float[]> features = targets.of(frames, hidden);
        assertThat(features).hasSize(2);

        boolean[] fine = new boolean[16];
        for (int token : new int[] {2, 3, 6, 7}) {
            fine[token] = true;
        }
        float[] ofCells = new float[4 * 27];
        cells.of(frames, FINE, fine, ofCells, 0);
        assertThat(features.get(0)).isEqualTo(ofCells);
        float[] ofBlocks = new float[108];
        blocks.of(frames, COARSE, hidden, ofBlocks, 0);
        assertThat(features.get(1)).isEqualTo(ofBlocks);
        // One block of four cells, [colour][bin][row][column], is those cells.
        assertThat(ofBlocks[1]).isEqualTo(ofCells[27]);
    }

    @Test
    void masksAreDrawnOnTheGridOfTheDeepest() {
        assertThat(targets.maskGrid()).isEqualTo(COARSE);
        assertThat(targets.last().block()).isEqualTo(3);
        assertThat(targets.heads())
                .extracting(depth -> depth.block() + ":" + depth.outputs())
                .containsExactly("0:27", "3:108");
    }

    @Test
    void aSingleOneHasOneGrid() {
        Targets single = Targets.single(11, FINE, new PixelTarget.Config(false).build(Normalize.IMAGENET, 8));
        assertThat(single.embedGrid()).isEqualTo(FINE);
        assertThat(single.maskGrid()).isEqualTo(FINE);
        boolean[] none = new boolean[16];
        none[5] = true;
        assertThat(single.of(Samplings.noise(32, 32, 2), none).get(0)).hasSize(3 * 64);
    }
}
