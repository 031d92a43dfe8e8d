package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.bytedeco.pytorch.global.torch.linspace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import maskfeat.media.Timeline;
import maskfeat.torch.Natives;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClipSamplerTest {
    private static final TimedClip TIMED = TimedClip.defaults();

    private static Stream<ClipSampler> samplers() {
        return Stream.of(
                TIMED,
                new TimedClip(1, 1, 30),
                new TimedClip(5, 7, 24),
                new TimedClip(40, 3, 30),
                new StridedClip(16, 4),
                new StridedClip(3, 1),
                new SegmentClip(16),
                new SegmentClip(1),
                new StillImage());
    }

    @ParameterizedTest
    @MethodSource("samplers")
    void everyClipHasItsFramesInOrderAndInsideTheVideo(ClipSampler sampler) {
        Random random = new Random(1);
        for (int round = 0; round < 400; round++) {
            Timeline timeline = Timeline.regular(12 + random.nextDouble() * 228, 1 + random.nextInt(500));
            List<int[]> clips = new ArrayList<>();
            clips.add(sampler.draw(timeline, new SplittableRandom(round)));
            int views = 1 + random.nextInt(10);
            clips.add(sampler.view(timeline, random.nextInt(views), views));
            for (int[] clip : clips) {
                assertThat(clip).hasSize(sampler.frames()).isSorted();
                assertThat(clip[0]).isNotNegative();
                assertThat(clip[clip.length - 1]).isLessThan(timeline.frames());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("samplers")
    void theSameRandomnessGivesTheSameClip(ClipSampler sampler) {
        Timeline timeline = Timeline.regular(25, 300);
        Set<List<Integer>> clips = new HashSet<>();
        for (int seed = 0; seed < 50; seed++) {
            int[] clip = sampler.draw(timeline, new SplittableRandom(seed));
            assertThat(sampler.draw(timeline, new SplittableRandom(seed))).isEqualTo(clip);
            clips.add(Arrays.stream(clip).boxed().toList());
        }
        assertThat(clips.size() > 20).isEqualTo(!(sampler instanceof StillImage));
    }

    /** Figures of the official code. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ':',
            value = {
                "30 : 0 4 8 12 16 21 25 29 33 37 42 46 50 54 58 63",
                "25 : 0 3 6 10 13 17 20 24 27 31 34 38 41 45 48 52",
            })
    void aTimedClipIsTheOfficialOne(double rate, String numbers) {
        int[] expected =
                Arrays.stream(numbers.split(" ")).mapToInt(Integer::parseInt).toArray();
        Timeline timeline = Timeline.regular(rate, 300);
        assertThat(TIMED.view(timeline, 0, 10)).isEqualTo(expected);
        int middle = (int) Math.floor((300 - 64 * rate / 30) / 2);
        assertThat(TIMED.view(timeline, 0, 1))
                .isEqualTo(Arrays.stream(expected).map(i -> i + middle).toArray());
        int apart = (int) Math.floor((300 - 64 * rate / 30) / 9);
        assertThat(TIMED.view(timeline, 7, 10))
                .isEqualTo(Arrays.stream(expected).map(i -> i + 7 * apart).toArray());
    }

    /** What of the official code is arithmetic, step by step, with libtorch's own linspace. */
    private static int[] official(TimedClip clip, double start, double rate, int n) {
        double length = Math.max(1.0, (double) clip.stride() * clip.frames() / clip.rate() * rate);
        double ticksPerFrame = 1000; // of a container whose time base is 1 / (1000 * rate)
        List<Integer> decoded = new ArrayList<>();
        boolean all = n <= clip.frames() * clip.stride();
        for (int i = 0; i < n; i++) {
            long pts = i * 1000L;
            if (all || pts >= (long) (start * ticksPerFrame) && pts <= (long) ((start + length - 1) * ticksPerFrame)) {
                decoded.add(i);
            }
        }
        double first = all ? start : 0;
        try (PointerScope scope = new PointerScope()) {
            Tensor places = linspace(new Scalar(first), new Scalar(first + length - 1), clip.frames());
            float[] floats = new float[clip.frames()];
            places.data_ptr_float().get(floats);
            int[] numbers = new int[floats.length];
            for (int i = 0; i < floats.length; i++) {
                numbers[i] = decoded.get((int) Math.min(Math.max(floats[i], 0), decoded.size() - 1));
            }
            return numbers;
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {12, 15, 23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60, 120, 240})
    void timedClipsAreTheOfficialOnesAtAnyRateAndLength(double rate) {
        Random random = new Random((long) (rate * 1000));
        for (int round = 0; round < 300; round++) {
            int n = 1 + random.nextInt(500);
            TimedClip clip = List.of(TIMED, new TimedClip(40, 3, 30), new TimedClip(8, 8, 24), new TimedClip(1, 5, 30))
                    .get(random.nextInt(4));
            Timeline timeline = Timeline.regular(rate, n);
            double length = Math.max(1.0, (double) clip.stride() * clip.frames() / clip.rate() * rate);
            double latest = Math.max(n - length, 0);
            // Not where half a millisecond more or less decides: there the container's ticks do.
            double start = Math.floor(random.nextDouble() * latest) + (latest < 1 ? 0 : 0.3);
            if (start > latest || endsAtAFrame(start + length - 1, rate)) {
                start = Math.floor(Math.min(start, latest));
            }
            if (!endsAtAFrame(start + length - 1, rate)) {
                assertThat(clip.from(start, timeline))
                        .as("%s from %s of %d frames at %s a second", clip, start, n, rate)
                        .isEqualTo(official(clip, start, rate, n));
            }
        }
    }

    private static boolean endsAtAFrame(double place, double rate) {
        return Math.abs(place - Math.rint(place)) < 0.001 * rate && place != Math.rint(place);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 15, 16, 17, 31, 32, 33, 40, 64})
    void placesAreLinspacesBitForBit(int frames) {
        // libtorch rounds once for a product and a sum where the processor can, as the published models' did.
        assumeThat(Natives.load().summary()).contains("AVX");
        Random random = new Random(frames);
        for (int round = 0; round < 500; round++) {
            // All in a short video, whose places begin at a fraction.
            TimedClip clip = new TimedClip(frames, 8, 240);
            int n = Math.max(1, frames * 8 - random.nextInt(8));
            double rate = 30 + 210 * random.nextDouble();
            if (round % 2 == 0) {
                // Distances of simple fractions, so that places come close to whole numbers.
                double distance = (1 + random.nextInt(40)) / (1.0 + random.nextInt(7));
                rate = 30.0 / frames * (1 + (frames - 1) * distance);
            }
            Timeline timeline = Timeline.regular(rate, n);
            double latest = Math.max(0, n - Math.max(1, frames * 8 / 240.0 * rate));
            double start = round % 4 == 0 ? Math.floor(latest) / 2 : random.nextDouble() * latest;
            assertThat(clip.from(start, timeline)).isEqualTo(official(clip, start, rate, n));
        }
    }

    @Test
    void aClipThatBeginsBetweenTwoFramesHasOneFewerToChooseFrom() {
        Timeline timeline = Timeline.regular(30, 300);
        assertThat(TIMED.from(10, timeline)).startsWith(10, 14).endsWith(68, 73);
        assertThat(TIMED.from(10.4, timeline)).startsWith(11, 15).endsWith(69, 73);
    }

    @Test
    void aShortVideoRepeatsItsLastFrame() {
        assertThat(TIMED.view(Timeline.regular(30, 40), 0, 1))
                .containsExactly(0, 4, 8, 12, 16, 21, 25, 29, 33, 37, 39, 39, 39, 39, 39, 39);
        assertThat(TIMED.draw(Timeline.regular(30, 1), new SplittableRandom(0))).containsOnly(0);
        assertThat(new StridedClip(4, 3).draw(Timeline.regular(30, 5), new SplittableRandom(0)))
                .containsExactly(0, 3, 4, 4);
    }

    @Test
    void unevenTimesAreLookedUpAsTimes() {
        // Ten frames a second in the first half, fifty in the second.
        double[] seconds = IntStream.range(0, 600)
                .mapToDouble(i -> i < 100 ? i * 0.1 : 10 + (i - 100) * 0.02)
                .toArray();
        Timeline timeline = new Timeline(30, seconds);
        int[] clip = TIMED.from(150, timeline); // from 5 s on, for 2.1 s
        assertThat(clip).startsWith(50, 54).endsWith(71, 71);
        clip = TIMED.from(450, timeline); // from 15 s on
        assertThat(clip).startsWith(350, 354).endsWith(408, 413);
    }

    @Test
    void timesRoundedToMillisecondsGiveTheSameClips() {
        double[] rounded = IntStream.range(0, 300)
                .mapToDouble(i -> Math.round(i * 1000 / 30.0) / 1000.0)
                .toArray();
        for (int view = 0; view < 100; view++) {
            assertThat(TIMED.view(new Timeline(30, rounded), view, 100))
                    .isEqualTo(TIMED.view(Timeline.regular(30, 300), view, 100));
        }
    }

    @Test
    void aPauseLongerThanAClipIsCountedOver() {
        double[] seconds = IntStream.range(0, 200)
                .mapToDouble(i -> i < 100 ? i * 0.01 : 100 + i * 0.01)
                .toArray();
        Timeline timeline = new Timeline(30, seconds);
        assertThat(TIMED.from(100, timeline)).startsWith(100, 104).endsWith(158, 163);
    }

    @Test
    void drawnStartsCoverTheWholeVideo() {
        Timeline timeline = Timeline.regular(30, 100);
        BitSet timed = new BitSet();
        BitSet strided = new BitSet();
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 2000; i++) {
            timed.set(TIMED.draw(timeline, random)[0]);
            strided.set(StridedClip.defaults().draw(timeline, random)[0]);
        }
        assertThat(timed.stream().toArray())
                .isEqualTo(IntStream.rangeClosed(1, 36).toArray());
        assertThat(strided.stream().toArray())
                .isEqualTo(IntStream.rangeClosed(0, 39).toArray());
    }

    @Test
    void aStridedClipKeepsItsStrideAtEveryRate() {
        for (double rate : new double[] {12, 30, 240}) {
            Timeline timeline = Timeline.regular(rate, 100);
            int[] clip = new StridedClip(5, 6).draw(timeline, new SplittableRandom(1));
            for (int i = 1; i < clip.length; i++) {
                assertThat(clip[i] - clip[i - 1]).isEqualTo(6);
            }
            assertThat(new StridedClip(5, 6).view(timeline, 1, 2)).containsExactly(75, 81, 87, 93, 99);
            assertThat(new StridedClip(5, 6).view(timeline, 0, 1)).containsExactly(37, 43, 49, 55, 61);
        }
    }

    @Test
    void segmentsRoundHalvesToEven() {
        // 11 frames in 4 segments of 2.5: bounds 0, 2 (not 3), 5, 8 (7.5), 10.
        Timeline timeline = Timeline.regular(30, 11);
        assertThat(new SegmentClip(4).view(timeline, 0, 1)).containsExactly(1, 3, 6, 9);
        assertThat(new SegmentClip(4).view(timeline, 2, 3)).containsExactly(1, 3, 6, 9);
        List<Set<Integer>> seen = IntStream.range(0, 4)
                .<Set<Integer>>mapToObj(i -> new HashSet<>())
                .toList();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 500; i++) {
            int[] clip = new SegmentClip(4).draw(timeline, random);
            IntStream.range(0, 4).forEach(s -> seen.get(s).add(clip[s]));
        }
        assertThat(seen).containsExactly(Set.of(0, 1, 2), Set.of(2, 3, 4, 5), Set.of(5, 6, 7, 8), Set.of(8, 9, 10));
    }

    @Test
    void settingsThatMakeNoClipAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TimedClip(0, 4, 30))
                .withMessage("a clip of 0 frames must have at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TimedClip(16, 0, 30))
                .withMessageContaining("stride of 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TimedClip(16, 4, Double.NaN))
                .withMessageContaining("NaN");
        assertThatIllegalArgumentException().isThrownBy(() -> new StridedClip(1, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new SegmentClip(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TIMED.view(Timeline.regular(30, 9), 3, 3))
                .withMessageContaining("no view 3 of 3");
    }
}
