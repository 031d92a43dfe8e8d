package maskfeat.weights;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Fingerprint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SafetensorsTest {
    @TempDir
    Path folder;

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(UTF_8));
    }

    @Test
    void writesTheGoldenBytes() throws IOException {
        String json = "{\"__metadata__\":{\"k\":\"v\"},\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[8,9]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}";
        assertThat(json).hasSize(132);
        String golden = "8800000000000000" + hex(json) + "20202020" + "0000803f" + "000000c0" + "07";
        Path file = folder.resolve("golden.safetensors");
        Safetensors.write(
                file,
                Map.of("k", "v"),
                List.of(
                        tensor("a", DType.U8, List.of(), new byte[] {7}),
                        tensor("b", DType.F32, List.of(1L, 2L), HexFormat.of().parseHex("0000803f000000c0"))));
        assertThat(HexFormat.of().formatHex(Files.readAllBytes(file))).isEqualTo(golden);
    }

    @Test
    void readsTheGoldenBytesOfAnotherWriter() throws IOException {
        // Other order, other white space, metadata last, a newline as padding: all of it is allowed.
        String json = "{ \"z\" : {\"data_offsets\":[4, 4],\"shape\":[3,0],\"dtype\":\"BF16\"},\n"
                + "\"\\u00e9\":{\"shape\":[2],\"dtype\":\"I16\",\"data_offsets\":[0,4]},\"__metadata__\":{}}\n";
        Path file = file(json, new byte[] {1, 0, (byte) 0xff, (byte) 0xff});
        try (Safetensors.Reader reader = Safetensors.open(file)) {
            assertThat(reader.metadata()).isEmpty();
            assertThat(reader.entries().values())
                    .containsExactly(
                            new TensorEntry("z", DType.BF16, List.of(3L, 0L)),
                            new TensorEntry("é", DType.I16, List.of(2L)));
            ByteBuffer values = ByteBuffer.allocateDirect(4).order(ByteOrder.LITTLE_ENDIAN);
            reader.read(entry(reader, "é"), values);
            assertThat(values.getShort(0)).isEqualTo((short) 1);
            assertThat(values.getShort(2)).isEqualTo((short) -1);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatIsWrittenIsReadByAnIndependentReaderAndByOurs(int seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, byte[]> data = new TreeMap<>();
        List<Safetensors.Source> sources = new ArrayList<>();
        Map<String, String> metadata = new HashMap<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            metadata.put(name(random), name(random));
        }
        for (int i = random.nextInt(12); i > 0; i--) {
            DType type = DType.values()[random.nextInt(DType.values().length)];
            List<Long> shape = LongStream.generate(() -> random.nextInt(random.nextInt(5) == 0 ? 1 : 7))
                    .limit(random.nextInt(5))
                    .boxed()
                    .toList();
            String name = name(random) + i;
            byte[] bytes = new byte[(int) new TensorEntry(name, type, shape).size()];
            random.nextBytes(bytes);
            data.put(name, bytes);
            sources.add(tensor(name, type, shape, bytes));
        }

        Path file = folder.resolve("random.safetensors");
        Fingerprint fingerprint = Safetensors.write(file, metadata, sources);

        assertThat(parseByHand(Files.readAllBytes(file), metadata)).containsExactlyEntriesOf(asText(data));
        assertThat(fingerprint).isEqualTo(Fingerprint.of(file));
        try (Safetensors.Reader reader = Safetensors.open(file)) {
            assertThat(reader.metadata()).isEqualTo(metadata);
            assertThat(reader.entries().values())
                    .containsExactlyInAnyOrderElementsOf(
                            sources.stream().map(Safetensors.Source::entry).toList());
            for (TensorEntry entry : reader.entries().values()) {
                ByteBuffer into = random.nextBoolean()
                        ? ByteBuffer.allocateDirect((int) entry.size())
                        : ByteBuffer.allocate((int) entry.size());
                reader.read(entry, into);
                assertThat(into.flip()).isEqualTo(ByteBuffer.wrap(data.get(entry.name())));
                int from = random.nextInt((int) entry.size() + 1);
                ByteBuffer part = ByteBuffer.allocate(random.nextInt((int) entry.size() - from + 1));
                reader.read(entry, from, part);
                assertThat(part.flip()).isEqualTo(ByteBuffer.wrap(data.get(entry.name()), from, part.limit()));
            }
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 100);
    }

    @ParameterizedTest
    @EnumSource
    void tensorsStartAtMultiplesOfTheirElement(DType type) throws IOException {
        Path file = folder.resolve("aligned.safetensors");
        byte[] three = new byte[3 * type.bytes()];
        Safetensors.write(
                file,
                Map.of(),
                List.of(tensor("a", DType.BOOL, List.of(3L), new byte[3]), tensor("b", type, List.of(3L), three)));
        byte[] bytes = Files.readAllBytes(file);
        int headerLength =
                (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        int begin = JsonMapper.shared()
                .readTree(bytes, 8, headerLength)
                .at("/b/data_offsets/0")
                .intValue();
        assertThat((8 + headerLength + begin) % type.bytes()).isZero();
    }

    @Test
    void theOrderOfTensorsAndMetadataDoesNotChangeTheBytes() throws IOException {
        List<Safetensors.Source> tensors = IntStream.range(0, 9)
                .mapToObj(i -> tensor("t" + i, DType.values()[i], List.of(2L), new byte[2 * DType.values()[i].bytes()]))
                .collect(Collectors.toList());
        Path one = folder.resolve("one");
        Path other = folder.resolve("other");
        Safetensors.write(one, new TreeMap<>(Map.of("a", "1", "b", "2")), tensors);
        Collections.reverse(tensors);
        Safetensors.write(other, new TreeMap<>(Map.of("a", "1", "b", "2")).descendingMap(), tensors);
        assertThat(one).hasSameBinaryContentAs(other);
    }

    @Test
    void theFingerprintIsThatOfTheJdk() throws Exception {
        // 3 MiB and a bit, so that it goes in several pieces; CRC32C of "123456789" is the catalogue's check value.
        byte[] bytes = new byte[(3 << 20) + 12345];
        new SplittableRandom(1).nextBytes(bytes);
        Path file = Files.write(folder.resolve("bytes"), bytes);
        assertThat(Fingerprint.of(file).sha256())
                .isEqualTo(HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
        assertThat(Fingerprint.of(Files.writeString(folder.resolve("check"), "123456789")))
                .isEqualTo(new Fingerprint(
                        9, "e3069283", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"));
    }

    @Test
    void aChangedByteIsToldByTheFingerprint() throws IOException {
        Path file = Files.writeString(folder.resolve("f"), "abcdef");
        Fingerprint was = Fingerprint.of(file);
        was.checkAll(file);
        Files.writeString(file, "abcdeg");
        assertThatThrownBy(() -> was.check(file))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining("has CRC32C ");
        Files.writeString(file, "abcde");
        assertThatThrownBy(() -> was.check(file)).hasMessage(file + " has 5 bytes instead of 6");
        Fingerprint otherSha = new Fingerprint(6, was.crc32c(), "0".repeat(64));
        Files.writeString(file, "abcdef");
        otherSha.check(file);
        assertThatThrownBy(() -> otherSha.checkAll(file)).hasMessageContaining("has SHA-256 ");
    }

    @ParameterizedTest
    @MethodSource
    void damagedHeadersAreRefusedWithTheReason(String json, int dataBytes, String reason) throws IOException {
        Path file = file(json, new byte[dataBytes]);
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(DamagedFile.class)
                .hasMessageStartingWith(file + " has ")
                .hasMessageContaining(reason);
    }

    static Stream<Arguments> damagedHeadersAreRefusedWithTheReason() {
        String max = Long.toString(Long.MAX_VALUE);
        return Stream.of(
                Arguments.of("", 0, "does not start with '{'"),
                Arguments.of(" {}", 0, "does not start with '{'"),
                Arguments.of("[]", 0, "does not start with '{'"),
                Arguments.of("\ufeff{}", 0, "does not start with '{'"),
                Arguments.of("{", 0, "not the JSON"),
                Arguments.of("{}x", 0, "not the JSON"),
                Arguments.of("{}{}", 0, "START_OBJECT instead of null"),
                Arguments.of("{\"a\"", 0, "not the JSON"),
                Arguments.of("{\"a\":1}", 0, "instead of START_OBJECT in 'a'"),
                Arguments.of("{\"a\":null}", 0, "instead of START_OBJECT in 'a'"),
                Arguments.of("{\"a\":{}}", 0, "dtype null, shape null, data_offsets null"),
                Arguments.of("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "data_offsets null"),
                Arguments.of(one("U8", "1", "0,1") + " // no comments", 1, "not the JSON"),
                Arguments.of("{\"__metadata__\":[]}", 0, "instead of START_OBJECT in '__metadata__'"),
                Arguments.of("{\"__metadata__\":{\"a\":1}}", 0, "instead of VALUE_STRING in metadata 'a'"),
                Arguments.of("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "Duplicate"),
                Arguments.of("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "Duplicate"),
                Arguments.of(two("a", "0,1", "a", "1,2"), 2, "Duplicate"),
                Arguments.of(two("a", "0,1", "\\u0061", "1,2"), 2, "Duplicate"),
                Arguments.of("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", 0, "Duplicate"),
                Arguments.of("{\"a\":{\"dtype\":\"U8\",\"more\":1}}", 0, "unknown field 'more'"),
                Arguments.of(one("F33", "1", "0,4"), 4, "dtype 'F33', which is none of [BOOL, U8,"),
                Arguments.of(one("f32", "1", "0,4"), 4, "dtype 'f32'"),
                Arguments.of("{\"a\":{\"dtype\":1}}", 0, "instead of VALUE_STRING in the dtype of 'a'"),
                Arguments.of("{\"a\":{\"shape\":1}}", 0, "instead of START_ARRAY in 'shape' of 'a'"),
                Arguments.of(one("U8", "[[1]]", "0,1"), 1, "nesting"),
                Arguments.of("{\"a\":" + "[".repeat(100_000) + "}", 1, "in 'a'"),
                Arguments.of(one("U8", "1.0", "0,1"), 1, "VALUE_NUMBER_FLOAT"),
                Arguments.of(one("U8", "1e0", "0,1"), 1, "VALUE_NUMBER_FLOAT"),
                Arguments.of(one("U8", "\"1\"", "0,1"), 1, "VALUE_STRING"),
                Arguments.of(one("U8", "-1", "0,1"), 1, "has -1 in 'shape' of 'a'"),
                Arguments.of(one("U8", "9223372036854775808", "0,1"), 1, "has 9223372036854775808 in 'shape'"),
                Arguments.of(one("U8", "9".repeat(500), "0,1"), 1, "not the JSON"),
                Arguments.of(one("U8", "1,".repeat(64) + "1", "0,1"), 1, "more than 64 numbers"),
                Arguments.of(one("F32", max, "0,4"), 4, "more than 2^63 bytes"),
                Arguments.of(one("U8", "4294967296,4294967296", "0,0"), 0, "more than 2^63 bytes"),
                Arguments.of(one("U8", "4294967296,2147483648", "0,0"), 0, "more than 2^63 bytes"),
                Arguments.of(one("U8", "3037000500,3037000500,2", "0,1"), 1, "more than 2^63 bytes"),
                Arguments.of(one("U8", "0," + max + "," + max, "0,0"), 0, "more than 2^63 bytes"),
                Arguments.of(one("U8", max, "0," + max), 8, "outside its 8 bytes of data"),
                Arguments.of(one("U8", "1", "0,2"), 1, "outside its 1 bytes of data"),
                Arguments.of(one("U8", "1", "-1,0"), 1, "has -1 in 'data_offsets' of 'a'"),
                Arguments.of(one("U8", "1", "1,0"), 1, "outside"),
                Arguments.of(one("U8", "1", "0,9223372036854775808"), 1, "has 9223372036854775808 in 'data_offsets'"),
                Arguments.of(one("U8", "1", "0"), 1, "data_offsets [0]"),
                Arguments.of(one("U8", "1", "0,1,1"), 1, "data_offsets [0, 1, 1]"),
                Arguments.of(one("F32", "2", "0,4"), 4, "which is 4 bytes; F32 [2] are 8"),
                Arguments.of(one("U8", "1", "0,1"), 2, "has 2 bytes of data; its tensors cover 1"),
                Arguments.of("{}", 1, "its tensors cover 0"),
                Arguments.of(one("U8", "1", "1,2"), 2, "after a hole that starts at 0"),
                Arguments.of(two("a", "0,1", "b", "2,3"), 3, "after a hole that starts at 1"),
                Arguments.of(two("a", "0,1", "b", "0,1"), 1, "over another that ends at 1"));
    }

    private static String one(String type, String shape, String offsets) {
        return "{\"a\":{\"dtype\":\"" + type + "\",\"shape\":[" + shape + "],\"data_offsets\":[" + offsets + "]}}";
    }

    private static String two(String name, String offsets, String otherName, String otherOffsets) {
        String tensor = "\"%s\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%s]}";
        return "{" + tensor.formatted(name, offsets) + "," + tensor.formatted(otherName, otherOffsets) + "}";
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 100_000_001, 100_000_000, 1000, 67, 0, 1})
    void lyingHeaderLengthsAreRefusedAndTakeNoMemory(long length) throws IOException {
        Path file = file(one("U8", "1", "0,1"), new byte[1]);
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        Files.write(file, bytes);
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = memory.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining("header");
        assertThat(memory.getCurrentThreadAllocatedBytes() - before).isLessThan(10_000_000);
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        Path file = folder.resolve("whole.safetensors");
        Safetensors.write(
                file,
                Map.of("m", "n"),
                List.of(
                        tensor("a", DType.F64, List.of(2L), new byte[16]),
                        tensor("b", DType.U8, List.of(5L), new byte[5])));
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Safetensors.open(file)).isInstanceOf(DamagedFile.class);
        }
        Files.write(file, Arrays.copyOf(whole, whole.length + 1));
        assertThatThrownBy(() -> Safetensors.open(file)).isInstanceOf(DamagedFile.class);
    }

    @Test
    void noChangedHeaderByteEverDoesWorseThanBeRefused() throws IOException {
        byte[] whole = Files.readAllBytes(file(two("a", "0,1", "b", "1,2"), new byte[2]));
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < whole.length - 2; i++) {
            for (int trial = 0; trial < 8; trial++) {
                byte[] changed = whole.clone();
                changed[i] ^= (byte) (1 + random.nextInt(255));
                Path file = Files.write(folder.resolve("changed"), changed);
                try (Safetensors.Reader reader = Safetensors.open(file)) {
                    // Only a name can change unseen: what is left must still cover the two bytes.
                    assertThat(reader.entries().values().stream()
                                    .mapToLong(TensorEntry::size)
                                    .sum())
                            .isEqualTo(2);
                } catch (DamagedFile expected) {
                    assertThat(expected.path()).isEqualTo(file);
                }
            }
        }
    }

    @Test
    void aFileThatShrinksWhileItIsOpenIsNamed() throws IOException {
        Path file = file(one("U8", "9", "0,9"), new byte[9]);
        try (Safetensors.Reader reader = Safetensors.open(file)) {
            Files.write(file, new byte[10]);
            assertThatThrownBy(() -> reader.read(entry(reader, "a"), ByteBuffer.allocate(9)))
                    .isInstanceOf(DamagedFile.class)
                    .hasMessageContaining("too early");
        }
    }

    @Test
    void foldersAndMissingFilesAreNamed() {
        assertThatThrownBy(() -> Safetensors.open(folder)).hasMessageContaining(folder + " is a folder");
        assertThatThrownBy(() -> Safetensors.open(folder.resolve("none"))).hasMessageContaining("none");
    }

    @Test
    void wrongRequestsAreRefused() throws IOException {
        Path file = file(one("U8", "3", "0,3"), new byte[3]);
        try (Safetensors.Reader reader = Safetensors.open(file)) {
            TensorEntry a = entry(reader, "a");
            assertThatThrownBy(() -> reader.read(a, ByteBuffer.allocate(4)))
                    .hasMessage("a buffer of 4 bytes for tensor 'a' of 3");
            assertThatThrownBy(() -> reader.read(a, 2, ByteBuffer.allocate(2))).hasMessageContaining("which has 3");
            assertThatThrownBy(() -> reader.read(a, -1, ByteBuffer.allocate(2))).hasMessageContaining("which has 3");
            TensorEntry other = new TensorEntry("a", DType.I8, List.of(3L));
            assertThatThrownBy(() -> reader.read(other, ByteBuffer.allocate(3))).hasMessageContaining("has no tensor");
        }
        assertThatThrownBy(() -> new TensorEntry("__metadata__", DType.U8, List.of()))
                .hasMessageContaining("keeps for itself");
        assertThatThrownBy(() -> Safetensors.content(
                        Map.of(),
                        List.of(
                                tensor("a", DType.U8, List.of(), new byte[1]),
                                tensor("a", DType.U8, List.of(), new byte[1]))))
                .hasMessage("two tensors are named 'a'");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5})
    void aTensorOfTheWrongSizeLeavesTheOldFileAndNothingElse(int bytes) throws IOException {
        Path file = Files.writeString(folder.resolve("model.safetensors"), "old");
        assertThatThrownBy(() -> Safetensors.write(
                        file, Map.of(), List.of(tensor("a", DType.F32, List.of(1L), new byte[bytes]))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("tensor 'a' wrote " + bytes + " bytes");
        assertThat(file).hasContent("old");
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void aFailedWriteNamesTheFileAndLeavesTheOldOne() throws IOException {
        Path file = Files.writeString(folder.resolve("model.safetensors"), "old");
        Safetensors.Source full = new Safetensors.Source(new TensorEntry("a", DType.U8, List.of(1L)), out -> {
            throw new IOException("No space left on device");
        });
        assertThatThrownBy(() -> Safetensors.write(file, Map.of(), List.of(full)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file + " could not be written")
                .hasMessageContaining("No space left on device");
        assertThat(file).hasContent("old");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void aBufferKeepsItsPositionWhenItIsWritten() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {9, 1, 2, 9}).position(1).limit(3);
        Path file = folder.resolve("part");
        Safetensors.write(file, Map.of(), List.of(Safetensors.Source.of("a", DType.U8, List.of(2L), () -> bytes)));
        assertThat(bytes.position()).isEqualTo(1);
        assertThat(bytes.remaining()).isEqualTo(2);
        assertThat(Files.readAllBytes(file)).endsWith(new byte[] {1, 2}).doesNotContain(9);
    }

    private Path file(String json, byte[] data) throws IOException {
        byte[] header = json.getBytes(UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length).put(header).put(data);
        return Files.write(folder.resolve("made.safetensors"), bytes.array());
    }

    private static TensorEntry entry(Safetensors.Reader reader, String name) {
        return Objects.requireNonNull(reader.entries().get(name));
    }

    private static Safetensors.Source tensor(String name, DType type, List<Long> shape, byte[] bytes) {
        return Safetensors.Source.of(name, type, shape, () -> ByteBuffer.wrap(bytes));
    }

    private static String name(SplittableRandom random) {
        String letters = "abz._/\"\\\n\t \u0000éß漢字\uD83D\uDE00";
        return random.ints(random.nextInt(12), 0, letters.codePointCount(0, letters.length()))
                .mapToObj(i -> Character.toString(letters.codePointAt(letters.offsetByCodePoints(0, i))))
                .collect(Collectors.joining());
    }

    private static Map<String, String> asText(Map<String, byte[]> data) {
        Map<String, String> text = new TreeMap<>();
        data.forEach((name, bytes) -> text.put(name, HexFormat.of().formatHex(bytes)));
        return text;
    }

    /** A second reader, from the format's description alone: name to data in hex. */
    private static Map<String, String> parseByHand(byte[] file, Map<String, String> wantedMetadata) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) bytes.getLong();
        assertThat(length % 8).isZero();
        int dataStart = 8 + length;
        JsonNode header = JsonMapper.shared().readTree(new String(file, 8, length, UTF_8));
        Map<String, String> found = new TreeMap<>();
        Map<String, String> metadata = new HashMap<>();
        List<String> order = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : header.properties()) {
            if (field.getKey().equals("__metadata__")) {
                field.getValue()
                        .properties()
                        .forEach(e -> metadata.put(e.getKey(), e.getValue().stringValue()));
                continue;
            }
            order.add(field.getKey());
            long size = switch (field.getValue().get("dtype").stringValue()) {
                case "BOOL", "U8", "I8" -> 1;
                case "I16", "U16", "F16", "BF16" -> 2;
                case "I32", "U32", "F32" -> 4;
                case "F64", "I64", "U64" -> 8;
                default -> throw new AssertionError(field);
            };
            for (JsonNode side : field.getValue().get("shape")) {
                size *= side.longValue();
            }
            int begin = field.getValue().get("data_offsets").get(0).intValue();
            int end = field.getValue().get("data_offsets").get(1).intValue();
            assertThat((long) (end - begin)).isEqualTo(size);
            found.put(field.getKey(), HexFormat.of().formatHex(file, dataStart + begin, dataStart + end));
        }
        assertThat(metadata).isEqualTo(wantedMetadata);
        assertThat(order).isSorted();
        return found;
    }
}
