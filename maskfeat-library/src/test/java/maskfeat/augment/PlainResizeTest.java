package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The forms that run on vectors against the plain ones, bit for bit. */
class PlainResizeTest {
    private static final int TRIES = 400;

    private final Random random = new Random(11);

    private Frames noise(int count, int height, int width) {
        byte[] rgb = new byte[count * height * width * Frames.CHANNELS];
        if (random.nextInt(4) == 0) { // extremes overshoot the most
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) (random.nextBoolean() ? 255 : 0);
            }
        } else {
            random.nextBytes(rgb);
        }
        return new Frames(count, height, width, rgb);
    }

    private Box box(int height, int width) {
        int high = 1 + random.nextInt(height);
        int wide = 1 + random.nextInt(width);
        if (random.nextInt(4) == 0) { // as far as the last pixel
            return new Box(height - high, width - wide, high, wide);
        }
        return new Box(random.nextInt(height - high + 1), random.nextInt(width - wide + 1), high, wide);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OPENCV")
    void resizeOfAnySizes(Resize.Filter filter) {
        for (int i = 0; i < TRIES; i++) {
            int most = i % 10 == 0 ? 300 : 1 + random.nextInt(90);
            Frames in = noise(1 + random.nextInt(3), 1 + random.nextInt(most), 1 + random.nextInt(most));
            Box crop = box(in.height(), in.width());
            int height = random.nextInt(8) == 0 ? crop.height() : 1 + random.nextInt(most);
            int width = random.nextInt(8) == 0 ? crop.width() : 1 + random.nextInt(most);
            Box part = random.nextBoolean() ? Box.whole(height, width) : box(height, width);

            Frames result = Resize.part(in, crop, height, width, part, filter);

            assertThat(result.rgb())
                    .as("%s of %s x %s to %s x %s, of that %s", crop, in.height(), in.width(), height, width, part)
                    .isEqualTo(PlainResize.part(in, crop, height, width, part, filter)
                            .rgb());
        }
    }

    /** What is decoded may be looked at again after the augmentation, by targets. */
    @Test
    void aPipelineLeavesItsInput() {
        for (Augment first : List.of(RandomResizedCrop.pretraining(16), new HorizontalFlip(1))) {
            Frames in = noise(2, 20, 30);
            byte[] before = in.rgb().clone();
            Frames seen = first.apply(in, new Random(3)).frames();

            Frames result = Pipeline.of(first, new HorizontalFlip(1))
                    .apply(in, new Random(3))
                    .frames();

            assertThat(in.rgb()).isEqualTo(before);
            assertThat(result.rgb()).isEqualTo(HorizontalFlip.mirror(seen).rgb());
        }
        Frames in = noise(2, 20, 30);
        byte[] before = in.rgb().clone();
        Pipeline.of(new HorizontalFlip(0), new HorizontalFlip(1)).apply(in, new Random(3));
        assertThat(in.rgb()).isEqualTo(before);
    }

    @Test
    void mirroringOfAnySizes() {
        for (int i = 0; i < TRIES; i++) {
            Frames in = noise(1 + random.nextInt(3), 1 + random.nextInt(20), 1 + random.nextInt(20));
            Frames mirrored = HorizontalFlip.mirror(in);
            Frames changed =
                    new Frames(in.count(), in.height(), in.width(), in.rgb().clone());
            HorizontalFlip.mirrorInPlace(changed);
            assertThat(changed.rgb()).isEqualTo(mirrored.rgb());
            for (int frame = 0; frame < in.count(); frame++) {
                for (int y = 0; y < in.height(); y++) {
                    for (int x = 0; x < in.width(); x++) {
                        for (int c = 0; c < Frames.CHANNELS; c++) {
                            assertThat(mirrored.rgb()[in.at(frame, y, x) + c])
                                    .isEqualTo(in.rgb()[in.at(frame, y, in.width() - 1 - x) + c]);
                        }
                    }
                }
            }
        }
    }
}
