package maskfeat.media;

import java.io.Closeable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import maskfeat.disk.FileBytes;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.ffmpeg.avformat.Read_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.avformat.Seek_Pointer_long_int;
import org.bytedeco.ffmpeg.avformat.Write_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Gives libav the bytes of one file, open, in memory or behind a channel, and a deadline.
 *
 * <p>libav gets no name, so it cannot reach a protocol, playlist or second file. It reads every byte here, so that the
 * deadline stops a demuxer that would read for ever.
 */
final class FileInput implements AutoCloseable {
    static {
        LibavLog.quiet();
    }

    // Large enough to read a usual clip at once.
    private static final int LARGEST_BUFFER = 1 << 20;

    // AVERROR(EIO) and AVERROR(EINVAL), missing in the bindings.
    private static final int IO_ERROR = -5;
    private static final int INVALID = -22;

    // Reading may wait so many times longer than decoding may work.
    private static final int WAITING = 20;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final boolean COUNTS_THREADS =
            THREADS.isCurrentThreadCpuTimeSupported() && THREADS.isThreadCpuTimeEnabled();

    private static final int SEEK_SET = 0;
    private static final int SEEK_CUR = 1;
    private static final int SEEK_END = 2;

    // JavaCPP offers only ten native callbacks per Java class, so these three serve all files. libav passes back a
    // number, instead of an address, that identifies the file.
    private static final Map<Long, FileInput> OPEN = new ConcurrentHashMap<>();
    private static final AtomicLong LAST_NUMBER = new AtomicLong();
    private static final Reading READ = new Reading();
    private static final Seeking SEEK = new Seeking();
    private static final Waiting WAIT = new Waiting();

    private final Content content;
    private final long size;
    private final long number = LAST_NUMBER.incrementAndGet();
    private final AVIOContext context;
    private long position;
    private long allowedNanos;
    private long startNanos;
    private long readingNanos;
    private long readBytes;
    private boolean late;
    private boolean hollow;
    private @Nullable IOException failure;

    /** Random access to bytes. */
    private interface Content extends Closeable {
        /** @return number of bytes read; below 1 at the end */
        int read(ByteBuffer to, long from) throws IOException;
    }

    private FileInput(Content content, long size) {
        this.content = content;
        this.size = size;
        int buffer = (int) Math.max(1 << 12, Math.min(size, LARGEST_BUFFER));
        OPEN.put(number, this);
        BytePointer memory = new BytePointer(avutil.av_malloc(buffer + avcodec.AV_INPUT_BUFFER_PADDING_SIZE));
        context = avformat.avio_alloc_context(
                memory, buffer, 0, new Ticket(number), READ, (Write_packet_Pointer_BytePointer_int) null, SEEK);
    }

    static FileInput open(MediaSource source) throws IOException {
        if (source instanceof MediaSource.InMemory memory) {
            return new FileInput(new Memory(memory.data()), memory.data().length);
        }
        if (source instanceof MediaSource.OfChannel behind) {
            return new FileInput(new OfChannel(behind.opening().open()), behind.size());
        }
        // Of any file system: a member of an archive is no file of its own.
        FileBytes file = FileBytes.open(((MediaSource.OfFile) source).file());
        return new FileInput(new OfFile(file), file.size());
    }

    long size() {
        return size;
    }

    private int timed(ByteBuffer to, long from) throws IOException {
        long began = System.nanoTime();
        int read = content.read(to, from);
        readingNanos += System.nanoTime() - began;
        readBytes += Math.max(0, read);
        return read;
    }

    /** Fills a buffer from a place in the file, to the end at most, without libav. */
    void peek(ByteBuffer to, long from) throws IOException {
        while (to.hasRemaining()) {
            int read = timed(to, from + to.position());
            if (read < 1) {
                return;
            }
        }
    }

    /**
     * Whether libav gets undefined bytes from now on, and the file is not read: enough for a demuxer that has its index in
     * memory and only has to tell where packets lie.
     */
    void hollow(boolean hollow) {
        this.hollow = hollow;
        if (!hollow) {
            // libav throws the bytes in its buffer away only if it seeks far.
            avformat.avio_seek(context, Long.MAX_VALUE / 2, SEEK_SET);
            avformat.avio_seek(context, 0, SEEK_SET);
        }
    }

    void attach(AVFormatContext demuxer) {
        demuxer.pb(context);
        try (AVIOInterruptCB callback = demuxer.interrupt_callback()) {
            callback.callback(WAIT).opaque(new Ticket(number));
        }
    }

    AVIOContext context() {
        return context;
    }

    /**
     * Starts the deadline of the next operation, on the thread that does it. It counts the processor time of this thread,
     * so that a busy machine reads the same files as an idle one. Waiting for the disk has a much longer limit of its own.
     */
    void allow(Duration time) {
        allowedNanos = time.toNanos();
        startNanos = processorNanos();
        readingNanos = 0;
        late = false;
    }

    boolean isLate() {
        late |= processorNanos() - startNanos > allowedNanos || readingNanos / WAITING > allowedNanos;
        return late;
    }

    private static long processorNanos() {
        return COUNTS_THREADS ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }

    /** Bytes read so far, by libav and by {@link #peek}. */
    long readBytes() {
        return readBytes;
    }

    /** The error of the first read that failed. */
    @Nullable IOException failure() {
        return failure;
    }

    @Override
    public void close() throws IOException {
        OPEN.remove(number);
        // Not the buffer given at the start, because probing replaces it.
        avutil.av_free(context.buffer());
        context.buffer(null);
        avformat.avio_context_free(context);
        content.close();
    }

    private int read(BytePointer to, int count) {
        if (isLate()) {
            return avutil.AVERROR_EXIT;
        }
        if (hollow) {
            int given = (int) Math.min(count, Math.max(0, size - position));
            position += given;
            return given == 0 ? avutil.AVERROR_EOF() : given;
        }
        try {
            to.capacity(count);
            int read = timed(to.asByteBuffer(), position);
            if (read <= 0) {
                return avutil.AVERROR_EOF();
            }
            position += read;
            return read;
        } catch (IOException failed) {
            failure = failure == null ? failed : failure; // keep the first: libav may try again on a closed channel
            return IO_ERROR;
        }
    }

    private long seek(long offset, int whence) {
        if ((whence & avformat.AVSEEK_SIZE) != 0) {
            return size;
        }
        long from = switch (whence & ~avformat.AVSEEK_FORCE) {
            case SEEK_SET -> 0;
            case SEEK_CUR -> position;
            case SEEK_END -> size;
            default -> Long.MIN_VALUE;
        };
        if (from + offset < 0) {
            return INVALID;
        }
        position = from + offset;
        return position;
    }

    private record OfFile(FileBytes file) implements Content {
        @Override
        public int read(ByteBuffer to, long from) throws IOException {
            return file.read(to, from);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private record OfChannel(SeekableByteChannel channel) implements Content {
        @Override
        public int read(ByteBuffer to, long from) throws IOException {
            return channel.position(from).read(to);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Memory(byte[] data) implements Content {
        @Override
        public int read(ByteBuffer to, long from) {
            if (from >= data.length) {
                return -1;
            }
            int count = (int) Math.min(to.remaining(), data.length - from);
            to.put(data, (int) from, count);
            return count;
        }

        @Override
        public void close() {}
    }

    /** The number of a file, in place of an address. */
    static final class Ticket extends Pointer {
        Ticket(long number) {
            address = number;
        }
    }

    private static final class Reading extends Read_packet_Pointer_BytePointer_int {
        @Override
        public int call(Pointer ticket, BytePointer to, int count) {
            FileInput input = OPEN.get(ticket.address());
            return input == null ? avutil.AVERROR_EXIT : input.read(to, count);
        }
    }

    private static final class Seeking extends Seek_Pointer_long_int {
        @Override
        public long call(Pointer ticket, long offset, int whence) {
            FileInput input = OPEN.get(ticket.address());
            return input == null ? avutil.AVERROR_EXIT : input.seek(offset, whence);
        }
    }

    private static final class Waiting extends AVIOInterruptCB.Callback_Pointer {
        @Override
        public int call(Pointer ticket) {
            FileInput input = OPEN.get(ticket.address());
            return input == null || input.isLate() ? 1 : 0;
        }
    }
}
