package maskfeat.augment;

/**
 * The part of an original that an augmentation showed.
 *
 * @param crop in pixels of the original
 * @param mirrored whether left and right were exchanged afterwards
 */
public record Cutout(Box crop, boolean mirrored) {
    /**
     * What was shown.
     *
     * @throws IllegalArgumentException if the augmentation turned or sheared the frames, or its crop reaches out of them
     */
    public static Cutout of(Augmented seen) {
        Geometry geometry = seen.geometry();
        if (geometry.xy() != 0 || geometry.yx() != 0 || geometry.yy() <= 0) {
            throw new IllegalArgumentException("a view of frames that were turned or sheared cannot be cut out again");
        }
        Rectangle from = geometry.inverse()
                .apply(new Rectangle(0, 0, seen.frames().width(), seen.frames().height()));
        int left = Math.toIntExact(Math.round(from.left()));
        int top = Math.toIntExact(Math.round(from.top()));
        int right = Math.toIntExact(Math.round(from.right()));
        int bottom = Math.toIntExact(Math.round(from.bottom()));
        return new Cutout(new Box(top, left, bottom - top, right - left), geometry.xx() < 0);
    }
}
