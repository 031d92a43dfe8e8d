package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import maskfeat.augment.BoxRule;
import maskfeat.augment.HorizontalFlip;
import maskfeat.augment.Pipeline;
import maskfeat.augment.Rectangle;
import maskfeat.augment.Resize;
import maskfeat.augment.ShortSideJitter;
import maskfeat.data.KeyFrameDataset.At;
import maskfeat.data.KeyFrameDataset.Key;
import maskfeat.eval.Corners;
import maskfeat.media.Frames;
import maskfeat.media.VideoWriter;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Key frames: which frames are read, and where their boxes go. */
class KeyFrameDatasetTest {
    private static final int FRAMES = 40;
    private static final int WIDTH = 96;
    private static final int HEIGHT = 64;

    @TempDir
    private Path folder = Path.of("");

    private Path video = Path.of("");

    /** Frame t is as bright as t, but for a white square that stands still. */
    @BeforeEach
    void write() throws IOException {
        byte[] rgb = new byte[FRAMES * HEIGHT * WIDTH * 3];
        for (int t = 0; t < FRAMES; t++) {
            for (int y = 0; y < HEIGHT; y++) {
                for (int x = 0; x < WIDTH; x++) {
                    boolean square = y >= 16 && y < 32 && x >= 60 && x < 84;
                    int at = ((t * HEIGHT + y) * WIDTH + x) * 3;
                    Arrays.fill(rgb, at, at + 3, (byte) (square ? 255 : 20 + 4 * t));
                }
            }
        }
        video = folder.resolve("film.mp4");
        VideoWriter.write(video, new Frames(FRAMES, HEIGHT, WIDTH, rgb), 25, VideoWriter.Codec.MPEG4);
    }

    private KeyFrameDataset dataset(At... moments) throws IOException {
        // The square, once in fractions and once in pixels.
        List<KeyBox> boxes = List.of(
                new KeyBox(new Corners(60.0 / WIDTH, 0.25, 84.0 / WIDTH, 0.5), false, List.of(0)),
                new KeyBox(new Corners(60, 16, 84, 32), true, List.of(0)));
        List<Key> keys = Arrays.stream(moments)
                .map(at -> new Key(video, "film," + at, at, boxes, boxes))
                .toList();
        return new KeyFrameDataset(
                folder,
                new TimedClip(4, 2, 25),
                keys,
                new ActionClasses(List.of("stand"), List.of(1), List.of(0)),
                List.of());
    }

    /** Brightness of a corner of each frame, as numbers of frames. */
    private static List<Integer> numbers(Frames clip) {
        return IntStream.range(0, clip.count())
                .mapToObj(t -> (int) Math.rint(((clip.rgb()[clip.at(t, 2, 2)] & 0xff) - 20) / 4.0))
                .toList();
    }

    @Test
    void theClipLiesAroundItsMomentAndEndsRepeat() throws IOException {
        KeyFrameDataset dataset = dataset(At.second(0.8), At.frame(20), At.second(0), At.frame(500), At.second(-3));
        List<List<Integer>> read = new ArrayList<>();
        for (Item item : dataset.items()) {
            read.add(numbers(dataset.read(item, new SplittableRandom(1))));
        }
        assertThat(read)
                .containsExactly(
                        List.of(16, 18, 20, 22),
                        List.of(16, 18, 20, 22),
                        List.of(0, 0, 0, 2),
                        List.of(35, 37, 39, 39),
                        List.of(0, 0, 0, 0));
        assertThat(dataset.items()).extracting(Item::part).containsExactly(0, 1, 2, 3, 4);
    }

    /** Whatever is cut out and mirrored, the box is where the white square is. */
    @Test
    void boxesGoWithThePicture() throws IOException {
        KeyFrameDataset dataset = dataset(At.frame(20));
        Item item = dataset.items().get(0);
        Frames whole = dataset.read(item, new SplittableRandom(1));
        ActorSamples samples = new ActorSamples(
                dataset,
                new Pipeline(List.of(
                        new ShortSideJitter(64, 90, true, 60, Resize.Filter.BILINEAR), new HorizontalFlip(0.5))),
                BoxRule.EXACT,
                0);
        int inside = 0;
        for (int seed = 0; seed < 20; seed++) {
            ActorClip clip = samples.make(item, whole, new Seeds(seed).of(0, 0, 0));
            Rectangle seen = bright(clip.frames());
            for (ActorBox actor : clip.actors()) {
                Rectangle box = actor.box();
                if (box.area() > 100) {
                    inside++;
                    assertThat(box.left()).isCloseTo(seen.left(), within(2.0));
                    assertThat(box.right()).isCloseTo(seen.right(), within(2.0));
                    assertThat(box.top()).isCloseTo(seen.top(), within(2.0));
                    assertThat(box.bottom()).isCloseTo(seen.bottom(), within(2.0));
                }
            }
        }
        assertThat(inside).isGreaterThan(20);
    }

    private static Rectangle bright(Frames clip) {
        int left = clip.width();
        int right = 0;
        int top = clip.height();
        int bottom = 0;
        for (int y = 0; y < clip.height(); y++) {
            for (int x = 0; x < clip.width(); x++) {
                if ((clip.rgb()[clip.at(2, y, x)] & 0xff) > 178) {
                    left = Math.min(left, x);
                    right = Math.max(right, x + 1);
                    top = Math.min(top, y);
                    bottom = Math.max(bottom, y + 1);
                }
            }
        }
        return new Rectangle(Math.min(left, right), Math.min(top, bottom), right, bottom);
    }

    @Test
    void boxesThatACropLeavesAlmostNothingOfAreDroppedWhereThatIsAsked() throws IOException {
        KeyFrameDataset dataset = dataset(At.frame(20));
        Item item = dataset.items().get(0);
        Frames whole = dataset.read(item, new SplittableRandom(1));
        ShortSideJitter crop = new ShortSideJitter(90, 90, true, 30, Resize.Filter.BILINEAR);
        int all = 0;
        int kept = 0;
        for (int seed = 0; seed < 30; seed++) {
            Seeds.Draws draws = new Seeds(seed).of(0, 0, 0);
            all += new ActorSamples(dataset, crop, BoxRule.EXACT, 0)
                    .make(item, whole, draws)
                    .actors()
                    .size();
            kept += new ActorSamples(dataset, crop, BoxRule.EXACT, 0.5)
                    .make(item, whole, draws)
                    .actors()
                    .size();
        }
        assertThat(all).isEqualTo(60);
        assertThat(kept).isBetween(1, 40);
    }
}
