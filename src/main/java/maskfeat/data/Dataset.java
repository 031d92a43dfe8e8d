package maskfeat.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import maskfeat.media.Frames;

/**
 * A list of images or clips on disk. Immutable and safe for any number of threads.
 *
 * <p>A new format is one file and one name in the {@code permits}.
 */
public sealed interface Dataset permits ImageDataset {
    /** The items, in an order that hangs on their names alone. */
    List<Item> items();

    /** Names of the classes by label; empty where there are none. */
    List<String> classes();

    /** Where the data set was read from, for messages. */
    Path source();

    /**
     * Decodes an item: the image, or a clip of the video.
     *
     * @param random draws which clip
     * @throws IOException naming the file, if it cannot be used
     */
    Frames read(Item item, RandomGenerator random) throws IOException;

    /** How a person would call an item: its path from {@link #source} where that is a folder, else its file name. */
    default String name(Item item) {
        Path path = item.file().startsWith(source())
                ? source().relativize(item.file())
                : item.file().getFileName();
        return path.toString();
    }

    /** Number of items. */
    default int size() {
        return items().size();
    }
}
