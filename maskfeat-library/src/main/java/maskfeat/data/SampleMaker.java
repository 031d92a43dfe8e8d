package maskfeat.data;

import java.io.IOException;
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
}
