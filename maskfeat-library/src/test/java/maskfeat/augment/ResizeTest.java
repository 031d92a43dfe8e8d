package maskfeat.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import maskfeat.media.Frames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The expected pictures are Pillow's; src/test/python/resize.py made them. */
class ResizeTest {
    record Case(String input, Box crop, int height, int width, Resize.Filter filter, String expected) {
        static Case of(String line) {
            List<String> cells = Arrays.asList(line.split(",", -1));
            int[] n = cells.subList(1, 7).stream().mapToInt(Integer::parseInt).toArray();
            Resize.Filter filter = Resize.Filter.valueOf(cells.get(7).toUpperCase(Locale.ROOT));
            return new Case(cells.get(0), new Box(n[0], n[1], n[2], n[3]), n[4], n[5], filter, cells.get(8));
        }
    }

    static Stream<Case> cases() throws IOException {
        return Pictures.lines("/resize/cases.csv").map(Case::of);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void equalsPillowBitForBit(Case c) throws IOException {
        Frames result = Resize.of(picture(c.input), c.crop, c.height, c.width, c.filter);

        Frames expected = picture(c.expected);
        assertThat(result.height()).isEqualTo(expected.height());
        assertThat(result.width()).isEqualTo(expected.width());
        assertThat(result.rgb()).isEqualTo(expected.rgb());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aPartEqualsTheSamePartOfTheWhole(Case c) throws IOException {
        Frames in = picture(c.input);
        Frames whole = Resize.of(in, c.crop, c.height, c.width, c.filter);
        Random random = new Random(c.expected.hashCode());
        int top = random.nextInt(c.height);
        int left = random.nextInt(c.width);
        Box box = new Box(top, left, 1 + random.nextInt(c.height - top), 1 + random.nextInt(c.width - left));

        Frames part = Resize.part(in, c.crop, c.height, c.width, box, c.filter);

        assertThat(part.rgb()).isEqualTo(Pictures.cut(whole, box).rgb());
    }

    @ParameterizedTest
    @EnumSource
    void resizesEachFrameByItself(Resize.Filter filter) {
        Frames clip = Pictures.noise(3, 31, 43, 5);
        byte[] before = clip.rgb().clone();
        Box crop = new Box(4, 7, 25, 30);

        Frames resized = Resize.of(clip, crop, 20, 33, filter);

        assertThat(clip.rgb()).as("the input is left alone").isEqualTo(before);
        assertThat(resized.count()).isEqualTo(3);
        for (int frame = 0; frame < 3; frame++) {
            Frames alone = Resize.of(Pictures.frame(clip, frame), crop, 20, 33, filter);
            assertThat(Pictures.frame(resized, frame).rgb()).isEqualTo(alone.rgb());
        }
    }

    @Test
    void refusesABoxOutsideThePictureAndEmptyResults() {
        Frames frames = Frames.image(4, 6, new byte[4 * 6 * 3]);

        assertThatThrownBy(() -> Resize.bicubic(frames, new Box(1, 0, 4, 6), 2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4 x 6 at (1, 0)");
        assertThatThrownBy(() -> Resize.bilinear(frames, Box.whole(frames), 0, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 x 2");
        assertThatThrownBy(() -> new Box(-1, 0, 2, 2)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Frames picture(String name) throws IOException {
        return Pictures.read("/resize/" + name);
    }
}
