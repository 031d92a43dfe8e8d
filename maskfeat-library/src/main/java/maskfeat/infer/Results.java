package maskfeat.infer;

import java.io.IOException;
import maskfeat.data.Item;

/**
 * Receives the results of many items, in order, on the caller's thread.
 *
 * @param <R> result of an item
 */
public interface Results<R> {
    /** @param result the mean over the views of the item */
    void take(Item item, R result) throws IOException;

    /**
     * Receives an item that cannot be read. Returns to leave it out, or throws to stop.
     *
     * @param why the error, naming the file
     */
    void unreadable(Item item, IOException why) throws IOException;
}
