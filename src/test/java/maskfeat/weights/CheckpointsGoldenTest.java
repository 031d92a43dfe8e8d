package maskfeat.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.disk.DamagedFile;
import maskfeat.golden.GoldenDir;
import maskfeat.golden.GoldenTensors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch itself wrote, whole, broken and hostile. */
@Tag("golden")
class CheckpointsGoldenTest {
    private static final String SET = "checkpoints";

    @BeforeEach
    void isThere() {
        assumeThat(GoldenDir.has(SET)).as("golden set " + SET).isTrue();
    }

    private static Path file(String name) {
        assumeThat(GoldenDir.has(SET + "/" + name)).as(name).isTrue();
        return GoldenDir.path().resolve(SET).resolve(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"small_zip.pyth", "small_legacy.pyth"})
    void smallCheckpointsHoldTheExpectedBytes(String name) throws IOException {
        GoldenTensors expected = GoldenTensors.open(file("small_expected.safetensors"));
        try (TensorReader reader = Weights.open(file(name))) {
            assertThat(reader).isInstanceOf(TorchCheckpoint.class);
            assertThat(((TorchCheckpoint) reader).stateDictKey()).contains("model_state");
            assertThat(reader.entries().keySet())
                    .isEqualTo(expected.names().stream()
                            .filter(tensor -> !tensor.startsWith("types."))
                            .collect(Collectors.toCollection(TreeSet::new)));
            for (TensorEntry entry : reader.entries().values()) {
                assertThat(entry.type()).isEqualTo(DType.F32);
                assertThat(shape(entry)).isEqualTo(expected.shape(entry.name()));
                assertThat(floats(reader, entry)).isEqualTo(expected.values(entry.name()));
            }
            assertThat(reader.metadata()).containsKeys("epoch", "cfg");
        }
    }

    @Test
    void everyElementTypeAndEveryKindOfViewIsRead() throws IOException {
        GoldenTensors expected = GoldenTensors.open(file("small_expected.safetensors"));
        Map<String, DType> types = new TreeMap<>(
                Map.of("f16", DType.F16, "bf16", DType.BF16, "f64", DType.F64, "i64", DType.I64, "bool", DType.BOOL));
        List.of("view", "scalar", "empty", "shared_a", "shared_b").forEach(name -> types.put(name, DType.F32));
        try (TorchCheckpoint checkpoint = TorchCheckpoint.open(file("small_types.pyth"))) {
            assertThat(checkpoint.unreadable()).isEmpty();
            assertThat(checkpoint.entries().keySet()).isEqualTo(types.keySet());
            for (TensorEntry entry : checkpoint.entries().values()) {
                assertThat(entry.type()).as(entry.name()).isEqualTo(types.get(entry.name()));
                if (entry.name().equals("scalar")) {
                    assertThat(entry.shape()).isEmpty();
                } else {
                    assertThat(shape(entry)).as(entry.name()).isEqualTo(expected.shape("types." + entry.name()));
                }
                assertThat(floats(checkpoint, entry))
                        .as(entry.name())
                        .isEqualTo(expected.values("types." + entry.name()));
            }
        }
    }

    /** The official program saved after three steps; the golden trace has the parameters after them. */
    @ParameterizedTest
    @ValueSource(strings = {"vit", "mvit"})
    void modelStateIsWhatThreeStepsMade(String set) throws IOException {
        Path checkpoint = file(set + "_ssl_checkpoint_epoch_00003.pyth");
        String trace = set + "/" + set + "_pretrain.safetensors";
        assumeThat(GoldenDir.has(trace)).as(trace).isTrue();
        GoldenTensors golden = GoldenTensors.open(GoldenDir.path().resolve(trace));
        try (TorchCheckpoint reader = TorchCheckpoint.open(checkpoint)) {
            assertThat(reader.stateDictKey()).contains("model_state");
            assertThat(reader.metadata()).containsOnlyKeys("epoch", "cfg").containsEntry("epoch", "2");
            assertThat(reader.metadata().get("cfg")).startsWith("AUG:\n").contains("MODEL_NAME: MaskMViT\n");
            assertThat(golden.names().stream()
                            .filter(name -> name.startsWith("w."))
                            .map(name -> name.substring(2)))
                    .isSubsetOf(reader.entries().keySet());
            int compared = 0;
            for (TensorEntry entry : reader.entries().values()) {
                String name = entry.name();
                String after = (name.startsWith("hogs.") ? "buf." : "a3.") + name;
                if (golden.has(after)) {
                    assertThat(floats(reader, entry)).as(after).isEqualTo(golden.values(after));
                    compared++;
                }
                if (golden.has("w." + name)) {
                    assertThat(shape(entry)).as(name).isEqualTo(golden.shape("w." + name));
                    assertThat(floats(reader, entry)).as(name).isNotEqualTo(golden.values("w." + name));
                }
            }
            assertThat(compared)
                    .isEqualTo(golden.names().stream()
                            .filter(name -> name.startsWith("a3.") || name.startsWith("buf."))
                            .count());
        }
    }

    @ParameterizedTest
    @CsvSource({"vit_timm_avgpool.pth,fc_norm.", "vit_timm_token.pth,norm."})
    void aBareStateDictIsReadByTimmsNames(String name, String norm) throws IOException {
        Path checkpoint = file(name);
        String trained = "finetune/vit_cls.safetensors";
        assumeThat(GoldenDir.has(trained)).as(trained).isTrue();
        GoldenTensors golden = GoldenTensors.open(GoldenDir.path().resolve(trained));
        UnaryOperator<String> renamed = timm -> timm.startsWith(norm)
                ? "norm." + timm.substring(norm.length())
                : timm.startsWith("head.") ? "head.projection." + timm.substring(5) : timm;
        try (TorchCheckpoint reader = TorchCheckpoint.open(checkpoint)) {
            assertThat(reader.stateDictKey()).isEmpty();
            assertThat(reader.entries())
                    .hasSameSizeAs(golden.names().stream()
                            .filter(own -> own.startsWith("w."))
                            .toList());
            for (TensorEntry entry : reader.entries().values()) {
                assertThat(floats(reader, entry))
                        .as(entry.name())
                        .isEqualTo(golden.values("w." + renamed.apply(entry.name())));
            }
        }
    }

    @Test
    void everyBrokenFileIsRefusedByNameAndFault() throws IOException {
        Map<String, String> faults = Map.of(
                "BAD_crc.pyth", "CRC-32",
                "BAD_truncated.pyth", "cut off",
                "BAD_legacy_truncated.pyth", "ends within storage",
                "BAD_pickle_cut.pyth", "ends in the middle",
                "BAD_short_storage.pyth", " bytes of storage ");
        List<Path> broken = filesNamed("BAD_");
        assertThat(broken).isNotEmpty();
        for (Path file : broken) {
            assertThatThrownBy(() -> Weights.open(file))
                    .isInstanceOf(DamagedFile.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining(faults.getOrDefault(String.valueOf(file.getFileName()), ""));
        }
    }

    @Test
    void everyHostileFileIsRefusedAndRunsNothing() throws IOException {
        List<Path> hostile = filesNamed("MALICIOUS_");
        assertThat(hostile).isNotEmpty();
        for (Path file : hostile) {
            assertThatThrownBy(() -> Weights.open(file))
                    .isInstanceOf(DamagedFile.class)
                    .hasMessageStartingWith(file + " names ")
                    .hasMessageContaining("which is no part of a checkpoint");
            assertThatThrownBy(() -> TorchCheckpoint.open(file)).isInstanceOf(DamagedFile.class);
        }
        assertThat(Path.of(System.getProperty("java.io.tmpdir"), "pwned")).doesNotExist();
        assertThat(Path.of("/tmp/pwned")).doesNotExist();
    }

    private static List<Path> filesNamed(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(GoldenDir.path().resolve(SET))) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    private static long[] shape(TensorEntry entry) {
        return entry.shape().stream().mapToLong(Long::longValue).toArray();
    }

    /** Read whole, and again in odd pieces. */
    private static float[] floats(TensorReader reader, TensorEntry entry) throws IOException {
        ByteBuffer whole = ByteBuffer.allocate((int) entry.size()).order(ByteOrder.LITTLE_ENDIAN);
        reader.read(entry, whole);
        ByteBuffer pieces = ByteBuffer.allocate((int) entry.size());
        for (int at = 0; at < entry.size(); at += 777) {
            ByteBuffer piece = pieces.slice(at, Math.min(777, pieces.capacity() - at));
            reader.read(entry, at, piece);
        }
        assertThat(pieces.array()).isEqualTo(whole.array());
        whole.flip();
        List<Float> values = new ArrayList<>();
        while (whole.hasRemaining()) {
            values.add(
                    switch (entry.type()) {
                        case F32 -> whole.getFloat();
                        case F64 -> (float) whole.getDouble();
                        case F16 -> half(whole.getShort());
                        case BF16 -> Float.intBitsToFloat(whole.getShort() << 16);
                        case I64 -> (float) whole.getLong();
                        case BOOL -> (float) whole.get();
                        default -> throw new AssertionError("a tensor of " + entry.type());
                    });
        }
        float[] array = new float[values.size()];
        for (int i = 0; i < array.length; i++) {
            array[i] = values.get(i);
        }
        return array;
    }

    /** IEEE binary16, by its definition. */
    private static float half(short bits) {
        int exponent = bits >> 10 & 31;
        int fraction = bits & 1023;
        double size = exponent == 0
                ? Math.scalb((double) fraction, -24)
                : exponent == 31
                        ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                        : Math.scalb(1024.0 + fraction, exponent - 25);
        return (float) (bits < 0 ? -size : size);
    }
}
