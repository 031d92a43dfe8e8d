package maskfeat.data;

import java.util.List;
import java.util.Optional;
import maskfeat.media.Frames;

/**
 * An image or clip with hidden tokens and what to predict for them.
 *
 * @param frames as the network sees them, before normalisation
 * @param hidden [tokens], true = hidden from the network
 * @param targets for each depth that predicts [hidden, dim], what to predict for the hidden tokens, in their order; empty for
 *     those that a frozen network makes
 * @param views for each depth that predicts a view that its frozen network sees instead of the frames; may be empty
 */
@SuppressWarnings("ArrayRecordComponent") // rows of a batch; nobody compares them with equals
public record MaskedClip(Frames frames, boolean[] hidden, List<float[]> targets, List<Optional<Frames>> views) {
    public MaskedClip {
        targets = List.copyOf(targets);
        views = List.copyOf(views);
    }

    /** With targets of the pixels alone. */
    public MaskedClip(Frames frames, boolean[] hidden, List<float[]> targets) {
        this(frames, hidden, targets, List.of());
    }

    /** What the frozen network of a depth sees at its steps of time; empty if it sees the frames. */
    public Optional<Frames> view(int depth) {
        return depth < views.size() ? views.get(depth) : Optional.empty();
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
