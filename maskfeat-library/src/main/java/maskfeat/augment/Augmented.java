package maskfeat.augment;

import maskfeat.media.Frames;

/**
 * What an augmentation made of some frames.
 *
 * @param frames [T, H, W, 3]
 * @param geometry from places in the frames as they were to places in these
 */
public record Augmented(Frames frames, Geometry geometry) {
    /** Frames of which every place is where it was: nothing changed, or colours alone. */
    public static Augmented inPlace(Frames frames) {
        return new Augmented(frames, Geometry.IDENTITY);
    }
}
