package maskfeat.data;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import maskfeat.media.Timeline;

/**
 * A clip of a length in time, whatever the video's rate: SlowFast's sampling, by which the published models were
 * trained.
 *
 * <p>At the video's own rate the clip is {@code c = max(1, stride * frames / rate * fps)} frames long, a fraction where
 * it comes to one. Its {@code frames} frames lie at equal distances of {@code (c - 1) / (frames - 1)}, not of
 * {@code stride}: 16 frames at stride 4 of a video of 30 a second are 0, 4, 8, 12, 16, 21, 25, ..., 58, 63.
 *
 * <p>Of n frames in all, the clip begins at a fraction uniform in {@code [0, max(n - c, 0)]}. If n is no more than
 * {@code stride * frames}, the frames are {@code floor(start + i * (c - 1) / (frames - 1))}. Else the frames shown
 * between {@code start} and {@code start + c - 1} are looked up first, and {@code i * (c - 1) / (frames - 1)} counts
 * from the first of them and ends at the last. So a clip that begins between two frames has one frame less to choose
 * from: of 16 at stride 4 the last is then 62 and not 63. Places are computed in single precision, from both ends
 * towards the middle, as {@code torch.linspace} does.
 *
 * <p>Where the official code and this one differ:
 *
 * <ul>
 *   <li>n is the number of frames the file holds, not its stated length times its stated rate;
 *   <li>time counts from the first frame; the official code takes a video that starts late for one that lacks its
 *       beginning;
 *   <li>frames belong to the window by their time in seconds, half a millisecond either way, where the official code
 *       compares whole ticks of the container. Nothing changes with fine ticks (MP4, MPEG); the official code may lose a
 *       clip's last frame in Matroska, which rounds times to milliseconds, and may begin a frame early in AVI;
 *   <li>where a video of uneven rate shows nothing for as long as a clip, frames are counted instead, without drawing
 *       again.
 * </ul>
 *
 * @param frames number of frames of a clip, T
 * @param stride distance of the frames of a clip in frames of a video of {@code rate} a second
 * @param rate frames a second of the video that {@code stride} is meant for
 */
@JsonTypeName("timed")
public record TimedClip(int frames, int stride, double rate) implements ClipSampler {
    private static final double HALF_A_MILLISECOND = 0.0005;

    public TimedClip {
        Clips.checkFrames(frames);
        Clips.checkStride(stride);
        if (!(rate > 0 && rate <= 1000)) {
            throw new IllegalArgumentException(
                    "a clip's rate of " + rate + " frames a second must lie above 0 and not above 1000");
        }
    }

    /** 16 frames at stride 4 of 30 a second: SlowFast, k400_MVITv2_S_16x4_MaskFeat_PT.yaml. */
    public static TimedClip defaults() {
        return new TimedClip(16, 4, 30);
    }

    @Override
    public int[] draw(Timeline timeline, RandomGenerator random) {
        double latest = latest(timeline);
        // The draw is made even where it decides nothing, as Python's uniform(0, 0) does.
        return from(latest * random.nextDouble(), timeline);
    }

    /** Views begin {@code floor((n - c) / (views - 1))} frames after each other, the first at 0. */
    @Override
    public int[] view(Timeline timeline, int view, int views) {
        return from(Clips.viewStart(latest(timeline), view, views), timeline);
    }

    @Override
    public int[] around(Timeline timeline, double seconds) {
        int[] numbers = new int[frames];
        long half = (long) frames * stride / 2;
        Arrays.setAll(numbers, i -> timeline.shownAt(seconds + ((long) i * stride - half) / rate));
        return numbers;
    }

    @Override
    public OptionalDouble length(Timeline timeline) {
        return OptionalDouble.of(clipLength(timeline));
    }

    @Override
    public int[] part(Timeline timeline, double first, double length) {
        return from(first, timeline);
    }

    /** Length of a clip in frames of this video, c. */
    private double clipLength(Timeline timeline) {
        return Math.max(1, (double) stride * frames / rate * timeline.rate());
    }

    private double latest(Timeline timeline) {
        return Math.max(timeline.frames() - clipLength(timeline), 0);
    }

    /** @param start in frames, not whole */
    int[] from(double start, Timeline timeline) {
        double span = clipLength(timeline) - 1;
        int last = timeline.frames() - 1;
        if (timeline.frames() > (long) stride * frames) {
            double blur = Math.min(HALF_A_MILLISECOND, 0.25 / timeline.rate());
            double[] seconds = timeline.seconds();
            int from = notBefore(seconds, start / timeline.rate() - blur);
            int to = notBefore(seconds, (start + span) / timeline.rate() + blur) - 1;
            if (from <= to) {
                int[] places = places(0, span, to - from);
                Arrays.setAll(places, i -> from + places[i]);
                return places;
            }
        }
        return places(start, start + span, last);
    }

    /** Number of the first frame shown at or after a time; the number of frames if there is none. */
    private static int notBefore(double[] seconds, double time) {
        int low = 0;
        int high = seconds.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (seconds[middle] < time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * {@code torch.linspace(first, end, frames).clamp(0, last).long()}, bit for bit as the CPU kernel, which its compiler
     * fuses multiply and add in (AVX2, AVX-512): some places just below a whole number depend on it.
     */
    private int[] places(double first, double end, int last) {
        float a = (float) first;
        float b = (float) end;
        float step = frames == 1 ? 0 : (b - a) / (frames - 1);
        int[] places = new int[frames];
        for (int i = 0; i < frames; i++) {
            // Of a single frame, halfway is 0 and torch special-cases it to the first place.
            float place = i < frames / 2 || frames == 1 ? Math.fma(step, i, a) : Math.fma(-step, frames - 1 - i, b);
            places[i] = (int) Math.min(Math.max(place, 0), last);
        }
        return places;
    }
}
