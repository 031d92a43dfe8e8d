package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A second view shows the same part of the original, whatever the crop and the flip. */
class SecondViewTest {
    private static final int HEIGHT = 60;
    private static final int WIDTH = 90;

    private static Frames noise(int count) {
        byte[] rgb = new byte[count * HEIGHT * WIDTH * Frames.CHANNELS];
        new Random(count).nextBytes(rgb);
        return new Frames(count, HEIGHT, WIDTH, rgb);
    }

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    /** Random crops of every shape and place, half of them mirrored: the view is the crop, resized and mirrored. */
    @ParameterizedTest
    @MethodSource("seeds")
    void theSameCropOfTheOriginalIsTaken(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Box crop = new Box(
                random.nextInt(HEIGHT - 20),
                random.nextInt(WIDTH - 20),
                1 + random.nextInt(20),
                1 + random.nextInt(20));
        boolean mirrored = random.nextBoolean();
        Frames whole = noise(4);
        Frames shown = Resize.bicubic(whole, crop, 32, 32);
        Geometry geometry = Geometry.resize(crop, 32, 32, Box.whole(32, 32));
        Augmented seen = new Augmented(shown, mirrored ? geometry.then(Geometry.mirror(32)) : geometry);
        Frames expected = Resize.of(SecondView.every(whole, 2, 2), crop, 16, 24, Resize.Filter.LANCZOS);
        Frames view = SecondView.of(whole, seen, 2, 16, 24, Resize.Filter.LANCZOS);
        assertThat(view.rgb()).isEqualTo((mirrored ? HorizontalFlip.mirror(expected) : expected).rgb());
    }

    /** As training augments: what both views show of a picture of its own coordinates is the same place. */
    @ParameterizedTest
    @MethodSource("seeds")
    void bothViewsShowTheSamePlaces(int seed) {
        byte[] rgb = new byte[HEIGHT * WIDTH * Frames.CHANNELS];
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                rgb[(y * WIDTH + x) * Frames.CHANNELS] = (byte) (2 * x);
                rgb[(y * WIDTH + x) * Frames.CHANNELS + 1] = (byte) (4 * y);
            }
        }
        Frames whole = Frames.image(HEIGHT, WIDTH, rgb);
        Augment augment = Pipeline.of(
                new RandomResizedCrop(0.2, 1, 0.75, 4 / 3.0, 32, Resize.Filter.BICUBIC), new HorizontalFlip(0.5));
        Augmented seen = augment.apply(whole, new SplittableRandom(seed));
        Frames view = SecondView.of(whole, seen, 1, 32, 32, Resize.Filter.LANCZOS);
        for (int place = 0; place < 32 * 32; place += 7) {
            for (int colour = 0; colour < 2; colour++) {
                int at = place * Frames.CHANNELS + colour;
                assertThat(view.rgb()[at] & 0xff)
                        .isBetween(
                                (seen.frames().rgb()[at] & 0xff) - 8,
                                (seen.frames().rgb()[at] & 0xff) + 8);
            }
        }
    }

    @Test
    void aTurnedPictureCannotBeCutOutAgain() {
        Frames whole = noise(1);
        Augmented turned = new Augmented(whole, new Geometry(0.9, 0.1, 0, -0.1, 0.9, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SecondView.of(whole, turned, 1, 8, 8, Resize.Filter.LANCZOS))
                .withMessageContaining("turned or sheared");
    }
}
