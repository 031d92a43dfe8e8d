package maskfeat.augment;

import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * One step from a decoded image or clip to what the network sees.
 *
 * <p>A setting and its rule in one: immutable, and used by many threads at once. All randomness comes from the
 * argument, so the same generator state gives the same pixels.
 */
public interface Augment {
    /**
     * Applies this step, in the same way to every frame.
     *
     * @param frames [T, H, W, 3]; never changed
     * @return the result and where it moved each place to; {@code frames} itself if nothing is to be done
     */
    Augmented apply(Frames frames, RandomGenerator random);
}
