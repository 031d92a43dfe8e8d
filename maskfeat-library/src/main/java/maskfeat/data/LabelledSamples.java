package maskfeat.data;

import java.util.Optional;
import java.util.OptionalDouble;
import maskfeat.augment.Augment;
import maskfeat.augment.Erased;
import maskfeat.augment.RandomErasing;
import maskfeat.data.Seeds.Purpose;
import maskfeat.media.Frames;

/**
 * Samples for training with labels: augment, and draw what is erased once the pixels are normalised.
 *
 * @param erasing empty for none
 */
public record LabelledSamples(Augment augment, Optional<RandomErasing> erasing) implements SampleMaker<LabelledClip> {
    @Override
    public LabelledClip make(Item item, Frames whole, Seeds.Draws draws) {
        Frames frames = augment.apply(whole, draws.of(Purpose.AUGMENT)).frames();
        Optional<Erased> erased = erasing.flatMap(
                rule -> rule.draw(frames.count(), frames.height(), frames.width(), draws.of(Purpose.ERASE)));
        return new LabelledClip(frames, item.label(), erased);
    }

    /** Each counts the same. */
    @Override
    public OptionalDouble weight(Seeds.Draws draws) {
        return OptionalDouble.of(1);
    }
}
