package maskfeat.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** Tensors whose bytes are a function of name and place, so that the largest need no memory. */
public final class MadeUpTensors implements TensorReader {
    private final Path file;
    private final SortedMap<String, TensorEntry> entries = new TreeMap<>();
    private final SortedMap<String, String> metadata = new TreeMap<>();

    public MadeUpTensors(Path file) {
        this.file = file;
    }

    public MadeUpTensors() {
        this(Path.of("made-up.safetensors"));
    }

    public MadeUpTensors with(String name, long... shape) {
        return with(name, Arrays.stream(shape).boxed().toList());
    }

    public MadeUpTensors with(String name, List<Long> shape) {
        entries.put(name, new TensorEntry(name, DType.F32, shape));
        return this;
    }

    public MadeUpTensors with(TensorEntry entry) {
        entries.put(entry.name(), entry);
        return this;
    }

    public MadeUpTensors without(String name) {
        if (entries.remove(name) == null) {
            throw new IllegalArgumentException("no tensor " + name);
        }
        return this;
    }

    public MadeUpTensors noting(String key, String text) {
        metadata.put(key, text);
        return this;
    }

    /** All of them again with something before their names. */
    public MadeUpTensors prefixed(String prefix) {
        MadeUpTensors other = new MadeUpTensors(file);
        entries.values().forEach(entry -> other.with(prefix + entry.name(), entry.shape()));
        return other;
    }

    /** A byte of a tensor. As floats they are all finite. */
    public static byte at(String name, long place) {
        int all = (int) ((name.hashCode() * 31L + place * 2654435761L) >>> 13);
        return (byte) (place % Float.BYTES == Float.BYTES - 1 ? all & 0xbf : all);
    }

    /** A tensor that must be there. */
    public static TensorEntry entry(TensorReader reader, String name) {
        return Objects.requireNonNull(reader.entries().get(name), name);
    }

    /** Whole data of a tensor. */
    public static byte[] bytes(TensorReader reader, String name) throws IOException {
        TensorEntry entry = entry(reader, name);
        ByteBuffer bytes = ByteBuffer.allocate((int) entry.size());
        reader.read(entry, bytes);
        return bytes.array();
    }

    /** To be written to files. */
    public Collection<Safetensors.Source> sources() {
        List<Safetensors.Source> sources = new ArrayList<>();
        entries.values().forEach(entry -> sources.add(Safetensors.Source.of(this, entry)));
        return sources;
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public SortedMap<String, TensorEntry> entries() {
        return entries;
    }

    @Override
    public SortedMap<String, String> metadata() {
        return metadata;
    }

    @Override
    public void read(TensorEntry entry, long offset, ByteBuffer into) {
        if (!entry.equals(entries.get(entry.name())) || offset < 0 || offset > entry.size() - into.remaining()) {
            throw new IllegalArgumentException(entry + " at " + offset);
        }
        for (long place = offset; into.hasRemaining(); place++) {
            into.put(at(entry.name(), place));
        }
    }

    @Override
    public void close() {}
}
