package maskfeat.augment;

import maskfeat.media.Frames;

/**
 * What {@link RandomErasing} writes over the normalised pixels of a sample.
 *
 * @param box of every frame
 * @param noise [T, box height, box width, 3], in units of normalised pixels; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // the noise is the point; nobody compares it with equals
public record Erased(Box box, float[] noise) {
    public Erased {
        long frame = (long) box.height() * box.width() * Frames.CHANNELS;
        if (noise.length == 0 || noise.length % frame != 0) {
            throw new IllegalArgumentException(
                    noise.length + " values of noise do not fill a box of " + box + " in one frame or more");
        }
    }
}
