package maskfeat.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import maskfeat.disk.DamagedFile;
import maskfeat.weights.PickleWriter.Call;
import maskfeat.weights.PickleWriter.Global;
import maskfeat.weights.PickleWriter.Tensor;
import maskfeat.weights.PickleWriter.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TorchCheckpointTest {
    private static final Tensor PAIR = Tensor.whole("FloatStorage", "0", 2);
    private static final byte[] PAIR_BYTES = PickleWriter.floats(1, -2);

    @TempDir
    Path folder;

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("checkpoint"), bytes);
    }

    private Path saved(Object root) throws IOException {
        return file(ZipWriter.checkpoint(PickleWriter.of(2, root))
                .storage("0", PAIR_BYTES)
                .bytes());
    }

    private static byte[] bytes(TensorReader reader, String name) throws IOException {
        TensorEntry entry = entry(reader, name);
        ByteBuffer into = ByteBuffer.allocate((int) entry.size());
        reader.read(entry, into);
        return into.array();
    }

    private static TensorEntry entry(TensorReader reader, String name) {
        return Objects.requireNonNull(reader.entries().get(name), name);
    }

    private static void assertRefused(Path file, String reason) {
        assertThatThrownBy(() -> TorchCheckpoint.open(file).close())
                .isInstanceOf(DamagedFile.class)
                .hasMessageStartingWith(file + " ")
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "model_state, model_state",
        "state_dict, state_dict",
        "model, model",
        "model_state_dict, model_state_dict",
        "module, module",
        "model_ema, model_ema"
    })
    void weightsAreFoundInTheUsualPlaces(String key, String expected) throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("optimizer_state", Map.of("state", Map.of(0, Map.of("exp_avg", PAIR))));
        root.put(key, Map.of("a.weight", PAIR));
        root.put("epoch", 12);
        root.put("lr", 0.5);
        root.put("done", true);
        root.put("cfg", "TASK: ssl\n");
        root.put("none", null);
        root.put("meta", Map.of("version", "1.2", "deep", Map.of("seed", 7)));
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(saved(root))) {
            assertThat(checkpoint.stateDictKey()).contains(expected);
            assertThat(checkpoint.entries().values())
                    .containsExactly(new TensorEntry("a.weight", DType.F32, List.of(2L)));
            assertThat(checkpoint.metadata())
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "epoch", "12",
                            "lr", "0.5",
                            "done", "true",
                            "cfg", "TASK: ssl\n",
                            "meta.version", "1.2",
                            "meta.deep.seed", "7"));
        }
    }

    @Test
    void theFirstOfSeveralPlacesCounts() throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("model_ema", Map.of("ema", PAIR));
        root.put("state_dict", Map.of("weight", PAIR));
        root.put("model", "vit_base");
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(saved(root))) {
            assertThat(checkpoint.stateDictKey()).contains("state_dict");
            assertThat(checkpoint.entries()).containsOnlyKeys("weight");
            assertThat(checkpoint.metadata()).containsExactly(Map.entry("model", "vit_base"));
        }
    }

    @Test
    void elsewhereAllTensorsCountButThoseOfTraining() throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("student", Map.of("a", PAIR, "rest", List.of(PAIR, Tuple.of(PAIR, 3))));
        root.put("optimizer", Map.of("exp_avg", PAIR));
        root.put("optimal.weight", PAIR);
        root.put("epoch", 3);
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(saved(root))) {
            assertThat(checkpoint.stateDictKey()).isEmpty();
            assertThat(checkpoint.entries())
                    .containsOnlyKeys("student.a", "student.rest.0", "student.rest.1.0", "optimal.weight");
            assertThat(checkpoint.metadata()).containsExactly(Map.entry("epoch", "3"));
        }
    }

    @Test
    void aFileWithoutTensorsSaysWhatItHas() throws IOException {
        assertRefused(saved(Map.of("epoch", 1)), "holds no tensors; it has the keys [epoch]");
        assertRefused(saved("text"), "holds a text instead of a dictionary");
    }

    @ParameterizedTest
    @CsvSource({
        "FloatStorage, F32, 4",
        "DoubleStorage, F64, 8",
        "HalfStorage, F16, 2",
        "BFloat16Storage, BF16, 2",
        "LongStorage, I64, 8",
        "IntStorage, I32, 4",
        "ShortStorage, I16, 2",
        "CharStorage, I8, 1",
        "ByteStorage, U8, 1",
        "BoolStorage, BOOL, 1",
        "UntypedStorage, U8, 1"
    })
    void everyStorageHasItsType(String storage, DType type, int elementBytes) throws IOException {
        byte[] raw = new byte[3 * elementBytes];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (byte) (i + 1);
        }
        byte[] pickle = PickleWriter.of(2, Map.of("a", Tensor.whole(storage, "key", 3)));
        Path file = file(ZipWriter.checkpoint(pickle).storage("key", raw).bytes());
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(file)) {
            assertThat(checkpoint.entries().get("a")).isEqualTo(new TensorEntry("a", type, List.of(3L)));
            assertThat(bytes(checkpoint, "a")).isEqualTo(raw);
        }
    }

    @Test
    void parametersOldTensorsAndTensorsOfUntypedStoragesAreRead() throws IOException {
        Tensor untyped = Tensor.whole("UntypedStorage", "0", 8);
        PickleWriter pickle = new PickleWriter(2).raw("}(");
        pickle.value("parameter")
                .global("torch._utils", "_rebuild_parameter")
                .raw('(')
                .value(PAIR);
        pickle.value(true).value(Map.of()).raw("tR");
        pickle.value("old").global("torch._utils", "_rebuild_tensor").raw('(');
        pickle.storage(PAIR).value(1).value(Tuple.of(1)).value(Tuple.of(1)).raw("tR");
        pickle.value("subclass")
                .global("torch._tensor", "_rebuild_from_type_v2")
                .raw('(');
        pickle.global("torch._utils", "_rebuild_tensor_v2")
                .global("torch.nn.parameter", "Parameter")
                .raw('(');
        pickle.storage(PAIR)
                .value(0)
                .value(Tuple.of(2))
                .value(Tuple.of(1))
                .value(false)
                .value(null);
        pickle.raw('t').value(Map.of()).raw("tRu");
        Path file =
                file(ZipWriter.checkpoint(pickle.end()).storage("0", PAIR_BYTES).bytes());
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(file)) {
            assertThat(bytes(checkpoint, "parameter")).isEqualTo(PAIR_BYTES);
            assertThat(bytes(checkpoint, "old")).isEqualTo(PickleWriter.floats(-2));
            assertThat(bytes(checkpoint, "subclass")).isEqualTo(PAIR_BYTES);
        }

        PickleWriter v3 = new PickleWriter(2)
                .raw('}')
                .value("a")
                .global("torch._utils", "_rebuild_tensor_v3")
                .raw('(');
        v3.storage(untyped)
                .value(1)
                .value(Tuple.of(3))
                .value(Tuple.of(1))
                .value(false)
                .value(Map.of());
        v3.global("torch", "uint16").raw("tRs");
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(
                file(ZipWriter.checkpoint(v3.end()).storage("0", PAIR_BYTES).bytes()))) {
            assertThat(checkpoint.entries().get("a")).isEqualTo(new TensorEntry("a", DType.U16, List.of(3L)));
            assertThat(bytes(checkpoint, "a")).isEqualTo(Arrays.copyOfRange(PAIR_BYTES, 2, 8));
        }
    }

    @Test
    void whatCannotBeReadIsListedWithItsReason() throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("a", PAIR);
        root.put("complex", Tensor.whole("ComplexFloatStorage", "1", 1));
        root.put("sparse", new Call(new Global("torch._utils", "_rebuild_sparse_tensor"), List.of(1)));
        Path file = file(ZipWriter.checkpoint(PickleWriter.of(2, root))
                .storage("0", PAIR_BYTES)
                .storage("1", PAIR_BYTES)
                .bytes());
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(file)) {
            assertThat(checkpoint.entries()).containsOnlyKeys("a");
            assertThat(checkpoint.unreadable())
                    .containsExactly(
                            Map.entry("complex", "of type torch.complex64"),
                            Map.entry("sparse", "made by torch._utils._rebuild_sparse_tensor"));
            TensorEntry asked = new TensorEntry("complex", DType.F64, List.of(1L));
            assertThatThrownBy(() -> checkpoint.read(asked, ByteBuffer.allocate(8)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("it is of type torch.complex64");
        }
    }

    @Test
    void onlyBytesOfATensorOfTheFileAreRead() throws IOException {
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(saved(Map.of("a", PAIR)))) {
            TensorEntry a = entry(checkpoint, "a");
            assertThatThrownBy(() -> checkpoint.read(a, 1, ByteBuffer.allocate(8)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> checkpoint.read(a, -1, ByteBuffer.allocate(1)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(
                            () -> checkpoint.read(new TensorEntry("a", DType.U8, List.of(8L)), ByteBuffer.allocate(8)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @MethodSource
    void tensorsThatDoNotFitTheirStorageAreRefused(Tensor tensor, String reason) throws IOException {
        assertRefused(saved(Map.of("a", tensor)), reason);
    }

    static Stream<Arguments> tensorsThatDoNotFitTheirStorageAreRefused() {
        int big = Integer.MAX_VALUE;
        return Stream.of(
                Arguments.of(view(0, List.of(3), List.of(1)), "reaches element 2 of storage '0', which has 2"),
                Arguments.of(view(1, List.of(2), List.of(1)), "reaches element 2"),
                Arguments.of(view(2, List.of(), List.of()), "reaches element 2"),
                Arguments.of(view(0, List.of(2, 2), List.of(1, 1)), "reaches element 2"),
                Arguments.of(view(-1, List.of(2), List.of(1)), "begins at -1"),
                Arguments.of(view(0, List.of(-2), List.of(1)), "-2 among its sizes"),
                Arguments.of(view(0, List.of(2), List.of(-1)), "-1 among its strides"),
                Arguments.of(view(0, List.of(2), List.of()), "1 sizes and 0 strides"),
                Arguments.of(view(0, List.of(big, big, big), List.of(0, 0, 0)), "more than 2^63"),
                Arguments.of(view(0, List.of(big, big, 2), List.of(big, big, 1)), "more than 2^63"),
                Arguments.of(view(0, List.of(0, big, big, big), List.of(0, 0, 0, 0)), "more than 2^63"),
                Arguments.of(view(Long.MAX_VALUE, List.of(2), List.of(1)), "more than 2^63"),
                Arguments.of(view(0, List.of(big, 1000), List.of(0, 0)), "more than 16 times the 8 bytes"),
                Arguments.of(
                        new Tensor("FloatStorage", "0", 3, 0, List.of(2), List.of(1)), "has 8 bytes of storage '0'"),
                Arguments.of(
                        new Tensor("FloatStorage", "0", 1, 0, List.of(1), List.of(1)), "has 8 bytes of storage '0'"),
                Arguments.of(new Tensor("FloatStorage", "0", -1, 0, List.of(0), List.of(1)), "of -1 elements"),
                Arguments.of(new Tensor("FloatStorage", "0", Long.MAX_VALUE, 0, List.of(1), List.of(1)), "elements"),
                Arguments.of(new Tensor("FloatStorage", "7", 2, 0, List.of(2), List.of(1)), "no bytes of storage '7'"));
    }

    private static Tensor view(long offset, List<Integer> size, List<Integer> stride) {
        return new Tensor("FloatStorage", "0", 2, offset, size, stride);
    }

    @Test
    void anExpandedTensorIsReadWhileItIsNotTooLarge() throws IOException {
        try (TorchCheckpoint checkpoint =
                TorchCheckpoint.open(saved(Map.of("a", view(1, List.of(3, 2), List.of(0, 0)))))) {
            assertThat(bytes(checkpoint, "a")).isEqualTo(PickleWriter.floats(-2, -2, -2, -2, -2, -2));
        }
    }

    @Test
    void oneStorageHasOneTypeAndSize() throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("a", PAIR);
        root.put("b", Tensor.whole("IntStorage", "0", 2));
        assertRefused(saved(root), "once as 2 of float32 and once as 2 of int32");
    }

    @Test
    void compressedArchivesAreUnpackedAndTheirFileIsRemoved() throws IOException {
        float[] values = new float[100_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i);
        }
        byte[] raw = PickleWriter.floats(values);
        ZipWriter zip = new ZipWriter();
        zip.addDeflated("x/data.pkl", PickleWriter.of(2, Map.of("a", Tensor.whole("FloatStorage", "0", 100_000))));
        zip.addDeflated("x/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        zip.addDeflated("x/data/0", raw);
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(file(zip.bytes()))) {
            assertThat(bytes(checkpoint, "a")).isEqualTo(raw);
        }

        ZipWriter damaged = new ZipWriter();
        damaged.addDeflated("x/data.pkl", PickleWriter.of(2, Map.of("a", PAIR))).crc ^= 1;
        assertRefused(file(damaged.bytes()), "with CRC-32");
        ZipWriter bomb = new ZipWriter();
        bomb.addDeflated("x/data.pkl", new byte[3 << 20]);
        assertRefused(file(bomb.bytes()), "when unpacked; that is no checkpoint");
        ZipWriter liar = new ZipWriter();
        liar.addDeflated("x/data.pkl", new byte[1000]).size = 999;
        assertRefused(file(liar.bytes()), "unpacks to more than its 999 bytes");
        ZipWriter shorter = new ZipWriter();
        shorter.addDeflated("x/data.pkl", new byte[1000]).size = 1001;
        assertRefused(file(shorter.bytes()), "unpacks to 1000 bytes instead of 1001");
    }

    @Test
    void wideArchivesWithSizesBehindTheDataAreRead() throws IOException {
        ZipWriter zip = new ZipWriter();
        zip.add("any name/data.pkl", PickleWriter.of(2, Map.of("a", PAIR))).flags = 1 << 3 | 1 << 11;
        zip.add("any name/data/0", PAIR_BYTES).flags = 1 << 3;
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(file(zip.wide().bytes()))) {
            assertThat(bytes(checkpoint, "a")).isEqualTo(PAIR_BYTES);
        }
    }

    @ParameterizedTest
    @MethodSource
    void archivesThatContradictThemselvesAreRefused(Consumer<ZipWriter.Entry> change, String reason)
            throws IOException {
        ZipWriter zip = ZipWriter.checkpoint(PickleWriter.of(2, Map.of("a", PAIR)));
        ZipWriter.Entry storage = zip.add("archive/data/0", PAIR_BYTES);
        change.accept(storage);
        assertRefused(file(zip.bytes()), reason);
    }

    static Stream<Arguments> archivesThatContradictThemselvesAreRefused() {
        return Stream.of(
                refused(entry -> entry.crc ^= 1, "with CRC-32"),
                refused(entry -> entry.localName = "archive/data/1", "own header is not what the directory says"),
                refused(entry -> entry.localMethod = 8, "own header is not what the directory says"),
                refused(entry -> entry.shift = 1, "own header is not what the directory says"),
                refused(entry -> entry.shift = 1 << 20, "outside the file"),
                refused(entry -> entry.shift = -60, "own header is not what the directory says"),
                refused(entry -> entry.method = 12, "packed by method 12"),
                refused(entry -> entry.flags = 1, "encrypted"),
                refused(entry -> entry.size++, "of 9 bytes in 8"),
                refused(entry -> entry.size = entry.packedSize = 9, "past the end of the data"),
                refused(entry -> entry.size = entry.packedSize = 7, "with CRC-32"),
                refused(entry -> entry.name = entry.localName = "archive/version", "two zip entries named"),
                refused(entry -> entry.name = entry.localName = "archive/../data/0", "zip entry named"),
                refused(entry -> entry.name = entry.localName = "/archive/data/0", "zip entry named"),
                refused(entry -> entry.name = entry.localName = "archive\\data\\0", "zip entry named"),
                refused(entry -> entry.name = entry.localName = "other/data.pkl", "two pickles"),
                refused(entry -> entry.name = entry.localName = "archive/code/a.py", "TorchScript"),
                refused(entry -> entry.name = entry.localName = "archive/constants.pkl", "TorchScript"));
    }

    private static Arguments refused(Consumer<ZipWriter.Entry> change, String reason) {
        return Arguments.of(change, reason);
    }

    @Test
    void entriesThatShareBytesAreRefused() throws IOException {
        // The second entry lies, header and all, within the first one's data.
        ZipWriter inner = new ZipWriter();
        inner.add("archive/data/1", PAIR_BYTES);
        byte[] within = Arrays.copyOf(inner.bytes(), 30 + "archive/data/1".length() + PAIR_BYTES.length);
        ZipWriter zip = ZipWriter.checkpoint(PickleWriter.of(2, Map.of("a", PAIR)));
        zip.add("archive/data/0", within);
        ZipWriter.Entry second = zip.add("archive/data/1", PAIR_BYTES);
        second.shift = -within.length;
        assertRefused(file(zip.bytes()), "'archive/data/1' over another");
    }

    @Test
    void archivesWithBytesBehindThemAreRefused() throws IOException {
        byte[] whole = ZipWriter.checkpoint(PickleWriter.of(2, Map.of("a", PAIR)))
                .storage("0", PAIR_BYTES)
                .bytes();
        assertRefused(file(Arrays.copyOf(whole, whole.length + 1)), "cut off or appended to");
    }

    @Test
    void otherByteOrdersAreRefused() throws IOException {
        ZipWriter zip = new ZipWriter();
        zip.add("archive/data.pkl", PickleWriter.of(2, Map.of("a", PAIR)));
        zip.add("archive/data/0", PAIR_BYTES);
        zip.add("archive/byteorder", "big".getBytes(StandardCharsets.US_ASCII));
        assertRefused(file(zip.bytes()), "byte order 'big'");
    }

    @Test
    void archivesOfSomethingElseSayWhatTheyHold() throws IOException {
        ZipWriter zip = new ZipWriter();
        zip.add("arr_0.npy", new byte[3]);
        assertRefused(file(zip.bytes()), "has no data.pkl; it has 1 entries (arr_0.npy)");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void theOldFormatIsReadInEveryProtocol(int protocol) throws IOException {
        Tensor part = new Tensor("FloatStorage", "k", 4, 1, List.of(3), List.of(1));
        byte[] root = PickleWriter.of(protocol, Map.of("model_state", Map.of("a", part), "epoch", 3, "lr", -0.25));
        Path file = file(PickleWriter.legacy(root, Map.of("k", new float[] {1, 2, 3, 4})));
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(file)) {
            assertThat(bytes(checkpoint, "a")).isEqualTo(PickleWriter.floats(2, 3, 4));
            assertThat(checkpoint.metadata()).containsOnly(Map.entry("epoch", "3"), Map.entry("lr", "-0.25"));
        }
    }

    @Test
    void partsOfStoragesInVeryOldFilesAreRead() throws IOException {
        PickleWriter pickle = new PickleWriter(2)
                .raw('}')
                .value("a")
                .global("torch._utils", "_rebuild_tensor")
                .raw('(');
        pickle.value(Tuple.of("storage", new Global("torch", "FloatStorage"), "k", "cpu", 5, Tuple.of("v", 2, 3)));
        pickle.raw('Q').value(1).value(Tuple.of(2)).value(Tuple.of(1)).raw("tRs");
        Path file = file(PickleWriter.legacy(pickle.end(), Map.of("k", new float[] {1, 2, 3, 4, 5})));
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(file)) {
            assertThat(bytes(checkpoint, "a")).isEqualTo(PickleWriter.floats(4, 5));
        }
    }

    @Test
    void oldFilesMustAddUp() throws IOException {
        byte[] root = PickleWriter.of(2, Map.of("a", PAIR));
        assertRefused(
                file(PickleWriter.legacy(root, Map.of("0", new float[] {1, 2, 3}))), "has 3 elements of storage '0'");
        assertRefused(file(PickleWriter.legacy(root, Map.of())), "no bytes of storage '0'");
        assertRefused(
                file(PickleWriter.legacy(root, Map.of("1", new float[] {1, 2}))), "a storage that no tensor names");
        byte[] whole = PickleWriter.legacy(root, Map.of("0", new float[] {1, 2}));
        assertRefused(file(Arrays.copyOf(whole, whole.length + 1)), "1 bytes after its last storage");
        assertRefused(file(root), "is a pickle, but not one of torch.save");
        assertRefused(file(PickleWriter.of(2, Map.of("blobs", Map.of()))), "Caffe2");
    }

    @Test
    void storagesOfMoreThanTwoGibibytesAreReadAnywhere() throws IOException {
        long elements = (1L << 32) + 3;
        Tensor tensor = new Tensor("ByteStorage", "k", elements, 1, List.of(2, 1 << 16), List.of(1 << 30, 1 << 14));
        PickleWriter pickle =
                new PickleWriter(2).raw('}').value("a").value(tensor).raw('s');
        pickle.value("all").global("torch._utils", "_rebuild_tensor").raw('(').storage(tensor);
        pickle.value(0).value(Tuple.of(elements)).value(Tuple.of(1)).raw("tRs");
        byte[] head = PickleWriter.legacy(pickle.end(), Map.of("k", new float[0]));
        Path file = file(head);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.seek(head.length - 8L);
            sparse.write(
                    ByteBuffer.allocate(8).putLong(Long.reverseBytes(elements)).array());
            sparse.setLength(head.length + elements);
            sparse.seek(head.length + elements - 2);
            sparse.write(new byte[] {5, 6});
            sparse.seek(head.length + 1 + (1L << 30) + 65535L * (1 << 14));
            sparse.write(9);
        }
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(file)) {
            ByteBuffer last = ByteBuffer.allocate(3);
            checkpoint.read(entry(checkpoint, "all"), elements - 3, last);
            assertThat(last.array()).containsExactly(0, 5, 6);
            ByteBuffer far = ByteBuffer.allocate(2);
            checkpoint.read(entry(checkpoint, "a"), 2 * (1 << 16) - 2, far);
            assertThat(far.array()).containsExactly(0, 9);
        }
    }

    @Test
    void aFileCutWhileItIsOpenIsToldByName() throws IOException {
        Path file = saved(Map.of("a", PAIR));
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(file)) {
            Files.write(file, new byte[10]);
            assertThatThrownBy(() -> bytes(checkpoint, "a"))
                    .isInstanceOf(DamagedFile.class)
                    .hasMessageContaining(file.toString());
        }
    }
}
