package maskfeat.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Map;
import maskfeat.disk.Extent;
import org.jspecify.annotations.Nullable;

/**
 * What {@code torch.save} wrote: one value, and the bytes of its storages.
 *
 * @param root the value
 * @param storages bytes of each storage, by its key; each as long as the value says
 * @param unpacked temporary file that holds the bytes, where they were compressed; else null
 */
record TorchFile(
        Object root, Map<String, Extent> storages, @Nullable FileChannel unpacked) {
    /** Bytes of all storages. */
    long bytes() {
        return storages.values().stream().mapToLong(Extent::size).sum();
    }

    /** Removes the temporary file. */
    void close() throws IOException {
        if (unpacked != null) {
            unpacked.close();
        }
    }
}
