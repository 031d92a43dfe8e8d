package maskfeat.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import maskfeat.disk.DamagedFile;
import maskfeat.weights.PickleWriter.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {
    @TempDir
    Path folder;

    @Test
    void theContentDecidesNotTheName() throws IOException {
        byte[] pickle = PickleWriter.of(2, Map.of("a", Tensor.whole("FloatStorage", "0", 1)));
        Path zip = Files.write(
                folder.resolve("zip.safetensors"),
                ZipWriter.checkpoint(pickle)
                        .storage("0", PickleWriter.floats(7))
                        .bytes());
        Path legacy = Files.write(
                folder.resolve("legacy.safetensors"), PickleWriter.legacy(pickle, Map.of("0", new float[] {7})));
        Path safe = folder.resolve("safe.pth");
        ByteBuffer seven = ByteBuffer.wrap(PickleWriter.floats(7));
        Safetensors.write(
                safe, Map.of(), List.of(Safetensors.Source.of("a", DType.F32, List.of(1L), seven::duplicate)));
        for (Path file : List.of(zip, legacy, safe)) {
            try (TensorReader reader = Weights.open(file)) {
                assertThat(reader).isInstanceOf(file == safe ? Safetensors.Reader.class : TorchCheckpoint.class);
                assertThat(reader.file()).isEqualTo(file);
                ByteBuffer into = ByteBuffer.allocate(4);
                reader.read(new TensorEntry("a", DType.F32, List.of(1L)), into);
                assertThat(into.array()).isEqualTo(PickleWriter.floats(7));
            }
        }
    }

    /** Their first bytes, 80 02 to 80 05, are those of pickles as well. */
    @ParameterizedTest
    @ValueSource(ints = {0x280, 0x380, 0x480, 0x580})
    void safetensorsFilesWithAnyLengthOfHeaderAreTakenForWhatTheyAre(int header) throws IOException {
        Path file = folder.resolve("file");
        Map<String, String> metadata = Map.of("k", "v".repeat(header - "{'__metadata__':{'k':''}}".length()));
        Safetensors.write(file, metadata, List.of());
        assertThat(ByteBuffer.wrap(Files.readAllBytes(file))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getLong())
                .isEqualTo(header);
        try (TensorReader reader = Weights.open(file)) {
            assertThat(reader.metadata()).isEqualTo(metadata);
        }
    }

    @ParameterizedTest
    @MethodSource
    void otherFilesAreToldByWhatTheyAre(String beginning, String told) throws IOException {
        Path file = Files.write(folder.resolve("weights.pth"), beginning.getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> Weights.open(file))
                .isInstanceOf(DamagedFile.class)
                .hasMessageStartingWith(file.toString())
                .hasMessageContaining(told);
    }

    static Stream<Arguments> otherFilesAreToldByWhatTheyAre() {
        return Stream.of(
                Arguments.of("", "it is empty"),
                Arguments.of("\u0089HDF\r\n\u001a\n", "HDF5"),
                Arguments.of("\u001f\u008b\u0008", "gzip"),
                Arguments.of("version https://git-lfs.github.com/spec/v1\noid", "Git LFS"),
                Arguments.of("<!DOCTYPE html><html>", "web page"),
                Arguments.of("\n <HTML>", "web page"),
                Arguments.of("\u0008\u0007\u0012\u0007pytorch", "ONNX"),
                Arguments.of("x".repeat(257) + "ustar", "tar archive"),
                Arguments.of("PK\u0005\u0006", "empty zip"),
                Arguments.of("PK\u0003\u0004", "4 bytes, too few for a zip file"),
                Arguments.of("\u0080\u0002}U\u0005blobs}s.", "Caffe2"),
                Arguments.of("\u0080\u0002}.", "is a pickle, but not one of torch.save"),
                Arguments.of(
                        "--2023-04-01 10:20:30--  https://cdn.openai.com/dall-e/encoder.pkl\nResolving cdn",
                        "a log of wget, perhaps because a command of the form 'wget -o FILE URL'"),
                Arguments.of("Not found: the page you asked for\n", "it is text, perhaps"),
                Arguments.of("\u0001\u0002abc\u0003", "it begins with the bytes 01 02 61 62 63 03 ('..abc.')"));
    }

    @Test
    void foldersAndAbsentFilesAreToldAsSuch() {
        assertThatThrownBy(() -> Weights.open(folder))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining("folder");
        assertThatThrownBy(() -> TorchCheckpoint.open(folder)).isInstanceOf(DamagedFile.class);
        assertThatThrownBy(() -> Weights.open(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }
}
