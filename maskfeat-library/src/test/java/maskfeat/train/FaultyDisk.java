package maskfeat.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import maskfeat.disk.Disk;

/** The real disk until a fault says otherwise; only that it forces nothing, which would take long and show nothing. */
final class FaultyDisk implements Disk {
    /** The process is gone: nothing it does afterwards reaches the disk either. */
    static final class Killed extends RuntimeException {}

    enum Operation {
        CREATE_FOLDER,
        CREATE,
        WRITE,
        FORCE,
        RENAME,
        DELETE,
        FORCE_FOLDER
    }

    /** Decides before operation {@code number}, counted from 0; returning lets it happen. */
    interface Fault {
        void at(int number, Operation operation) throws IOException;
    }

    /** Kills the process at this operation; a write gets half of its bytes out first. */
    static Fault killAt(int fatal) {
        return (number, operation) -> {
            if (number >= fatal) {
                throw new Killed();
            }
        };
    }

    final List<Operation> done = new ArrayList<>();
    private final Fault fault;
    private final boolean shortWrites;

    FaultyDisk(Fault fault, boolean shortWrites) {
        this.fault = fault;
        this.shortWrites = shortWrites;
    }

    FaultyDisk(Fault fault) {
        this(fault, false);
    }

    private void enter(Operation operation) throws IOException {
        fault.at(done.size(), operation);
        done.add(operation);
    }

    @Override
    public void createFolder(Path folder) throws IOException {
        enter(Operation.CREATE_FOLDER);
        REAL.createFolder(folder);
    }

    @Override
    public Output create(Path file) throws IOException {
        enter(Operation.CREATE);
        Output output = REAL.create(file);
        return new Output() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                ByteBuffer half = bytes.duplicate().limit(bytes.position() + (bytes.remaining() + 1) / 2);
                try {
                    enter(Operation.WRITE);
                } catch (IOException | Killed e) {
                    output.write(half); // torn
                    throw e;
                }
                if (shortWrites) {
                    int count = output.write(half);
                    bytes.position(bytes.position() + count);
                    return count;
                }
                return output.write(bytes);
            }

            @Override
            public void force() throws IOException {
                enter(Operation.FORCE);
            }

            @Override
            public boolean isOpen() {
                return output.isOpen();
            }

            @Override
            public void close() throws IOException {
                output.close();
            }
        };
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        enter(Operation.RENAME);
        REAL.rename(from, to);
    }

    @Override
    public void delete(Path path) throws IOException {
        enter(Operation.DELETE);
        REAL.delete(path);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        enter(Operation.FORCE_FOLDER);
    }
}
