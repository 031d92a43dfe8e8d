package maskfeat.data;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import maskfeat.augment.Augment;
import maskfeat.augment.Augmented;
import maskfeat.data.Seeds.Purpose;
import maskfeat.feature.LabelCrop;
import maskfeat.mask.Grid;
import maskfeat.mask.MaskStrategy;
import maskfeat.media.Frames;

/**
 * Samples for pre-training: augment, hide, compute what to predict.
 *
 * @param grid of tokens that masks are drawn on
 * @param target what to predict for the hidden tokens
 */
public record MaskedSamples(Augment augment, MaskStrategy mask, Grid grid, Target target)
        implements SampleMaker<MaskedClip> {
    /** What targets are made of, and those that are a function of the pixels. Called on loader threads. */
    public interface Target {
        /**
         * The features of the hidden tokens.
         *
         * @param hidden on the grid that masks are drawn on, true = hidden from the network
         * @return for each depth that predicts [hidden tokens of its grid, dim]
         */
        List<float[]> of(Frames frames, boolean[] hidden);

        /**
         * Further views of the same part of the picture, for targets that a network makes of them.
         *
         * @param whole as decoded
         * @param seen what the network sees of it
         * @return for each depth that predicts the frames at its steps of time, if it needs them
         */
        default List<Optional<Frames>> views(Frames whole, Augmented seen) {
            return List.of();
        }

        /**
         * The part of the item's map of classes that the network sees, for targets that are read from files beside the data.
         *
         * @param whole as decoded
         * @param seen what the network sees of it
         * @return for each depth that predicts, if it needs one; may be empty
         * @throws IOException naming the file, if it cannot be used
         */
        default List<Optional<LabelCrop>> labels(Item item, Frames whole, Augmented seen) throws IOException {
            return List.of();
        }
    }

    @Override
    public MaskedClip make(Item item, Frames whole, Seeds.Draws draws) throws IOException {
        Augmented seen = augment.apply(whole, draws.of(Purpose.AUGMENT));
        Frames frames = seen.frames();
        boolean[] hidden = mask.draw(grid, draws.of(Purpose.MASK));
        return new MaskedClip(
                frames, hidden, target.of(frames, hidden), target.views(whole, seen), target.labels(item, whole, seen));
    }

    /** Its hidden tokens: a mask depends on nothing that is read. */
    @Override
    public OptionalDouble weight(Seeds.Draws draws) {
        int hidden = 0;
        for (boolean token : mask.draw(grid, draws.of(Purpose.MASK))) {
            hidden += token ? 1 : 0;
        }
        return OptionalDouble.of(hidden);
    }
}
