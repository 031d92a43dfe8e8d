package maskfeat.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** The content of a file, written piece by piece so that it may be larger than memory. */
@FunctionalInterface
public interface Content {
    /** Writes everything. Each {@code out.write} takes the whole buffer. */
    void writeTo(WritableByteChannel out) throws IOException;

    /** These bytes. */
    static Content of(byte[] bytes) {
        return out -> out.write(ByteBuffer.wrap(bytes));
    }

    /** The content of a file of any file system, read when it is written. */
    static Content of(Path file) {
        return out -> {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
            try (SeekableByteChannel in = Files.newByteChannel(file)) {
                while (in.read(buffer.clear()) >= 0) {
                    out.write(buffer.flip());
                }
            }
        };
    }
}
