package maskfeat.sample;

/**
 * Where a thing is, relative to where it was put.
 *
 * @param x to the right, in short sides of the picture
 * @param y down, in short sides of the picture
 * @param angle clockwise, in radians
 * @param scale times the size it was given
 */
record Pose(double x, double y, double angle, double scale) {
    static final Pose REST = new Pose(0, 0, 0, 1);
}
