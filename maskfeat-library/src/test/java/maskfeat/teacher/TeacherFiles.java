package maskfeat.teacher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import maskfeat.golden.GoldenTensors;
import maskfeat.weights.DType;
import maskfeat.weights.Safetensors;
import tools.jackson.databind.JsonNode;

/** Files of weights of teachers, as other programs would have written them. */
final class TeacherFiles {
    private TeacherFiles() {}

    /** The weights of a golden set, those named {@code w.}, under other names. */
    static Path of(GoldenTensors golden, Path file, UnaryOperator<String> renamed) {
        return write(file, sources(golden, renamed, 1));
    }

    /** A file of two networks: the first has half of each number, the second the weights of the golden set. */
    static Path twice(GoldenTensors golden, Path file, UnaryOperator<String> first, UnaryOperator<String> second) {
        List<Safetensors.Source> sources = sources(golden, first, 0.5f);
        sources.addAll(sources(golden, second, 1));
        return write(file, sources);
    }

    private static List<Safetensors.Source> sources(GoldenTensors golden, UnaryOperator<String> renamed, float factor) {
        List<Safetensors.Source> sources = new ArrayList<>();
        for (String name : golden.names()) {
            if (name.startsWith("w.")) {
                List<Long> shape = Arrays.stream(golden.shape(name)).boxed().toList();
                float[] values = golden.values(name);
                for (int i = 0; i < values.length; i++) {
                    values[i] *= factor;
                }
                ByteBuffer bytes = bytes(values);
                sources.add(
                        Safetensors.Source.of(renamed.apply(name.substring(2)), DType.F32, shape, bytes::duplicate));
            }
        }
        return sources;
    }

    /** The weights of an unreduced network, by their formula; each file says the first four of each. */
    static Path of(JsonNode fingerprint, Path file) {
        List<Safetensors.Source> sources = new ArrayList<>();
        int p = 0;
        for (JsonNode entry : fingerprint.get("params")) {
            List<Long> shape =
                    entry.get("shape").valueStream().map(JsonNode::asLong).toList();
            int number = p++;
            int count = Math.toIntExact(shape.stream().reduce(1L, (a, b) -> a * b));
            sources.add(Safetensors.Source.of(
                    entry.get("name").asString(), DType.F32, shape, () -> bytes(formula(entry, number, count))));
        }
        return write(file, sources);
    }

    /** {@code amplitude * sin(0.37 i + 1.3 p + 0.001 (i mod 4093)^2)}, and 1 more where the file says so. */
    static float[] formula(JsonNode entry, int p, int count) {
        double amplitude = entry.get("amplitude").asDouble();
        double more = entry.get("plus_one").asBoolean() ? 1 : 0;
        float[] values = new float[count];
        IntStream.range(0, count).parallel().forEach(i -> {
            double chirp = i % 4093;
            values[i] = (float) (more + amplitude * Math.sin(0.37 * i + 1.3 * p + 0.001 * chirp * chirp));
        });
        return values;
    }

    /** {@code 0.8 sin(0.11 x + 0.07 y + 0.9 c) + 0.6 cos(0.053 x - 0.19 y + 0.4 c)}, [1, 3, H, W]. */
    static float[] picture(int height, int width) {
        float[] picture = new float[3 * height * width];
        for (int i = 0; i < picture.length; i++) {
            int x = i % width;
            int y = i / width % height;
            int c = i / (width * height);
            picture[i] = (float)
                    (0.8 * Math.sin(0.11 * x + 0.07 * y + 0.9 * c) + 0.6 * Math.cos(0.053 * x - 0.19 * y + 0.4 * c));
        }
        return picture;
    }

    static Path write(Path file, List<Safetensors.Source> sources) {
        try {
            Safetensors.write(file, Map.of(), sources);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ByteBuffer bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes;
    }
}
