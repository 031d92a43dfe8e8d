package maskfeat.data;

import java.io.IOException;
import java.util.OptionalDouble;
import maskfeat.media.Frames;

/**
 * The part of making a sample that comes after decoding. Called on loader threads, many at once.
 *
 * @param <S> type of the sample's content
 */
@FunctionalInterface
public interface SampleMaker<S> {
    /**
     * Makes the content of the sample of a decoded item.
     *
     * @param item that was decoded; its label is {@link Item#UNLABELLED} where none is known
     * @param whole the image or clip as decoded
     * @param draws all randomness there is
     * @throws IOException naming the file, if what lies beside the item on disk cannot be used; the item then counts as bad
     */
    S make(Item item, Frames whole, Seeds.Draws draws) throws IOException;

    /**
     * What the sample of these draws counts in the mean loss of its step, where that is known before an item is read and is the
     * same for every item. Where it is, the micro-batches of a step are made and let go one after the other; else all of them
     * are made before the first is used.
     *
     * @return empty for all draws or for none
     */
    default OptionalDouble weight(Seeds.Draws draws) {
        return OptionalDouble.empty();
    }
}
