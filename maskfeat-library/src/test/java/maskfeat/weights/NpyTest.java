package maskfeat.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import maskfeat.disk.AtomicFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void isTheFormatByteByByte() throws IOException {
        Path file = folder.resolve("table.npy");
        AtomicFile.write(file, Npy.content(List.of(new float[] {1, -2.5f}, new float[] {0, Float.MAX_VALUE}), 2));
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[8];
        bytes.get(magic);
        assertThat(magic).containsExactly(0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0);
        int length = bytes.getShort();
        byte[] header = new byte[length];
        bytes.get(header);
        assertThat(new String(header, StandardCharsets.US_ASCII).stripTrailing())
                .isEqualTo("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }");
        assertThat(header[length - 1]).isEqualTo((byte) '\n');
        assertThat(bytes.position() % 64).isZero();
        assertThat(List.of(bytes.getFloat(), bytes.getFloat(), bytes.getFloat(), bytes.getFloat()))
                .containsExactly(1f, -2.5f, 0f, Float.MAX_VALUE);
        assertThat(bytes.hasRemaining()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "1, 1", "1000, 7", "123456, 1"})
    void dataBeginAtAMultipleOf64WhateverTheShape(int rows, int columns) throws IOException {
        Path file = folder.resolve("table.npy");
        AtomicFile.write(file, Npy.content(Collections.nCopies(rows, new float[columns]), columns));
        long head = Files.size(file) - 4L * rows * columns;
        assertThat(head).isPositive();
        assertThat(head % 64).isZero();
    }

    @Test
    void rowsOfOtherLengthsAreRefused() {
        assertThatThrownBy(() -> Npy.content(List.of(new float[2], new float[3]), 2))
                .hasMessageContaining("row 1 has 3 numbers");
    }
}
