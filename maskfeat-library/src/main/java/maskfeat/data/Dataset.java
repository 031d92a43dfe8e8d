package maskfeat.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import maskfeat.disk.PathText;
import maskfeat.disk.Plural;
import maskfeat.disk.Uris;
import maskfeat.media.Frames;

/**
 * A list of images or clips on disk. Immutable and safe for any number of threads.
 *
 * <p>A new form that lists images or videos is a {@code ListingFormat}: one file and one name in {@code ListingFormats}.
 */
public sealed interface Dataset permits ImageDataset, VideoDataset, KeyFrameDataset, Subset {
    /**
     * Opens images or videos: a folder, a list file or another form of the kind.
     *
     * @param clip which frames of a video are taken, or that the data are images
     * @throws java.nio.file.NoSuchFileException if there is nothing at {@code source}
     * @throws DatasetException if nothing in it is of that kind, or it contradicts itself
     */
    static Dataset open(Path source, ClipSampler clip) throws IOException {
        return clip instanceof StillImage ? ImageDataset.open(source) : VideoDataset.open(source, clip);
    }

    /** The items, in an order that depends on their names alone. */
    List<Item> items();

    /** Names of the classes by label; empty where there are none. */
    List<String> classes();

    /** How many files of the folder were passed over for their ending, by ending; empty for a list. */
    Map<String, Integer> ignored();

    /** What a person should know of how the data set was read, a sentence each, to be shown once. */
    List<String> notices();

    /** Where the data set was read from. */
    Path source();

    /** The {@link #source} as messages name it. */
    default String place() {
        return PathText.shown(source());
    }

    /**
     * Decodes an item: the image, or a clip of the video.
     *
     * @param random draws which clip
     * @throws IOException naming the file, if it cannot be used
     */
    Frames read(Item item, RandomGenerator random) throws IOException;

    /**
     * Decodes one of several clips that together cover a video, for evaluating it or looking at it.
     *
     * @param view counted from 0
     * @param views how many there are; of one alone, the middle of the video; 1 for images
     * @throws IllegalArgumentException if there is no such view; an image has one alone
     * @throws IOException naming the file, if it cannot be used
     */
    Frames readView(Item item, int view, int views) throws IOException;

    /** How a person would call an item: its path from {@link #source} where that is a folder, else its file name. */
    default String name(Item item) {
        Path path = Uris.liesIn(source(), item.file())
                ? source().relativize(item.file())
                : item.file().getFileName();
        return PathText.of(path);
    }

    /** A number that is another if something else is to be learned of an item: its label, or what its boxes come to. */
    default int content(Item item) {
        return item.label();
    }

    /** What the items are called in a sentence: images or clips. */
    String noun();

    /** Their number and what they are, as in "12 images". */
    default String counted() {
        return Plural.ofMany(size(), noun());
    }

    /** Number of items. */
    default int size() {
        return items().size();
    }
}
