package maskfeat.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import maskfeat.disk.PathText;
import maskfeat.media.UnreadableFile.Verdict;

/** The bytes of an image or a video, in a file, in memory or behind a channel. Messages use the caller's name for it. */
public sealed interface MediaSource {
    /** The most bytes that {@link #read(String, InputStream)} reads into memory: 512 MiB. */
    int MOST_BYTES = 1 << 29;

    /**
     * A file, or a folder of frames.
     *
     * @param file of any file system
     */
    record OfFile(Path file) implements MediaSource {
        @Override
        public String toString() {
            return PathText.shown(file);
        }
    }

    /**
     * Bytes in memory.
     *
     * @param name for messages
     * @param data the whole file; must not change while in use
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record InMemory(String name, byte[] data) implements MediaSource {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * Bytes behind a channel, such as those of a file that no file system of Java reaches. Of a video only what is wanted
     * is read, of an image all.
     *
     * @param name for messages
     * @param size number of bytes
     * @param opening opens the channel, each time anew
     */
    record OfChannel(String name, long size, Opening opening) implements MediaSource {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Opens bytes for reading. */
    @FunctionalInterface
    interface Opening {
        /**
         * Opens them at their beginning.
         *
         * @return to be closed by whom it is given to; need not be thread-safe
         * @throws java.nio.file.NoSuchFileException if they are gone
         * @throws java.nio.file.AccessDeniedException if they may not be read
         */
        SeekableByteChannel open() throws IOException;
    }

    /** A file or, for a video reader, a folder of frames. */
    static MediaSource of(Path file) {
        return new OfFile(file);
    }

    /**
     * The bytes of a file.
     *
     * @param name for messages, such as that of an upload
     * @param data the whole file; must not change while in use
     */
    static MediaSource of(String name, byte[] data) {
        return new InMemory(name, data);
    }

    /**
     * Bytes behind a channel.
     *
     * @param name for messages, such as an address
     * @param size number of bytes
     * @param opening opens the channel, each time anew
     */
    static MediaSource of(String name, long size, Opening opening) {
        return new OfChannel(name, size, opening);
    }

    /**
     * Reads a stream to its end, at most {@value #MOST_BYTES} bytes.
     *
     * @param name for messages, such as that of an upload
     * @param in not closed
     * @throws UnreadableFile if there are more bytes
     */
    static MediaSource read(String name, InputStream in) throws IOException {
        return read(name, in, MOST_BYTES);
    }

    /**
     * Reads a stream to its end.
     *
     * @param name for messages, such as that of an upload
     * @param in not closed
     * @param mostBytes to read into memory, at least 1
     * @throws UnreadableFile if there are more bytes
     */
    static MediaSource read(String name, InputStream in, int mostBytes) throws IOException {
        if (mostBytes < 1) {
            throw new IllegalArgumentException("a limit of " + mostBytes + " bytes must be at least 1");
        }
        byte[] data = in.readNBytes(mostBytes);
        if (data.length == mostBytes && in.read() >= 0) {
            throw new UnreadableFile(
                    new InMemory(name, new byte[0]),
                    new Refused(
                            Verdict.TOO_LARGE,
                            "has more than the " + mostBytes
                                    + " bytes of a stream that are taken into memory; write it into a file"));
        }
        return new InMemory(name, data);
    }

    /** The name for messages: the path, or the given name. */
    @Override
    String toString();
}
