package maskfeat.augment;

/** Where an augmentation takes annotated boxes. */
public enum BoxRule {
    /** To the smallest rectangle around the same places of the picture, cut off at the frame's edge. */
    EXACT {
        @Override
        public Rectangle apply(Rectangle box, int height, int width, Augmented result) {
            return result.geometry()
                    .apply(box.scaled(width, height))
                    .clipped(result.frames().width(), result.frames().height());
        }
    },
    /**
     * As SlowFast does (datasets/cv2_transform.py): a frame of width W ends at W - 1, mirroring takes x to W - x - 1, and both
     * axes are scaled by the long side's factor. Up to a pixel or two beside the true place; for the official figures.
     */
    SLOWFAST {
        @Override
        public Rectangle apply(Rectangle box, int height, int width, Augmented result) {
            Geometry moved = result.geometry();
            if (moved.xy() != 0 || moved.yx() != 0) {
                throw new IllegalArgumentException(
                        "boxes by SlowFast's rule cannot be sheared or rotated; take the rule exact");
            }
            Rectangle start = box.scaled(width, height).clipped(width - 1.0, height - 1.0);
            double factor = width < height ? Math.abs(moved.yy()) : Math.abs(moved.xx());
            boolean mirrored = moved.xx() < 0;
            int end = result.frames().width();
            double left = mirrored ? moved.x0() - end : -moved.x0();
            double x1 = start.left() * factor - left;
            double x2 = start.right() * factor - left;
            double y1 = start.top() * factor + moved.y0();
            double y2 = start.bottom() * factor + moved.y0();
            Rectangle placed =
                    mirrored ? new Rectangle(end - x2 - 1, y1, end - x1 - 1, y2) : new Rectangle(x1, y1, x2, y2);
            return placed.clipped(end - 1.0, result.frames().height() - 1.0);
        }
    };

    /**
     * A box in the result of an augmentation.
     *
     * @param box in fractions of the frame as it was
     * @param height of the frame as it was, in pixels
     * @param width of the frame as it was, in pixels
     * @return in pixels of the result; empty and on the edge if it lies outside
     */
    public abstract Rectangle apply(Rectangle box, int height, int width, Augmented result);
}
