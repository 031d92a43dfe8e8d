package maskfeat.augment;

import java.util.List;
import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * Several augmentations, one after the other.
 *
 * @param steps first to last; none at all leaves the frames as they are
 */
public record Pipeline(List<Augment> steps) implements Augment {
    public Pipeline {
        steps = List.copyOf(steps);
    }

    /** These steps, first to last. */
    public static Pipeline of(Augment... steps) {
        return new Pipeline(List.of(steps));
    }

    @Override
    public Augmented apply(Frames frames, RandomGenerator random) {
        Augmented result = Augmented.inPlace(frames);
        for (Augment step : steps) {
            boolean isOurs = result.frames().rgb() != frames.rgb();
            Augmented next = isOurs && step instanceof HorizontalFlip flip
                    ? flip.applyInPlace(result.frames(), random)
                    : step.apply(result.frames(), random);
            result = new Augmented(next.frames(), result.geometry().then(next.geometry()));
        }
        return result;
    }
}
