package maskfeat.data;

import java.util.OptionalDouble;
import maskfeat.augment.Augment;
import maskfeat.data.Seeds.Purpose;
import maskfeat.media.Frames;

/**
 * Samples for contrastive learning: each image twice, changed in two ways that know nothing of each other.
 *
 * @param first how the first view is made
 * @param second how the second view is made
 */
public record TwoViewSamples(Augment first, Augment second) implements SampleMaker<TwoViews> {
    @Override
    public TwoViews make(Item item, Frames whole, Seeds.Draws draws) {
        return new TwoViews(
                first.apply(whole, draws.of(Purpose.AUGMENT)).frames(),
                second.apply(whole, draws.of(Purpose.SECOND_VIEW)).frames());
    }

    /** Each counts the same. */
    @Override
    public OptionalDouble weight(Seeds.Draws draws) {
        return OptionalDouble.of(1);
    }
}
