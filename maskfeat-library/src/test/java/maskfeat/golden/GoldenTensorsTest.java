package maskfeat.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldenTensorsTest {
    private static final String TWO = "{\"b\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[4,12]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},\"__metadata__\":{\"made\":\"here\"}}";

    @TempDir
    Path folder;

    @Test
    void readsNamesShapesAndValues() throws IOException {
        GoldenTensors tensors = GoldenTensors.open(write(TWO, 1.5f, -2f, 3f));

        assertThat(tensors.names()).containsExactly("a", "b");
        assertThat(tensors.shape("a")).isEmpty();
        assertThat(tensors.shape("b")).containsExactly(2, 1);
        assertThat(tensors.values("a")).containsExactly(1.5f);
        assertThat(tensors.values("b")).containsExactly(-2f, 3f);
        assertThat(tensors.has("c")).isFalse();
    }

    @Test
    void namesWhatIsThereWhenATensorIsNot() throws IOException {
        GoldenTensors tensors = GoldenTensors.open(write(TWO, 1.5f, -2f, 3f));

        assertThatThrownBy(() -> tensors.values("c"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no tensor c")
                .hasMessageContaining("[a, b]");
    }

    @Test
    void refusesOtherTypesAndShortFiles() throws IOException {
        Path half = write(TWO.replace("F32", "F16"), 1f, 2f, 3f);
        assertThatThrownBy(() -> GoldenTensors.open(half)).hasMessageContaining("is F16");
        Path cut = write(TWO, 1f, 2f);
        assertThatThrownBy(() -> GoldenTensors.open(cut)).hasMessageContaining("4 to 12 of 8 bytes");
        assertThatThrownBy(() -> GoldenTensors.open(folder.resolve("absent")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("absent");
    }

    private Path write(String header, float... values) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + json.length + values.length * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return Files.write(folder.resolve("some.safetensors"), bytes.array());
    }
}
