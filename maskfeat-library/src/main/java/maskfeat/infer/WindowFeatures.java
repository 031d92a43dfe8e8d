package maskfeat.infer;

/**
 * Features of a window of a video.
 *
 * @param startSeconds start of the window, in seconds from the beginning of the video
 * @param endSeconds end of the window, in seconds from the beginning of the video
 * @param features [blocks][C], for each requested block
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
public record WindowFeatures(double startSeconds, double endSeconds, float[][] features) {}
