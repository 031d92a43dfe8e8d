package maskfeat.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command line in a process of its own, so that it can be killed. */
final class MaskfeatProcess {
    private static final long PATIENCE_SECONDS = 300;

    private final Process process;
    private final Path stdout;
    private final Path stderr;

    private MaskfeatProcess(Process process, Path stdout, Path stderr) {
        this.process = process;
        this.stdout = stdout;
        this.stderr = stderr;
    }

    /** @param logs folder for what it prints */
    static MaskfeatProcess start(Path logs, String... args) throws IOException {
        return start(logs, List.of(), args);
    }

    /** @param environment as {@code NAME=value} */
    static MaskfeatProcess startWith(Path logs, List<String> environment, String... args) throws IOException {
        List<String> prefix = new ArrayList<>(List.of("/usr/bin/env"));
        prefix.addAll(environment);
        return start(logs, prefix, args);
    }

    /**
     * As {@link #run}, by way of a shell.
     *
     * @param before what the shell does first, such as {@code ulimit -f 8;}
     * @param after what follows the command line, such as {@code >/dev/full}
     */
    static MaskfeatProcess shell(Path logs, String before, String after, String... args)
            throws IOException, InterruptedException {
        MaskfeatProcess started = start(logs, List.of("/bin/sh", "-c", before + " exec \"$0\" \"$@\" " + after), args);
        started.exitCode();
        return started;
    }

    private static MaskfeatProcess start(Path logs, List<String> prefix, String... args) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Arrays.stream(System.getProperty("native.flags", "").split("\\s+"))
                .filter(flag -> !flag.isEmpty())
                .forEach(command::add);
        // Optimising takes runs of seconds a third of their time.
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m", "-XX:-UsePerfData"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "maskfeat.Main"));
        command.addAll(Arrays.asList(args));
        Path stdout = Files.createTempFile(logs, "stdout", ".txt");
        Path stderr = Files.createTempFile(logs, "stderr", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(stdout.toFile())
                .redirectError(stderr.toFile())
                .start();
        return new MaskfeatProcess(process, stdout, stderr);
    }

    static MaskfeatProcess run(Path logs, String... args) throws IOException, InterruptedException {
        MaskfeatProcess started = start(logs, args);
        started.exitCode();
        return started;
    }

    int exitCode() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("still running after " + PATIENCE_SECONDS + " s; it said: " + stderr());
        }
        return process.exitValue();
    }

    /** Whether it ended by itself within this time. */
    boolean endsWithin(long millis) throws InterruptedException {
        return process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** The processes that it started, in their order. */
    List<ProcessHandle> children() {
        return process.toHandle()
                .children()
                .sorted(Comparator.comparing(ProcessHandle::pid))
                .toList();
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    String stdout() {
        return read(stdout);
    }

    String stderr() {
        return read(stderr);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
