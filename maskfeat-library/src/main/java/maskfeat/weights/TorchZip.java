package maskfeat.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Extent;
import maskfeat.disk.FileBytes;
import maskfeat.disk.Shown;
import maskfeat.pickle.PickleInput;
import maskfeat.pickle.Unpickler;
import maskfeat.weights.ZipDirectory.Entry;
import maskfeat.weights.ZipDirectory.Method;
import org.jspecify.annotations.Nullable;

/**
 * The container of {@code torch.save} since PyTorch 1.6: a zip archive with one folder, in it {@code data.pkl} and the
 * storages as {@code data/0}, {@code data/1}, ...
 *
 * <p>Every byte is read once and compared with its CRC-32 before anything is given out. Archives that somebody has
 * compressed again are unpacked into a temporary file.
 */
final class TorchZip {
    private static final String PICKLE = "data.pkl";
    private static final int PIECE = 1 << 18;
    private static final int MAX_RATIO = 64; // of unpacked bytes to the file's; weights do not even halve
    private static final long UNPACKED_FREE = 1 << 20;
    private static final int NAMES_SHOWN = 5;

    private final Path file;
    private final FileBytes opened;
    private final Map<String, Extent> extents = new TreeMap<>();
    private @Nullable FileChannel unpacked;
    private long unpackedBytes;

    private TorchZip(Path file, FileBytes opened) {
        this.file = file;
        this.opened = opened;
    }

    static TorchFile read(Path file, FileBytes opened) throws IOException {
        TorchZip zip = new TorchZip(file, opened);
        try {
            return zip.read();
        } catch (Throwable e) {
            if (zip.unpacked != null) {
                zip.unpacked.close();
            }
            throw e;
        }
    }

    private TorchFile read() throws IOException {
        SortedMap<String, Entry> entries = ZipDirectory.read(file, opened);
        String folder = folder(entries);
        if (entries.containsKey(folder + "constants.pkl")
                || !entries.subMap(folder + "code/", folder + "code0").isEmpty()) {
            throw damage("is a TorchScript archive (torch.jit.save), a program together with its weights; save the"
                    + " state_dict() of its model with torch.save");
        }
        for (Entry entry : entries.values()) {
            extents.put(entry.name(), checked(entry));
        }
        checkByteOrder(folder);
        PickleInput in = new PickleInput(extent(folder + PICKLE), 0);
        TorchGlobals globals = new TorchGlobals(in);
        Object root = Unpickler.read(in, globals);
        if (in.position() != extent(folder + PICKLE).size()) {
            throw damage("has " + (extent(folder + PICKLE).size() - in.position()) + " bytes after its pickle's end");
        }
        Map<String, Extent> storages = new TreeMap<>();
        for (TorchStorage storage : globals.storages().values()) {
            Extent extent = extents.get(folder + "data/" + storage.key());
            if (extent == null) {
                throw damage("has no bytes of storage '" + Shown.text(storage.key()) + "'");
            }
            if (extent.size() != storage.bytes()) {
                throw damage("has " + extent.size() + " bytes of storage '" + Shown.text(storage.key()) + "'; "
                        + storage.count() + " of " + storage.type().name() + " are " + storage.bytes());
            }
            storages.put(storage.key(), extent);
        }
        return new TorchFile(root, storages, unpacked);
    }

    /** The folder that holds it all, of any name, with its slash; empty if there is none. */
    private String folder(SortedMap<String, Entry> entries) throws DamagedFile {
        @Nullable String found = null;
        for (String name : entries.keySet()) {
            boolean here =
                    name.equals(PICKLE) || name.endsWith("/" + PICKLE) && name.indexOf('/') == name.lastIndexOf('/');
            if (here && found != null) {
                throw damage("has two pickles, '" + Shown.text(found + PICKLE) + "' and '" + Shown.text(name) + "'");
            }
            if (here) {
                found = name.substring(0, name.length() - PICKLE.length());
            }
        }
        if (found == null) {
            StringBuilder names = new StringBuilder();
            entries.keySet().stream()
                    .limit(NAMES_SHOWN)
                    .forEach(name -> names.append(names.isEmpty() ? "" : ", ").append(Shown.text(name)));
            throw damage("is a zip archive, but not one of torch.save: it has no data.pkl; it has " + entries.size()
                    + " entries (" + names + (entries.size() > NAMES_SHOWN ? ", ..." : "") + ")");
        }
        return found;
    }

    private void checkByteOrder(String folder) throws IOException {
        Extent extent = extents.get(folder + "byteorder");
        if (extent == null) {
            return; // PyTorch before 2.0
        }
        ByteBuffer order = ByteBuffer.allocate((int) Math.min(extent.size(), 16));
        extent.read(0, order);
        String said = new String(order.array(), StandardCharsets.US_ASCII);
        if (!said.equals("little")) {
            throw damage("was saved with byte order '" + Shown.text(said)
                    + "'; only 'little' is read: save it again on a little-endian machine");
        }
    }

    private Extent extent(String name) throws DamagedFile {
        Extent extent = extents.get(name);
        if (extent == null) {
            throw damage("has no entry '" + Shown.text(name) + "'");
        }
        return extent;
    }

    /** Reads an entry to its end and checks it; where it lies is told, unpacked. */
    private Extent checked(Entry entry) throws IOException {
        CRC32 crc = new CRC32();
        Extent extent;
        if (entry.method() == Method.STORED) {
            extent = new Extent(file, opened, entry.start(), entry.size());
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, entry.size()));
            for (long at = 0; at < entry.size(); at += piece.limit()) {
                piece.clear().limit((int) Math.min(piece.capacity(), entry.size() - at));
                extent.read(at, piece);
                crc.update(piece.flip());
            }
        } else {
            extent = unpack(entry, crc);
        }
        if (crc.getValue() != entry.crc()) {
            throw damage(String.format(
                    Locale.ROOT,
                    "has zip entry '%s' with CRC-32 %08x instead of %08x",
                    Shown.text(entry.name()),
                    crc.getValue(),
                    entry.crc()));
        }
        return extent;
    }

    private Extent unpack(Entry entry, CRC32 crc) throws IOException {
        if (entry.size() > MAX_RATIO * opened.size() + UNPACKED_FREE - unpackedBytes) {
            throw damage("would take more than " + MAX_RATIO + " times its " + opened.size()
                    + " bytes when unpacked; that is no checkpoint");
        }
        FileChannel out = unpacked;
        if (out == null) {
            Path temporary = Files.createTempFile("maskfeat-", ".unpacked");
            out = FileChannel.open(
                    temporary, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
            unpacked = out;
        }
        Extent packed = new Extent(file, opened, entry.start(), entry.packed());
        ByteBuffer in = ByteBuffer.allocate((int) Math.min(PIECE, entry.packed()));
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, entry.size() + 1));
        Inflater inflater = new Inflater(true);
        long read = 0;
        long written = 0;
        try {
            while (!inflater.finished()) {
                if (inflater.needsInput()) {
                    if (read == entry.packed()) {
                        throw damage("has zip entry '" + Shown.text(entry.name()) + "' that ends while it is unpacked");
                    }
                    in.clear().limit((int) Math.min(in.capacity(), entry.packed() - read));
                    packed.read(read, in);
                    read += in.flip().remaining();
                    inflater.setInput(in);
                }
                inflater.inflate(piece.clear());
                if (inflater.needsDictionary() || written + piece.position() > entry.size()) {
                    throw damage("has zip entry '" + Shown.text(entry.name()) + "' that unpacks to more than its "
                            + entry.size() + " bytes");
                }
                crc.update(piece.flip().duplicate());
                while (piece.hasRemaining()) {
                    written += out.write(piece, unpackedBytes + written);
                }
            }
            if (written != entry.size() || read - in.remaining() != entry.packed()) {
                throw damage("has zip entry '" + Shown.text(entry.name()) + "' that unpacks to " + written
                        + " bytes instead of " + entry.size());
            }
        } catch (DataFormatException e) {
            throw new DamagedFile(file, "has zip entry '" + Shown.text(entry.name()) + "' that cannot be unpacked", e);
        } finally {
            inflater.end();
        }
        Extent extent = new Extent(file, FileBytes.of(out), unpackedBytes, written);
        unpackedBytes += written;
        return extent;
    }

    private DamagedFile damage(String found) {
        return new DamagedFile(file, found);
    }
}
