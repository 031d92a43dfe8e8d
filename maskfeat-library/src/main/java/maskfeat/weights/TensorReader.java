package maskfeat.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.SortedMap;
import maskfeat.disk.DamagedFile;

/**
 * An open file of named tensors, of whatever format. Its structure was checked before anything could be read; data comes
 * as little-endian bytes in row-major order. Threads may read from it at the same time.
 */
public interface TensorReader extends AutoCloseable {
    /** The file, for messages. */
    Path file();

    /** All tensors, by name and sorted by it. */
    SortedMap<String, TensorEntry> entries();

    /** What the writer noted besides; empty where there is nothing. */
    SortedMap<String, String> metadata();

    /**
     * Reads part of a tensor, from byte {@code offset} on, as much as the buffer takes: for 2 GiB and more.
     *
     * @throws DamagedFile if the file has become shorter since it was opened, or its data does not fit its checksum
     * @throws IllegalArgumentException if the tensor has no such bytes, or is not of this file
     */
    void read(TensorEntry entry, long offset, ByteBuffer into) throws IOException;

    /**
     * Reads a whole tensor into the buffer's remaining bytes, which must be as many.
     *
     * @throws DamagedFile as the other
     * @throws IllegalArgumentException if the buffer's size is another, or the tensor is not of this file
     */
    default void read(TensorEntry entry, ByteBuffer into) throws IOException {
        if (into.remaining() != entry.size()) {
            throw new IllegalArgumentException(
                    "a buffer of " + into.remaining() + " bytes for tensor '" + entry.name() + "' of " + entry.size());
        }
        read(entry, 0, into);
    }

    /** What the file itself calls a tensor, for messages; several where it is put together. */
    default String nameInFile(String name) {
        return name;
    }

    @Override
    void close() throws IOException;
}
