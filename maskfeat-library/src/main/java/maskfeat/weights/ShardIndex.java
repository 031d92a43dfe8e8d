package maskfeat.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import maskfeat.disk.DamagedFile;
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
 * Which file holds which tensor: what {@code model.safetensors.index.json} says.
 *
 * @param totalSize bytes of all tensors; -1 where it is not said
 * @param metadata texts besides
 * @param files plain file names by tensor
 */
record ShardIndex(long totalSize, SortedMap<String, String> metadata, SortedMap<String, String> files) {
    static final String SUFFIX = ".safetensors";

    /** Of PyTorch checkpoints, as older folders of transformers have them. */
    static final String TORCH_SUFFIX = ".bin";

    private static final String METADATA = "metadata";
    private static final String TOTAL_SIZE = "total_size";
    private static final String WEIGHT_MAP = "weight_map";
    private static final int MAX_BYTES = 1 << 25; // over 300 bytes for each of as many tensors as a header may have
    private static final int MAX_TENSORS = 100_000;
    private static final int MAX_NOTES = 1_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(3)
                    .maxNumberLength(20)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
            .build();

    byte[] render() {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeObjectPropertyStart(METADATA);
            json.writeNumberProperty(TOTAL_SIZE, totalSize);
            metadata.forEach(json::writeStringProperty);
            json.writeEndObject();
            json.writeObjectPropertyStart(WEIGHT_MAP);
            files.forEach(json::writeStringProperty);
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toByteArray();
    }

    static ShardIndex read(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new DamagedFile(file, "is a folder, not an index of safetensors files");
        }
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        if (bytes.length > MAX_BYTES) {
            throw new DamagedFile(file, "has more than " + MAX_BYTES + " bytes; no index of weights needs so many");
        }
        try {
            return new Parse(file)
                    .parse(StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (CharacterCodingException e) {
            throw new DamagedFile(file, "is not UTF-8", e);
        }
    }

    /** One pass over the JSON; anything but the expected is damage. */
    private record Parse(Path file) {
        ShardIndex parse(String text) throws DamagedFile {
            long totalSize = -1;
            SortedMap<String, String> metadata = new TreeMap<>();
            SortedMap<String, String> files = new TreeMap<>();
            try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), text)) {
                expect(json.nextToken(), JsonToken.START_OBJECT, "the index");
                for (String part = json.nextName(); part != null; part = json.nextName()) {
                    expect(json.nextToken(), JsonToken.START_OBJECT, "'" + part + "'");
                    switch (part) {
                        case METADATA -> totalSize = notes(json, metadata);
                        case WEIGHT_MAP -> places(json, files);
                        default -> throw damage("has an unknown field '" + part + "'", null);
                    }
                }
                expect(json.nextToken(), null, "the end of the index");
            } catch (JacksonException e) {
                throw damage("is not the JSON it should be: " + e.getOriginalMessage(), e);
            }
            if (files.isEmpty()) {
                throw damage("names no tensors; expected them under '" + WEIGHT_MAP + "'", null);
            }
            return new ShardIndex(totalSize, metadata, files);
        }

        private long notes(JsonParser json, SortedMap<String, String> metadata) throws DamagedFile {
            long totalSize = -1;
            for (String key = json.nextName(); key != null; key = json.nextName()) {
                JsonToken value = json.nextToken();
                if (key.equals(TOTAL_SIZE)) {
                    // Some programs write it as 1.0E10.
                    if (!value.isNumeric()) {
                        throw damage("has " + value + " instead of a number as '" + key + "'", null);
                    }
                    double size = json.getDoubleValue();
                    if (!(size >= 0 && size < Long.MAX_VALUE) || size != Math.rint(size)) {
                        throw damage("has a '" + key + "' of " + json.getString() + " bytes", null);
                    }
                    totalSize = value == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : (long) size;
                } else if (value.isScalarValue()) {
                    metadata.put(key, json.getString());
                } else {
                    throw damage("has " + value + " instead of a text as '" + key + "'", null);
                }
                if (metadata.size() > MAX_NOTES) {
                    throw damage("has more than " + MAX_NOTES + " notes under '" + METADATA + "'", null);
                }
            }
            return totalSize;
        }

        private void places(JsonParser json, SortedMap<String, String> files) throws DamagedFile {
            for (String tensor = json.nextName(); tensor != null; tensor = json.nextName()) {
                expect(json.nextToken(), JsonToken.VALUE_STRING, "the file of '" + tensor + "'");
                String name = json.getString();
                if (!isPlain(name)) {
                    throw damage(
                            "places tensor '" + tensor + "' in '" + name
                                    + "'; only names of files beside it, ending in " + suffix() + ", are followed",
                            null);
                }
                files.put(tensor, name);
                if (files.size() > MAX_TENSORS) {
                    throw damage("names more than " + MAX_TENSORS + " tensors", null);
                }
            }
        }

        /** Of the files that it may name: an index says by its own name what they are. */
        private String suffix() {
            return file.toString().endsWith(TORCH_SUFFIX + ".index.json") ? TORCH_SUFFIX : SUFFIX;
        }

        /** What could lead out of the folder, on any system, is no plain name. */
        private boolean isPlain(String name) {
            if (!name.endsWith(suffix()) || name.chars().anyMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ')) {
                return false;
            }
            try {
                Path path = Path.of(name);
                return !path.isAbsolute() && path.getNameCount() == 1;
            } catch (InvalidPathException e) {
                return false;
            }
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
