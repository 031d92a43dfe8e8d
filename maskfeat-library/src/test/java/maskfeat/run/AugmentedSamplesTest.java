package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import maskfeat.augment.Box;
import maskfeat.augment.Erased;
import maskfeat.augment.Normalize;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;

class AugmentedSamplesTest {
    @Test
    void noiseIsDrawnInTheColoursThatItStandsFor() {
        Normalize normalize = new Normalize(List.of(0.5f, 0.5f, 0.5f), List.of(0.25f, 0.25f, 0.25f));
        Frames black = new Frames(1, 2, 3, new byte[2 * 3 * 3]);
        Frames painted = AugmentedSamples.painted(
                black, new Erased(new Box(1, 1, 1, 2), new float[] {0, 1, -1, 9, -9, 2}), normalize);
        byte[] expected = new byte[2 * 3 * 3];
        int at = black.at(0, 1, 1);
        byte[] box = {(byte) 128, (byte) 191, 64, (byte) 255, 0, (byte) 255};
        System.arraycopy(box, 0, expected, at, box.length);
        assertThat(painted.rgb()).isEqualTo(expected);
        assertThat(black.rgb()).containsOnly(0);
    }
}
