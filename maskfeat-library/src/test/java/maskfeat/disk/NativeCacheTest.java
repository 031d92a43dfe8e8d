package maskfeat.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
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
        assertThat(records(temp.resolve("cache"))).hasSize(1);
    }

    /** A person clears a cache with {@code rm -rf cache/*}, which leaves hidden files. */
    @Test
    void onlyWhatIsStillThereCountsAsUnpacked() throws IOException {
        Path folder = temp.resolve("cache");
        NativeCache cache = new NativeCache(folder);
        Path jar = folder.resolve(NativeCache.jars().get(0));
        cache.load("part-1", () -> unpack(jar, "a.so"));
        assertThat(Files.readString(records(folder).get(0))).contains("4\t" + jar.getFileName());

        cache.load("part-1", () -> unpack(jar, "b.so"));
        assertThat(Files.readString(records(folder).get(0))).doesNotContain("b.so"); // nobody waited

        Files.delete(jar.resolve("a.so"));
        cache.load("part-1", () -> unpack(jar, "c.so"));
        assertThat(Files.readString(records(folder).get(0)))
                .contains("b.so", "c.so")
                .doesNotContain("a.so");
    }

    @Test
    void twoThreadsOfAProcessUnpackOneAfterTheOther() throws Exception {
        NativeCache cache = new NativeCache(temp.resolve("cache"));
        List<String> log = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (String part : List.of("one", "two")) {
            Thread thread = new Thread(() -> cache.load(part, () -> {
                log.add(part);
                LockSupport.parkNanos(50_000_000);
                log.add(part);
            }));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(log).hasSize(4);
        assertThat(log.get(0)).isEqualTo(log.get(1));
    }

    private static void unpack(Path jar, String name) {
        try {
            Files.writeString(Files.createDirectories(jar).resolve(name), "1234");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Path> records(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("\\.maskfeat-(part|one|two).*"))
                    .toList();
        }
    }

    @Test
    void whatCannotBeLoadedIsOneSentenceWithThePlaceAndTheRemedy() throws IOException {
        NativeCache cache = new NativeCache(temp.resolve("cache"));
        assertThatThrownBy(() -> cache.load("part-1", () -> {
                    throw new UnsatisfiedLinkError("no jnitorch in java.library.path");
                }))
                .isInstanceOf(UnsatisfiedLinkError.class)
                .hasMessageContainingAll("jnitorch", temp.toString(), "cachedir")
                .satisfies(told ->
                        assertThat(String.valueOf(told.getMessage()).lines()).hasSize(1));
        assertThat(records(temp.resolve("cache"))).isEmpty();
        assertThat(NativeCache.failure()).isPresent();
    }

    @Test
    void aPlaceWithoutRightToRunProgramsIsSaid() {
        NativeCache cache = new NativeCache(temp.resolve("cache"));
        assertThatThrownBy(() -> cache.load("part-1", () -> {
                    throw new UnsatisfiedLinkError("libc10.so: failed to map segment from shared object");
                }))
                .hasMessageContainingAll("noexec", temp.toString(), "cachedir");
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
