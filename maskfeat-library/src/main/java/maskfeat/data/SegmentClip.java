package maskfeat.data;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.random.RandomGenerator;
import maskfeat.media.Timeline;

/**
 * The whole video, one frame of each of T equal segments: SlowFast's sampling for Something-Something v2.
 *
 * <p>Of n frames, segment i goes from {@code round(i * (n - 1) / T)} to {@code round((i + 1) * (n - 1) / T)}, both
 * included and halves rounded to even; a clip for training draws a frame of each. Every view is the same: the segments'
 * middles.
 *
 * @param frames number of frames of a clip, T
 */
@JsonTypeName("segments")
public record SegmentClip(int frames) implements ClipSampler {
    public SegmentClip {
        Clips.checkFrames(frames);
    }

    /** 16 frames. */
    public static SegmentClip defaults() {
        return new SegmentClip(16);
    }

    @Override
    public int[] draw(Timeline timeline, RandomGenerator random) {
        int[] numbers = new int[frames];
        for (int i = 0; i < frames; i++) {
            numbers[i] = random.nextInt(bound(timeline, i), bound(timeline, i + 1) + 1);
        }
        return numbers;
    }

    @Override
    public int[] view(Timeline timeline, int view, int views) {
        Clips.checkView(view, views);
        int[] numbers = new int[frames];
        for (int i = 0; i < frames; i++) {
            numbers[i] = (bound(timeline, i) + bound(timeline, i + 1)) / 2;
        }
        return numbers;
    }

    @Override
    public OptionalDouble length(Timeline timeline) {
        return OptionalDouble.empty();
    }

    /** The middles of the part's segments, as if it were the whole video. */
    @Override
    public int[] part(Timeline timeline, double first, double length) {
        int from = (int) Math.min(Math.rint(first), timeline.frames() - 1);
        int count = (int) Math.min(Math.max(1, Math.rint(length)), timeline.frames() - from);
        int[] numbers = view(Timeline.regular(timeline.rate(), count), 0, 1);
        Arrays.setAll(numbers, i -> from + numbers[i]);
        return numbers;
    }

    private int bound(Timeline timeline, int segment) {
        double length = (timeline.frames() - 1.0) / frames;
        return (int) Math.rint(length * segment);
    }
}
