package maskfeat.data;

import maskfeat.media.Frames;

/** The part of making a sample that comes after decoding. Called on loader threads, many at once. */
@FunctionalInterface
public interface SampleMaker {
    /**
     * Makes the sample of a decoded item.
     *
     * @param index of the item in the data set
     * @param whole the image or clip as decoded
     * @param label class, or {@link Item#UNLABELLED}
     * @param draws all randomness there is
     */
    Sample make(int index, Frames whole, int label, Seeds.Draws draws);
}
