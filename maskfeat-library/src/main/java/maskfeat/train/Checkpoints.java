package maskfeat.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import maskfeat.disk.Checksummed;
import maskfeat.disk.Content;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Disk;
import maskfeat.disk.Fingerprint;
import maskfeat.disk.NewerFile;

/**
 * The checkpoints of one run, a folder each. A checkpoint is there whole or it is not there, whatever happens.
 *
 * <pre>
 * checkpoints/step-00012000/model.safetensors, optimizer.safetensors, state.json, ...   as the caller names them
 * checkpoints/step-00012000/MANIFEST.json   size, CRC32C and SHA-256 of each
 * checkpoints/LATEST                        the newest one's name, for people and scripts; nothing here reads it
 * checkpoints/.tmp-*, .old-*, .trash-*      leftovers of a run that was killed; cleaned up at the next start
 * checkpoints/aside-*                       later than what was resumed from; for a person to keep or delete
 * </pre>
 *
 * <p>One process at a time may open them, which the run folder ensures, and one thread at a time save;
 * {@link #latestIn} only looks.
 */
public final class Checkpoints {
    private static final String STEP = "step-";
    private static final String TEMP = ".tmp-";
    private static final String OLD = ".old-";
    private static final String TRASH = ".trash-";
    private static final String ASIDE = "aside-";
    private static final String POINTER = "LATEST";

    private final Path root;
    private final int keep;
    private final Consumer<String> notices;
    private final Disk disk;

    private Checkpoints(Path root, int keep, Consumer<String> notices, Disk disk) {
        if (keep < 1) {
            throw new IllegalArgumentException("keep " + keep + " checkpoints; at least 1 must stay");
        }
        this.root = root;
        this.keep = keep;
        this.notices = notices;
        this.disk = disk;
    }

    /**
     * Opens the folder for writing, makes it if need be, and cleans up what a killed run left.
     *
     * @param root whose parent exists
     * @param keep how many of the newest stay, at least 1
     * @param notices receives a sentence for each thing that a person should know and that does not stop the run
     */
    public static Checkpoints open(Path root, int keep, Consumer<String> notices) throws IOException {
        return open(root, keep, notices, Disk.REAL);
    }

    static Checkpoints open(Path root, int keep, Consumer<String> notices, Disk disk) throws IOException {
        Path folder = root.toAbsolutePath();
        Checkpoints checkpoints = new Checkpoints(folder, keep, notices, disk);
        if (!Files.isDirectory(folder)) {
            disk.createFolder(folder);
        }
        Path parent = folder.getParent();
        if (parent != null) {
            disk.forceFolder(parent); // also of a folder that is there: who made it may have been killed before this
        }
        checkpoints.settle();
        return checkpoints;
    }

    /**
     * Writes a checkpoint; when this returns it survives a power cut. One of the same step is replaced.
     *
     * <p>Then, with no harm if it fails, moves {@code LATEST} and deletes all but the newest.
     *
     * @param step optimizer steps done, not negative
     * @param files what to write, by file name
     * @throws SaveFailed naming the file and what the disk has left; earlier checkpoints are as they were
     */
    public Checkpoint save(long step, Map<String, Content> files) throws SaveFailed {
        Path target = root.resolve(name(step));
        Path temp = root.resolve(TEMP + name(step));
        Path old = root.resolve(OLD + name(step));
        files.keySet().forEach(Manifest::checkName);
        tidy("clean up", this::settle); // what a failed save may have left
        SortedMap<String, Fingerprint> written = new TreeMap<>();
        boolean saved = false;
        try {
            disk.createFolder(temp);
            for (Map.Entry<String, Content> file : new TreeMap<>(files).entrySet()) {
                written.put(file.getKey(), write(temp.resolve(file.getKey()), file.getValue()));
            }
            // Last, so that a folder which has a manifest has everything.
            write(temp.resolve(Manifest.NAME), text(Manifest.of(step, written).render()));
            disk.forceFolder(temp);
            if (Files.exists(target)) {
                disk.rename(target, old); // settle() renames it back if the next line is never reached
            }
            disk.rename(temp, target); // from here on the checkpoint is there
            disk.forceFolder(root); // and from here on for good
            saved = true;
        } catch (IOException e) {
            throw new SaveFailed(explain(step, e), e);
        } finally {
            if (!saved) {
                tidy("clean up", this::settle);
            }
        }
        Checkpoint checkpoint = new Checkpoint(step, target, written);
        tidy("write " + POINTER, () -> point(target));
        tidy("delete older checkpoints", () -> retire(step));
        return checkpoint;
    }

    /** The newest checkpoint that is whole. Newer ones that are not are named in a notice, with the reason. */
    public Optional<Checkpoint> latest() throws IOException {
        return latestIn(root, notices);
    }

    /** As {@link #latest}, of a folder that may be another process's; changes nothing. Empty if there is no folder. */
    public static Optional<Checkpoint> latestIn(Path root, Consumer<String> notices) throws IOException {
        List<String> damages = new ArrayList<>();
        Optional<Checkpoint> whole = Optional.empty();
        for (Path folder : newestFirst(root)) {
            try {
                Checkpoint found = Checkpoint.open(folder);
                if (found.step() != step(folder)) {
                    throw new DamagedFile(folder.resolve(Manifest.NAME), "is of step " + found.step());
                }
                whole = Optional.of(found);
                break;
            } catch (NewerFile newer) {
                throw newer; // to continue from an older checkpoint would lose training
            } catch (IOException e) {
                damages.add("checkpoint " + folder.getFileName() + " is damaged: " + reason(folder, e));
            }
        }
        String instead = whole.map(found -> "using " + found.folder().getFileName() + " instead")
                .orElse("there is no older one that is whole");
        damages.forEach(damage -> notices.accept(damage + "; " + instead));
        return whole;
    }

    /** How many checkpoints there are, whole or not. */
    public static int countIn(Path root) throws IOException {
        return newestFirst(root).size();
    }

    private static String reason(Path folder, IOException e) {
        return e instanceof DamagedFile damaged
                ? folder.relativize(damaged.path()) + " " + damaged.found()
                : e.toString();
    }

    /** Writes one file, all the way to the disk, and takes its fingerprint on the way. */
    private Fingerprint write(Path file, Content content) throws IOException {
        try (Disk.Output output = disk.create(file);
                Checksummed bytes = new Checksummed(output)) {
            content.writeTo(bytes);
            output.force();
            return bytes.fingerprint();
        } catch (IOException e) {
            // The channel's own message has no path: "No space left on device".
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static Content text(String text) {
        return out -> out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private void point(Path target) throws IOException {
        Path temp = root.resolve(TEMP + POINTER);
        write(temp, text(target.getFileName() + "\n"));
        disk.rename(temp, root.resolve(POINTER));
    }

    /** Deletes the predecessor of the same step and all but the newest; puts away what is later than this step. */
    private void retire(long step) throws IOException {
        int kept = 0;
        for (Path folder : newestFirst(root)) {
            if (step(folder) > step) {
                // The run was resumed from before it; the next resume must not take it for the newest.
                Path aside = root.resolve(ASIDE + folder.getFileName());
                remove(aside);
                disk.rename(folder, aside);
                notices.accept("checkpoint " + folder.getFileName() + " is later than " + name(step)
                        + ", which was saved now; it is kept as " + aside.getFileName());
            } else if (++kept > keep) {
                disk.rename(folder, root.resolve(TRASH + folder.getFileName()));
            }
        }
        settle();
    }

    /** Brings the folder into order: what was to be replaced and was not comes back, all other leftovers go. */
    private void settle() throws IOException {
        List<Path> leftovers = new ArrayList<>();
        for (Path path : list(root)) {
            String name = path.getFileName().toString();
            if (name.startsWith(OLD) && !Files.exists(root.resolve(name.substring(OLD.length())))) {
                disk.rename(path, root.resolve(name.substring(OLD.length())));
            } else if (name.startsWith(OLD) || name.startsWith(TEMP) || name.startsWith(TRASH)) {
                leftovers.add(path);
            }
        }
        if (!leftovers.isEmpty()) {
            // Names first: a power cut must not bring a half-deleted folder back under the name it had before.
            disk.forceFolder(root);
            for (Path leftover : leftovers) {
                remove(leftover);
            }
        }
    }

    /** With all that is in it; a link goes, and not what it leads to. */
    private void remove(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            for (Path inside : list(path)) {
                remove(inside);
            }
        }
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            disk.delete(path);
        }
    }

    private interface Chore {
        void run() throws IOException;
    }

    /** What may fail without harm: the next save or start does it again. */
    private void tidy(String what, Chore chore) {
        try {
            chore.run();
        } catch (IOException e) {
            notices.accept("could not " + what + " in " + root + ": " + e);
        }
    }

    private String explain(long step, IOException e) {
        String free;
        try {
            free = Files.getFileStore(root).getUsableSpace() + " bytes are free there";
        } catch (IOException unknown) {
            free = "how much is free there is not known";
        }
        String why = e.getClass() == IOException.class ? e.getMessage() : e.toString();
        return "checkpoint " + name(step) + " was not saved in " + root + ": " + why + "; " + free + " and "
                + newestSize() + "; earlier checkpoints are as they were";
    }

    private String newestSize() {
        try {
            for (Path folder : newestFirst(root)) {
                long bytes = 0;
                for (Path file : list(folder)) {
                    bytes += Files.size(file);
                }
                return "the last checkpoint took " + bytes;
            }
        } catch (IOException unknown) {
            // The message has a worse problem to tell.
        }
        return "there is no checkpoint yet to tell how many are needed";
    }

    private static String name(long step) {
        if (step < 0) {
            throw new IllegalArgumentException("step " + step + " of a checkpoint");
        }
        return STEP + String.format(Locale.ROOT, "%08d", step);
    }

    /** The step in a folder's name; -1 if it is not a checkpoint's. */
    private static long step(Path folder) {
        String name = folder.getFileName().toString();
        if (!name.matches(STEP + "[0-9]{8,18}")) {
            return -1;
        }
        long step = Long.parseLong(name.substring(STEP.length()));
        return name.equals(name(step)) ? step : -1;
    }

    private static List<Path> newestFirst(Path root) throws IOException {
        List<Path> folders = new ArrayList<>(list(root));
        folders.removeIf(folder -> step(folder) < 0);
        folders.sort(Comparator.comparingLong(Checkpoints::step).reversed());
        return folders;
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
