package maskfeat.data;

import java.util.OptionalDouble;
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

    /**
     * How long a clip of a video is, in frames of the video; a fraction where it comes to one. Empty for clips without a
     * length of their own, which are all of a video, and for images.
     */
    OptionalDouble length(Timeline timeline);

    /**
     * The clip that shows a part of a video, as {@link Windows} takes them.
     *
     * @param first frame at which the part begins; need not be whole
     * @param length of the part in frames: {@link #length} where that says one, and need not be whole
     * @return [T], numbers of frames, ascending; a short part repeats some
     */
    int[] part(Timeline timeline, double first, double length);

    /**
     * The clip around a moment, as detection takes it (SlowFast, datasets/utils.py): as many frames before it as from it
     * on, the first and the last frame of the video standing in for those that it has not. Of an even number of frames the
     * moment is that of frame number {@code frames / 2}.
     *
     * @param seconds from the first frame
     * @return [T], numbers of frames, ascending
     * @throws UnsupportedOperationException if such clips have no distance between frames of their own
     */
    default int[] around(Timeline timeline, double seconds) {
        throw new UnsupportedOperationException("clips of this kind are all of a video and not around a moment; take"
                + " data.clip.kind=timed or strided");
    }
}
