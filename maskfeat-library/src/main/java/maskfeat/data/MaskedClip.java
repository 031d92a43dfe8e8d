package maskfeat.data;

import java.util.List;
import maskfeat.media.Frames;

/**
 * An image or clip with hidden tokens and what to predict for them.
 *
 * @param frames as the network sees them, before normalisation
 * @param hidden [tokens], true = hidden from the network
 * @param targets for each depth that predicts [hidden, dim], what to predict for the hidden tokens, in their order
 */
@SuppressWarnings("ArrayRecordComponent") // rows of a batch; nobody compares them with equals
public record MaskedClip(Frames frames, boolean[] hidden, List<float[]> targets) {
    public MaskedClip {
        targets = List.copyOf(targets);
    }

    /** Number of hidden tokens. */
    public int hiddenCount() {
        int count = 0;
        for (boolean token : hidden) {
            count += token ? 1 : 0;
        }
        return count;
    }
}
