package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import maskfeat.data.Windows.Sliding;
import maskfeat.data.Windows.WindowClip;
import maskfeat.media.Frames;
import maskfeat.media.MediaSource;
import maskfeat.media.Timeline;
import maskfeat.media.Video;
import maskfeat.media.VideoReader;
import maskfeat.media.VideoWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WindowsTest {
    private static final double EXACT = 1e-9;

    @TempDir
    private Path folder = Path.of("");

    private static List<WindowClip> all(Path video, ClipSampler clip, Sliding sliding) throws IOException {
        List<WindowClip> windows = new ArrayList<>();
        try (Windows open = Windows.open(video, clip, sliding)) {
            int count = open.count();
            while (open.hasNext()) {
                windows.add(open.next());
            }
            assertThat(windows).hasSize(count);
            assertThatThrownBy(open::next).isInstanceOf(NoSuchElementException.class);
        }
        return windows;
    }

    /** 60 frames at 30 a second. */
    private Path twoSeconds() throws IOException {
        return VideoFiles.write(folder.resolve("two.mp4"), 60);
    }

    private static int[] every(int stride, int from, int count) {
        return IntStream.range(0, count).map(i -> from + i * stride).toArray();
    }

    @Test
    void stridedWindowsHoldTheFramesOfTheirPart() throws IOException {
        List<WindowClip> windows = all(twoSeconds(), new StridedClip(4, 5), Sliding.BY_HALVES);
        assertThat(windows).hasSize(5);
        for (int i = 0; i < 5; i++) {
            WindowClip window = windows.get(i);
            assertThat(VideoFiles.numbers(window.frames())).containsExactly(every(5, 10 * i, 4));
            assertThat(window.startSeconds()).isCloseTo(i / 3.0, within(EXACT));
            assertThat(window.endSeconds()).isCloseTo(i / 3.0 + 2 / 3.0, within(EXACT));
        }
    }

    /** The strides do not fit: the last window begins sooner after the one before. */
    @Test
    void theLastWindowEndsWithTheVideo() throws IOException {
        List<WindowClip> windows = all(twoSeconds(), new StridedClip(4, 5), Sliding.every(0.5));
        assertThat(windows.stream().map(window -> VideoFiles.numbers(window.frames())[0]))
                .containsExactly(0, 15, 30, 40);
        assertThat(windows.get(3).endSeconds()).isCloseTo(2, within(EXACT));
    }

    @Test
    void stridesLongerThanAWindowLeaveGaps() throws IOException {
        List<WindowClip> windows = all(twoSeconds(), new StridedClip(2, 4), Sliding.every(1.2));
        assertThat(windows.stream().map(window -> VideoFiles.numbers(window.frames())[0]))
                .containsExactly(0, 36, 52);
    }

    /** 8 x 2 at 30 a second are 16 frames, spread as the sampler's own clips. */
    @Test
    void timedWindowsAreTheSamplersClips() throws IOException {
        TimedClip clip = new TimedClip(8, 2, 30);
        List<WindowClip> windows = all(twoSeconds(), clip, Sliding.BY_HALVES);
        Timeline timeline = Timeline.regular(30, 60);
        assertThat(windows).hasSize(7); // 0, 8, ..., 40 and 44
        for (int i = 0; i < 7; i++) {
            int start = Math.min(8 * i, 44);
            assertThat(VideoFiles.numbers(windows.get(i).frames())).containsExactly(clip.from(start, timeline));
            assertThat(windows.get(i).startSeconds()).isCloseTo(start / 30.0, within(EXACT));
            assertThat(windows.get(i).endSeconds()).isCloseTo((start + 16) / 30.0, within(EXACT));
        }
        assertThat(VideoFiles.numbers(windows.get(0).frames())).containsExactly(clip.view(timeline, 0, 2));
        assertThat(VideoFiles.numbers(windows.get(6).frames())).containsExactly(clip.view(timeline, 1, 2));
    }

    /** A window of 1 s is 30 frames, of which the middles of 3 tenths each. */
    @Test
    void segmentWindowsAreOfTheLengthGiven() throws IOException {
        SegmentClip clip = new SegmentClip(3);
        List<WindowClip> windows = all(twoSeconds(), clip, new Sliding(OptionalDouble.of(0.75), OptionalDouble.of(1)));
        int[] first = clip.view(Timeline.regular(30, 30), 0, 1);
        int[] starts = {0, 22, 30}; // 22.5 is rounded to even
        assertThat(windows).hasSize(3);
        for (int i = 0; i < 3; i++) {
            int start = starts[i];
            assertThat(VideoFiles.numbers(windows.get(i).frames()))
                    .containsExactly(Arrays.stream(first).map(n -> n + start).toArray());
        }
        assertThat(all(twoSeconds(), clip, Sliding.BY_HALVES)).hasSize(1); // 4 s are more than there is
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 15, 20})
    void aVideoNoLongerThanAWindowIsOne(int frames) throws IOException {
        Path video = VideoFiles.write(folder.resolve("short.mp4"), frames);
        for (ClipSampler clip : List.of(new StridedClip(4, 5), new TimedClip(4, 5, 30), new SegmentClip(4))) {
            List<WindowClip> windows = all(video, clip, Sliding.BY_HALVES);
            assertThat(windows).as("%s", clip).hasSize(1);
            assertThat(VideoFiles.numbers(windows.get(0).frames()))
                    .containsExactly(clip.view(Timeline.regular(30, frames), 0, 1));
            assertThat(windows.get(0).startSeconds()).isZero();
            assertThat(windows.get(0).endSeconds()).isCloseTo(frames / 30.0, within(EXACT));
        }
    }

    /** With room for some windows at a time or for less than one; neighbours share most of their frames. */
    @ParameterizedTest
    @ValueSource(ints = {1, 12, 30, 1000})
    void windowsAreTheBytesThatReadingEachAloneGives(int framesInMemory) throws IOException {
        byte[] rgb = new byte[96 * 32 * 48 * Frames.CHANNELS];
        RandomGenerator random = new Seeds(5).of(Seeds.Purpose.AUGMENT, 0, 0);
        for (int i = 0; i < rgb.length; i += 100) {
            Arrays.fill(rgb, i, Math.min(i + 100, rgb.length), (byte) random.nextInt(256));
        }
        Path video = folder.resolve("noise.mp4");
        VideoWriter.write(video, new Frames(96, 32, 48, rgb), 24, VideoWriter.Codec.MPEG4);
        int starts = 0;
        try (Windows open = Windows.open(
                        MediaSource.of(video),
                        new StridedClip(8, 3),
                        Sliding.every(9 / 24.0),
                        framesInMemory * 32L * 48 * 3);
                Video alone = new VideoReader().open(video)) {
            for (; open.hasNext(); starts += 9) {
                byte[] own = alone.frames(every(3, Math.min(starts, 72), 8)).rgb();
                assertThat(open.next().frames().rgb())
                        .as("from frame %d", starts)
                        .containsExactly(own);
            }
        }
        assertThat(starts).isEqualTo(9 * 9);
    }

    @Test
    void foldersOfFramesSlideToo() throws IOException {
        Path frames = VideoFiles.frames(folder.resolve("frames"), 12, "img_%05d.ppm");
        assertThat(all(frames, new StridedClip(2, 3), Sliding.every(0.1)).stream()
                        .map(window -> VideoFiles.numbers(window.frames())))
                .containsExactly(new int[] {0, 3}, new int[] {3, 6}, new int[] {6, 9});
    }

    @Test
    void whatMakesNoSenseIsRefused() throws IOException {
        Path video = twoSeconds();
        assertThatThrownBy(() -> Sliding.every(0)).hasMessageContaining("stride of 0.0 s");
        assertThatThrownBy(() -> Windows.open(video, new StridedClip(2, 4), Sliding.every(0.001)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("less than a frame");
        assertThatThrownBy(() -> Windows.open(video, new StillImage(), Sliding.BY_HALVES))
                .hasMessageContaining("reads images");
        Sliding given = new Sliding(OptionalDouble.empty(), OptionalDouble.of(2));
        assertThatThrownBy(() -> Windows.open(video, TimedClip.defaults(), given))
                .hasMessageContaining("would do nothing");
    }
}
