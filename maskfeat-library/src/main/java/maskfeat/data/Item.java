package maskfeat.data;

import java.nio.file.Path;

/**
 * One image or clip of a data set.
 *
 * @param file where it is
 * @param label its class, counted from 0; {@link #UNLABELLED} where none is known
 */
public record Item(Path file, int label) {
    /** The label of an item without one. */
    public static final int UNLABELLED = -1;
}
