package maskfeat.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import maskfeat.disk.Extent;
import maskfeat.disk.FileBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StridedViewTest {
    @TempDir
    Path folder;

    /** Against the definition, element by element, and in pieces that begin and end anywhere. */
    @ParameterizedTest
    @MethodSource("seeds")
    void anyViewIsReadAsItIsDefined(int seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        int element = 1 << random.nextInt(4);
        List<Long> sizes = new ArrayList<>();
        List<Long> strides = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            sizes.add(random.nextLong(1, 6));
        }
        if (random.nextBoolean()) {
            // In order, then shuffled: what permute() and slicing make.
            long step = 1;
            for (int i = sizes.size() - 1; i >= 0; i--) {
                strides.add(0, step);
                step *= sizes.get(i) + (random.nextInt(3) == 0 ? 1 : 0);
            }
            for (int i = sizes.size() - 1; i > 0 && random.nextBoolean(); i--) {
                int other = random.nextInt(i + 1);
                Collections.swap(sizes, i, other);
                Collections.swap(strides, i, other);
            }
        } else {
            sizes.forEach(size -> strides.add(random.nextLong(7)));
        }
        long start = (long) element * random.nextInt(5);
        byte[] storage = new byte[1 << 15];
        random.nextBytes(storage);
        byte[] expected = plain(storage, element, start, sizes, strides);

        // Behind others, and small enough or not to be held as a whole.
        Path file = Files.write(folder.resolve("bytes"), new byte[] {1, 2, 3});
        Files.write(file, storage, StandardOpenOption.APPEND);
        try (FileBytes bytes = FileBytes.open(file)) {
            Extent extent = new Extent(file, bytes, 3, storage.length);
            StridedView view = new StridedView(element, start, sizes, strides);
            ByteBuffer whole = ByteBuffer.allocate(expected.length);
            view.read(extent, 0, whole);
            assertThat(whole.array()).isEqualTo(expected);
            for (int i = 0; i < 20; i++) {
                int from = random.nextInt(expected.length + 1);
                int to = random.nextInt(from, expected.length + 1);
                ByteBuffer piece = ByteBuffer.allocateDirect(to - from);
                view.read(extent, from, piece);
                assertThat(piece.flip()).isEqualTo(ByteBuffer.wrap(Arrays.copyOfRange(expected, from, to)));
            }
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    @Test
    void elementsFarApartAreReadOneByOne() throws IOException {
        Path file = folder.resolve("sparse");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
            long gap = (1L << 31) + 5;
            for (int i = 0; i < 3; i++) {
                channel.write(ByteBuffer.wrap(new byte[] {(byte) (10 + i)}), 7 + i * gap);
            }
            StridedView view = new StridedView(1, 7, List.of(3L, 2L), List.of(gap, 0L));
            ByteBuffer all = ByteBuffer.allocate(6);
            view.read(new Extent(file, FileBytes.of(channel), 0, channel.size()), 0, all);
            assertThat(all.array()).containsExactly(10, 10, 11, 11, 12, 12);
        }
    }

    private static byte[] plain(byte[] storage, int element, long start, List<Long> sizes, List<Long> strides) {
        int count = 1;
        for (long size : sizes) {
            count *= (int) size;
        }
        byte[] bytes = new byte[count * element];
        for (int n = 0; n < count; n++) {
            long at = 0;
            int left = n;
            for (int i = sizes.size() - 1; i >= 0; i--) {
                at += left % sizes.get(i) * strides.get(i);
                left /= (int) (long) sizes.get(i);
            }
            System.arraycopy(storage, (int) (start + at * element), bytes, n * element, element);
        }
        return bytes;
    }
}
