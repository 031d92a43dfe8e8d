package maskfeat.augment;

import maskfeat.media.Frames;

/**
 * The size of frames once their short side is as long as asked; the long side keeps the aspect, rounded down.
 *
 * <p>As torchvision's {@code Resize} with one number. SlowFast's scaling has the same rule, but divides first, so that
 * rounding takes a pixel from the long side of about one size in four thousand.
 */
record Scaled(int height, int width) {
    static Scaled toShortSide(int shortSide, Frames frames) {
        return frames.height() <= frames.width()
                ? new Scaled(shortSide, longSide(shortSide, frames.width(), frames.height()))
                : new Scaled(longSide(shortSide, frames.height(), frames.width()), shortSide);
    }

    private static int longSide(int shortSide, int longer, int shorter) {
        return Math.toIntExact((long) shortSide * longer / shorter);
    }

    /** The part of the frames that lies in the box once they have this size; nothing else is computed. */
    Augmented part(Frames frames, Box box, Resize.Filter filter) {
        Box whole = Box.whole(frames);
        return new Augmented(
                Resize.part(frames, whole, height, width, box, filter), Geometry.resize(whole, height, width, box));
    }
}
