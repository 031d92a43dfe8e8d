package maskfeat.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file of any file system, open for reading at any place, by any number of threads.
 *
 * <p>Where a provider leads to another machine, each read may be a request of its own. So there at least a mebibyte is read at
 * once, and up to four where reading goes on.
 */
public final class FileBytes implements Closeable {
    /** The fewest bytes that are read at once where a provider leads, if there are so many. */
    static final int LEAST = 1 << 20;

    /** The most bytes that are read at once where a provider leads. */
    static final int MOST = 1 << 22;

    private final SeekableByteChannel channel;
    private final boolean inBlocks;
    private final long size;
    private final long end;

    // Guarded by this.
    private @Nullable ByteBuffer block;
    private long blockStart;
    private int next = LEAST;

    /** @param inBlocks whether each read may be a request to another machine */
    FileBytes(SeekableByteChannel channel, boolean inBlocks, long size, long end) {
        this.channel = channel;
        this.inBlocks = inBlocks;
        this.size = size;
        this.end = end;
    }

    /**
     * Opens a file.
     *
     * @param file of any file system
     */
    public static FileBytes open(Path file) throws IOException {
        return open(file, Long.MAX_VALUE);
    }

    /**
     * Opens a file of which a part is wanted.
     *
     * @param file of any file system
     * @param end behind the last byte that is expected to be read; no more than what is asked for is read behind it
     */
    public static FileBytes open(Path file, long end) throws IOException {
        SeekableByteChannel channel = Files.newByteChannel(file, StandardOpenOption.READ);
        try {
            return new FileBytes(channel, Uris.isElsewhere(file), channel.size(), end);
        } catch (IOException | RuntimeException | Error failed) {
            channel.close();
            throw failed;
        }
    }

    /**
     * What a channel reads, which is closed with this.
     *
     * @param channel not to be used otherwise from now on, but for writing to a file
     */
    public static FileBytes of(SeekableByteChannel channel) throws IOException {
        return new FileBytes(channel, false, channel.size(), Long.MAX_VALUE);
    }

    /** Number of bytes when it was opened. */
    public long size() {
        return size;
    }

    /**
     * Reads bytes from a place on.
     *
     * @return number of bytes read, perhaps fewer than the buffer takes; -1 at the end
     */
    public int read(ByteBuffer to, long from) throws IOException {
        if (channel instanceof FileChannel file) {
            return file.read(to, from);
        }
        synchronized (this) {
            return inBlocks ? readBlock(to, from) : channel.position(from).read(to);
        }
    }

    private int readBlock(ByteBuffer to, long from) throws IOException {
        if (from >= size) {
            return -1;
        }
        ByteBuffer held = block;
        if (held == null || from < blockStart || from >= blockStart + held.limit()) {
            boolean goesOn = held != null && from == blockStart + held.limit();
            held = fetched(from, to.remaining(), goesOn);
        }
        int at = (int) (from - blockStart);
        int count = Math.min(to.remaining(), held.limit() - at);
        to.put(held.slice(at, count));
        return count == 0 ? -1 : count;
    }

    private ByteBuffer fetched(long from, int asked, boolean goesOn) throws IOException {
        next = goesOn ? Math.min(2 * next, MOST) : LEAST;
        long left = from < end ? Math.min(end, size) - from : Math.min(asked, size - from);
        int wanted = (int) Math.min(next, Math.max(left, Math.min(asked, size - from)));
        ByteBuffer held = block;
        if (held == null || held.capacity() < wanted) {
            held = ByteBuffer.allocate(wanted);
        }
        held.clear().limit(wanted);
        channel.position(from);
        while (held.hasRemaining() && channel.read(held) >= 0) {
            continue; // a read may give less than was asked for
        }
        held.flip();
        block = held;
        blockStart = from;
        return held;
    }

    /** Whether it has not been closed. */
    public boolean isOpen() {
        return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
