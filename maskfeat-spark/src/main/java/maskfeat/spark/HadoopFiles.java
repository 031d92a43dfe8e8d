package maskfeat.spark;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import maskfeat.media.MediaSource;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;

/** The bytes of files in any file system that Hadoop reaches. */
final class HadoopFiles {
    /** Files up to this size are read whole, in one request: 8 MiB. Of larger ones the reader takes what it needs. */
    static final int WHOLE_BYTES = 8 << 20;

    private final Configuration hadoop;
    private final int wholeBytes;

    HadoopFiles(Configuration hadoop) {
        this(hadoop, WHOLE_BYTES);
    }

    /** @param wholeBytes files up to this size are read whole */
    HadoopFiles(Configuration hadoop, int wholeBytes) {
        this.hadoop = hadoop;
        this.wholeBytes = wholeBytes;
    }

    /** A file for a reader. What goes wrong, also now, the reader says when it reads. */
    MediaSource source(RemoteFile file) {
        if (file.bytes() > wholeBytes) {
            return MediaSource.of(file.path(), file.bytes(), () -> new Channel(open(file), file.bytes()));
        }
        try (FSDataInputStream in = open(file)) {
            return MediaSource.of(file.path(), in.readNBytes((int) file.bytes()));
        } catch (IOException failed) {
            return MediaSource.of(file.path(), Math.max(1, file.bytes()), () -> {
                throw failed;
            });
        }
    }

    /** Opens a file, to be closed by the caller. */
    FSDataInputStream open(RemoteFile file) throws IOException {
        Path path = new Path(file.path());
        try {
            FileSystem files = path.getFileSystem(hadoop);
            // Both are hints: jumps to and fro will come, and the size need not be asked for.
            return files.openFile(path)
                    .opt("fs.option.openfile.read.policy", file.bytes() > wholeBytes ? "random" : "whole-file")
                    .opt("fs.option.openfile.length", Long.toString(file.bytes()))
                    .build()
                    .get();
        } catch (ExecutionException | CompletionException failed) {
            throw known(file, Objects.requireNonNullElse(failed.getCause(), failed));
        } catch (IOException failed) {
            throw known(file, failed);
        } catch (CancellationException stopped) {
            throw new IOException("opening it was cancelled", stopped);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("opening it was interrupted", stopped);
        }
    }

    /** As the JDK's file systems say it. */
    private static IOException known(RemoteFile file, Throwable failed) {
        if (failed instanceof FileNotFoundException) {
            return new NoSuchFileException(file.path());
        }
        if (failed instanceof AccessControlException) {
            return new AccessDeniedException(file.path());
        }
        return failed instanceof IOException io ? io : new IOException(String.valueOf(failed), failed);
    }

    /** A stream that seeks, as the reader of media wants it. Not thread-safe. */
    private static final class Channel implements SeekableByteChannel {
        private static final int MOST = 1 << 20;

        private final FSDataInputStream in;
        private final long size;
        private byte[] chunk = {};
        private long position;
        private boolean closed;

        Channel(FSDataInputStream in, long size) {
            this.in = in;
            this.size = size;
        }

        @Override
        public int read(ByteBuffer to) throws IOException {
            if (position >= size) {
                return -1;
            }
            int count = Math.min(to.remaining(), MOST);
            if (chunk.length < count) {
                chunk = new byte[count];
            }
            if (in.getPos() != position) {
                in.seek(position);
            }
            int read = in.read(chunk, 0, count);
            if (read > 0) {
                to.put(chunk, 0, read);
                position += read;
            }
            return read;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public SeekableByteChannel position(long to) {
            position = to;
            return this;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public boolean isOpen() {
            return !closed;
        }

        @Override
        public void close() throws IOException {
            closed = true;
            in.close();
        }

        @Override
        public int write(ByteBuffer from) {
            throw new UnsupportedOperationException("data are only read");
        }

        @Override
        public SeekableByteChannel truncate(long to) {
            throw new UnsupportedOperationException("data are only read");
        }
    }
}
