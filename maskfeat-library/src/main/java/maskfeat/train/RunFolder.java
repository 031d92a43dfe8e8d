package maskfeat.train;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import maskfeat.disk.AtomicFile;
import maskfeat.disk.Uris;
import maskfeat.disk.WriteFailed;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one training run, and the lock on it, which one process has at a time.
 *
 * <p>Where things are:
 *
 * <pre>
 * config.yaml command.txt env.json     settings, command line, versions and device
 * train.log metrics.jsonl bad-files.jsonl nonfinite/ pictures/
 * checkpoints/                         see {@link Checkpoints}
 * model.safetensors report.html        the results
 * best.safetensors                     of fine-tuning: the weights that did best on validation data so far
 * RUNNING                              who runs, while it runs; left behind by a run that was killed
 * DONE                                 after a clean end: the number of steps
 * SAVED                                once there has been a checkpoint: the step of the newest
 * .lock                                empty; the operating system's lock on it ends with the process, however it ends
 * </pre>
 */
public final class RunFolder implements Closeable {
    private static final String LOCK = ".lock";
    private static final String RUNNING = "RUNNING";
    private static final String DONE = "DONE";
    private static final String SAVED = "SAVED";

    // Closing any channel on a file drops all locks that this process has on it (POSIX). So a folder that this
    // process already holds must be refused before its lock file is opened a second time.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path root;
    private final @Nullable FileChannel lock;
    private final Optional<String> killed;
    private boolean made;

    private RunFolder(Path root, @Nullable FileChannel lock, Optional<String> killed) {
        this.root = root;
        this.lock = lock;
        this.killed = killed;
    }

    /**
     * Starts a new run: makes the folder, and the folders above it.
     *
     * @param out on a disk, where it can be locked
     * @throws RunRefused if there is something in the folder, or another process has it
     * @throws WriteFailed if it cannot be made or written
     */
    public static RunFolder create(Path out) throws IOException {
        Uris.requireDisk(out, "a run folder");
        boolean made;
        try {
            refuseUnlessEmpty(out);
            made = !Files.exists(out);
            Files.createDirectories(out);
        } catch (RunRefused e) {
            throw e;
        } catch (IOException e) {
            Optional<Path> inTheWay = fileAbove(out);
            if (inTheWay.isPresent()) {
                throw new RunRefused("the run folder " + out + " cannot be made: " + inTheWay.get() + " is a file", e);
            }
            throw WriteFailed.of(out, e);
        }
        RunFolder run = lock(out);
        try {
            refuseUnlessEmpty(out); // again, now that nobody else can begin
            run.made = made;
            run.sweep();
            Path parent = run.root.getParent();
            if (parent != null) {
                AtomicFile.forceFolder(parent);
            }
            return run;
        } catch (IOException e) {
            run.closeQuietly(e);
            throw e instanceof RunRefused refused ? refused : WriteFailed.of(out, e);
        }
    }

    /**
     * Continues a run that was begun in this folder, and deletes {@code DONE} if it is there.
     *
     * @throws RunRefused if no run was begun there, or another process has it
     * @throws WriteFailed if it cannot be written
     */
    public static RunFolder resume(Path out) throws IOException {
        refuseUnlessBegun(out);
        RunFolder run = lock(out);
        try {
            Files.deleteIfExists(run.root.resolve(DONE));
            run.sweep();
            return run;
        } catch (IOException e) {
            run.closeQuietly(e);
            throw WriteFailed.of(out, e);
        }
    }

    private static Optional<Path> fileAbove(Path out) {
        for (Path above = out.toAbsolutePath(); above != null; above = above.getParent()) {
            if (Files.exists(above) && !Files.isDirectory(above)) {
                return Optional.of(above);
            }
        }
        return Optional.empty();
    }

    /** Deletes what a killed process was writing. */
    private void sweep() throws IOException {
        for (Path folder : List.of(root, pictures())) {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            List<Path> unfinished;
            try (Stream<Path> files = Files.list(folder)) {
                unfinished = files.filter(AtomicFile::isUnfinished).toList();
            }
            for (Path file : unfinished) {
                Files.deleteIfExists(file);
            }
        }
    }

    /**
     * Opens a run for reading, which may be finished or another process's. Nothing is locked and nothing may be written.
     *
     * @throws RunRefused if no run was begun there
     */
    public static RunFolder look(Path out) throws RunRefused {
        refuseUnlessBegun(out);
        return new RunFolder(out.toAbsolutePath(), null, Optional.empty());
    }

    /** Marks the run as finished. */
    public void done(long steps) throws IOException {
        if (lock == null) {
            throw new IllegalStateException(root + " is only looked at");
        }
        AtomicFile.write(
                root.resolve(DONE),
                out -> out.write(ByteBuffer.wrap((steps + " steps\n").getBytes(StandardCharsets.UTF_8))));
    }

    /** Remembers that there has been a checkpoint, so that a run which has lost it is not taken for one without. */
    public void saved(long step) throws IOException {
        AtomicFile.writeText(root.resolve(SAVED), step + "\n");
    }

    /**
     * Whether there ever was a checkpoint. Runs of versions that did not write it down are known by their results.
     */
    public boolean hasSaved() {
        return Files.exists(root.resolve(SAVED)) || Files.exists(best()) || Files.exists(model());
    }

    /** Deletes all that a run which never began has left in its folder, and closes it. */
    public void discard() throws IOException {
        List<Path> inside;
        try (Stream<Path> files = Files.walk(root)) {
            inside = files.filter(file -> !file.equals(root) && !file.endsWith(LOCK))
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
        for (Path file : inside) {
            Files.deleteIfExists(file);
        }
        close();
        Files.deleteIfExists(root.resolve(LOCK));
        if (made) {
            Files.deleteIfExists(root);
        }
    }

    /** Whether the run is finished. */
    public boolean isDone() {
        return Files.exists(root.resolve(DONE));
    }

    /** The process that had the lock and did not release it, most likely because it was killed: "pid 4711 on host, since ...". */
    public Optional<String> killed() {
        return killed;
    }

    /** The folder itself. */
    public Path root() {
        return root;
    }

    /** The effective settings. */
    public Path settings() {
        return root.resolve("config.yaml");
    }

    /** The command line as it was given. */
    public Path command() {
        return root.resolve("command.txt");
    }

    /** Versions, host, device. */
    public Path environment() {
        return root.resolve("env.json");
    }

    /** Everything that was logged. */
    public Path log() {
        return root.resolve("train.log");
    }

    /** One JSON object a report. */
    public Path metrics() {
        return root.resolve("metrics.jsonl");
    }

    /** One JSON object a file that could not be used. */
    public Path badFiles() {
        return root.resolve("bad-files.jsonl");
    }

    /** Folder of pictures of samples and predictions; made by whoever writes there. */
    public Path pictures() {
        return root.resolve("pictures");
    }

    /** Folder of batches that gave a loss or a gradient that is not finite; made by whoever writes there. */
    public Path nonFinite() {
        return root.resolve("nonfinite");
    }

    /** Folder of {@link Checkpoints}. */
    public Path checkpoints() {
        return root.resolve("checkpoints");
    }

    /** The final weights. */
    public Path model() {
        return root.resolve("model.safetensors");
    }

    /** The weights that did best on validation data so far. */
    public Path best() {
        return root.resolve("best.safetensors");
    }

    /** How the weights that fine-tuning began with were transferred. */
    public Path transfer() {
        return root.resolve("weights.json");
    }

    /** The final figures, for scripts and for comparing runs. */
    public Path result() {
        return root.resolve("result.json");
    }

    /** The report for people. */
    public Path report() {
        return root.resolve("report.html");
    }

    /** Gives the folder back. */
    @Override
    public void close() throws IOException {
        if (lock != null && lock.isOpen()) {
            try (lock) {
                Files.deleteIfExists(root.resolve(RUNNING));
            } finally {
                HELD.remove(root);
            }
        }
    }

    private void closeQuietly(IOException reason) {
        try {
            close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    private static RunFolder lock(Path out) throws IOException {
        Path root;
        try {
            root = out.toRealPath();
        } catch (IOException e) {
            throw new RunRefused("the run folder " + out + " cannot be used: " + reason(e), e);
        }
        if (!HELD.add(root)) {
            throw inUse(out, "this very process");
        }
        @Nullable FileChannel lock = null;
        boolean locked = false;
        try {
            // Links are not followed: what they lead to is not this folder's to lock or to write.
            lock = FileChannel.open(
                    root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            if (lock.tryLock() == null) {
                throw inUse(out, owner(root).orElse("another process"));
            }
            Optional<String> killed = owner(root);
            AtomicFile.writeText(root.resolve(RUNNING), me() + "\n"); // takes the place of a link, too
            locked = true;
            return new RunFolder(root, lock, killed);
        } catch (RunRefused e) {
            throw e;
        } catch (WriteFailed e) {
            throw e;
        } catch (IOException e) {
            throw WriteFailed.of(root.resolve(LOCK), e);
        } finally {
            if (!locked) {
                closeAfterFailure(lock);
                HELD.remove(root);
            }
        }
    }

    /**
     * Checks what can be checked of {@link #create} now, without making anything.
     *
     * @throws RunRefused if there is something in the folder
     */
    public static void refuseUnlessEmpty(Path out) throws IOException {
        if (!Files.exists(out)) {
            return;
        }
        if (!Files.isDirectory(out)) {
            throw new RunRefused("the run folder " + out + " is a file; take another folder (--out)");
        }
        try (Stream<Path> paths = Files.list(out)) {
            // A run that died before it wrote its settings has left these alone.
            Optional<Path> first = paths.filter(
                            path -> !path.endsWith(LOCK) && !path.endsWith(RUNNING) && !AtomicFile.isUnfinished(path))
                    .findFirst();
            if (first.isPresent()) {
                throw new RunRefused("the run folder " + out + " is not empty ("
                        + first.get().getFileName()
                        + " is there); take another folder (--out), or go on with the run in it (--resume)");
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void refuseUnlessBegun(Path out) throws RunRefused {
        if (!Files.exists(out)) {
            throw new RunRefused("there is no run in " + out + ": it does not exist");
        }
        RunFolder run = new RunFolder(out, null, Optional.empty());
        if (!Files.exists(run.settings()) && !Files.exists(run.checkpoints())) {
            throw new RunRefused("there is no run in " + out + ": it has neither "
                    + run.settings().getFileName() + " nor "
                    + run.checkpoints().getFileName() + "/");
        }
    }

    private static RunRefused inUse(Path out, String who) {
        return new RunRefused(
                "the run folder " + out + " is in use by " + who + "; wait for it, or take another folder (--out)");
    }

    private static Optional<String> owner(Path root) throws IOException {
        try {
            Path running = root.resolve(RUNNING);
            return Files.isRegularFile(running, LinkOption.NOFOLLOW_LINKS)
                    ? Optional.of(Files.readString(running).strip()).filter(who -> !who.isEmpty())
                    : Optional.empty();
        } catch (NoSuchFileException | CharacterCodingException e) {
            return Optional.empty();
        }
    }

    private static String me() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "a host without a name";
        }
        return "pid " + ProcessHandle.current().pid() + " on " + host + ", since "
                + Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }

    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException denied) {
            return "no permission for " + denied.getFile();
        }
        if (e instanceof NoSuchFileException missing) {
            return missing.getFile() + " does not exist";
        }
        if (e instanceof FileAlreadyExistsException file) {
            return file.getFile() + " is a file";
        }
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getFile() + ": " + file.getReason();
        }
        return e.toString();
    }

    private static void closeAfterFailure(@Nullable FileChannel lock) {
        try {
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            // Nothing was written through it, and a better exception is on its way.
        }
    }
}
