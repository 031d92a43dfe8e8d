package maskfeat.golden;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A safetensors file of float32 tensors, held in memory: 8 bytes of header length, a JSON header, the raw values, all
 * little-endian.
 *
 * <p>Deliberately independent of the library's own reader, which it helps to test, and of libtorch.
 */
public final class GoldenTensors {
    private record Entry(List<Long> shape, int begin, int count) {}

    private final Path file;
    private final ByteBuffer data;
    private final TreeMap<String, Entry> entries = new TreeMap<>();

    private GoldenTensors(Path file, ByteBuffer bytes) {
        this.file = file;
        int headerLength = Math.toIntExact(bytes.order(ByteOrder.LITTLE_ENDIAN).getLong(0));
        int start = Long.BYTES + headerLength;
        data = bytes.slice(start, bytes.capacity() - start).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[headerLength];
        bytes.get(Long.BYTES, header);
        JsonNode json = JsonMapper.shared().readTree(new String(header, StandardCharsets.UTF_8));
        for (Map.Entry<String, JsonNode> property : json.properties()) {
            if (!property.getKey().equals("__metadata__")) {
                entries.put(property.getKey(), entry(property.getKey(), property.getValue()));
            }
        }
    }

    /**
     * Reads a file.
     *
     * @throws UncheckedIOException if it cannot be read
     * @throws IllegalArgumentException if a tensor is not float32 or its shape and extent disagree
     */
    public static GoldenTensors open(Path file) {
        try {
            return new GoldenTensors(file, ByteBuffer.wrap(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** The names of all tensors, sorted. */
    public SortedSet<String> names() {
        return new TreeSet<>(entries.keySet());
    }

    /** Whether there is a tensor of this name. */
    public boolean has(String name) {
        return entries.containsKey(name);
    }

    /**
     * The values of a tensor in row-major order; a fresh array.
     *
     * @throws IllegalArgumentException if there is no tensor of this name
     */
    public float[] values(String name) {
        Entry entry = find(name);
        float[] values = new float[entry.count];
        data.slice(entry.begin, entry.count * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }

    /**
     * The shape of a tensor, empty for a single number; a fresh array.
     *
     * @throws IllegalArgumentException if there is no tensor of this name
     */
    public long[] shape(String name) {
        return find(name).shape.stream().mapToLong(Long::longValue).toArray();
    }

    private Entry find(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException(file + " has no tensor " + name + "; it has " + entries.keySet());
        }
        return entry;
    }

    private Entry entry(String name, JsonNode json) {
        String type = json.get("dtype").asString();
        if (!type.equals("F32")) {
            throw new IllegalArgumentException(file + ": tensor " + name + " is " + type + ", golden ones are F32");
        }
        List<Long> shape = json.get("shape").valueStream().map(JsonNode::asLong).toList();
        long count = 1;
        for (long side : shape) {
            count *= side;
        }
        long begin = json.get("data_offsets").get(0).asLong();
        long end = json.get("data_offsets").get(1).asLong();
        if (end - begin != count * Float.BYTES || begin < 0 || end > data.capacity()) {
            throw new IllegalArgumentException(file + ": tensor " + name + " lies at " + begin + " to " + end + " of "
                    + data.capacity() + " bytes, but has " + count + " values");
        }
        return new Entry(shape, Math.toIntExact(begin), Math.toIntExact(count));
    }
}
