package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ViewCropTest {
    // Sizes and offsets by SlowFast's rules, in Python: the long side is short * long // short side, the offset of the
    // middle int(math.ceil((size - side) / 2)).
    @ParameterizedTest
    @CsvSource({
        "256, 340, 256, 224, 1, 0, 256, 340, 16, 58",
        "300, 302, 256, 224, 1, 0, 256, 257, 16, 17",
        "302, 300, 256, 224, 1, 0, 257, 256, 17, 16",
        "300, 306, 256, 224, 1, 0, 256, 261, 16, 19",
        "240, 320, 224, 224, 3, 0, 224, 298, 0, 0",
        "240, 320, 224, 224, 3, 1, 224, 298, 0, 37",
        "240, 320, 224, 224, 3, 2, 224, 298, 0, 74",
        "320, 241, 224, 224, 3, 0, 297, 224, 0, 0",
        "320, 241, 224, 224, 3, 1, 297, 224, 37, 0",
        "320, 241, 224, 224, 3, 2, 297, 224, 73, 0",
        "90, 90, 225, 224, 3, 0, 225, 225, 1, 0",
        "90, 90, 225, 224, 3, 1, 225, 225, 1, 1",
        "90, 90, 225, 224, 3, 2, 225, 225, 1, 1",
        "100, 170, 257, 224, 3, 2, 257, 436, 17, 212"
    })
    void aViewIsASquareOfTheResizedFrames(
            int height,
            int width,
            int shortSide,
            int side,
            int views,
            int view,
            int resizedHeight,
            int resizedWidth,
            int top,
            int left) {
        Frames clip = Pictures.noise(2, height, width, 3);
        byte[] before = clip.rgb().clone();

        Frames result = new ViewCrop(shortSide, side, views, Resize.Filter.BILINEAR)
                .apply(clip, view)
                .frames();

        Frames resized = Resize.bilinear(clip, Box.whole(clip), resizedHeight, resizedWidth);
        assertThat(result.count()).isEqualTo(2);
        assertThat(result.height()).isEqualTo(side);
        assertThat(result.width()).isEqualTo(side);
        assertThat(result.rgb())
                .isEqualTo(Pictures.cut(resized, new Box(top, left, side, side)).rgb());
        assertThat(clip.rgb()).as("the input is left alone").isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})
    void theMiddleIsThatOfCentreCropButWhereThatRoundsDown(int left) {
        Frames clip = Pictures.noise(1, 16, 16 + left, 4);

        byte[] view = new ViewCrop(16, 16, 1, Resize.Filter.BICUBIC)
                .apply(clip, 0)
                .frames()
                .rgb();

        byte[] centre = new CenterCrop(16, 16, Resize.Filter.BICUBIC)
                .apply(clip, new Random(0))
                .frames()
                .rgb();
        if (left % 4 == 1) {
            assertThat(view).isNotEqualTo(centre);
        } else {
            assertThat(view).isEqualTo(centre);
        }
    }

    @ParameterizedTest
    @EnumSource
    void thePlainMiddleIsTheSecondOfThreeViews(Resize.Filter filter) {
        Frames clip = Pictures.noise(2, 35, 48, 5);

        Frames middle = new ViewCrop(32, 24, 3, filter).apply(clip, 1).frames();

        assertThat(middle.rgb())
                .isEqualTo(
                        new ViewCrop(32, 24, 1, filter).apply(clip, 0).frames().rgb());
    }

    @Test
    void refusesSettingsAndViewsThatMakeNoSense() {
        assertThatThrownBy(() -> new ViewCrop(200, 224, 1, Resize.Filter.BICUBIC))
                .hasMessageContaining("side 224 from a short side of 200");
        assertThatThrownBy(() -> new ViewCrop(10, 0, 1, Resize.Filter.BICUBIC)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> new ViewCrop(256, 224, 2, Resize.Filter.BICUBIC))
                .hasMessageContaining("2 views: only 1 or 3");
        Frames clip = Pictures.noise(1, 8, 8, 6);
        ViewCrop three = new ViewCrop(8, 8, 3, Resize.Filter.BICUBIC);
        assertThatThrownBy(() -> three.apply(clip, 3)).hasMessageContaining("view 3 of 3");
        assertThatThrownBy(() -> three.apply(clip, -1)).hasMessageContaining("view -1");
    }
}
