package maskfeat.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import maskfeat.disk.FileBytes;

/** A stretch of a file, read where it lies. For one thread; closes the file. */
final class Stretch implements SeekableByteChannel {
    private final FileBytes opened;
    private final long start;
    private final long size;
    private long position;

    Stretch(FileBytes opened, long start, long size) {
        this.opened = opened;
        this.start = start;
        this.size = size;
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        if (position >= size) {
            if (!opened.isOpen()) {
                throw new ClosedChannelException();
            }
            return -1;
        }
        int most = (int) Math.min(to.remaining(), size - position);
        ByteBuffer piece = to.slice(to.position(), most);
        int count = opened.read(piece, start + position);
        if (count > 0) {
            position += count;
            to.position(to.position() + count);
        }
        return count;
    }

    @Override
    public int write(ByteBuffer from) {
        throw new NonWritableChannelException();
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long to) {
        position = checked(to);
        return this;
    }

    private static long checked(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("a position of " + position + " must be at least 0");
        }
        return position;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public SeekableByteChannel truncate(long to) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return opened.isOpen();
    }

    @Override
    public void close() throws IOException {
        opened.close();
    }

    /** Bytes in memory, read as a file is. */
    static final class InMemory implements SeekableByteChannel {
        private final byte[] data;
        private long position;
        private boolean isOpen = true;

        InMemory(byte[] data) {
            this.data = data;
        }

        @Override
        public int read(ByteBuffer to) throws IOException {
            if (!isOpen) {
                throw new ClosedChannelException();
            }
            if (position >= data.length) {
                return -1;
            }
            int count = (int) Math.min(to.remaining(), data.length - position);
            to.put(data, (int) position, count);
            position += count;
            return count;
        }

        @Override
        public int write(ByteBuffer from) {
            throw new NonWritableChannelException();
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public SeekableByteChannel position(long to) {
            position = checked(to);
            return this;
        }

        @Override
        public long size() {
            return data.length;
        }

        @Override
        public SeekableByteChannel truncate(long to) {
            throw new NonWritableChannelException();
        }

        @Override
        public boolean isOpen() {
            return isOpen;
        }

        @Override
        public void close() {
            isOpen = false;
        }
    }
}
