package maskfeat.train;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import maskfeat.disk.Disk;

/**
 * The real disk, and beside it a model of what a power cut would leave of it.
 *
 * <p>Bytes of a file are safe after {@code force}, names after {@code forceFolder} of the folder they are in. Of what is
 * not safe, any part may be there: names in order or not, files cut off or with zeros where bytes should be.
 */
final class UnsyncedDisk implements Disk {
    private sealed interface Node permits FileNode, FolderNode {}

    private static final class FileNode implements Node {
        final ByteArrayOutputStream now = new ByteArrayOutputStream();
        byte[] safe = {};
    }

    private static final class FolderNode implements Node {
        TreeMap<String, Node> now = new TreeMap<>();
        TreeMap<String, Node> safe = new TreeMap<>();
        final List<UnaryOperator<TreeMap<String, Node>>> unsafe = new ArrayList<>();

        void change(UnaryOperator<TreeMap<String, Node>> change) {
            now = change.apply(now);
            unsafe.add(change);
        }
    }

    private final Path root;
    private final FolderNode model;
    private int operationsLeft;

    /** Starts from what is under {@code root}, all of it safe, and kills the process after so many operations. */
    UnsyncedDisk(Path root, int operationsLeft) throws IOException {
        this.root = root;
        this.model = load(root);
        this.operationsLeft = operationsLeft;
    }

    private static FolderNode load(Path folder) throws IOException {
        FolderNode node = new FolderNode();
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path : paths.toList()) {
                if (Files.isDirectory(path)) {
                    node.now.put(path.getFileName().toString(), load(path));
                } else {
                    FileNode file = new FileNode();
                    file.safe = Files.readAllBytes(path);
                    file.now.writeBytes(file.safe);
                    node.now.put(path.getFileName().toString(), file);
                }
            }
        }
        node.safe = new TreeMap<>(node.now);
        return node;
    }

    /** The next process on the same machine: nothing is lost and nothing has become safe. */
    void restart(int operations) {
        operationsLeft = operations;
    }

    private void enter() {
        if (operationsLeft-- <= 0) {
            throw new FaultyDisk.Killed();
        }
    }

    private FolderNode folder(Path path) {
        FolderNode node = model;
        if (!path.equals(root)) {
            for (Path name : root.relativize(path)) {
                node = (FolderNode) Objects.requireNonNull(node.now.get(name.toString()));
            }
        }
        return node;
    }

    private FolderNode parent(Path path) {
        return folder(Objects.requireNonNull(path.getParent()));
    }

    private static String name(Path path) {
        return path.getFileName().toString();
    }

    private static UnaryOperator<TreeMap<String, Node>> put(String name, Node node) {
        return names -> {
            names.put(name, node);
            return names;
        };
    }

    @Override
    public void createFolder(Path path) throws IOException {
        enter();
        REAL.createFolder(path);
        parent(path).change(put(name(path), new FolderNode()));
    }

    @Override
    public Output create(Path path) throws IOException {
        enter();
        Output output = REAL.create(path);
        FileNode file = new FileNode();
        parent(path).change(put(name(path), file));
        return new Output() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                enter();
                byte[] copy = new byte[bytes.remaining()];
                bytes.duplicate().get(copy);
                file.now.writeBytes(copy);
                return output.write(bytes);
            }

            @Override
            public void force() {
                enter();
                file.safe = file.now.toByteArray();
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
        enter();
        REAL.rename(from, to);
        FolderNode parent = parent(from);
        Node node = Objects.requireNonNull(parent.now.get(name(from)));
        parent.change(names -> {
            names.remove(name(from), node);
            names.put(name(to), node);
            return names;
        });
    }

    @Override
    public void delete(Path path) throws IOException {
        enter();
        REAL.delete(path);
        FolderNode parent = parent(path);
        Node node = Objects.requireNonNull(parent.now.get(name(path)));
        parent.change(names -> {
            names.remove(name(path), node);
            return names;
        });
    }

    @Override
    public void forceFolder(Path path) {
        enter();
        FolderNode folder = folder(path);
        folder.safe = new TreeMap<>(folder.now);
        folder.unsafe.clear();
    }

    /** Writes what the power cut left into an empty folder. */
    void powerCut(Path into, SplittableRandom random) throws IOException {
        leave(model, into, random, random.nextBoolean());
    }

    private static void leave(FolderNode folder, Path into, SplittableRandom random, boolean inOrder) {
        TreeMap<String, Node> names = new TreeMap<>(folder.safe);
        int survivors = random.nextInt(folder.unsafe.size() + 1);
        for (int i = 0; i < folder.unsafe.size(); i++) {
            if (inOrder ? i < survivors : random.nextBoolean()) {
                names = folder.unsafe.get(i).apply(names);
            }
        }
        names.forEach((name, node) -> {
            Path path = into.resolve(name);
            try {
                if (node instanceof FolderNode inner) {
                    Files.createDirectory(path);
                    leave(inner, path, random, inOrder);
                } else if (node instanceof FileNode file) {
                    Files.write(path, left(file, random));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static byte[] left(FileNode file, SplittableRandom random) {
        byte[] now = file.now.toByteArray();
        if (Arrays.equals(now, file.safe)) {
            return now;
        }
        int cut = file.safe.length + random.nextInt(now.length - file.safe.length + 1);
        byte[] start = Arrays.copyOf(now, cut);
        return random.nextBoolean() ? start : Arrays.copyOf(start, now.length); // the rest as zeros
    }
}
