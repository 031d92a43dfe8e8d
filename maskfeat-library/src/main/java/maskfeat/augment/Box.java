package maskfeat.augment;

import maskfeat.media.Frames;

/**
 * A rectangle of pixels.
 *
 * @param top first row
 * @param left first column
 * @param height in pixels
 * @param width in pixels
 */
public record Box(int top, int left, int height, int width) {
    public Box {
        if (top < 0 || left < 0 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "box " + text(top, left, height, width) + " must start at 0 or later and hold at least one pixel");
        }
    }

    /** The whole of an image. */
    public static Box whole(int height, int width) {
        return new Box(0, 0, height, width);
    }

    /** The whole of every frame. */
    public static Box whole(Frames frames) {
        return whole(frames.height(), frames.width());
    }

    /**
     * The box of this size in the middle of an image; an odd pixel too many falls as Python rounds, half to even.
     *
     * @throws IllegalArgumentException if the image is smaller
     */
    static Box centre(int pictureHeight, int pictureWidth, int height, int width) {
        Box box = new Box(
                (int) Math.rint(Math.max(0, pictureHeight - height) / 2.0),
                (int) Math.rint(Math.max(0, pictureWidth - width) / 2.0),
                height,
                width);
        box.requireWithin(pictureHeight, pictureWidth);
        return box;
    }

    void requireWithin(int pictureHeight, int pictureWidth) {
        if ((long) top + height > pictureHeight || (long) left + width > pictureWidth) {
            throw new IllegalArgumentException(
                    "box " + this + " reaches out of a picture of " + pictureHeight + " x " + pictureWidth);
        }
    }

    @Override
    public String toString() {
        return text(top, left, height, width);
    }

    private static String text(int top, int left, int height, int width) {
        return height + " x " + width + " at (" + top + ", " + left + ")";
    }
}
