package maskfeat.disk;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileBytesTest {
    private static final int MIB = 1 << 20;

    /** A channel that gives at most a part of what is asked for, and notes from where to where it was read. */
    private static final class Noting implements SeekableByteChannel {
        private final byte[] data;
        private final List<long[]> requests = new ArrayList<>();
        private int position;
        private boolean goesOn;

        Noting(byte[] data) {
            this.data = data;
        }

        @Override
        public int read(ByteBuffer to) {
            if (position >= data.length) {
                return -1;
            }
            int count = Math.min(Math.min(to.remaining(), data.length - position), 100_000);
            to.put(data, position, count);
            if (!goesOn) {
                requests.add(new long[] {position, position});
            }
            goesOn = true;
            position += count;
            requests.get(requests.size() - 1)[1] = position;
            return count;
        }

        @Override
        public SeekableByteChannel position(long to) {
            position = (int) to;
            goesOn = false;
            return this;
        }

        @Override
        public long size() {
            return data.length;
        }

        @Override
        public int write(ByteBuffer from) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public SeekableByteChannel truncate(long to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static byte[] bytes(int count) {
        byte[] data = new byte[count];
        new Random(1).nextBytes(data);
        return data;
    }

    private static byte[] read(FileBytes file, int from, int count) throws IOException {
        ByteBuffer to = ByteBuffer.allocate(count);
        while (to.hasRemaining() && file.read(to, from + to.position()) > 0) {
            continue;
        }
        return Arrays.copyOf(to.array(), to.position());
    }

    @Test
    void readsElsewhereAreOfOneToFourMebibytes() throws IOException {
        byte[] data = bytes(20 * MIB);
        Noting channel = new Noting(data);
        FileBytes file = new FileBytes(channel, true, data.length, Long.MAX_VALUE);
        for (int at = 0; at < 16 * MIB; at += 1000) {
            assertThat(read(file, at, 1000)).isEqualTo(Arrays.copyOfRange(data, at, at + 1000));
        }
        assertThat(channel.requests.stream().map(each -> (each[1] - each[0]) / MIB))
                .containsExactly(1L, 2L, 4L, 4L, 4L, 4L);
        assertThat(read(file, 3 * MIB, 10)).isEqualTo(Arrays.copyOfRange(data, 3 * MIB, 3 * MIB + 10));
        assertThat(channel.requests.get(6)).containsExactly(3L * MIB, 4L * MIB);
    }

    @Test
    void nothingBehindWhatIsWantedIsRead() throws IOException {
        byte[] data = bytes(8 * MIB);
        Noting channel = new Noting(data);
        FileBytes file = new FileBytes(channel, true, data.length, 3 * MIB);
        read(file, 2 * MIB + 500_000, 1000);
        assertThat(channel.requests.get(0)).containsExactly(2L * MIB + 500_000, 3L * MIB);
        assertThat(read(file, 5 * MIB, 1000)).isEqualTo(Arrays.copyOfRange(data, 5 * MIB, 5 * MIB + 1000));
        assertThat(channel.requests.get(1)).containsExactly(5L * MIB, 5L * MIB + 1000);
    }

    @Test
    void theEndIsTheEnd() throws IOException {
        byte[] data = bytes(1000);
        FileBytes file = new FileBytes(new Noting(data), true, data.length, Long.MAX_VALUE);
        assertThat(read(file, 990, 100)).hasSize(10);
        assertThat(file.read(ByteBuffer.allocate(1), 1000)).isEqualTo(-1);
        assertThat(file.read(ByteBuffer.allocate(1), 5000)).isEqualTo(-1);
        FileBytes empty = new FileBytes(new Noting(new byte[0]), true, 0, Long.MAX_VALUE);
        assertThat(empty.read(ByteBuffer.allocate(1), 0)).isEqualTo(-1);
    }

    @Test
    void aFileThatShrankWhileItWasOpenEnds() throws IOException {
        FileBytes file = new FileBytes(new Noting(bytes(1000)), true, 2000, Long.MAX_VALUE);
        assertThat(read(file, 900, 500)).hasSize(100);
        assertThat(file.read(ByteBuffer.allocate(1), 1500)).isEqualTo(-1);
    }

    @Test
    void manyThreadsReadOneFile(@TempDir Path folder) throws IOException {
        byte[] data = bytes(5 * MIB);
        Path onDisk = Files.write(folder.resolve("x"), data);
        try (FileSystem memory = Jimfs.newFileSystem("filebytes", Configuration.unix())) {
            Path elsewhere = Files.write(memory.getPath("/x"), data);
            for (Path place : List.of(onDisk, elsewhere)) {
                try (FileBytes file = FileBytes.open(place)) {
                    assertThat(file.size()).isEqualTo(data.length);
                    IntStream.range(0, 400).parallel().forEach(i -> {
                        int at = new Random(i).nextInt(data.length - 5000);
                        try {
                            assertThat(read(file, at, 5000)).isEqualTo(Arrays.copyOfRange(data, at, at + 5000));
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    });
                }
            }
        }
    }
}
