package maskfeat.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import maskfeat.disk.DamagedFile;
import maskfeat.golden.GoldenDir;
import maskfeat.weights.PickleWriter.Tensor;
import maskfeat.weights.PickleWriter.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Readers and files that chance has damaged: a file is read, or it is a {@link DamagedFile}; nothing else comes out, and
 * little memory is taken. {@code -Dfuzz=N} tries N files of each kind, {@code -Dfuzz.seed=S} others.
 */
@Timeout(600) // a guard against endless loops
class ReaderFuzzTest {
    private static final int FILES = Integer.getInteger("fuzz", 400);
    private static final int SEED = Integer.getInteger("fuzz.seed", 1);
    private static final String GOLDEN = "checkpoints/";

    @TempDir
    Path folder;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final ByteBuffer into = ByteBuffer.allocateDirect(1 << 16);

    private static byte[] golden(String name) throws IOException {
        assumeThat(GoldenDir.has(GOLDEN + name)).as(name).isTrue();
        return Files.readAllBytes(GoldenDir.path().resolve(GOLDEN + name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"small_zip.pyth", "small_legacy.pyth", "small_types.pyth", "small_expected.safetensors"})
    void aFileCutAtAnyByteIsRefused(String name) throws IOException {
        Path file = Files.write(folder.resolve("cut"), golden(name));
        long size = Files.size(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (long length = size - 1; length >= 0; length--) {
                channel.truncate(length);
                assertThat(isRead(file, length))
                        .as("cut after " + length + " of " + size + " bytes")
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "small_zip.pyth",
                "small_legacy.pyth",
                "small_types.pyth",
                "small_expected.safetensors",
                "MALICIOUS_zip.pyth",
                "MALICIOUS_legacy.pyth"
            })
    void changedFilesAreReadOrRefused(String name) throws IOException {
        byte[] whole = golden(name);
        SplittableRandom random = new SplittableRandom(SEED);
        Path file = folder.resolve("changed");
        for (int i = 0; i < FILES; i++) {
            byte[] changed = changed(whole, random);
            isRead(Files.write(file, changed), changed.length);
        }
    }

    /** With the right checksum, so that the change reaches the pickle's reader. */
    @Test
    void archivesWithChangedPicklesAreReadOrRefused() throws IOException {
        byte[] pickle = pickle();
        SplittableRandom random = new SplittableRandom(SEED);
        Path file = folder.resolve("changed");
        int read = 0;
        for (int i = 0; i < 4 * FILES; i++) {
            byte[] bytes = ZipWriter.checkpoint(changed(pickle, random))
                    .storage("0", new byte[48])
                    .storage("1", new byte[6])
                    .bytes();
            read += isRead(Files.write(file, bytes), bytes.length) ? 1 : 0;
        }
        assertThat(read).as("some changes leave a file that can be read").isPositive();
    }

    /** Steps at random, most of which fit somewhere. */
    @Test
    void picklesOfRandomStepsAreReadOrRefused() throws IOException {
        String steps =
                "(0.12NIJKLMFGUVTX]}ae)tldsubcioQRhjqrgpS\u0080\u0081\u0082\u0085\u0086\u0087\u0088\u0089\u008a\u008b"
                        + "\u008c\u008d\u008e\u008f\u0090\u0091\u0092\u0093\u0094\u0095\u0096";
        List<String> pieces = List.of(
                "ctorch._utils\n_rebuild_tensor_v2\n",
                "ctorch._utils\n_rebuild_parameter\n",
                "ctorch\nFloatStorage\n",
                "ccollections\nOrderedDict\n",
                "cyacs.config\nCfgNode\n",
                "U\u0007storage",
                "U\u00010",
                "U\u0005model",
                "K\u0002",
                "N",
                ")",
                "}",
                "](",
                "q\u0000",
                "q\u0001",
                "h\u0000",
                "h\u0001");
        SplittableRandom random = new SplittableRandom(SEED);
        Path file = folder.resolve("random");
        for (int i = 0; i < 2 * FILES; i++) {
            PickleWriter pickle = new PickleWriter(2).raw('}');
            for (int n = random.nextInt(40); n > 0; n--) {
                pickle.raw(
                        random.nextInt(3) == 0
                                ? String.valueOf(steps.charAt(random.nextInt(steps.length())))
                                : pieces.get(random.nextInt(pieces.size())));
            }
            byte[] bytes =
                    ZipWriter.checkpoint(pickle.end()).storage("0", new byte[8]).bytes();
            isRead(Files.write(file, bytes), bytes.length);
        }
    }

    private static byte[] pickle() {
        Tensor shared = new Tensor("FloatStorage", "0", 12, 4, List.of(2, 4), List.of(4, 1));
        Tensor turned = new Tensor("FloatStorage", "0", 12, 0, List.of(4, 3), List.of(1, 4));
        Tensor half = Tensor.whole("HalfStorage", "1", 3);
        return new PickleWriter(2)
                .raw('}')
                .value("model_state")
                .value(Map.of("a", shared, "b", turned, "c", Map.of("half", half)))
                .raw('s')
                .value("cfg")
                .global("yacs.config", "CfgNode")
                .raw(")\u0081q\u0001}(")
                .value("LR")
                .value(0.25)
                .raw("ubs")
                .value("epoch")
                .value(70000)
                .raw('s')
                .value("rest")
                .value(Tuple.of(List.of(1, 2, 3), true, "text"))
                .raw("s")
                .end();
    }

    /** One to four changes: a bit, a byte, a number; bytes put in, taken out, doubled, exchanged, cut off. */
    private static byte[] changed(byte[] whole, SplittableRandom random) {
        byte[] bytes = whole.clone();
        for (int n = 1 + random.nextInt(4); n > 0 && bytes.length > 0; n--) {
            int at = random.nextInt(bytes.length);
            int to = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 8 : 200));
            int other = random.nextInt(bytes.length);
            switch (random.nextInt(8)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> {
                    byte[] edges = {0, -1, 127, -128, 1, '.', '(', 'R'};
                    Arrays.fill(bytes, at, Math.min(to, at + 8), edges[random.nextInt(edges.length)]);
                }
                case 3 -> {
                    byte[] random8 = new byte[1 + random.nextInt(8)];
                    random.nextBytes(random8);
                    bytes = joined(bytes, at, random8, at);
                }
                case 4 -> bytes = joined(bytes, at, new byte[0], to);
                case 5 -> bytes = joined(bytes, to, Arrays.copyOfRange(bytes, at, to), to);
                case 6 -> bytes = joined(bytes, other, Arrays.copyOfRange(bytes, at, to), other);
                default -> bytes = random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at) : bytes;
            }
        }
        return bytes;
    }

    /** What is before {@code end}, something, and what is from {@code start} on. */
    private static byte[] joined(byte[] bytes, int end, byte[] middle, int start) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, end);
        out.writeBytes(middle);
        out.write(bytes, start, bytes.length - start);
        return out.toByteArray();
    }

    /** Whether a file was read, all of it; anything but that or damage fails, and so does much memory. */
    private boolean isRead(Path file, long size) throws IOException {
        long before = threads.getCurrentThreadAllocatedBytes();
        boolean read;
        try (TensorReader reader = Weights.open(file)) {
            for (TensorEntry entry : reader.entries().values()) {
                for (long at = 0; at < entry.size(); at += into.limit()) {
                    into.clear().limit((int) Math.min(into.capacity(), entry.size() - at));
                    reader.read(entry, at, into);
                }
            }
            read = true;
        } catch (DamagedFile e) {
            assertThat(e).hasMessageStartingWith(file.toString());
            read = false;
        } catch (RuntimeException | Error e) {
            return fail("not damage but " + e + ": " + HexFormat.of().formatHex(Files.readAllBytes(file)), e);
        }
        long taken = threads.getCurrentThreadAllocatedBytes() - before;
        // Tensors with strides are read in pieces of 8 MiB.
        assertThat(taken).as("bytes taken for a file of " + size).isLessThan(64 * size + (9 << 20));
        return read;
    }
}
