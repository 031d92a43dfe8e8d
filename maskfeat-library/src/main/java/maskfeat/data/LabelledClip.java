package maskfeat.data;

import java.util.Optional;
import maskfeat.augment.Erased;
import maskfeat.media.Frames;

/**
 * An image or clip with its class.
 *
 * @param frames as the network sees them, before normalisation
 * @param label class, or {@link Item#UNLABELLED}
 * @param erased noise that replaces a part of the frames once they are normalised; empty for none
 */
public record LabelledClip(Frames frames, int label, Optional<Erased> erased) {}
