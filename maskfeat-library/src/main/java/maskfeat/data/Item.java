package maskfeat.data;

import java.nio.file.Path;

/**
 * One image or clip of a data set.
 *
 * @param file where it is
 * @param label its class, counted from 0; {@link #UNLABELLED} where none is known
 * @param part which of several items of the file, such as a key frame, counted from 0 as the data set does; 0 where the
 *     file is one item
 */
public record Item(Path file, int label, int part) {
    /** The label of an item without one. */
    public static final int UNLABELLED = -1;

    /** An item that is a file of its own. */
    public Item(Path file, int label) {
        this(file, label, 0);
    }
}
