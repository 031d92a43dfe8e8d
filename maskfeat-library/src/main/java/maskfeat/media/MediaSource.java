package maskfeat.media;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import maskfeat.media.UnreadableFile.Verdict;

/** The bytes of an image or a video, in a file or in memory. Messages use the caller's name for it. */
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
            return file.toString();
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
