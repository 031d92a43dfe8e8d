package maskfeat.weights;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Extent;
import maskfeat.disk.FileBytes;
import maskfeat.disk.Shown;
import maskfeat.pickle.PickleInput;
import maskfeat.pickle.Pickled;
import maskfeat.pickle.Unpickler;

/**
 * The format of {@code torch.save} before PyTorch 1.6: five pickles in a row (magic number, protocol, machine, the value,
 * keys of the storages), then each storage as a count of 8 bytes and its elements. It has no checksums.
 */
final class TorchLegacy {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;
    private static final int HEAD = 256;

    private final Path file;
    private final Extent all;
    private long position;

    private TorchLegacy(Path file, Extent all) {
        this.file = file;
        this.all = all;
    }

    /** Whether a file that begins so may be one: the mark of protocols from 2 on, or the magic number in digits. */
    static boolean begins(byte[] head) {
        String digits = new String(head, StandardCharsets.ISO_8859_1);
        return head.length > 1 && (head[0] & 0xff) == 0x80 && head[1] >= 2 && head[1] <= 5
                || digits.startsWith("L" + MAGIC);
    }

    static TorchFile read(Path file, FileBytes opened) throws IOException {
        return new TorchLegacy(file, new Extent(file, opened, 0, opened.size())).read();
    }

    private TorchFile read() throws IOException {
        boolean caffe2 = isCaffe2();
        Object magic = next(new Section());
        if (!MAGIC.equals(magic)) {
            throw damage(
                    caffe2
                            ? "is a pickle with Caffe2's 'blobs', an older format of SlowFast's models, which is not read;"
                                    + " convert it with SlowFast or Detectron2 to a .pyth file"
                            : "is a pickle, but not one of torch.save: it does not begin with its magic number");
        }
        Object protocol = next(new Section());
        if (!protocol.equals(PROTOCOL)) {
            throw damage("is of another version of torch.save's old format; known is " + PROTOCOL);
        }
        Object machine = next(new Section());
        if (!(machine instanceof Pickled.Dict facts)
                || !Boolean.TRUE.equals(facts.items().get("little_endian"))) {
            throw damage("was not saved on a little-endian machine; save it again on one");
        }
        Section section = new Section();
        Object root = next(section);
        Object keys = next(new Section());
        Map<String, TorchStorage> named = section.globals.storages();
        Map<String, Extent> storages = new TreeMap<>();
        if (!(keys instanceof Pickled.Sequence list)) {
            throw damage("has " + Pickled.kind(keys) + " where the list of its storages should be");
        }
        for (Object key : list.items()) {
            TorchStorage storage = key instanceof String ? named.get(key) : null;
            if (storage == null) {
                throw damage("has bytes of a storage that no tensor names");
            }
            if (storages.put(storage.key(), bytesOf(storage)) != null) {
                throw damage("has storage '" + Shown.text(storage.key()) + "' twice");
            }
        }
        for (String key : named.keySet()) {
            if (!storages.containsKey(key)) {
                throw damage("has no bytes of storage '" + Shown.text(key) + "'");
            }
        }
        if (position != all.size()) {
            throw damage("has " + (all.size() - position) + " bytes after its last storage");
        }
        return new TorchFile(root, storages, null);
    }

    private boolean isCaffe2() throws IOException {
        ByteBuffer head = ByteBuffer.allocate((int) Math.min(HEAD, all.size()));
        all.read(0, head);
        return new String(head.array(), StandardCharsets.ISO_8859_1).contains("blobs");
    }

    /** One of the pickles; each has its own names and memory. */
    private final class Section {
        private final PickleInput in = new PickleInput(all, position);
        private final TorchGlobals globals = new TorchGlobals(in);
    }

    private Object next(Section section) throws IOException {
        Object value = Unpickler.read(section.in, section.globals);
        position = section.in.position();
        return value;
    }

    private Extent bytesOf(TorchStorage storage) throws IOException {
        String name = "storage '" + Shown.text(storage.key()) + "'";
        if (all.size() - position < Long.BYTES) {
            throw damage("ends before " + name);
        }
        ByteBuffer count = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        all.read(position, count);
        position += Long.BYTES;
        if (count.getLong(0) != storage.count()) {
            throw damage("has " + count.getLong(0) + " elements of " + name + "; its tensors say " + storage.count());
        }
        if (storage.bytes() > all.size() - position) {
            throw damage(
                    "ends within " + name + ": " + (all.size() - position) + " bytes are left of " + storage.bytes());
        }
        Extent extent = all.slice(position, storage.bytes());
        position += storage.bytes();
        return extent;
    }

    private DamagedFile damage(String found) {
        return new DamagedFile(file, found);
    }
}
