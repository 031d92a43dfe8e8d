package maskfeat.augment;

/**
 * Where an augmentation moves places of a frame to: {@code x' = xx x + xy y + x0, y' = yx x + yy y + y0}.
 *
 * <p>Coordinates are in pixels and continuous, x to the right and y down; the upper left pixel covers 0 to 1 and its
 * centre is at (0.5, 0.5). So a frame of width W mirrored takes x to W - x, and one resized to half the size takes x to
 * x / 2. The same holds for all frames of a clip.
 */
public record Geometry(double xx, double xy, double x0, double yx, double yy, double y0) {
    /** Every place stays. */
    public static final Geometry IDENTITY = new Geometry(1, 0, 0, 0, 1, 0);

    /**
     * A place in pixels.
     *
     * @param x to the right
     * @param y down
     */
    public record Point(double x, double y) {}

    /** Mirrors left and right in a frame of this width. */
    static Geometry mirror(int width) {
        return new Geometry(-1, 0, width, 0, 1, 0);
    }

    /**
     * Cuts a box out, resizes it, and keeps a part of the result.
     *
     * @param crop what is resized, in pixels of the frame
     * @param height of the resized box, in pixels
     * @param width of the resized box, in pixels
     * @param part what is kept, in pixels of the resized box
     */
    static Geometry resize(Box crop, int height, int width, Box part) {
        double x = (double) width / crop.width();
        double y = (double) height / crop.height();
        return new Geometry(x, 0, -crop.left() * x - part.left(), 0, y, -crop.top() * y - part.top());
    }

    /** Where this place moves to, which may lie outside of the result. */
    public Point apply(double x, double y) {
        return new Point(xx * x + xy * y + x0, yx * x + yy * y + y0);
    }

    /**
     * The smallest upright rectangle around the image of a rectangle. It may reach out of the result;
     * {@link Rectangle#clipped} cuts it off there.
     */
    public Rectangle apply(Rectangle box) {
        // The image of a corner is a sum over both axes, so each axis is as far out as it can be by itself.
        double left = Math.min(xx * box.left(), xx * box.right()) + Math.min(xy * box.top(), xy * box.bottom()) + x0;
        double right = Math.max(xx * box.left(), xx * box.right()) + Math.max(xy * box.top(), xy * box.bottom()) + x0;
        double top = Math.min(yx * box.left(), yx * box.right()) + Math.min(yy * box.top(), yy * box.bottom()) + y0;
        double bottom = Math.max(yx * box.left(), yx * box.right()) + Math.max(yy * box.top(), yy * box.bottom()) + y0;
        return new Rectangle(left, top, right, bottom);
    }

    /** This, and then another. */
    public Geometry then(Geometry next) {
        return new Geometry(
                next.xx * xx + next.xy * yx,
                next.xx * xy + next.xy * yy,
                next.xx * x0 + next.xy * y0 + next.x0,
                next.yx * xx + next.yy * yx,
                next.yx * xy + next.yy * yy,
                next.yx * x0 + next.yy * y0 + next.y0);
    }

    /**
     * The way back, from places of the result to places of the original.
     *
     * @throws IllegalStateException if all places fall on one line, so that there is none
     */
    public Geometry inverse() {
        double determinant = xx * yy - xy * yx;
        if (determinant == 0) {
            throw new IllegalStateException(this + " cannot be inverted");
        }
        double ix = yy / determinant;
        double iy = -xy / determinant;
        double jx = -yx / determinant;
        double jy = xx / determinant;
        return new Geometry(ix, iy, -ix * x0 - iy * y0, jx, jy, -jx * x0 - jy * y0);
    }
}
