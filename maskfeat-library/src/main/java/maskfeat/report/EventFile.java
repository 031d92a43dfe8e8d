package maskfeat.report;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.WriteFailed;
import maskfeat.train.Listener;
import maskfeat.train.StepReport;
import maskfeat.wire.ProtoMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes scalars and images for TensorBoard, in {@code events.out.tfevents.<seconds>.<host>}.
 *
 * <p>The records are TensorFlow's: length (uint64), its checksum, payload, its checksum; the checksum is CRC-32C,
 * rotated right by 15 bits, plus a constant. Payloads are {@code Event} messages of TensorFlow's event.proto and
 * summary.proto, little-endian throughout. Each record is written in one call.
 */
public final class EventFile implements Listener, AutoCloseable {
    private static final int CHECKSUM_MASK = 0xa282ead8;
    private static final int SESSION_START = 1;
    private static final int RGB = 3;
    private static final int RGBA = 4;

    private static final Logger LOG = LoggerFactory.getLogger(EventFile.class);

    private final Path folder;
    private final String host;
    private final Clock clock;
    private @Nullable OutputStream out;

    /** Writes a file in {@code folder}, named after this host and the time at which training starts. */
    public EventFile(Path folder) {
        this(folder, thisHost(), Clock.systemUTC());
    }

    EventFile(Path folder, String host, Clock clock) {
        this.folder = folder;
        this.host = host;
        this.clock = clock;
    }

    /** @throws UncheckedIOException if no file can be created, naming the folder */
    @Override
    public void started(long step, long steps) {
        close();
        try {
            AtomicFile.folder(folder);
            out = create();
        } catch (IOException e) {
            throw new UncheckedIOException(WriteFailed.of(folder.resolve("events.out.tfevents"), e));
        }
        write(event(0).text(3, "brain.Event:2"));
        // A start event makes TensorBoard drop points of earlier files from its step on, so resumed runs start after
        // the step of the checkpoint, which was already reported. New runs need the event too.
        write(event(step == 0 ? 0 : step + 1).message(7, new ProtoMessage().integer(1, SESSION_START)));
    }

    @Override
    public void step(StepReport report) {
        Map<String, Double> values = Scalars.of(report);
        if (Double.isNaN(report.baseline())) {
            values.remove(Scalars.BASELINE);
            values.remove(Scalars.LOSS_VS_BASELINE);
        }
        values(report.step(), values);
    }

    /** Scores that are not finite are left out, because TensorBoard has no gaps in curves. */
    @Override
    public void scores(long step, Map<String, Double> values) {
        Map<String, Double> finite = new LinkedHashMap<>(values);
        finite.values().removeIf(value -> !Double.isFinite(value));
        if (!finite.isEmpty()) {
            values(step, finite);
        }
    }

    /**
     * Adds a point to several curves.
     *
     * @param values by tag, such as {@code val/top1}
     * @throws IllegalStateException before {@link #started} and after {@link #close}
     */
    public void values(long step, Map<String, Double> values) {
        ProtoMessage summary = new ProtoMessage();
        values.forEach((tag, value) ->
                summary.message(1, new ProtoMessage().text(1, tag).single(2, value.floatValue())));
        write(event(step).message(5, summary));
    }

    /**
     * Adds an image.
     *
     * @param tag such as {@code vis/hog}
     * @throws IllegalStateException before {@link #started} and after {@link #close}
     */
    public void image(String tag, long step, PngBytes picture) {
        ProtoMessage image = new ProtoMessage()
                .integer(1, picture.height())
                .integer(2, picture.width())
                .integer(3, picture.hasAlpha() ? RGBA : RGB)
                .bytes(4, picture.bytes());
        ProtoMessage value = new ProtoMessage().text(1, tag).message(4, image);
        write(event(step).message(5, new ProtoMessage().message(1, value)));
    }

    @Override
    public void close() {
        OutputStream open = out;
        out = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new UncheckedIOException(WriteFailed.of(folder.resolve("events.out.tfevents"), e));
            }
        }
    }

    private ProtoMessage event(long step) {
        return new ProtoMessage().real(1, clock.millis() / 1000.0).integer(2, step);
    }

    private void write(ProtoMessage event) {
        OutputStream open = out;
        if (open == null) {
            throw new IllegalStateException(
                    "the event file in " + folder + " is not open: training has not started, or is over");
        }
        try {
            open.write(record(event.toBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(WriteFailed.of(folder.resolve("events.out.tfevents"), e));
        }
    }

    static byte[] record(byte[] payload) {
        ByteBuffer record = ByteBuffer.allocate(Long.BYTES + Integer.BYTES + payload.length + Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(payload.length);
        record.putInt(checksum(record.array(), 0, Long.BYTES));
        record.put(payload);
        record.putInt(checksum(payload, 0, payload.length));
        return record.array();
    }

    private static int checksum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + CHECKSUM_MASK;
    }

    /** Creates a new file even if two starts fall into the same second. */
    private OutputStream create() throws IOException {
        String name = "events.out.tfevents." + clock.instant().getEpochSecond() + "." + host;
        for (int twin = 0; ; twin++) {
            Path file = folder.resolve(twin == 0 ? name : name + "." + twin);
            try {
                return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            } catch (FileAlreadyExistsException e) {
                LOG.debug("{} is taken", file);
            }
        }
    }

    private static String thisHost() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost"; // the name only distinguishes files
        }
    }
}
