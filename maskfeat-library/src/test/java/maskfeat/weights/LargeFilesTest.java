package maskfeat.weights;

import static maskfeat.weights.MadeUpTensors.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Offsets beyond what an int counts, in sparse files and in channels that keep nothing. */
class LargeFilesTest {
    private static final long BIG = (5L << 30) + 3; // bytes of one tensor

    @TempDir
    Path folder;

    /** A file whose tensor 'a' has zeros but for its last byte, and 'b' behind it. */
    private Path sparse() throws IOException {
        String json = "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + BIG + "],\"data_offsets\":[0," + BIG + "]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[" + BIG + "," + (BIG + 2) + "]}}";
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        Path file = folder.resolve("large.safetensors");
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(
                    ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(header.length)
                            .flip(),
                    0);
            channel.write(ByteBuffer.wrap(header), 8);
            channel.write(ByteBuffer.wrap(new byte[] {7, 8, 9}), 8 + header.length + BIG - 1);
        }
        return file;
    }

    @Test
    void aTensorOfFiveGigabytesIsReadAtItsEnd() throws IOException {
        try (Safetensors.Reader reader = Safetensors.open(sparse())) {
            TensorEntry a = entry(reader, "a");
            assertThat(a.size()).isEqualTo(BIG);
            ByteBuffer three = ByteBuffer.allocate(3);
            reader.read(a, BIG - 3, three);
            assertThat(three.array()).containsExactly(0, 0, 7);
            ByteBuffer two = ByteBuffer.allocate(2);
            reader.read(entry(reader, "b"), two);
            assertThat(two.array()).containsExactly(8, 9);
            assertThatThrownBy(() -> reader.read(a, BIG - 2, ByteBuffer.allocate(3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("which has " + BIG);
        }
    }

    @Test
    void aShardOfFiveGigabytesIsReadAtItsEnd() throws IOException {
        Path index = folder.resolve(ShardedSafetensors.INDEX);
        Path file = sparse();
        String json = "{\"metadata\":{\"total_size\":" + (BIG + 2) + "},\"weight_map\":{\"a\":\"" + file.getFileName()
                + "\",\"b\":\"" + file.getFileName() + "\"}}";
        Files.writeString(index, json);
        try (ShardedSafetensors opened = ShardedSafetensors.open(index)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            opened.read(entry(opened, "a"), BIG - 1, one);
            assertThat(one.get(0)).isEqualTo((byte) 7);
        }
    }

    /** Queries, keys and values of 3 GB each: what is read over their borders. */
    @Test
    void piecesBeyondTwoGigabytesAreFoundByArithmetic() throws IOException {
        long rows = 3_000_000_001L;
        MadeUpTensors foreign = new MadeUpTensors();
        Pieced.Piece[] pieces = new Pieced.Piece[3];
        for (int i = 0; i < 3; i++) {
            TensorEntry part = new TensorEntry("part" + i, DType.U8, List.of(rows));
            foreign.with(part);
            pieces[i] = Pieced.Piece.all(part);
        }
        Pieced qkv = new Pieced(new TensorEntry("qkv", DType.U8, List.of(3 * rows)), List.of(pieces));
        ByteBuffer four = ByteBuffer.allocate(4);
        qkv.read(foreign, 2 * rows - 2, four);
        assertThat(four.array())
                .containsExactly(
                        MadeUpTensors.at("part1", rows - 2),
                        MadeUpTensors.at("part1", rows - 1),
                        MadeUpTensors.at("part2", 0),
                        MadeUpTensors.at("part2", 1));
        Pieced last = new Pieced(
                new TensorEntry("v", DType.U8, List.of(rows)),
                List.of(new Pieced.Piece(new TensorEntry("qkv", DType.U8, List.of(3 * rows)), 2 * rows, rows)));
        MadeUpTensors ours = new MadeUpTensors().with(new TensorEntry("qkv", DType.U8, List.of(3 * rows)));
        ByteBuffer one = ByteBuffer.allocate(1);
        last.read(ours, rows - 1, one);
        assertThat(one.get(0)).isEqualTo(MadeUpTensors.at("qkv", 3 * rows - 1));
    }

    @Test
    void theWriterCountsBeyondTwoGigabytes() throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(1 << 26);
        Safetensors.Source a = new Safetensors.Source(new TensorEntry("a", DType.U8, List.of(BIG)), out -> {
            for (long left = BIG; left > 0; left -= piece.limit()) {
                piece.clear().limit((int) Math.min(piece.capacity(), left));
                out.write(piece);
            }
        });
        Safetensors.Source b =
                Safetensors.Source.of("b", DType.U8, List.of(2L), () -> ByteBuffer.wrap(new byte[] {8, 9}));
        long[] size = new long[2];
        WritableByteChannel counting = new WritableByteChannel() {
            @Override
            public int write(ByteBuffer bytes) {
                int count = bytes.remaining();
                size[0] += count;
                size[1] = bytes.get(bytes.limit() - 1);
                bytes.position(bytes.limit());
                return count;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        Safetensors.content(Map.of(), List.of(a, b)).writeTo(counting);
        String json = "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + BIG + "],\"data_offsets\":[0," + BIG + "]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[" + BIG + "," + (BIG + 2) + "]}}";
        long header = (json.length() + 7) / 8 * 8;
        assertThat(size).containsExactly(8 + header + BIG + 2, 9);
    }
}
