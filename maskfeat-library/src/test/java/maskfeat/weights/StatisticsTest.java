package maskfeat.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatisticsTest {
    @TempDir
    Path temp;

    @Test
    void areThoseOfTheNumbersAcrossPieces() throws IOException {
        int count = 150_001; // more than two pieces of F32
        float[] numbers = new float[count];
        Random random = new Random(3);
        double sum = 0;
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) (random.nextGaussian() * 2 + 5);
            sum += numbers[i];
        }
        double mean = sum / count;
        double squares = 0;
        for (float number : numbers) {
            squares += (number - mean) * (number - mean);
        }

        Statistics found = of(DType.F32, floats(numbers));

        assertThat(found.count()).isEqualTo(count);
        assertThat(found.notFinite()).isZero();
        assertThat(found.mean()).isCloseTo(mean, within(1e-9));
        assertThat(found.std()).isCloseTo(Math.sqrt(squares / count), within(1e-9));
        Arrays.sort(numbers);
        assertThat(found.min()).isEqualTo(numbers[0]);
        assertThat(found.max()).isEqualTo(numbers[count - 1]);
    }

    @Test
    void countWhatIsNoNumberAndLeaveItOut() throws IOException {
        Statistics found = of(DType.F32, floats(1, Float.NaN, 3, Float.POSITIVE_INFINITY));

        assertThat(found).isEqualTo(new Statistics(4, 2, 2, 1, 1, 3));
        assertThat(of(DType.F32, floats()).mean()).isNaN();
    }

    @Test
    void everyTypeIsReadAsItIs() throws IOException {
        assertThat(of(DType.I8, new byte[] {-1, 3})).isEqualTo(new Statistics(2, 0, 1, 2, -1, 3));
        assertThat(of(DType.U8, new byte[] {-1, 3}).max()).isEqualTo(255);
        assertThat(of(DType.BOOL, new byte[] {0, 1}).mean()).isEqualTo(0.5);
        assertThat(of(DType.I16, bytes(2, -2)).min()).isEqualTo(-2);
        assertThat(of(DType.U16, bytes(2, -2)).min()).isEqualTo(65534);
        assertThat(of(DType.I32, bytes(4, -2)).min()).isEqualTo(-2);
        assertThat(of(DType.U32, bytes(4, -2)).min()).isEqualTo(4294967294.0);
        assertThat(of(DType.I64, bytes(8, -2)).min()).isEqualTo(-2);
        assertThat(of(DType.U64, bytes(8, -2048)).min()).isEqualTo(0x1p64 - 2048);
        assertThat(of(DType.F64, bytes(8, Double.doubleToLongBits(0.1))).min()).isEqualTo(0.1);
        assertThat(of(DType.BF16, bytes(2, 0xC000)).min()).isEqualTo(-2);
        assertThat(of(DType.F16, bytes(2, 0xC000)).min()).isEqualTo(-2);
    }

    @Test
    void halvesAreThoseOfTheStandard() {
        assertThat(Values.half((short) 0x3C00)).isEqualTo(1);
        assertThat(Values.half((short) 0x3555)).isEqualTo(0x1.554p-2);
        assertThat(Values.half((short) 0x0001)).isEqualTo(0x1p-24);
        assertThat(Values.half((short) 0x03FF)).isEqualTo(0x1.ff8p-15);
        assertThat(Values.half((short) 0x0400)).isEqualTo(0x1p-14);
        assertThat(Values.half((short) 0x7BFF)).isEqualTo(65504);
        assertThat(Values.half((short) 0xFC00)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(Values.half((short) 0x7E00)).isNaN();
    }

    @Test
    void differenceNamesWhatIsMissingMisshapenAndFarApart() throws IOException {
        Path one = temp.resolve("one");
        Path two = temp.resolve("two");
        Safetensors.write(
                one,
                Map.of(),
                List.of(
                        source("gone", DType.F32, floats(1), 1),
                        source("same", DType.F32, floats(1, Float.NaN), 2),
                        source("shape", DType.F32, floats(1, 2), 2),
                        source("value", DType.F32, floats(3, 4), 2)));
        Safetensors.write(
                two,
                Map.of(),
                List.of(
                        source("new", DType.F32, floats(1), 1),
                        source("same", DType.F32, floats(1, Float.NaN), 2),
                        source("shape", DType.F32, floats(1, 2), 1, 2),
                        source("value", DType.F32, floats(3, 4.5f), 2)));

        try (TensorReader a = Safetensors.open(one);
                TensorReader b = Safetensors.open(two)) {
            assertThat(Difference.of(a, b))
                    .isEqualTo(new Difference(
                            List.of("gone"),
                            List.of("new"),
                            new TreeMap<>(Map.of("shape", "[2] and [1, 2]")),
                            new TreeMap<>(Map.of("value", new Difference.Change(0.5, 0.1, 1, 2))),
                            1));
            assertThat(Difference.of(a, b).none()).isFalse();
            assertThat(Difference.of(a, a).none()).isTrue();
        }
    }

    @Test
    void halfAndSingleOfTheSameNumbersAreEqual() throws IOException {
        Safetensors.write(temp.resolve("one"), Map.of(), List.of(source("x", DType.F16, bytes(2, 0x3C00), 1)));
        Safetensors.write(temp.resolve("two"), Map.of(), List.of(source("x", DType.F32, floats(1), 1)));

        try (TensorReader a = Safetensors.open(temp.resolve("one"));
                TensorReader b = Safetensors.open(temp.resolve("two"))) {
            assertThat(Difference.of(a, b).none()).isTrue();
        }
    }

    private Statistics of(DType type, byte[] data) throws IOException {
        Path file = temp.resolve("tensor");
        Safetensors.write(file, Map.of(), List.of(source("x", type, data, data.length / type.bytes())));
        try (TensorReader reader = Safetensors.open(file)) {
            return Statistics.of(reader, reader.entries().values().iterator().next());
        }
    }

    private static Safetensors.Source source(String name, DType type, byte[] data, long... shape) {
        return Safetensors.Source.of(name, type, Arrays.stream(shape).boxed().toList(), () -> ByteBuffer.wrap(data));
    }

    private static byte[] floats(float... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float number : numbers) {
            bytes.putFloat(number);
        }
        return bytes.array();
    }

    private static byte[] bytes(int size, long bits) {
        return Arrays.copyOf(
                ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(bits)
                        .array(),
                size);
    }
}
