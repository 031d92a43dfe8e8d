package maskfeat.data;

import java.util.List;
import java.util.Optional;
import maskfeat.augment.Erased;
import maskfeat.media.Frames;

/**
 * What the network gets of one item.
 *
 * @param index of the item in the data set, after replacement of what could not be read
 * @param frames as the network sees them, before normalisation
 * @param hidden [tokens], true = hidden from the network; none where nothing is predicted
 * @param targets for each depth that predicts [hidden, dim], what to predict for the hidden tokens, in their order
 * @param label class, or {@link Item#UNLABELLED}
 * @param erased what takes the place of a part of the frames once they are normalised
 */
@SuppressWarnings("ArrayRecordComponent") // rows of a batch; nobody compares them with equals
public record Sample(
        int index, Frames frames, boolean[] hidden, List<float[]> targets, int label, Optional<Erased> erased) {
    public Sample {
        targets = List.copyOf(targets);
    }

    /** Whole frames for looking at, without a label. */
    public static Sample of(int index, Frames frames) {
        return new Sample(index, frames, new boolean[0], List.of(), Item.UNLABELLED, Optional.empty());
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
