package maskfeat.model;

/**
 * Size of the input clips of a network.
 *
 * @param frames 1 for an image
 * @param height in pixels
 * @param width in pixels
 */
public record ClipSize(int frames, int height, int width) {
    public ClipSize {
        if (frames < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("a clip of " + frames + " frames of " + height + " x " + width
                    + " px is empty; all three must be at least 1");
        }
        if ((double) frames * height * width > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a clip of " + frames + " frames of " + height + " x " + width
                    + " px is larger than any network reads; it must have at most " + Integer.MAX_VALUE + " px in all");
        }
    }

    /** A clip of square frames. */
    public static ClipSize square(int frames, int side) {
        return new ClipSize(frames, side, side);
    }

    /** A square image. */
    public static ClipSize image(int side) {
        return square(1, side);
    }

    @Override
    public String toString() {
        return (frames == 1 ? "" : frames + " x ") + height + " x " + width;
    }
}
