package maskfeat.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import maskfeat.augment.Normalize;
import maskfeat.augment.Resize;
import maskfeat.data.StillImage;
import maskfeat.media.Frames;
import maskfeat.network.Input;
import org.junit.jupiter.api.Test;

class HogFeaturesTest {
    private static final int SIDE = 24;

    private static HogFeatures features(int side) {
        return new HogFeatures(new Input(
                new StillImage(),
                side,
                side,
                Resize.Filter.BILINEAR,
                new Normalize(List.of(0f, 0f, 0f), List.of(1f, 1f, 1f))));
    }

    /** Brighter from left to right in the cell of row 1, column 2, flat elsewhere. */
    private static Frames edge() {
        byte[] rgb = new byte[SIDE * SIDE * 3];
        for (int y = 8; y < 16; y++) {
            for (int x = 16; x < SIDE; x++) {
                for (int c = 0; c < 3; c++) {
                    rgb[(y * SIDE + x) * 3 + c] = (byte) (16 * (x - 15));
                }
            }
        }
        return Frames.image(SIDE, SIDE, rgb);
    }

    @Test
    void aCellHasTheHistogramsOfItsOwnPixels() {
        HogFeatures features = features(SIDE);
        assertThat(features.dim()).isEqualTo(3 * 3 * 3 * 9);
        float[] of = features.of(edge());
        int cell = 1 * 3 + 2;
        for (int color = 0; color < 3; color++) {
            double length = 0;
            for (int bin = 0; bin < 9; bin++) {
                double value = of[cell * 27 + color * 9 + bin];
                length += value * value;
            }
            assertThat(length).isBetween(0.999, 1.001);
            // from left to right is a quarter turn from the vertical: bin 4 of 9 over half a turn
            assertThat(of[cell * 27 + color * 9 + 4]).isGreaterThan(0.8f);
        }
    }

    @Test
    void ofAClipItIsTheMeanOverTheFrames() {
        Random random = new Random(3);
        byte[] first = new byte[SIDE * SIDE * 3];
        byte[] second = new byte[SIDE * SIDE * 3];
        random.nextBytes(first);
        random.nextBytes(second);
        byte[] both = new byte[2 * first.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        HogFeatures features = features(SIDE);
        float[] a = features.of(Frames.image(SIDE, SIDE, first));
        float[] b = features.of(Frames.image(SIDE, SIDE, second));
        float[] mean = features.of(new Frames(2, SIDE, SIDE, both));
        for (int i = 0; i < mean.length; i++) {
            assertThat(mean[i]).isEqualTo((float) (((double) a[i] + b[i]) / 2));
        }
        assertThat(a).isNotEqualTo(b);
    }

    @Test
    void aSideThatHasNoWholeCellsIsRefused() {
        assertThatThrownBy(() -> features(28))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("28 px")
                .hasMessageContaining("8 px");
    }
}
