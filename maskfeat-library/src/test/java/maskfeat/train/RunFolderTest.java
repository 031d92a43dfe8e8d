package maskfeat.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
    @TempDir
    Path temp;

    private Path out;

    @BeforeEach
    void out() {
        out = temp.resolve("runs").resolve("pretrain");
    }

    @Test
    void aNewRunMakesItsFolderAndSaysWhoRuns() throws IOException {
        try (RunFolder run = RunFolder.create(out)) {
            assertThat(out.resolve("RUNNING"))
                    .content()
                    .matches("pid " + ProcessHandle.current().pid() + " on .+, since [0-9-]+T[0-9:]+Z\n");
            assertThat(run.killed()).isEmpty();
            assertThat(run.isDone()).isFalse();
        }
        assertThat(names()).containsExactly(".lock");
    }

    @Test
    void everyPathIsDirectlyInTheFolder() throws IOException {
        try (RunFolder run = RunFolder.create(out)) {
            List<Path> paths = List.of(
                    run.settings(),
                    run.command(),
                    run.environment(),
                    run.log(),
                    run.metrics(),
                    run.badFiles(),
                    run.pictures(),
                    run.nonFinite(),
                    run.checkpoints(),
                    run.model(),
                    run.report());
            assertThat(paths)
                    .doesNotHaveDuplicates()
                    .allMatch(path -> run.root().equals(path.getParent()));
        }
    }

    @Test
    void aRunThatEndedIsDoneUntilItIsResumed() throws IOException {
        try (RunFolder run = RunFolder.create(out)) {
            Files.writeString(run.settings(), "seed: 1\n");
            run.done(300);
        }
        assertThat(out.resolve("DONE")).hasContent("300 steps");
        assertThat(RunFolder.look(out).isDone()).isTrue();
        try (RunFolder run = RunFolder.resume(out)) {
            assertThat(run.isDone()).isFalse();
            assertThat(run.killed()).isEmpty();
        }
    }

    @Test
    void aRunIsOnADisk() throws IOException {
        try (FileSystem elsewhere = Jimfs.newFileSystem("runfolder", Configuration.unix())) {
            Path there = elsewhere.getPath("/runs/a");
            assertThatThrownBy(() -> RunFolder.create(there))
                    .isInstanceOf(InvalidPathException.class)
                    .hasMessageContaining("a run folder must lie on a disk")
                    .hasMessageContaining("jimfs://runfolder/runs/a");
            assertThat(there).doesNotExist();
        }
    }

    @Test
    void aFolderWithSomethingInItIsRefused() throws IOException {
        Files.createDirectories(out);
        Files.writeString(out.resolve("notes.txt"), "mine");
        assertThatThrownBy(() -> RunFolder.create(out))
                .isInstanceOf(RunRefused.class)
                .hasMessage("the run folder " + out + " is not empty (notes.txt is there); take another folder"
                        + " (--out), or go on with the run in it (--resume)");
        assertThat(names()).containsExactly("notes.txt");
    }

    @Test
    void anEmptyFolderAndOneOfARunThatNeverBeganWillDo() throws IOException {
        Files.createDirectories(out);
        RunFolder.create(out).close();
        Files.writeString(out.resolve("RUNNING"), "pid 1 on nowhere, since long\n");
        try (RunFolder run = RunFolder.create(out)) {
            assertThat(run.killed()).contains("pid 1 on nowhere, since long");
        }
    }

    @Test
    void nothingToResumeIsSaid() throws IOException {
        assertThatThrownBy(() -> RunFolder.resume(out))
                .isInstanceOf(RunRefused.class)
                .hasMessage("there is no run in " + out + ": it does not exist");
        RunFolder.create(out).close();
        assertThatThrownBy(() -> RunFolder.resume(out))
                .isInstanceOf(RunRefused.class)
                .hasMessage("there is no run in " + out + ": it has neither config.yaml nor checkpoints/");
        assertThatThrownBy(() -> RunFolder.look(out)).isInstanceOf(RunRefused.class);
    }

    @Test
    void theSameProcessCannotHaveItTwiceAndKeepsItsLockWhenItTries() throws Exception {
        try (RunFolder run = RunFolder.create(out)) {
            Files.writeString(run.settings(), "");
            assertThatThrownBy(() -> RunFolder.resume(out))
                    .isInstanceOf(RunRefused.class)
                    .hasMessageContaining("is in use by this very process");
            // Another name of the folder, and a look, must not drop the lock either.
            Path link = Files.createSymbolicLink(temp.resolve("link"), out);
            assertThatThrownBy(() -> RunFolder.resume(link)).hasMessageContaining("is in use by this very process");
            RunFolder.look(out).close();
            try (Child other = new Child("resume", out)) {
                assertThat(other.answer()).contains("refused").contains("is in use by pid");
            }
        }
        RunFolder.resume(out).close();
    }

    @Test
    void aSecondProcessIsRefusedAndAKilledOneIsTakenOverFrom() throws Exception {
        String owner;
        try (Child first = new Child("create", out)) {
            assertThat(first.answer()).isEqualTo("held");
            Files.writeString(out.resolve("config.yaml"), "");
            owner = Files.readString(out.resolve("RUNNING")).strip();
            assertThat(owner).startsWith("pid " + first.pid() + " on ");
            assertThatThrownBy(() -> RunFolder.resume(out))
                    .isInstanceOf(RunRefused.class)
                    .hasMessage("the run folder " + out + " is in use by " + owner
                            + "; wait for it, or take another folder (--out)");
            // Having been refused once must not have let go of anything.
            assertThatThrownBy(() -> RunFolder.resume(out)).hasMessageContaining("is in use by " + owner);
            first.kill();
        }
        try (RunFolder run = RunFolder.resume(out)) {
            assertThat(run.killed()).contains(owner);
            assertThat(out.resolve("RUNNING"))
                    .content()
                    .startsWith("pid " + ProcessHandle.current().pid());
        }
    }

    @Test
    void aFileInTheWayIsNamed() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "");
        assertThatThrownBy(() -> RunFolder.create(file))
                .isInstanceOf(RunRefused.class)
                .hasMessage("the run folder " + file + " is a file; take another folder (--out)");
        assertThatThrownBy(() -> RunFolder.create(file.resolve("run")))
                .isInstanceOf(RunRefused.class)
                .hasMessageStartingWith("the run folder " + file.resolve("run") + " cannot be made: ")
                .hasMessageContaining(file.toString());
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        Path parent = Files.createDirectory(temp.resolve("locked"));
        assumeFalse(System.getProperty("os.name", "").startsWith("Windows"));
        Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("r-xr-xr-x"));
        assumeFalse(Files.isWritable(parent), "the superuser may write anywhere");
        assertThatThrownBy(() -> RunFolder.create(parent.resolve("run")))
                .isInstanceOf(RunRefused.class)
                .hasMessageContaining("no permission for " + parent.resolve("run"));
        assertThatThrownBy(() -> RunFolder.create(parent))
                .isInstanceOf(RunRefused.class)
                .hasMessageContaining("no permission for " + parent);
    }

    @Test
    void aLookCannotWrite() throws IOException {
        try (RunFolder run = RunFolder.create(out)) {
            Files.createDirectory(run.checkpoints());
            RunFolder look = RunFolder.look(out);
            assertThatThrownBy(() -> look.done(1)).isInstanceOf(IllegalStateException.class);
        }
    }

    private List<String> names() throws IOException {
        try (Stream<Path> paths = Files.list(out)) {
            return paths.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    /** Another JVM that takes the folder, says how that went, and holds it until it is killed or its input ends. */
    private static final class Child implements AutoCloseable {
        private final Process process;
        private final BufferedReader answers;

        Child(String verb, Path out) throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Holder.class.getName(),
                            verb,
                            out.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            answers = process.inputReader(StandardCharsets.UTF_8);
        }

        String answer() throws IOException {
            return String.valueOf(answers.readLine());
        }

        long pid() {
            return process.pid();
        }

        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        @Override
        public void close() throws InterruptedException {
            kill();
        }
    }

    static final class Holder {
        private Holder() {}

        public static void main(String[] args) throws IOException {
            Path out = Path.of(args[1]);
            try (RunFolder run = args[0].equals("create") ? RunFolder.create(out) : RunFolder.resume(out)) {
                System.out.println("held");
                while (System.in.read() >= 0) {
                    // Until the parent closes or kills.
                }
            } catch (RunRefused e) {
                System.out.println("refused: " + e.getMessage());
            }
        }
    }
}
