package maskfeat.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Extent;
import maskfeat.disk.FileBytes;
import maskfeat.disk.Plural;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/**
 * What a safetensors file says of itself before the data.
 *
 * @param metadata the texts under {@code __metadata__}, by name
 * @param slots where each tensor lies, by the tensor's name
 * @param dataStart where in the file the data begins
 */
record SafetensorsHeader(SortedMap<String, String> metadata, SortedMap<String, Slot> slots, long dataStart) {
    static final String METADATA = "__metadata__";

    private static final int LENGTH_BYTES = 8;
    private static final long MAX_BYTES = 100_000_000; // the reference implementation's limit
    private static final int MAX_TENSORS = 100_000; // a hundred times the largest model's
    private static final int MAX_DIMENSIONS = 64; // libtorch's limit

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(3)
                    .maxNumberLength(20)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .build();

    /** Where one tensor lies, counted in bytes from where the data begins; {@code end} is exclusive. */
    record Slot(TensorEntry entry, long begin, long end) {}

    /** Lays tensors out one after the other, in this order. */
    static SafetensorsHeader of(Map<String, String> metadata, List<TensorEntry> order) {
        SortedMap<String, Slot> slots = new TreeMap<>();
        long end = 0;
        for (TensorEntry entry : order) {
            long begin = end;
            end = Math.addExact(begin, entry.size());
            if (slots.put(entry.name(), new Slot(entry, begin, end)) != null) {
                throw new IllegalArgumentException("two tensors are named '" + entry.name() + "'");
            }
        }
        return new SafetensorsHeader(new TreeMap<>(metadata), slots, 0);
    }

    /** Length, JSON with sorted keys, and spaces up to a multiple of 8. */
    ByteBuffer render() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectPropertyStart(METADATA);
                metadata.forEach(json::writeStringProperty);
                json.writeEndObject();
            }
            for (Slot slot : slots.values()) {
                json.writeObjectPropertyStart(slot.entry().name());
                json.writeStringProperty("dtype", slot.entry().type().name());
                json.writeArrayPropertyStart("shape");
                slot.entry().shape().forEach(json::writeNumber);
                json.writeEndArray();
                json.writeArrayPropertyStart("data_offsets");
                json.writeNumber(slot.begin()).writeNumber(slot.end());
                json.writeEndArray().writeEndObject();
            }
            json.writeEndObject();
        }
        while (text.size() % Long.BYTES != 0) {
            text.write(' ');
        }
        if (text.size() > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a header of " + text.size() + " bytes; no reader takes more than " + MAX_BYTES);
        }
        return ByteBuffer.allocate(LENGTH_BYTES + text.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.size())
                .put(text.toByteArray())
                .flip();
    }

    /** Reads and checks all of it; memory is taken only for bytes that the file has. */
    static SafetensorsHeader read(Path file, FileBytes opened) throws IOException {
        long size = opened.size();
        if (size < LENGTH_BYTES) {
            throw new DamagedFile(
                    file,
                    "has " + Plural.of(size, "byte") + "; a safetensors file starts with 8 that count its header");
        }
        ByteBuffer count = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        readFully(file, opened, count, 0);
        long length = count.getLong(0);
        if (length < 0 || length > MAX_BYTES) {
            throw new DamagedFile(
                    file,
                    "announces a header of " + Long.toUnsignedString(length) + " bytes; " + MAX_BYTES
                            + " are the most (is it a safetensors file?)");
        }
        if (length > size - LENGTH_BYTES) {
            throw new DamagedFile(
                    file,
                    "announces a header of " + length + " bytes and has " + (size - LENGTH_BYTES)
                            + " after its length: it is cut short");
        }
        ByteBuffer text = ByteBuffer.allocate((int) length);
        readFully(file, opened, text, LENGTH_BYTES);
        if (length == 0 || text.get(0) != '{') {
            throw new DamagedFile(file, "has a header that does not start with '{'");
        }
        String json;
        try {
            json = StandardCharsets.UTF_8.newDecoder().decode(text.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new DamagedFile(file, "has a header that is not UTF-8", e);
        }
        SafetensorsHeader header = new Parse(file).parse(json, LENGTH_BYTES + length);
        header.checkLayout(file, size - LENGTH_BYTES - length);
        return header;
    }

    /** Fills {@code into} from a place in the file. */
    static void readFully(Path file, FileBytes opened, ByteBuffer into, long position) throws IOException {
        Extent.readFully(file, opened, into, position);
    }

    /** Tensors must cover the data exactly: no hole where something could hide, no byte that belongs to two. */
    private void checkLayout(Path file, long dataBytes) throws DamagedFile {
        List<Slot> order = new ArrayList<>(slots.values());
        order.sort(Comparator.comparingLong(Slot::begin).thenComparingLong(Slot::end));
        long covered = 0;
        for (Slot slot : order) {
            String tensor = "has tensor '" + slot.entry().name() + "' at " + slot.begin() + ".." + slot.end();
            if (slot.begin() < 0 || slot.begin() > slot.end() || slot.end() > dataBytes) {
                throw new DamagedFile(file, tensor + ", outside its " + dataBytes + " bytes of data");
            }
            if (slot.end() - slot.begin() != slot.entry().size()) {
                throw new DamagedFile(
                        file,
                        tensor + ", which is " + (slot.end() - slot.begin()) + " bytes; "
                                + slot.entry().type() + " " + slot.entry().shape() + " are "
                                + slot.entry().size());
            }
            if (slot.begin() < covered) {
                throw new DamagedFile(file, tensor + ", over another that ends at " + covered);
            }
            if (slot.begin() > covered) {
                throw new DamagedFile(file, tensor + ", after a hole that starts at " + covered);
            }
            covered = slot.end();
        }
        if (covered != dataBytes) {
            throw new DamagedFile(file, "has " + dataBytes + " bytes of data; its tensors cover " + covered);
        }
    }

    /** One pass over the JSON; anything but the expected is damage. */
    private record Parse(Path file) {
        SafetensorsHeader parse(String text, long dataStart) throws DamagedFile {
            SortedMap<String, String> metadata = new TreeMap<>();
            SortedMap<String, Slot> slots = new TreeMap<>();
            try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), text)) {
                expect(json.nextToken(), JsonToken.START_OBJECT, "the header");
                for (String name = json.nextName(); name != null; name = json.nextName()) {
                    expect(json.nextToken(), JsonToken.START_OBJECT, "'" + name + "'");
                    if (name.equals(METADATA)) {
                        for (String key = json.nextName(); key != null; key = json.nextName()) {
                            expect(json.nextToken(), JsonToken.VALUE_STRING, "metadata '" + key + "'");
                            metadata.put(key, json.getString());
                        }
                    } else {
                        slots.put(name, slot(json, name));
                    }
                    if (slots.size() > MAX_TENSORS) {
                        throw damage("has more than " + MAX_TENSORS + " tensors", null);
                    }
                }
                expect(json.nextToken(), null, "the end of the header");
            } catch (JacksonException e) {
                throw damage("has a header that is not the JSON it should be: " + e.getOriginalMessage(), e);
            }
            return new SafetensorsHeader(metadata, slots, dataStart);
        }

        private Slot slot(JsonParser json, String name) throws DamagedFile {
            @Nullable DType type = null;
            @Nullable List<Long> shape = null;
            @Nullable List<Long> offsets = null;
            for (String key = json.nextName(); key != null; key = json.nextName()) {
                JsonToken value = json.nextToken();
                switch (key) {
                    case "dtype" -> type = type(json, value, name);
                    case "shape" -> shape = numbers(json, value, name, key);
                    case "data_offsets" -> offsets = numbers(json, value, name, key);
                    default -> throw damage("has tensor '" + name + "' with an unknown field '" + key + "'", null);
                }
            }
            if (type == null || shape == null || offsets == null || offsets.size() != 2) {
                throw damage(
                        "has tensor '" + name + "' with dtype " + type + ", shape " + shape + ", data_offsets "
                                + offsets,
                        null);
            }
            try {
                return new Slot(new TensorEntry(name, type, shape), offsets.get(0), offsets.get(1));
            } catch (IllegalArgumentException e) {
                throw damage("has " + e.getMessage(), e);
            }
        }

        private DType type(JsonParser json, JsonToken value, String name) throws DamagedFile {
            expect(value, JsonToken.VALUE_STRING, "the dtype of '" + name + "'");
            try {
                return DType.valueOf(json.getString());
            } catch (IllegalArgumentException e) {
                throw damage(
                        "has tensor '" + name + "' of dtype '" + json.getString() + "', which is none of "
                                + Arrays.toString(DType.values())
                                + (json.getString().startsWith("F8") ? "; convert the weights to BF16 or F32" : ""),
                        e);
            }
        }

        private List<Long> numbers(JsonParser json, JsonToken value, String name, String key) throws DamagedFile {
            String where = "'" + key + "' of '" + name + "'";
            expect(value, JsonToken.START_ARRAY, where);
            List<Long> numbers = new ArrayList<>();
            for (JsonToken t = json.nextToken(); t != JsonToken.END_ARRAY; t = json.nextToken()) {
                expect(t, JsonToken.VALUE_NUMBER_INT, where);
                BigInteger number = json.getBigIntegerValue();
                if (number.signum() < 0 || number.bitLength() >= Long.SIZE) {
                    throw damage("has " + number + " in " + where, null);
                }
                numbers.add(number.longValue());
                if (numbers.size() > MAX_DIMENSIONS) {
                    throw damage("has more than " + MAX_DIMENSIONS + " numbers in " + where, null);
                }
            }
            return numbers;
        }

        private void expect(@Nullable JsonToken found, @Nullable JsonToken wanted, String where) throws DamagedFile {
            if (found != wanted) {
                throw damage("has " + found + " instead of " + wanted + " in " + where, null);
            }
        }

        private DamagedFile damage(String found, @Nullable Throwable cause) {
            return new DamagedFile(file, found, cause);
        }
    }
}
