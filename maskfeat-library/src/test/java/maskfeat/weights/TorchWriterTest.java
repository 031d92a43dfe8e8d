package maskfeat.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchWriterTest {
    @TempDir
    Path temp;

    /** libtorch's own reader of such files is the judge. */
    @Test
    void libtorchReadsWhatIsWritten() throws IOException {
        Map<String, byte[]> data = new LinkedHashMap<>();
        List<Safetensors.Source> tensors = new ArrayList<>();
        add(tensors, data, "weight", DType.F32, 3, 4);
        add(tensors, data, "halves", DType.F16, 7);
        add(tensors, data, "brain", DType.BF16, 2, 1, 3);
        add(tensors, data, "doubles", DType.F64, 2, 2);
        add(tensors, data, "longs", DType.I64, 5);
        add(tensors, data, "ints", DType.I32, 5);
        add(tensors, data, "bytes", DType.U8, 11);
        add(tensors, data, "\u00fcber.scalar", DType.F32);
        add(tensors, data, "empty", DType.F32, 0, 3);

        TorchWriter.write(temp.resolve("a.pyth"), "model_state", Map.of("cfg", "A: 1\n"), tensors);

        try (PointerScope scope = new PointerScope()) {
            GenericDict outer = load(temp.resolve("a.pyth"));
            assertThat(outer.at(new IValue("cfg")).toStringRef().getString()).isEqualTo("A: 1\n");
            GenericDict state = outer.at(new IValue("model_state")).toGenericDict();
            assertThat(state.size()).isEqualTo(tensors.size());
            for (Safetensors.Source source : tensors) {
                TensorEntry entry = source.entry();
                Tensor found = state.at(new IValue(entry.name())).toTensor();
                assertThat(found.shape())
                        .as(entry.name())
                        .containsExactly(entry.shape().stream()
                                .mapToLong(Long::longValue)
                                .toArray());
                byte[] bytes = new byte[(int) entry.size()];
                if (bytes.length > 0) {
                    new BytePointer(found.data_ptr()).capacity(bytes.length).get(bytes);
                }
                assertThat(bytes).as(entry.name()).isEqualTo(data.get(entry.name()));
            }
        }
    }

    @Test
    void withoutKeyTensorsAreTheOuterDictionary() throws IOException {
        Map<String, byte[]> data = new LinkedHashMap<>();
        List<Safetensors.Source> tensors = new ArrayList<>();
        add(tensors, data, "weight", DType.F32, 2);

        TorchWriter.write(temp.resolve("a.pth"), "", Map.of(), tensors);

        try (PointerScope scope = new PointerScope()) {
            assertThat(load(temp.resolve("a.pth"))
                            .at(new IValue("weight"))
                            .toTensor()
                            .numel())
                    .isEqualTo(2);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TorchWriter.write(temp.resolve("b.pth"), "", Map.of("cfg", "x"), tensors))
                .withMessageContaining("cfg");
        assertThat(temp.resolve("b.pth")).doesNotExist();
    }

    @Test
    void sameTensorsGiveTheSameBytesAndTensorsAreAligned() throws IOException {
        Map<String, byte[]> data = new LinkedHashMap<>();
        List<Safetensors.Source> tensors = new ArrayList<>();
        add(tensors, data, "a", DType.F32, 3);
        add(tensors, data, "b", DType.F32, 5);

        TorchWriter.write(temp.resolve("one"), "model", Map.of(), tensors);
        TorchWriter.write(temp.resolve("two"), "model", Map.of(), tensors);

        byte[] bytes = Files.readAllBytes(temp.resolve("one"));
        assertThat(Files.readAllBytes(temp.resolve("two"))).isEqualTo(bytes);
        String hex = HexFormat.of().formatHex(bytes);
        data.forEach((name, content) -> assertThat(hex.indexOf(HexFormat.of().formatHex(content)) / 2 % 64)
                .isZero());
        int entries = 0;
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(temp.resolve("one")))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                zip.readAllBytes(); // checks the CRC
                entries++;
            }
        }
        assertThat(entries).isEqualTo(5);
    }

    @Test
    void refusesTheSameNameTwiceAndTypesWithoutAStorage() {
        Map<String, byte[]> data = new LinkedHashMap<>();
        List<Safetensors.Source> tensors = new ArrayList<>();
        add(tensors, data, "a", DType.F32, 3);
        add(tensors, data, "a", DType.F32, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TorchWriter.write(temp.resolve("x"), "", Map.of(), tensors))
                .withMessageContaining("'a'");
        tensors.clear();
        add(tensors, data, "wide", DType.U64, 3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TorchWriter.write(temp.resolve("x"), "", Map.of(), tensors))
                .withMessageContaining("wide")
                .withMessageContaining("safetensors");
    }

    private static GenericDict load(Path file) throws IOException {
        return torch.pickle_load(new ByteVector(Files.readAllBytes(file))).toGenericDict();
    }

    private static void add(
            List<Safetensors.Source> tensors, Map<String, byte[]> data, String name, DType type, long... shape) {
        List<Long> sides = Arrays.stream(shape).boxed().toList();
        byte[] bytes = new byte[(int) new TensorEntry(name, type, sides).size()];
        new Random(name.hashCode()).nextBytes(bytes);
        data.put(name, bytes);
        tensors.add(Safetensors.Source.of(name, type, sides, () -> ByteBuffer.wrap(bytes)));
    }
}
