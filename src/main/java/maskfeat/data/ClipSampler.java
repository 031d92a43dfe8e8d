package maskfeat.data;

import java.util.random.RandomGenerator;
import maskfeat.media.Timeline;

/**
 * Which frames of a video make a clip: a setting and its rule in one.
 *
 * <p>Immutable, and used by many threads at once. A new rule is one file and one name in the {@code permits}.
 */
public sealed interface ClipSampler permits StillImage, TimedClip, StridedClip, SegmentClip {
    /** Frames of a clip, T; 1 for images. */
    int frames();

    /**
     * A clip for training.
     *
     * @return [T], numbers of frames, ascending; a short video repeats some
     */
    int[] draw(Timeline timeline, RandomGenerator random);

    /**
     * One of several clips that together cover a video, for looking at it.
     *
     * @param view counted from 0
     * @param views how many there are; of one alone, the middle of the video
     * @return [T], numbers of frames, ascending; a short video repeats some
     */
    int[] view(Timeline timeline, int view, int views);
}
