package maskfeat.eval;

/**
 * An upright box by its upper left and lower right corner, in fractions of a frame or in pixels. Unlike a rectangle of an
 * augmentation it may be turned inside out: annotations contain such boxes, and each protocol says what becomes of them.
 *
 * @param x1 left
 * @param y1 top
 * @param x2 right
 * @param y2 bottom
 */
public record Corners(double x1, double y1, double x2, double y2) {
    /** @throws IllegalArgumentException if a number is NaN or infinite */
    public Corners {
        if (!Double.isFinite(x1 + y1 + x2 + y2)) {
            throw new IllegalArgumentException(
                    "a box from (" + x1 + ", " + y1 + ") to (" + x2 + ", " + y2 + ") has a number that is not finite");
        }
    }

    /** Whether it has no inside: right not right of left, or bottom not below top. */
    public boolean isDegenerate() {
        return x1 >= x2 || y1 >= y2;
    }

    /**
     * Intersection over union, 0 to 1.
     *
     * @param extra added to each width and height: 0 for continuous coordinates, 1 for pixels that are counted with both
     *     ends
     */
    public double iou(Corners other, int extra) {
        double width = Math.min(x2, other.x2) - Math.max(x1, other.x1) + extra;
        double height = Math.min(y2, other.y2) - Math.max(y1, other.y1) + extra;
        if (width <= 0 || height <= 0) {
            return 0;
        }
        double both = width * height;
        return both / (area(extra) + other.area(extra) - both);
    }

    private double area(int extra) {
        return (x2 - x1 + extra) * (y2 - y1 + extra);
    }

    /** In pixels, given the frame's size and this box in fractions of it. */
    public Corners scaled(double width, double height) {
        return new Corners(x1 * width, y1 * height, x2 * width, y2 * height);
    }
}
