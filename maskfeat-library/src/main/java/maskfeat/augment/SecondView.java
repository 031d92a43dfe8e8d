package maskfeat.augment;

import maskfeat.media.Frames;

/** Another view of the part of some frames that an augmentation showed: the same crop of the original and the same flip, at another size. */
public final class SecondView {
    private SecondView() {}

    /**
     * Takes the crop from the original again, so that nothing is scaled twice.
     *
     * @param whole the original
     * @param seen what an augmentation made of it
     * @param times how many frames to take, evenly, each the first of its share
     * @param height of the view in pixels
     * @param width of the view in pixels
     * @return [times, height, width, 3], scaled by Pillow's Lanczos filter
     * @throws IllegalArgumentException if the augmentation turned or sheared the frames, or its crop reaches out of them
     */
    public static Frames of(Frames whole, Augmented seen, int times, int height, int width) {
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
        Box crop = new Box(top, left, bottom - top, right - left);
        Frames chosen = every(whole, whole.count() / times, times);
        Frames view = Resize.of(chosen, crop, height, width, Resize.Filter.LANCZOS);
        return geometry.xx() < 0 ? HorizontalFlip.mirror(view) : view;
    }

    /** Frames 0, step, 2 step, ... */
    public static Frames every(Frames frames, int step, int count) {
        int size = frames.height() * frames.width() * Frames.CHANNELS;
        byte[] rgb = new byte[count * size];
        for (int i = 0; i < count; i++) {
            System.arraycopy(frames.rgb(), i * step * size, rgb, i * size, size);
        }
        return new Frames(count, frames.height(), frames.width(), rgb);
    }
}
