package maskfeat.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Extent;
import maskfeat.disk.FileBytes;
import maskfeat.disk.RegularFile;
import maskfeat.disk.Shown;
import org.jspecify.annotations.Nullable;

/**
 * The weights in a file of PyTorch's {@code torch.save} ({@code .pth}, {@code .pyth}, {@code .pt}, {@code .ckpt}), read
 * without running anything that is in it.
 *
 * <p>Such a file is a pickle, which is a program for Python's object machine, and the bytes that it refers to. Both formats
 * are read, the zip archive of PyTorch 1.6 and later and the one before. Rules:
 *
 * <ul>
 *   <li>Nothing is called. Names that make up tensors are understood; those of settings and counters that checkpoints
 *       hold as objects (yacs, argparse, numpy scalars, OpenMMLab, and the like) are passed over; a file that names
 *       anything else is refused as a whole, naming it. Names that reach through a module ({@code
 *       torch.serialization.os.system}) and numbers of Python's extension registry are refused.
 *   <li>All is checked at opening: the archive's layout, the CRC-32 of every entry (one reading of the file; the old format
 *       has none), that each storage has as many bytes as its tensors say, and that every tensor lies within its storage.
 *       The tensors together may be 16 times the storages at most, whatever their strides repeat.
 *   <li>The weights are looked for under {@code model_state}, {@code state_dict}, {@code model}, {@code
 *       model_state_dict}, {@code module}, {@code model_ema}, {@code state_dict_ema}, in this order; else the whole file
 *       counts as weights but what belongs to an optimizer, schedule or gradient scaler. Names stay as they are, those of
 *       nested dictionaries and lists joined by dots.
 *   <li>Element types that {@link DType} has no name for (complex, quantized, 8-bit floating point) and sparse or nested
 *       tensors are not among the entries; {@link #unreadable()} lists them.
 *   <li>Files of big-endian machines and TorchScript archives are refused.
 * </ul>
 */
public final class TorchCheckpoint implements TensorReader {
    private static final int MAX_REPEATED = 16; // times the storages' bytes: weights shared by layers, expanded ones
    private static final long REPEATED_FREE = 1 << 20;

    private final Path file;
    private final FileBytes opened;
    private final Map<String, Extent> storages;
    private final @Nullable FileChannel unpacked;
    private final StateDict found;
    private final SortedMap<String, TensorEntry> entries = new TreeMap<>();
    private final Map<String, StridedView> views = new HashMap<>();

    private TorchCheckpoint(Path file, FileBytes opened, TorchFile saved, StateDict found) throws DamagedFile {
        this.file = file;
        this.opened = opened;
        storages = saved.storages();
        unpacked = saved.unpacked();
        this.found = found;
        long left = saved.bytes() > (Long.MAX_VALUE - REPEATED_FREE) / MAX_REPEATED
                ? Long.MAX_VALUE
                : saved.bytes() * MAX_REPEATED + REPEATED_FREE;
        for (Map.Entry<String, TorchTensor> named : found.tensors().entrySet()) {
            TensorEntry entry = entry(named.getKey(), named.getValue());
            left -= entry.size();
            if (left < 0) {
                throw new DamagedFile(
                        file,
                        "has tensors of more than " + MAX_REPEATED + " times the " + saved.bytes()
                                + " bytes it holds, up to '" + Shown.text(entry.name()) + "' " + entry.shape());
            }
            entries.put(entry.name(), entry);
            if (entry.size() > 0) {
                views.put(entry.name(), named.getValue().view());
            }
        }
    }

    private TensorEntry entry(String name, TorchTensor tensor) throws DamagedFile {
        @Nullable DType type = tensor.type().type();
        if (type == null) {
            throw new IllegalStateException("a tensor of " + tensor.type() + " counts as one that can be read");
        }
        try {
            return new TensorEntry(name, type, tensor.shape());
        } catch (IllegalArgumentException e) {
            throw new DamagedFile(file, "has " + e.getMessage(), e);
        }
    }

    /**
     * Opens a file and checks all of it.
     *
     * @throws DamagedFile if it is no checkpoint of {@code torch.save}, is not whole, or names what no checkpoint names
     */
    public static TorchCheckpoint open(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new DamagedFile(file, "is a folder, not a PyTorch checkpoint");
        }
        return open(file, FileBytes.open(RegularFile.require(file)), Optional.empty());
    }

    /**
     * As {@link #open(Path)}.
     *
     * @param opened of the file, closed with what is returned, or here if this fails
     * @param key under which the weights are looked for first
     */
    static TorchCheckpoint open(Path file, FileBytes opened, Optional<String> key) throws IOException {
        return open(file, opened, root -> StateDict.in(file, root, key));
    }

    /**
     * Opens a file that holds one tensor without a name, and checks all of it. It gets the name {@code tensor}.
     *
     * @throws DamagedFile as {@link #open(Path)}, or if the file holds something else
     */
    public static TorchCheckpoint openTensor(Path file) throws IOException {
        FileBytes opened = FileBytes.open(RegularFile.require(file));
        return open(file, opened, root -> StateDict.ofTensor(file, root));
    }

    /** Where in what was saved the tensors are. */
    private interface Finder {
        StateDict in(Object root) throws DamagedFile;
    }

    private static TorchCheckpoint open(Path file, FileBytes opened, Finder finder) throws IOException {
        try {
            TorchFile saved = read(file, opened);
            try {
                return new TorchCheckpoint(file, opened, saved, finder.in(saved.root()));
            } catch (Throwable e) {
                saved.close();
                throw e;
            }
        } catch (Throwable e) {
            opened.close();
            throw e;
        }
    }

    private static TorchFile read(Path file, FileBytes opened) throws IOException {
        byte[] head = head(file, opened);
        if (isZip(head)) {
            return TorchZip.read(file, opened);
        }
        if (TorchLegacy.begins(head)) {
            return TorchLegacy.read(file, opened);
        }
        throw new DamagedFile(file, "is no PyTorch checkpoint: " + Weights.beginning(head));
    }

    /** The first bytes, as far as formats are told by them. */
    static byte[] head(Path file, FileBytes opened) throws IOException {
        ByteBuffer head = ByteBuffer.allocate((int) Math.min(Weights.HEAD, opened.size()));
        SafetensorsHeader.readFully(file, opened, head, 0);
        return head.array();
    }

    /** Whether a file that begins so may be one. */
    static boolean begins(byte[] head) {
        return isZip(head) || TorchLegacy.begins(head);
    }

    private static boolean isZip(byte[] head) {
        return head.length >= 4 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4;
    }

    /** Under which key of the saved dictionary the weights were; empty where the whole of it counts. */
    public Optional<String> stateDictKey() {
        return found.key();
    }

    /**
     * Other keys of the saved dictionary under which there are weights, sorted: averages beside the weights, or other
     * networks.
     */
    public SortedSet<String> otherKeys() {
        return Collections.unmodifiableSortedSet(found.others());
    }

    /** Tensors that are there and cannot be read, by name, with the reason: {@code "of type torch.complex64"}. */
    public SortedMap<String, String> unreadable() {
        return Collections.unmodifiableSortedMap(found.unreadable());
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public SortedMap<String, TensorEntry> entries() {
        return Collections.unmodifiableSortedMap(entries);
    }

    /**
     * Texts, numbers and truth values beside the weights, such as {@code epoch} and SlowFast's {@code cfg}; those in
     * dictionaries by their path, such as {@code meta.mmengine_version}.
     */
    @Override
    public SortedMap<String, String> metadata() {
        return Collections.unmodifiableSortedMap(found.texts());
    }

    /**
     * Reads part of a tensor. One that does not lie in order (a transposed view) may take as much memory for the time as
     * the stretch of storage it is spread over, 256 MiB at most.
     */
    @Override
    public void read(TensorEntry entry, long offset, ByteBuffer into) throws IOException {
        if (!entry.equals(entries.get(entry.name()))) {
            throw new IllegalArgumentException(file + " has no tensor " + entry
                    + (found.unreadable().containsKey(entry.name())
                            ? " that can be read: it is " + found.unreadable().get(entry.name())
                            : ""));
        }
        if (offset < 0 || offset > entry.size() - into.remaining()) {
            throw new IllegalArgumentException("bytes from " + offset + ", " + into.remaining()
                    + " of them, of tensor '" + entry.name() + "', which has " + entry.size());
        }
        StridedView view = views.get(entry.name());
        TorchTensor tensor = found.tensors().get(entry.name());
        if (view == null || tensor == null) {
            return; // no elements
        }
        Extent bytes = storages.get(tensor.storage().key());
        if (bytes == null) {
            throw new IllegalStateException("storage '" + tensor.storage().key() + "' went unchecked in " + file);
        }
        view.read(bytes, offset, into);
    }

    /** Closes the file and removes what was unpacked of it. */
    @Override
    public void close() throws IOException {
        try (opened) {
            if (unpacked != null) {
                unpacked.close();
            }
        }
    }
}
