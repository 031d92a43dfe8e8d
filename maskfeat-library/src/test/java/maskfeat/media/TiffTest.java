package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TIFF has many kinds of numbers that look like colours: what is not read is named, and never shown as something else. */
class TiffTest {
    private static final int SHORT = 3;
    private static final int LONG = 4;

    /** One pixel, uncompressed, of one sample; more entries replace these. */
    private static byte[] tiff(byte[] pixel, Map<Integer, Long> more) {
        TreeMap<Integer, Long> entries = new TreeMap<>(Map.of(
                256, 1L, 257, 1L, 258, 8L, 259, 1L, 262, 1L, 273, 200L, 277, 1L, 278, 1L, 279, (long) pixel.length));
        entries.putAll(more);
        ByteBuffer file = ByteBuffer.allocate(200 + pixel.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8);
        file.putShort((short) entries.size());
        entries.forEach((tag, value) -> {
            boolean wide = value > 65535 || tag == 273 || tag == 279;
            file.putShort(tag.shortValue())
                    .putShort((short) (wide ? LONG : SHORT))
                    .putInt(1)
                    .putInt(value.intValue());
        });
        file.putInt(0);
        file.position(200).put(pixel);
        return file.array();
    }

    private static Frames read(byte[] tiff) throws UnreadableFile {
        return new ImageReader().read(MediaSource.of("picture.tif", tiff));
    }

    @Test
    void thePlainOneIsRead() throws Exception {
        assertThat(read(tiff(new byte[] {77}, Map.of())).rgb()).containsExactly(77, 77, 77);
    }

    @ParameterizedTest
    @CsvSource({
        "262, 8, CIELAB",
        "262, 9, ICCLAB",
        "262, 10, ITULAB",
        "262, 32845, LogLuv",
        "262, 4, mask",
        "262, 77, kind 77",
        "259, 50000, Zstandard",
        "259, 50001, WebP",
        "259, 34925, LZMA",
        "259, 34887, LERC",
        "259, 33003, JPEG 2000",
        "259, 999, method 999",
        "258, 32, 32-bit",
        "258, 64, 64-bit",
        "339, 2, signed",
        "339, 3, floating-point",
        "339, 5, complex"
    })
    void whatOtherProgramsWouldShowOtherwiseIsNamed(int tag, long value, String named) {
        byte[] file = tiff(new byte[8], Map.of(tag, value));
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageContaining(named)
                .extracting(bad -> ((UnreadableFile) bad).verdict())
                .isEqualTo(UnreadableFile.Verdict.UNSUPPORTED);
    }

    @Test
    void bytesThatBeginWithTheLowestBitAreTurnedRound() throws Exception {
        assertThat(read(tiff(new byte[] {0b0000_0010}, Map.of(266, 2L))).rgb()).containsExactly(64, 64, 64);
    }

    @Test
    void partsWithEndlessRowsAreRefused() {
        byte[] file = tiff(new byte[8], Map.of(322, 100_000_000L, 323, 1L, 324, 200L, 325, 8L));
        assertThatThrownBy(() -> read(file)).isInstanceOf(UnreadableFile.class).hasMessageContaining("picture.tif");
    }

    @Test
    void aPictureThatTheHeapCannotHoldIsNamedBeforeMemoryIsTaken() {
        long side = (long) Math.sqrt(Runtime.getRuntime().maxMemory() / 3.0);
        ImageReader patient = new ImageReader(new ImageReader.Limits(600_000_000, 1 << 20));
        byte[] file = tiff(new byte[8], Map.of(256, Math.min(side, 24_000), 257, Math.min(side, 24_000)));
        assertThatThrownBy(() -> patient.read(MediaSource.of("large.tif", file)))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageContaining("large.tif");
    }
}
