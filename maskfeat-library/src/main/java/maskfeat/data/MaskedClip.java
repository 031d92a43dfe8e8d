package maskfeat.data;

import java.util.List;
import java.util.Optional;
import maskfeat.feature.LabelCrop;
import maskfeat.media.Frames;

/**
 * An image or clip with hidden tokens and what to predict for them.
 *
 * @param frames as the network sees them, before normalisation
 * @param hidden [tokens], true = hidden from the network
 * @param targets for each depth that predicts [hidden, dim], what to predict for the hidden tokens, in their order; empty for
 *     those that a frozen network makes
 * @param views for each depth that predicts a view that its frozen network sees instead of the frames; may be empty
 * @param labels for each depth that predicts the part of a map of classes that the frames show; may be empty
 */
@SuppressWarnings("ArrayRecordComponent") // rows of a batch; nobody compares them with equals
public record MaskedClip(
        Frames frames,
        boolean[] hidden,
        List<float[]> targets,
        List<Optional<Frames>> views,
        List<Optional<LabelCrop>> labels) {
    public MaskedClip {
        targets = List.copyOf(targets);
        views = List.copyOf(views);
        labels = List.copyOf(labels);
    }

    /** With targets of the pixels alone. */
    public MaskedClip(Frames frames, boolean[] hidden, List<float[]> targets) {
        this(frames, hidden, targets, List.of(), List.of());
    }

    /** What the frozen network of a depth sees at its steps of time; empty if it sees the frames. */
    public Optional<Frames> view(int depth) {
        return depth < views.size() ? views.get(depth) : Optional.empty();
    }

    /** What a map says of the part of the picture that is seen, for a depth that predicts it. */
    public Optional<LabelCrop> labels(int depth) {
        return depth < labels.size() ? labels.get(depth) : Optional.empty();
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
