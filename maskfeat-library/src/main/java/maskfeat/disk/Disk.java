package maskfeat.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The writing operations of checkpoints, so that tests can make each of them fail. Reads do not use it. */
public interface Disk {
    /** The real disk. */
    Disk REAL = new Disk() {};

    /** A file being written. */
    interface Output extends WritableByteChannel {
        /** Returns once the bytes would survive a power cut. */
        void force() throws IOException;
    }

    /** Creates a folder whose parent exists. */
    default void createFolder(Path folder) throws IOException {
        Files.createDirectory(folder);
    }

    /** Creates a file that must not exist yet. */
    default Output create(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new Output() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                return channel.write(bytes);
            }

            @Override
            public void force() throws IOException {
                channel.force(true);
            }

            @Override
            public boolean isOpen() {
                return channel.isOpen();
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    /** Renames atomically. Replaces a file of the new name, but not a folder. */
    default void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Deletes a file or an empty folder. */
    default void delete(Path path) throws IOException {
        Files.delete(path);
    }

    /** Makes the names in a folder survive a power cut. */
    default void forceFolder(Path folder) throws IOException {
        AtomicFile.forceFolder(folder);
    }
}
