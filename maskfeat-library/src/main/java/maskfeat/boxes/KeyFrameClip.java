package maskfeat.boxes;

/**
 * The frames of a clip around a key frame, as PySlowFast takes them: the key frame is the one after the middle, and at the
 * ends of a video its first or last frame repeats.
 *
 * @param frames of the clip
 * @param stride from one to the next
 */
public record KeyFrameClip(int frames, int stride) {
    /** @throws IllegalArgumentException if the clip would not have that many frames */
    public KeyFrameClip {
        if (frames < 1 || stride < 1) {
            throw new IllegalArgumentException(
                    "a clip of " + frames + " frames with stride " + stride + "; both must be at least 1");
        }
        if (frames * (long) stride % 2 != 0) {
            throw new IllegalArgumentException("a clip of " + frames + " frames with stride " + stride
                    + " has no middle; frames times stride must be even");
        }
    }

    /**
     * The numbers of the frames.
     *
     * @param centre the key frame's, from 0; may lie outside of the video
     * @param total frames of the video, at least 1
     */
    public int[] around(long centre, int total) {
        if (total < 1) {
            throw new IllegalArgumentException("a video of " + total + " frames has no clip");
        }
        long first = centre - frames * (long) stride / 2;
        int[] numbers = new int[frames];
        for (int i = 0; i < frames; i++) {
            numbers[i] = (int) Math.max(0, Math.min(total - 1L, first + i * (long) stride));
        }
        return numbers;
    }
}
