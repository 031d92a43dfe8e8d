package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import maskfeat.media.Frames;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WholeFrameTest {
    /** Height and width before, side and unit, height and width after. */
    @ParameterizedTest
    @CsvSource({
        "240, 320, 224, 32, 224, 288", // 298.7 is nearest to 288
        "320, 240, 224, 32, 288, 224",
        "180, 320, 224, 32, 224, 384", // 398.2
        "100, 100, 224, 16, 224, 224",
        "144, 192, 312, 32, 320, 416", // 312 is rounded too
        "10, 400, 32, 32, 32, 1280"
    })
    void bothSidesDivideIntoTokens(int height, int width, int side, int unit, int h, int w) {
        Augmented whole = new WholeFrame(side, unit, Resize.Filter.BILINEAR)
                .apply(new Frames(1, height, width, new byte[height * width * 3]), new SplittableRandom(0));
        assertThat(whole.frames().height()).isEqualTo(h);
        assertThat(whole.frames().width()).isEqualTo(w);
        Geometry.Point corner = whole.geometry().apply(width, height);
        assertThat(corner.x()).isCloseTo(w, within(1e-9));
        assertThat(corner.y()).isCloseTo(h, within(1e-9));
    }
}
