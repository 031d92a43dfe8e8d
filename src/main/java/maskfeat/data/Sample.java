package maskfeat.data;

import java.util.List;
import maskfeat.media.Frames;

/**
 * What the network gets of one item.
 *
 * @param index of the item in the data set, after replacement of what could not be read
 * @param frames as the network sees them, before normalisation
 * @param hidden [tokens], true = hidden from the network
 * @param targets for each depth that predicts [hidden, dim], what to predict for the hidden tokens, in their order
 * @param label class, or {@link Item#UNLABELLED}
 */
@SuppressWarnings("ArrayRecordComponent") // rows of a batch; nobody compares them with equals
public record Sample(int index, Frames frames, boolean[] hidden, List<float[]> targets, int label) {
    public Sample {
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
