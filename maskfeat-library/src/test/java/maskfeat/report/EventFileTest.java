package maskfeat.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import maskfeat.wire.ProtoMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventFileTest {
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(1_700_000_000_250L), ZoneOffset.UTC);

    @TempDir
    private Path folder;

    /** A field of a message, as the wire says it: a Long, or the bytes. */
    private record Field(int number, Object value) {
        long integer() {
            return (Long) value;
        }

        byte[] bytes() {
            return (byte[]) value;
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }
    }

    /** Protocol Buffers as their documentation describes the wire, written without a look at {@link ProtoMessage}. */
    private static List<Field> parse(byte[] message) {
        List<Field> fields = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            long key = varint(in);
            int number = (int) (key / 8);
            switch ((int) (key % 8)) {
                case 0 -> fields.add(new Field(number, varint(in)));
                case 1 -> fields.add(new Field(number, in.getLong()));
                case 2 -> {
                    byte[] bytes = new byte[(int) varint(in)];
                    in.get(bytes);
                    fields.add(new Field(number, bytes));
                }
                case 5 -> fields.add(new Field(number, (long) in.getInt()));
                default -> throw new AssertionError("wire type " + key % 8);
            }
        }
        return fields;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = in.get();
            value += (b & 127L) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    private static Field only(List<Field> fields, int number) {
        List<Field> found = fields.stream().filter(f -> f.number() == number).toList();
        assertThat(found).as("field " + number).hasSize(1);
        return found.get(0);
    }

    /** CRC-32C bit by bit (Castagnoli, reflected 0x82f63b78), with TensorFlow's mask. */
    private static int maskedCrc(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 255;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 1 ? crc >>> 1 ^ 0x82f63b78 : crc >>> 1;
            }
        }
        crc = ~crc;
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }

    private static List<List<Field>> events(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<List<Field>> events = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = new byte[8];
            in.get(length);
            assertThat(in.getInt()).as("checksum of the length").isEqualTo(maskedCrc(length));
            byte[] payload = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            in.get(payload);
            assertThat(in.getInt()).as("checksum of the payload").isEqualTo(maskedCrc(payload));
            events.add(parse(payload));
        }
        return events;
    }

    private Path file() {
        return folder.resolve("events.out.tfevents.1700000000.box");
    }

    private EventFile open() {
        return new EventFile(folder, "box", CLOCK);
    }

    @Test
    void theSecondChecksumAgreesWithThePublishedCheckValue() {
        int crc = maskedCrc("123456789".getBytes(StandardCharsets.US_ASCII)) - 0xa282ead8;
        assertThat(Integer.rotateLeft(crc, 15)).isEqualTo(0xe3069283);
    }

    @Test
    void aScalarHasTheseBytes() {
        // Event{wall_time 1.5, step 300, summary{value{tag "a", simple_value 0.5}}}, laid out by hand from event.proto.
        byte[] payload = HexFormat.of()
                .parseHex("09" + "000000000000f83f" + "10" + "ac02" + "2a" + "0a" + "0a" + "08" + "0a" + "01" + "61"
                        + "15" + "0000003f");
        byte[] length = {25, 0, 0, 0, 0, 0, 0, 0};
        assertThat(payload).hasSize(24);
        byte[] written = EventFile.record(new ProtoMessage()
                .real(1, 1.5)
                .integer(2, 300)
                .message(
                        5,
                        new ProtoMessage()
                                .message(1, new ProtoMessage().text(1, "a").single(2, 0.5f)))
                .toBytes());
        length[0] = (byte) payload.length;
        ByteBuffer expected = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
        expected.put(length).putInt(maskedCrc(length)).put(payload).putInt(maskedCrc(payload));
        assertThat(written).isEqualTo(expected.array());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 127, 128, 300, 1L << 31, 1L << 40, Long.MAX_VALUE, -1})
    void stepsOfAnySizeReadBack(long value) {
        assertThat(only(parse(new ProtoMessage().integer(2, value).toBytes()), 2)
                        .integer())
                .isEqualTo(value);
    }

    @Test
    void theFirstRecordNamesTheFormat() throws IOException {
        try (EventFile events = open()) {
            events.started(0, 100);
        }
        List<Field> first = events(file()).get(0);
        assertThat(only(first, 3).text()).isEqualTo("brain.Event:2");
        assertThat(Double.longBitsToDouble(only(first, 1).integer())).isEqualTo(1_700_000_000.25);
    }

    @Test
    void aReportBecomesScalars() throws IOException {
        try (EventFile events = open()) {
            events.started(0, 100);
            events.step(Reports.of(52, 0.0812, 0.0931, Map.of("train/mask_ratio", 0.4)));
        }
        List<Field> event = events(file()).get(2);
        assertThat(only(event, 2).integer()).isEqualTo(52);
        assertThat(scalars(event))
                .containsEntry("train/loss", 0.0812f)
                .containsEntry("train/baseline", 0.0931f)
                .containsEntry("train/lr", 1.334e-4f)
                .containsEntry("train/grad_norm", 0.75f)
                .containsEntry("train/mask_ratio", 0.4f)
                .containsEntry("time/step_s", 0.5f)
                .containsEntry("time/samples_per_s", 412.4f)
                .containsEntry("epoch", 1f);
    }

    private static Map<String, Float> scalars(List<Field> event) {
        Map<String, Float> scalars = new java.util.HashMap<>();
        for (Field value : parse(only(event, 5).bytes())) {
            List<Field> fields = parse(value.bytes());
            scalars.put(only(fields, 1).text(), Float.intBitsToFloat((int)
                    only(fields, 2).integer()));
        }
        return scalars;
    }

    @Test
    void aTaskWithoutBaselineHasNoSuchCurve() throws IOException {
        try (EventFile events = open()) {
            events.started(0, 100);
            events.step(Reports.of(1, 2.5, Double.NaN, Map.of()));
        }
        assertThat(scalars(events(file()).get(2)))
                .containsKey("train/loss")
                .doesNotContainKeys("train/baseline", "train/loss_vs_baseline");
    }

    @Test
    void scoresBecomeScalarsButForWhatIsNoNumber() throws IOException {
        try (EventFile events = open()) {
            events.started(0, 100);
            events.scores(40, Map.of("val/top1", 63.5, "val/loss", Double.NaN));
            events.scores(50, Map.of("val/loss", Double.POSITIVE_INFINITY));
        }
        List<List<Field>> written = events(file());
        assertThat(written).hasSize(3);
        assertThat(only(written.get(2), 2).integer()).isEqualTo(40);
        assertThat(scalars(written.get(2))).containsExactly(Map.entry("val/top1", 63.5f));
    }

    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB})
    void aPictureReadsBackPixelForPixel(int type) throws IOException {
        BufferedImage picture = new BufferedImage(13, 7, type);
        Random random = new Random(5);
        for (int i = 0; i < 13 * 7; i++) {
            picture.setRGB(i % 13, i / 13, random.nextInt());
        }
        try (EventFile events = open()) {
            events.started(0, 100);
            events.image("vis/hog", 1000, PngBytes.of(picture));
        }
        List<Field> event = events(file()).get(2);
        assertThat(only(event, 2).integer()).isEqualTo(1000);
        List<Field> value = parse(only(parse(only(event, 5).bytes()), 1).bytes());
        assertThat(only(value, 1).text()).isEqualTo("vis/hog");
        List<Field> image = parse(only(value, 4).bytes());
        assertThat(only(image, 1).integer()).isEqualTo(7);
        assertThat(only(image, 2).integer()).isEqualTo(13);
        assertThat(only(image, 3).integer()).isEqualTo(type == BufferedImage.TYPE_INT_RGB ? 3 : 4);
        BufferedImage back =
                ImageIO.read(new ByteArrayInputStream(only(image, 4).bytes()));
        for (int i = 0; i < 13 * 7; i++) {
            assertThat(back.getRGB(i % 13, i / 13)).isEqualTo(picture.getRGB(i % 13, i / 13));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 20})
    void aStartLetsTensorBoardForgetWhatCameAfterTheCheckpoint(long step) throws IOException {
        try (EventFile events = open()) {
            events.started(step, 100);
        }
        List<Field> start = events(file()).get(1);
        assertThat(only(parse(only(start, 7).bytes()), 1).integer()).isEqualTo(1);
        // TensorBoard drops steps at and after the start's; the checkpoint's own report is to stay.
        assertThat(only(start, 2).integer()).isEqualTo(step == 0 ? 0 : 21);
    }

    @Test
    void twoStartsWithinASecondWriteTwoFiles() throws IOException {
        for (int i = 0; i < 2; i++) {
            try (EventFile events = open()) {
                events.started(0, 100);
            }
        }
        assertThat(folder.resolve(file().getFileName() + ".1")).exists();
        assertThat(events(file())).hasSize(2);
    }

    @Test
    void recordsAreWholeOnDiskAtOnce() throws IOException {
        try (EventFile events = open()) {
            events.started(0, 100);
            events.step(Reports.at(1));
            assertThat(events(file())).hasSize(3);
        }
    }

    @Test
    void nothingIsWrittenAfterTheEnd() {
        EventFile events = open();
        events.started(0, 100);
        events.close();
        assertThatThrownBy(() -> events.values(1, Map.of("val/top1", 1.0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not open");
    }
}
