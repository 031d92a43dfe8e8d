package maskfeat.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Content;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.FileBytes;
import maskfeat.disk.Fingerprint;
import maskfeat.disk.RegularFile;

/**
 * Named tensors in a file, in the safetensors format: 8 bytes of header length (little-endian), a JSON header, data.
 *
 * <p>Tensors come and go as little-endian bytes in row-major order; nothing here knows a tensor library.
 */
public final class Safetensors {
    private Safetensors() {}

    /** A tensor to be written; {@code data}, asked when its turn comes, writes exactly {@code entry.size()} bytes. */
    public record Source(TensorEntry entry, Content data) {
        /** A tensor of less than 2 GiB: the bytes between a buffer's position and limit, which stay as they are. */
        public static Source of(String name, DType type, List<Long> shape, Supplier<ByteBuffer> bytes) {
            return new Source(
                    new TensorEntry(name, type, shape),
                    out -> out.write(bytes.get().duplicate()));
        }

        /** A tensor of an open file, read piece by piece while it is written; the file must stay open until then. */
        public static Source of(TensorReader reader, TensorEntry entry) {
            Pieced whole = new Pieced(entry, List.of(Pieced.Piece.all(entry)));
            return new Source(entry, out -> whole.writeTo(reader, out));
        }
    }

    /**
     * Writes a file that is there whole or not at all. The same tensors and metadata give the same bytes.
     *
     * @throws IOException naming the file, which is then as it was before
     * @throws IllegalArgumentException if two tensors have the same name
     */
    public static Fingerprint write(Path file, Map<String, String> metadata, Collection<Source> tensors)
            throws IOException {
        return AtomicFile.write(file, content(metadata, tensors));
    }

    /** The bytes of such a file, for whoever writes it; one tensor's data is asked for at a time. */
    public static Content content(Map<String, String> metadata, Collection<Source> tensors) {
        // Wide elements first, so that each tensor starts at a multiple of its element.
        List<Source> order = new ArrayList<>(tensors);
        order.sort(
                Comparator.comparing((Source tensor) -> -tensor.entry().type().bytes())
                        .thenComparing(tensor -> tensor.entry().name()));
        SafetensorsHeader header =
                SafetensorsHeader.of(metadata, order.stream().map(Source::entry).toList());
        return out -> {
            writeFully(out, header.render());
            for (Source tensor : order) {
                Exact exact = new Exact(out, tensor.entry());
                tensor.data().writeTo(exact);
                exact.checkFull();
            }
        };
    }

    /**
     * Opens a file and checks its whole header, before any data is read.
     *
     * @throws DamagedFile if it is not a whole, well-formed safetensors file
     */
    public static Reader open(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new DamagedFile(file, "is a folder, not a safetensors file");
        }
        return open(file, FileBytes.open(RegularFile.require(file)));
    }

    /** @param opened of the file, closed with what is returned, or here if this fails */
    static Reader open(Path file, FileBytes opened) throws IOException {
        try {
            return new Reader(file, opened, SafetensorsHeader.read(file, opened));
        } catch (Throwable e) {
            opened.close();
            throw e;
        }
    }

    /** An open file. Threads may read from it at the same time. */
    public static final class Reader implements TensorReader {
        private final Path file;
        private final FileBytes opened;
        private final SafetensorsHeader header;
        private final SortedMap<String, TensorEntry> entries = new TreeMap<>();

        private Reader(Path file, FileBytes opened, SafetensorsHeader header) {
            this.file = file;
            this.opened = opened;
            this.header = header;
            header.slots().forEach((name, slot) -> entries.put(name, slot.entry()));
        }

        @Override
        public Path file() {
            return file;
        }

        @Override
        public SortedMap<String, TensorEntry> entries() {
            return Collections.unmodifiableSortedMap(entries);
        }

        @Override
        public SortedMap<String, String> metadata() {
            return Collections.unmodifiableSortedMap(header.metadata());
        }

        @Override
        public void read(TensorEntry entry, long offset, ByteBuffer into) throws IOException {
            SafetensorsHeader.Slot slot = header.slots().get(entry.name());
            if (slot == null || !slot.entry().equals(entry)) {
                throw new IllegalArgumentException(file + " has no tensor " + entry);
            }
            if (offset < 0 || offset > entry.size() - into.remaining()) {
                throw new IllegalArgumentException("bytes from " + offset + ", " + into.remaining()
                        + " of them, of tensor '" + entry.name() + "', which has " + entry.size());
            }
            SafetensorsHeader.readFully(file, opened, into, header.dataStart() + slot.begin() + offset);
        }

        @Override
        public void close() throws IOException {
            opened.close();
        }
    }

    private static void writeFully(WritableByteChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    /** Lets one tensor write its own bytes and no others: a wrong count would shift all that follow. */
    private static final class Exact implements WritableByteChannel {
        private final WritableByteChannel out;
        private final TensorEntry entry;
        private long written;

        Exact(WritableByteChannel out, TensorEntry entry) {
            this.out = out;
            this.entry = entry;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            int count = bytes.remaining();
            written += count;
            if (written > entry.size()) {
                throw wrongSize(" or more");
            }
            writeFully(out, bytes);
            return count;
        }

        void checkFull() {
            if (written != entry.size()) {
                throw wrongSize("");
            }
        }

        private IllegalStateException wrongSize(String orMore) {
            return new IllegalStateException("tensor '" + entry.name() + "' wrote " + written + " bytes" + orMore + "; "
                    + entry.type() + " " + entry.shape() + " are " + entry.size());
        }

        @Override
        public boolean isOpen() {
            return out.isOpen();
        }

        /** Does nothing: the file goes on. */
        @Override
        public void close() {}
    }
}
