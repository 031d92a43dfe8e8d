package maskfeat.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {
    @TempDir
    Path temp;

    /** A process that takes a while to unpack, and would find another at it. */
    public static final class Unpacking {
        public static void main(String[] args) {
            Path log = Path.of(args[0], "log");
            new NativeCache(Path.of(args[0], "cache")).load("part-1", () -> {
                try {
                    say(log, "in");
                    Thread.sleep(150);
                    say(log, "out");
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }

        private static void say(Path log, String line) throws IOException {
            Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    @Test
    void theFirstTimeIsOneProcessAtATime() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            processes.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Unpacking.class.getName(),
                            temp.toString())
                    .inheritIO()
                    .start());
        }
        for (Process process : processes) {
            assertThat(process.waitFor()).isZero();
        }
        List<String> log = Files.readAllLines(temp.resolve("log"));
        assertThat(log).hasSize(8);
        assertThat(log.subList(0, 2)).containsExactly("in", "out");
        assertThat(temp.resolve("cache/.maskfeat-part-1")).exists();
    }

    @Test
    void whatCannotBeLoadedIsOneSentenceWithThePlaceAndTheRemedy() {
        NativeCache cache = new NativeCache(temp.resolve("cache"));
        assertThatThrownBy(() -> cache.load("part-1", () -> {
                    throw new UnsatisfiedLinkError("no jnitorch in java.library.path");
                }))
                .isInstanceOf(UnsatisfiedLinkError.class)
                .hasMessageContainingAll("jnitorch", temp.toString(), "cachedir")
                .satisfies(told -> assertThat(String.valueOf(told.getMessage()).lines()).hasSize(1));
        assertThat(temp.resolve("cache/.maskfeat-part-1")).doesNotExist();
    }

    @Test
    void aPlaceThatIsAFileIsSaid() throws IOException {
        Path file = Files.writeString(temp.resolve("cache"), "");
        assertThat(new NativeCache(file).trouble()).contains("cannot be written");
        List<String> ran = new ArrayList<>();
        new NativeCache(file).load("part-1", () -> ran.add("ran"));
        assertThat(ran).containsExactly("ran");
    }
}
