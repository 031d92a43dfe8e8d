package maskfeat.sample;

/**
 * The pose of an object relative to its initial one.
 *
 * @param x to the right, in short sides of the image
 * @param y down, in short sides of the image
 * @param angle clockwise, in radians
 * @param scale as a multiple of its initial size
 */
record Pose(double x, double y, double angle, double scale) {
    static final Pose REST = new Pose(0, 0, 0, 1);
}
