package maskfeat.weights;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.DamagedFile;
import maskfeat.torch.Arrays;
import maskfeat.torch.Handles;
import maskfeat.torch.RandomTensors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorFileTest {
    @TempDir
    Path temp;

    private PointerScope scope;

    @BeforeEach
    void open() {
        scope = new PointerScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private Path write(Map<String, Tensor> tensors) throws IOException {
        Path file = temp.resolve("weights.safetensors");
        AtomicFile.write(file, TensorFile.content(Map.of("format", "pt"), tensors));
        return file;
    }

    private static Tensor filled(float value, long... shape) {
        return Arrays.zeros(Arrays.tensor(new float[] {0}), shape).fill_(new org.bytedeco.pytorch.Scalar(value));
    }

    @ParameterizedTest
    @EnumSource(
            value = ScalarType.class,
            names = {"Float", "Double", "Half", "BFloat16", "Long", "Int", "Byte", "Bool"})
    void everyTypeComesBackAsItWas(ScalarType type) throws IOException {
        Tensor values = RandomTensors.normal(1, 3, 4)
                .mul(new org.bytedeco.pytorch.Scalar(50))
                .abs()
                .to(type);
        Path file = write(Map.of("x", values));
        Tensor into = Arrays.empty(type, 3, 4);
        TensorFile.load(file, Map.of("x", into));
        assertThat(into.equal(values)).isTrue();
        try (Safetensors.Reader reader = Safetensors.open(file)) {
            TensorEntry entry = requireNonNull(reader.entries().get("x"));
            assertThat(entry.shape()).containsExactly(3L, 4L);
            assertThat(entry.type().bytes()).isEqualTo((int) values.element_size());
            assertThat(reader.metadata()).containsEntry("format", "pt");
        }
    }

    @Test
    void otherTypesAreNotWritten() {
        Tensor complex = Arrays.empty(ScalarType.ComplexFloat, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorFile.content(Map.of(), Map.of("x", complex)))
                .withMessageContaining("ComplexFloat");
    }

    @Test
    void shapesOfAnySizeAndLayoutInMemoryComeBack() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("number", filled(3));
        tensors.put("empty", filled(3, 0, 5));
        tensors.put("turned", RandomTensors.normal(2, 3, 4).transpose(0, 1));
        tensors.put("row", RandomTensors.normal(3, 6, 2).select(1, 1));
        tensors.put("trained", new Tensor(RandomTensors.normal(4, 5).set_requires_grad(true)));
        Path file = write(tensors);
        Map<String, Tensor> into = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> into.put(name, filled(-1, tensor.shape())));
        into.put("turned", filled(-1, 3, 4).transpose(0, 1));
        TensorFile.load(file, into);
        into.forEach((name, tensor) -> assertThat(tensor.equal(requireNonNull(tensors.get(name))))
                .as(name)
                .isTrue());
    }

    @Test
    void loadingConvertsTypesAndKeepsHandlesAndGradients() throws IOException {
        Path file = write(Map.of("x", Arrays.tensor(new float[] {1.5f, -2}, 2).to(ScalarType.Double)));
        Tensor half = Arrays.empty(ScalarType.Half, 2);
        TensorFile.load(file, Map.of("x", half));
        assertThat(half.scalar_type().intern()).isEqualTo(ScalarType.Half);
        assertThat(Arrays.floats(half)).containsExactly(1.5f, -2);
        Tensor trained = new Tensor(filled(0, 2).set_requires_grad(true));
        TensorFile.load(file, Map.of("x", trained));
        assertThat(trained.requires_grad() && trained.is_leaf()).isTrue();
        assertThat(Arrays.floats(trained)).containsExactly(1.5f, -2);
    }

    @Test
    void whatDoesNotFitIsNamedAndNothingIsChanged() throws IOException {
        Path file = write(Map.of(
                "a", filled(1, 2),
                "b", filled(1, 2, 3),
                "extra.1", filled(1, 1),
                "extra.2", filled(1, 1),
                "extra.3", filled(1, 1),
                "extra.4", filled(1, 1)));
        Tensor a = filled(7, 2);
        Tensor b = filled(7, 3, 2);
        Tensor c = filled(7, 1);
        assertThatExceptionOfType(WeightsMismatch.class)
                .isThrownBy(() -> TensorFile.load(file, Map.of("a", a, "b", b, "c", c)))
                .withMessage(file + ": missing 1 (c), extra 4 (extra.1, extra.2, extra.3, ...), "
                        + "misshaped 1 (b [2, 3] instead of [3, 2])");
        assertThat(Arrays.floats(a)).containsOnly(7);
        assertThat(Arrays.floats(b)).containsOnly(7);
        assertThat(Arrays.floats(c)).containsOnly(7);
    }

    @Test
    void aTypeThatIsNoWeightsIsRefusedBeforeAnythingIsChanged() throws IOException {
        Path file = temp.resolve("strange.safetensors");
        Safetensors.write(
                file,
                Map.of(),
                List.of(
                        Safetensors.Source.of("a", DType.F32, List.of(1L), () -> ByteBuffer.allocate(4)),
                        Safetensors.Source.of("b", DType.I16, List.of(1L), () -> ByteBuffer.allocate(2))));
        Tensor a = filled(7, 1);
        Map<String, Tensor> into = new LinkedHashMap<>();
        into.put("a", a);
        into.put("b", filled(7, 1));
        assertThatExceptionOfType(DamagedFile.class)
                .isThrownBy(() -> TensorFile.load(file, into))
                .withMessageContaining("tensor 'b' of type I16");
        assertThat(Arrays.floats(a)).containsOnly(7);
    }

    @Test
    void aTruncatedFileIsRefused() throws IOException {
        Path file = write(Map.of("a", filled(1, 100)));
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - 1));
        Tensor a = filled(7, 100);
        assertThatExceptionOfType(DamagedFile.class).isThrownBy(() -> TensorFile.load(file, Map.of("a", a)));
        assertThat(Arrays.floats(a)).containsOnly(7);
    }

    @Test
    void theSameTensorsGiveTheSameBytesInWhateverOrder() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("b", filled(1, 2));
        tensors.put("a", filled(2, 3));
        byte[] bytes = Files.readAllBytes(write(tensors));
        Map<String, Tensor> turned = new LinkedHashMap<>();
        turned.put("a", filled(2, 3));
        turned.put("b", filled(1, 2));
        assertThat(Files.readAllBytes(write(turned))).isEqualTo(bytes);
    }

    @Test
    void writingAndLoadingLeaveNothingBehind() throws Exception {
        Map<String, Tensor> tensors = Map.of("a", filled(1, 100), "b", filled(1, 2, 2));
        write(tensors);
        long before = Handles.settled();
        for (int i = 0; i < 20; i++) {
            TensorFile.load(write(tensors), tensors);
        }
        assertThat(Handles.now()).isLessThanOrEqualTo(before);
    }
}
