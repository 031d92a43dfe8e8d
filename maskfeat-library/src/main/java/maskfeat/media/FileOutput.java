package maskfeat.media;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.Read_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.avformat.Seek_Pointer_long_int;
import org.bytedeco.ffmpeg.avformat.Write_packet_Pointer_BytePointer_int;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/** Takes what libav writes to one file; the counterpart of {@link FileInput}. */
final class FileOutput implements AutoCloseable {
    private static final int BUFFER = 1 << 18;
    private static final int FROM_CURRENT = 1;
    private static final int FROM_END = 2;

    // AVERROR(EIO) and AVERROR(EINVAL), missing in the bindings.
    private static final int IO_ERROR = -5;
    private static final int INVALID = -22;

    // As in FileInput: few native callbacks may be made of a Java class, so these serve all files.
    private static final Map<Long, FileOutput> OPEN = new ConcurrentHashMap<>();
    private static final AtomicLong LAST_NUMBER = new AtomicLong();
    private static final Writing WRITE = new Writing();
    private static final Seeking SEEK = new Seeking();

    private final FileChannel file;
    private final long number = LAST_NUMBER.incrementAndGet();
    private final AVIOContext context;
    private @Nullable IOException failure;

    FileOutput(FileChannel file) {
        this.file = file;
        OPEN.put(number, this);
        context = avformat.avio_alloc_context(
                new BytePointer(avutil.av_malloc(BUFFER)),
                BUFFER,
                1,
                new FileInput.Ticket(number),
                (Read_packet_Pointer_BytePointer_int) null,
                WRITE,
                SEEK);
    }

    AVIOContext context() {
        return context;
    }

    /** @throws IOException the first error, which libav tells as a number at most */
    void check() throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    private int write(BytePointer from, int count) {
        try {
            ByteBuffer bytes = from.capacity(count).asByteBuffer();
            while (bytes.hasRemaining()) {
                file.write(bytes);
            }
            return count;
        } catch (IOException failed) {
            failure = failure == null ? failed : failure;
            return IO_ERROR;
        }
    }

    private long seek(long offset, int whence) {
        try {
            if ((whence & avformat.AVSEEK_SIZE) != 0) {
                return file.size();
            }
            int from = whence & ~avformat.AVSEEK_FORCE;
            long to = offset + (from == FROM_CURRENT ? file.position() : from == FROM_END ? file.size() : 0);
            if (to < 0) {
                return INVALID;
            }
            file.position(to);
            return to;
        } catch (IOException failed) {
            failure = failure == null ? failed : failure;
            return IO_ERROR;
        }
    }

    @Override
    public void close() {
        OPEN.remove(number);
        avutil.av_free(context.buffer());
        context.buffer(null);
        avformat.avio_context_free(context);
    }

    private static final class Writing extends Write_packet_Pointer_BytePointer_int {
        @Override
        public int call(Pointer ticket, BytePointer from, int count) {
            FileOutput output = OPEN.get(ticket.address());
            return output == null ? avutil.AVERROR_EXIT : output.write(from, count);
        }
    }

    private static final class Seeking extends Seek_Pointer_long_int {
        @Override
        public long call(Pointer ticket, long offset, int whence) {
            FileOutput output = OPEN.get(ticket.address());
            return output == null ? avutil.AVERROR_EXIT : output.seek(offset, whence);
        }
    }
}
