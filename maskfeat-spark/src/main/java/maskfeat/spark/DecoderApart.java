package maskfeat.spark;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import maskfeat.data.Item;
import maskfeat.data.Scan;
import org.jspecify.annotations.Nullable;

/**
 * Decodes in a process of its own, which may die of a file without harm to others: the file then is a row, and the next one has a new
 * process. Files are copied to the local disk first. For one thread.
 */
final class DecoderApart implements Decoder {
    private static final long PATIENCE_SECONDS = 10;

    private final HadoopFiles files;
    private final List<String> command;
    private final Scan.As as;
    private @Nullable Process process;
    private @Nullable DataOutputStream to;
    private @Nullable DataInputStream from;

    /** @param decoding with weights where they lie on this machine, if any are needed */
    DecoderApart(HadoopFiles files, Decoding decoding) {
        this(files, command(DecoderProcess.class, decoding.words()), decoding.as());
    }

    /** @param command what starts a process that answers as {@link DecoderProcess} does */
    DecoderApart(HadoopFiles files, List<String> command, Scan.As as) {
        this.files = files;
        this.command = List.copyOf(command);
        this.as = as;
    }

    /** This JVM's program and class path, with another main class. */
    static List<String> command(Class<?> main, List<String> words) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        for (String given : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (given.startsWith("-Dorg.bytedeco.")) {
                command.add(given);
            }
        }
        command.addAll(List.of(
                "-Xmx" + (Runtime.getRuntime().maxMemory() >> 20) + "m",
                "-XX:-UsePerfData",
                "-XX:+DisplayVMOutputToStderr", // what it says of a crash is no part of an answer
                "-Djava.awt.headless=true",
                "-cp",
                String.join(File.pathSeparator, classPath()),
                main.getName()));
        command.addAll(words);
        return command;
    }

    /** What this class was loaded from, and all beside it: an executor adds jars to a class loader of its own. */
    private static Set<String> classPath() {
        Set<String> entries = new LinkedHashSet<>();
        for (ClassLoader loader : new ClassLoader[] {
            DecoderApart.class.getClassLoader(), Thread.currentThread().getContextClassLoader()
        }) {
            for (ClassLoader each = loader; each != null; each = each.getParent()) {
                if (each instanceof URLClassLoader of) {
                    for (URL url : of.getURLs()) {
                        if (url.getProtocol().equals("file")) {
                            entries.add(local(url));
                        }
                    }
                }
            }
        }
        entries.addAll(List.of(System.getProperty("java.class.path").split(File.pathSeparator)));
        return entries;
    }

    private static String local(URL url) {
        try {
            return Path.of(url.toURI()).toString();
        } catch (URISyntaxException odd) {
            return url.getPath();
        }
    }

    @Override
    public double clips(RemoteFile file, ClipReader.Taker taker) throws IOException {
        Path copy = copy(file);
        try {
            DataInputStream answer = ask(file, copy);
            while (true) {
                int kind = answered(file, answer::readUnsignedByte);
                if (kind == DecoderProcess.CLIP) {
                    taker.take(answered(file, () -> DecoderProcess.clip(answer)));
                } else if (kind == DecoderProcess.END) {
                    return answered(file, answer::readDouble);
                } else if (kind != DecoderProcess.REFUSED) {
                    throw died(file); // the last words of a Java that crashed
                } else {
                    throw new RefusedApart(answered(file, answer::readUTF), answered(file, answer::readUTF));
                }
            }
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    @Override
    public Scan.Finding look(RemoteFile file) throws IOException {
        Path copy;
        try {
            copy = copy(file);
        } catch (RefusedApart gone) {
            return new Scan.Finding(
                    item(file), gone.verdict(), DecoderProcess.UNKNOWN, String.valueOf(gone.getMessage()));
        }
        try {
            DataInputStream answer = ask(file, copy);
            Scan.Finding finding = answered(file, () -> {
                if (answer.readByte() != DecoderProcess.FINDING) {
                    throw new IOException("no finding");
                }
                return DecoderProcess.finding(answer, item(file));
            });
            return file.named() ? finding : Decoding.ofScan(as, 1).scan().unexpected(finding);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    private static Item item(RemoteFile file) {
        return new Item(Path.of(file.name()), Item.UNLABELLED);
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    private <T> T answered(RemoteFile file, Reading<T> reading) throws DecoderDied {
        try {
            return reading.read();
        } catch (IOException gone) {
            throw died(file);
        }
    }

    private Path copy(RemoteFile file) throws IOException {
        Path copy = Files.createTempFile("maskfeat", ".media");
        try (InputStream in = files.open(file)) {
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            return copy;
        } catch (NoSuchFileException gone) {
            Files.delete(copy);
            throw new RefusedApart("missing", file.path() + " does not exist");
        } catch (IOException failed) {
            Files.deleteIfExists(copy);
            throw new RefusedApart("unreadable", file.path() + " could not be read: " + failed.getMessage());
        }
    }

    private DataInputStream ask(RemoteFile file, Path copy) throws IOException {
        if (process == null) {
            Process started = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process = started;
            to = new DataOutputStream(new BufferedOutputStream(started.getOutputStream()));
            from = new DataInputStream(new BufferedInputStream(started.getInputStream(), 1 << 16));
        }
        DataOutputStream out = Objects.requireNonNull(to);
        try {
            out.writeUTF(file.path());
            out.writeUTF(copy.toString());
            out.flush();
        } catch (IOException gone) {
            throw died(file);
        }
        return Objects.requireNonNull(from);
    }

    private DecoderDied died(RemoteFile file) {
        Process dead = Objects.requireNonNull(process);
        close();
        String code = dead.isAlive() ? "does not answer" : "ended with exit code " + dead.exitValue();
        return new DecoderDied(file.path() + " cannot be decoded: the process that did it alone " + code);
    }

    @Override
    public void close() {
        Process running = process;
        process = null;
        if (running == null) {
            return;
        }
        try {
            Objects.requireNonNull(to).close(); // the end of its input is the end of it
        } catch (IOException gone) {
            // it is what is wanted
        }
        try {
            if (!running.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                running.destroyForcibly();
            }
        } catch (InterruptedException stopped) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** What another process found wrong with a file. */
    static final class RefusedApart extends IOException {
        private static final long serialVersionUID = 1;

        private final String verdict;

        RefusedApart(String verdict, String message) {
            super(message);
            this.verdict = verdict;
        }

        String verdict() {
            return verdict;
        }
    }

    /** The process that decoded a file is gone. */
    static final class DecoderDied extends IOException {
        private static final long serialVersionUID = 1;

        DecoderDied(String message) {
            super(message);
        }
    }
}
