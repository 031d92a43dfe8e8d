package maskfeat.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Bytes that write themselves, so that a file larger than memory can be made piece by piece. */
@FunctionalInterface
public interface Content {
    /** Writes all of it. Each {@code write} takes the whole buffer. */
    void writeTo(WritableByteChannel out) throws IOException;

    /** These bytes. */
    static Content of(byte[] bytes) {
        return out -> out.write(ByteBuffer.wrap(bytes));
    }

    /** The bytes that a file has when they are written. */
    static Content of(Path file) {
        return out -> {
            ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
            try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
                while (in.read(buffer.clear()) >= 0) {
                    out.write(buffer.flip());
                }
            }
        };
    }
}
