package maskfeat.data;

/**
 * Size of the frames of a video, upright, before any scaling.
 *
 * @param height in pixels
 * @param width in pixels
 */
public record FrameSize(int height, int width) {}
