package maskfeat.data;

import java.util.List;
import maskfeat.augment.Augment;
import maskfeat.data.Seeds.Purpose;
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
    /** Targets that are a function of the pixels. Called on loader threads. */
    public interface Target {
        /**
         * The features of the hidden tokens.
         *
         * @param hidden on the grid that masks are drawn on, true = hidden from the network
         * @return for each depth that predicts [hidden tokens of its grid, dim]
         */
        List<float[]> of(Frames frames, boolean[] hidden);
    }

    @Override
    public MaskedClip make(Item item, Frames whole, Seeds.Draws draws) {
        Frames frames = augment.apply(whole, draws.of(Purpose.AUGMENT)).frames();
        boolean[] hidden = mask.draw(grid, draws.of(Purpose.MASK));
        return new MaskedClip(frames, hidden, target.of(frames, hidden));
    }
}
