package maskfeat.media;

/**
 * A decoded clip; an image is a clip of one frame.
 *
 * @param count number of frames, T
 * @param height in pixels, H
 * @param width in pixels, W
 * @param rgb [T, H, W, 3], 8 bits per channel, red first, without padding; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // holds the pixels without a copy; never compared
public record Frames(int count, int height, int width, byte[] rgb) {
    /** Bytes per pixel. */
    public static final int CHANNELS = 3;

    public Frames {
        if (count < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("frames must not be empty: " + count + " x " + height + " x " + width);
        }
        if (rgb.length != (long) count * height * width * CHANNELS) {
            throw new IllegalArgumentException(rgb.length + " bytes do not hold " + count + " frames of " + height
                    + " x " + width + " RGB pixels");
        }
    }

    /** One frame. */
    public static Frames image(int height, int width, byte[] rgb) {
        return new Frames(1, height, width, rgb);
    }

    /** Index in {@link #rgb} of the red byte of a pixel. */
    public int at(int frame, int y, int x) {
        return ((frame * height + y) * width + x) * CHANNELS;
    }
}
