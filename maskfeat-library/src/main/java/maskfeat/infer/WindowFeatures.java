package maskfeat.infer;

/**
 * Features of a part of a video.
 *
 * @param startSeconds from the beginning of the video
 * @param endSeconds from the beginning of the video
 * @param features [blocks][C], those of each block that was asked for
 */
@SuppressWarnings("ArrayRecordComponent") // numbers on their way; nobody compares two with equals
public record WindowFeatures(double startSeconds, double endSeconds, float[][] features) {}
