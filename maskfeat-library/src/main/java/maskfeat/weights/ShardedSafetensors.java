package maskfeat.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import org.jspecify.annotations.Nullable;

/**
 * Tensors in several safetensors files with an index that says which holds which, as large models are handed around:
 * {@code model.safetensors.index.json} beside {@code model-00001-of-00003.safetensors} and so on. An index of PyTorch
 * checkpoints ({@code pytorch_model.bin.index.json}) is read like one, but not written.
 */
public final class ShardedSafetensors implements TensorReader {
    /** The usual name of an index. */
    public static final String INDEX = "model.safetensors.index.json";

    private static final int MAX_SHARDS = 1_000; // all are open at once

    private final Path index;
    private final Map<String, TensorReader> shards = new LinkedHashMap<>();
    private final SortedMap<String, TensorEntry> entries = new TreeMap<>();
    private final SortedMap<String, String> metadata = new TreeMap<>();
    private final Map<String, String> files;

    private ShardedSafetensors(Path index, ShardIndex said) {
        this.index = index;
        this.files = said.files();
        metadata.putAll(said.metadata());
    }

    /**
     * Opens an index and all files that it names, which lie beside it, and checks that they hold what it says: each of its
     * tensors in the file named, no others, as many bytes in all.
     *
     * @param index the index, or the folder that has one of the usual name
     * @throws DamagedFile if one of them is not whole, is missing, or they contradict each other, naming which
     */
    public static ShardedSafetensors open(Path index) throws IOException {
        Path file = indexOf(index);
        ShardIndex said = ShardIndex.read(file);
        ShardedSafetensors opened = new ShardedSafetensors(file, said);
        try {
            opened.openShards(said);
            return opened;
        } catch (Throwable failed) {
            try {
                opened.close();
            } catch (IOException e) {
                failed.addSuppressed(e);
            }
            throw failed;
        }
    }

    private static Path indexOf(Path folderOrIndex) {
        return Files.isDirectory(folderOrIndex) ? folderOrIndex.resolve(INDEX) : folderOrIndex;
    }

    private void openShards(ShardIndex said) throws IOException {
        TreeSet<String> names = new TreeSet<>(files.values());
        if (names.size() > MAX_SHARDS) {
            throw new DamagedFile(
                    index, "names " + names.size() + " files; more than " + MAX_SHARDS + " are not opened at once");
        }
        for (String name : names) {
            Path shard = index.resolveSibling(name);
            try {
                shards.put(name, isTorch(name) ? TorchCheckpoint.open(shard) : Safetensors.open(shard));
            } catch (NoSuchFileException e) {
                throw new DamagedFile(index, "names " + name + ", and no such file lies beside it", e);
            }
        }
        for (Map.Entry<String, TensorReader> shard : shards.entrySet()) {
            adopt(shard.getKey(), shard.getValue());
        }
        for (Map.Entry<String, String> place : files.entrySet()) {
            if (!entries.containsKey(place.getKey())) {
                throw new DamagedFile(
                        index.resolveSibling(place.getValue()),
                        "has no tensor '" + place.getKey() + "', which " + index.getFileName() + " places there");
            }
        }
        long size = entries.values().stream().mapToLong(TensorEntry::size).sum();
        // transformers counts what several names share once, and only PyTorch's files can share.
        if (said.totalSize() >= 0
                && said.totalSize() != size
                && names.stream().noneMatch(ShardedSafetensors::isTorch)) {
            throw new DamagedFile(
                    index, "counts " + said.totalSize() + " bytes of tensors, and its files have " + size);
        }
    }

    private static boolean isTorch(String name) {
        return name.endsWith(ShardIndex.TORCH_SUFFIX);
    }

    /** Whether the files are PyTorch checkpoints. */
    public boolean isTorch() {
        return shards.keySet().stream().anyMatch(ShardedSafetensors::isTorch);
    }

    private void adopt(String name, TensorReader shard) throws DamagedFile {
        for (TensorEntry entry : shard.entries().values()) {
            String place = files.get(entry.name());
            if (!name.equals(place)) {
                throw new DamagedFile(
                        shard.file(),
                        "has tensor '" + entry.name() + "', which " + index.getFileName()
                                + (place == null ? " does not know" : " places in " + place));
            }
            entries.put(entry.name(), entry);
        }
        for (Map.Entry<String, String> note : shard.metadata().entrySet()) {
            String other = metadata.putIfAbsent(note.getKey(), note.getValue());
            if (other != null && !other.equals(note.getValue())) {
                throw new DamagedFile(
                        shard.file(),
                        "has other metadata under '" + note.getKey() + "' than " + index.getFileName()
                                + " or another of its files");
            }
        }
    }

    /**
     * Writes tensors, in this order, into as few files as hold at most so many bytes of data each, and an index beside
     * them. Each file is there whole or not at all; the index comes last, and one that was there before goes first, so that
     * no index ever stands beside files of another time. Files of an earlier writing with other names stay.
     *
     * @param index the index, or a folder, for one of the usual name
     * @param metadata goes into every file
     * @param maxShardBytes a tensor larger than this has a file to itself
     * @return the index
     * @throws IOException naming the file that could not be written; there is then no index
     * @throws IllegalArgumentException if there are no tensors, two have the same name, or they need more than 1000 files
     */
    public static Path write(
            Path index, Map<String, String> metadata, Collection<Safetensors.Source> tensors, long maxShardBytes)
            throws IOException {
        Path file = indexOf(index);
        List<List<Safetensors.Source>> shards = plan(tensors, maxShardBytes);
        SortedMap<String, String> places = new TreeMap<>();
        long size = 0;
        for (int i = 0; i < shards.size(); i++) {
            for (Safetensors.Source tensor : shards.get(i)) {
                size = Math.addExact(size, tensor.entry().size());
                if (places.put(tensor.entry().name(), shardName(i, shards.size())) != null) {
                    throw new IllegalArgumentException(
                            "two tensors are named '" + tensor.entry().name() + "'");
                }
            }
        }
        Files.deleteIfExists(file);
        for (int i = 0; i < shards.size(); i++) {
            Safetensors.write(file.resolveSibling(shardName(i, shards.size())), metadata, shards.get(i));
        }
        byte[] text = new ShardIndex(size, Collections.emptySortedMap(), places).render();
        AtomicFile.write(file, out -> out.write(ByteBuffer.wrap(text)));
        return file;
    }

    /** Which tensors share a file. */
    static List<List<Safetensors.Source>> plan(Collection<Safetensors.Source> tensors, long maxShardBytes) {
        if (maxShardBytes < 1) {
            throw new IllegalArgumentException("files of " + maxShardBytes + " bytes hold nothing; take at least 1");
        }
        if (tensors.isEmpty()) {
            throw new IllegalArgumentException("there are no tensors to write");
        }
        List<List<Safetensors.Source>> shards = new ArrayList<>();
        long room = -1;
        for (Safetensors.Source tensor : tensors) {
            long size = tensor.entry().size();
            if (shards.isEmpty() || size > room) {
                shards.add(new ArrayList<>());
                room = maxShardBytes;
            }
            shards.get(shards.size() - 1).add(tensor);
            room -= size;
        }
        if (shards.size() > MAX_SHARDS) {
            throw new IllegalArgumentException("files of at most " + maxShardBytes + " bytes would be " + shards.size()
                    + "; take so many bytes that there are at most " + MAX_SHARDS);
        }
        return shards;
    }

    private static String shardName(int number, int of) {
        return String.format(Locale.ROOT, "model-%05d-of-%05d%s", number + 1, of, ShardIndex.SUFFIX);
    }

    @Override
    public Path file() {
        return index;
    }

    @Override
    public SortedMap<String, TensorEntry> entries() {
        return Collections.unmodifiableSortedMap(entries);
    }

    @Override
    public SortedMap<String, String> metadata() {
        return Collections.unmodifiableSortedMap(metadata);
    }

    @Override
    public void read(TensorEntry entry, long offset, ByteBuffer into) throws IOException {
        TensorReader shard = shards.get(String.valueOf(files.get(entry.name())));
        if (shard == null) {
            throw new IllegalArgumentException(index + " has no tensor " + entry);
        }
        shard.read(entry, offset, into);
    }

    @Override
    public void close() throws IOException {
        @Nullable IOException first = null;
        for (TensorReader shard : shards.values()) {
            try {
                shard.close();
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
