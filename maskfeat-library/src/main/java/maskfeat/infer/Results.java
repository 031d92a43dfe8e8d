package maskfeat.infer;

import java.io.IOException;
import maskfeat.data.Item;

/**
 * Takes what a network makes of many items, in their order, on the caller's thread.
 *
 * @param <R> result of an item
 */
public interface Results<R> {
    /** @param result the mean over the views of the item */
    void take(Item item, R result) throws IOException;

    /**
     * An item that cannot be read: it is left out if this returns, and the work ends if this throws.
     *
     * @param why names the file
     */
    void unreadable(Item item, IOException why) throws IOException;
}
