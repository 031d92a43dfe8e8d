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
     * @param filter that scales the crop
     * @return [times, height, width, 3]
     * @throws IllegalArgumentException if the augmentation turned or sheared the frames, or its crop reaches out of them
     */
    public static Frames of(Frames whole, Augmented seen, int times, int height, int width, Resize.Filter filter) {
        Cutout shown = Cutout.of(seen);
        Frames chosen = every(whole, whole.count() / times, times);
        Frames view = Resize.of(chosen, shown.crop(), height, width, filter);
        return shown.mirrored() ? HorizontalFlip.mirror(view) : view;
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
