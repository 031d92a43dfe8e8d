package maskfeat.data;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import maskfeat.media.Timeline;

/**
 * Every so many frames of the video, whatever its rate: frame {@code start + i * stride}, as the name of the stride says
 * and as OpenMMLab samples. A video that is too short repeats its last frame.
 *
 * @param frames number of frames of a clip, T
 * @param stride distance of the frames of a clip in frames of the video
 */
@JsonTypeName("strided")
public record StridedClip(int frames, int stride) implements ClipSampler {
    public StridedClip {
        Clips.checkFrames(frames);
        Clips.checkStride(stride);
    }

    /** 16 frames at stride 4. */
    public static StridedClip defaults() {
        return new StridedClip(16, 4);
    }

    @Override
    public int[] draw(Timeline timeline, RandomGenerator random) {
        return from(random.nextInt(latest(timeline) + 1), timeline);
    }

    /** Views begin {@code floor(latest / (views - 1))} frames after each other, the first at 0. */
    @Override
    public int[] view(Timeline timeline, int view, int views) {
        return from((int) Clips.viewStart(latest(timeline), view, views), timeline);
    }

    @Override
    public int[] around(Timeline timeline, double seconds) {
        int[] numbers = new int[frames];
        long first = timeline.shownAt(seconds) - (long) frames * stride / 2;
        long last = timeline.frames() - 1;
        Arrays.setAll(numbers, i -> (int) Math.max(0, Math.min(last, first + (long) i * stride)));
        return numbers;
    }

    /** {@code frames * stride}: the last frame of a clip counts as long as the others. */
    @Override
    public OptionalDouble length(Timeline timeline) {
        return OptionalDouble.of((double) frames * stride);
    }

    @Override
    public int[] part(Timeline timeline, double first, double length) {
        return from((int) Math.rint(first), timeline);
    }

    private int latest(Timeline timeline) {
        return (int) Math.max(0, timeline.frames() - 1 - (frames - 1L) * stride);
    }

    private int[] from(int start, Timeline timeline) {
        int[] numbers = new int[frames];
        Arrays.setAll(numbers, i -> (int) Math.min(start + (long) i * stride, timeline.frames() - 1));
        return numbers;
    }
}
