package maskfeat.augment;

/**
 * An upright rectangle, such as an annotated box, in the coordinates of {@link Geometry}: continuous pixels, or fractions
 * of a frame until {@link #scaled}. It may be empty and may reach out of the frame.
 *
 * @param left smallest x
 * @param top smallest y
 * @param right largest x
 * @param bottom largest y
 */
public record Rectangle(double left, double top, double right, double bottom) {
    public Rectangle {
        if (!(left <= right && top <= bottom)) {
            throw new IllegalArgumentException("rectangle from (" + left + ", " + top + ") to (" + right + ", " + bottom
                    + "): right must not be left of left, nor bottom above top");
        }
    }

    /** From fractions of a frame to its pixels, given the frame's width and height in pixels. */
    public Rectangle scaled(double width, double height) {
        return new Rectangle(left * width, top * height, right * width, bottom * height);
    }

    /** The part inside a frame of this size; what lies outside becomes an empty rectangle on the border. */
    public Rectangle clipped(double width, double height) {
        return new Rectangle(within(left, width), within(top, height), within(right, width), within(bottom, height));
    }

    private static double within(double value, double limit) {
        return Math.max(0, Math.min(limit, value));
    }

    /** Width times height; 0 if it is empty. */
    public double area() {
        return (right - left) * (bottom - top);
    }
}
