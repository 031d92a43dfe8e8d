package maskfeat.augment;

import maskfeat.media.Frames;

/**
 * What testing sees: the short side resized, then a square; one in the middle, or three along the longer side.
 *
 * <p>As SlowFast's {@code uniform_crop} (datasets/transform.py), which rounds the offset of the middle up, unless the
 * framing says otherwise: {@link CenterCrop}, which follows torchvision, rounds it to the even one of two, and the two
 * differ by a pixel where 1, 5, 9, ... pixels are left over. Only the pixels of the square are computed.
 *
 * @param shortSide of the resized frames, in pixels; the long side keeps the aspect, rounded down
 * @param side of the square, in pixels; at most {@code shortSide}
 * @param views 1 or 3; the three are left, middle, right of wide or square frames, and top, middle, bottom of tall ones
 * @param filter that resizes
 * @param framing whether a picture of another shape is stretched, which leaves no longer side for three views, and where
 *     the middle is
 */
public record ViewCrop(int shortSide, int side, int views, Resize.Filter filter, Framing framing) {
    /** With the usual framing. */
    public ViewCrop(int shortSide, int side, int views, Resize.Filter filter) {
        this(shortSide, side, views, filter, Framing.USUAL);
    }

    public ViewCrop {
        if (side < 1 || shortSide < side) {
            throw new IllegalArgumentException("view of side " + side + " from a short side of " + shortSide
                    + ": the view must be at least 1 and at most the short side");
        }
        if (views != 1 && views != 3) {
            throw new IllegalArgumentException(views + " views: only 1 or 3 can be taken");
        }
    }

    /**
     * One view of all frames.
     *
     * @param frames [T, H, W, 3]; not changed
     * @param view 0 to {@code views} - 1, first to last; the only one is the middle
     * @return [T, side, side, 3], and where places moved to
     * @throws IllegalArgumentException if there is no such view
     */
    public Augmented apply(Frames frames, int view) {
        if (view < 0 || view >= views) {
            throw new IllegalArgumentException("view " + view + " of " + views + ": the first is 0");
        }
        Scaled scaled = framing.stretch() && views == 1
                ? new Scaled(shortSide, shortSide)
                : Scaled.toShortSide(shortSide, frames);
        boolean tall = frames.height() > frames.width();
        int top = tall ? along(scaled.height(), view) : middle(scaled.height());
        int left = tall ? middle(scaled.width()) : along(scaled.width(), view);
        return scaled.part(frames, new Box(top, left, side, side), filter);
    }

    private int along(int length, int view) {
        if (views == 1 || view == 1) {
            return middle(length);
        }
        return view == 0 ? 0 : length - side;
    }

    private int middle(int length) {
        return framing.middle().of(length, side);
    }
}
