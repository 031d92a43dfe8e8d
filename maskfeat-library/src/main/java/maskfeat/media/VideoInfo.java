package maskfeat.media;

/**
 * Properties of a video that are known before its frames are decoded.
 *
 * @param container libav's name of the file format, such as {@code mov,mp4,m4a,3gp,3g2,mj2}
 * @param codec libav's name of the codec, such as {@code h264}
 * @param pixelFormat libav's name of the decoder's pixel format, such as {@code yuv420p}
 * @param width in pixels, as shown: after rotation
 * @param height in pixels, as shown: after rotation
 * @param timeline times of its frames
 */
public record VideoInfo(String container, String codec, String pixelFormat, int width, int height, Timeline timeline) {}
