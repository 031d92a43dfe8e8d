package maskfeat.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Every change that checkpoints make on disk, so that tests can let any of them fail. Reading goes past it. */
public interface Disk {
    /** The disk itself. */
    Disk REAL = new Disk() {};

    /** A file being written. */
    interface Output extends WritableByteChannel {
        /** Returns when the bytes would survive a power cut. */
        void force() throws IOException;
    }

    /** Makes a folder whose parent exists. */
    default void createFolder(Path folder) throws IOException {
        Files.createDirectory(folder);
    }

    /** Opens a file that does not exist yet. */
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

    /** Renames in one step; a file, not a folder, that has the new name is replaced. */
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
