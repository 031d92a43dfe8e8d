package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AugmentTest {
    private static final RandomGenerator NONE = () -> {
        throw new AssertionError("draws nothing");
    };

    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void flippingMirrorsTheColumnsAndTwiceIsTheIdentity(long seed) {
        Random random = new Random(seed);
        Frames clip = Pictures.noise(1 + random.nextInt(3), 1 + random.nextInt(9), 1 + random.nextInt(9), seed);
        byte[] before = clip.rgb().clone();

        Frames mirrored = new HorizontalFlip(1).apply(clip, random).frames();

        assertThat(clip.rgb()).as("the input is left alone").isEqualTo(before);
        for (int frame = 0; frame < clip.count(); frame++) {
            for (int y = 0; y < clip.height(); y++) {
                for (int x = 0; x < clip.width(); x++) {
                    for (int c = 0; c < 3; c++) {
                        assertThat(mirrored.rgb()[mirrored.at(frame, y, clip.width() - 1 - x) + c])
                                .isEqualTo(clip.rgb()[clip.at(frame, y, x) + c]);
                    }
                }
            }
        }
        assertThat(new HorizontalFlip(1).apply(mirrored, random).frames().rgb()).isEqualTo(before);
    }

    @Test
    void flipsTheAskedShareOfClips() {
        Frames clip = Pictures.noise(1, 2, 2, 1);
        Random random = new Random(1);
        int flipped = 0;
        for (int i = 0; i < 10_000; i++) {
            flipped += Arrays.equals(
                            new HorizontalFlip(0.3).apply(clip, random).frames().rgb(), clip.rgb())
                    ? 0
                    : 1;
        }
        assertThat(flipped / 1e4).isCloseTo(0.3, within(5 * Math.sqrt(0.3 * 0.7 / 1e4)));
        assertThat(new HorizontalFlip(0).apply(clip, random).frames()).isSameAs(clip);
    }

    // Sizes by torchvision: the long side is int(256 * long / short), the offset round((size - 224) / 2).
    @ParameterizedTest
    @CsvSource({
        "256, 256, 256, 256, 16, 16",
        "333, 500, 256, 384, 16, 80",
        "500, 333, 384, 256, 80, 16",
        "100, 101, 256, 258, 16, 17",
        "301, 300, 256, 256, 16, 16",
        "300, 302, 256, 257, 16, 16",
        "300, 306, 256, 261, 16, 18",
        "2, 1, 512, 256, 144, 16"
    })
    void centreCropIsTheMiddleOfTheResizedPicture(
            int height, int width, int resizedHeight, int resizedWidth, int top, int left) {
        Frames clip = Pictures.noise(2, height, width, 7);

        Frames result = CenterCrop.IMAGENET.apply(clip, NONE).frames();

        Frames resized = Resize.bicubic(clip, Box.whole(clip), resizedHeight, resizedWidth);
        assertThat(result.height()).isEqualTo(224);
        assertThat(result.width()).isEqualTo(224);
        assertThat(result.rgb())
                .isEqualTo(Pictures.cut(resized, new Box(top, left, 224, 224)).rgb());
    }

    @Test
    void centreCropOfAVeryLongPictureTakesLittleMemory() {
        Frames result = CenterCrop.IMAGENET
                .apply(Pictures.noise(1, 2, 300_000, 8), NONE)
                .frames();

        assertThat(result.width()).isEqualTo(224);
    }

    @Test
    void aPipelineAppliesItsStepsInOrder() {
        Frames clip = Pictures.noise(2, 40, 50, 11);
        Augment crop = RandomResizedCrop.pretraining(32);
        Augment flip = new HorizontalFlip(0.5);
        Random random = new Random(12);
        Frames byHand = flip.apply(crop.apply(clip, random).frames(), random).frames();

        Frames result = Pipeline.of(crop, flip).apply(clip, new Random(12)).frames();

        assertThat(result.rgb()).isEqualTo(byHand.rgb());
        assertThat(Pipeline.of().apply(clip, NONE).frames()).isSameAs(clip);
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        assertThatThrownBy(() -> new HorizontalFlip(1.5)).hasMessageContaining("1.5 must lie in 0 to 1");
        assertThatThrownBy(() -> new HorizontalFlip(Double.NaN)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> new CenterCrop(200, 224, Resize.Filter.BICUBIC))
                .hasMessageContaining("side 224 from a short side of 200");
        assertThatThrownBy(() -> new CenterCrop(10, 0, Resize.Filter.BICUBIC)).hasMessageContaining("at least 1");
    }
}
