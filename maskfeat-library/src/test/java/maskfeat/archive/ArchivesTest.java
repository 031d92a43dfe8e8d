package maskfeat.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import maskfeat.disk.DamagedFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchivesTest {
    @TempDir
    Path temp;

    private Path tar(String name, String... namesAndTexts) throws IOException {
        return ArchiveFiles.tar(temp.resolve(name), ArchiveFiles.texts(namesAndTexts));
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Path file = tar("a.tar", "cat/b c.txt", "x", "odd!/1.txt", "y");
        Path root = Archives.open(file);
        for (String name : List.of("cat/b c.txt", "odd!/1.txt", "cat")) {
            Path member = root.resolve(name);
            assertThat(member).hasToString(file + "!/" + name);
            Path back = Archives.within(Path.of(member.toString()));
            assertThat(back).isEqualTo(member).hasSameHashCodeAs(member);
            assertThat(Files.exists(back)).isTrue();
        }
        assertThat(root).hasToString(file.toString());
        Path other = temp.resolve("no!/such.txt");
        assertThat(Archives.within(other)).isSameAs(other);
    }

    @Test
    void aFolderOfTheDiskComesBeforeAMember() throws IOException {
        tar("a.tar", "1.txt", "x");
        Path file =
                Files.writeString(Files.createDirectory(temp.resolve("a.tar!")).resolve("1.txt"), "disk");
        assertThat(Archives.within(file)).isSameAs(file);
    }

    @Test
    void pathsAreTakenApartAsThoseOfTheDisk() throws IOException {
        Path file = tar("a.tar", "cat/1.txt", "x");
        Path root = Archives.open(file);
        Path member = root.resolve("cat").resolve("1.txt");
        assertThat(root.relativize(member)).hasToString("cat/1.txt");
        assertThat(root.resolve(root.relativize(member))).isEqualTo(member);
        assertThat(member.getFileName()).hasToString("1.txt");
        assertThat(member.getParent()).isEqualTo(root.resolve("cat"));
        assertThat(member.startsWith(root)).isTrue();
        assertThat(member.startsWith(root.resolve("ca"))).isFalse();
        assertThat(member.startsWith(temp)).isFalse();
        assertThat(member.getNameCount()).isEqualTo(2);
        assertThat(member.resolveSibling("2.txt")).hasToString(file + "!/cat/2.txt");
        assertThat(root.resolveSibling("classes.txt")).isEqualTo(temp.resolve("classes.txt"));
        assertThat(root.resolve("x/../cat/./1.txt").normalize()).isEqualTo(member);
        assertThat(member.toAbsolutePath()).isEqualTo(member);
    }

    @Test
    void severalArchivesAreOneFolder() throws IOException {
        Path first = tar("a-0.tar", "k.txt", "0");
        Path second = tar("a-1.tar", "k.txt", "1");
        List<Path> files = Archives.expanded(temp.resolve("a-{0..1}.tar"));
        assertThat(files).containsExactly(first, second);
        Path root = Archives.open(temp.resolve("a-{0..1}.tar"), files);
        assertThat(Archives.isSeveral(root)).isTrue();
        List<Path> members = new ArrayList<>();
        try (var all = Files.walk(root)) {
            all.filter(Files::isRegularFile).forEach(members::add);
        }
        assertThat(members).extracting(Path::toString).containsExactly(first + "!/k.txt", second + "!/k.txt");
        assertThat(members.get(1)).hasContent("1").isEqualTo(Archives.within(Path.of(second + "!/k.txt")));
        assertThat(members.get(1).startsWith(root)).isTrue();
        assertThat(root.relativize(members.get(1))).hasToString("a-1.tar!/k.txt");
    }

    @Test
    void bracesStandForWhatShellsMakeOfThem() {
        assertThat(Braces.expanded("s-{008..011}.tar"))
                .containsExactly("s-008.tar", "s-009.tar", "s-010.tar", "s-011.tar");
        assertThat(Braces.expanded("{a,b}/{2..1}")).containsExactly("a/2", "a/1", "b/2", "b/1");
        assertThat(Braces.expanded("{}{x}.tar")).containsExactly("{}{x}.tar");
        assertThat(Braces.areIn("{x}.tar")).isFalse();
        for (List<String> names : List.of(
                List.of("s-008.tar", "s-009.tar", "s-010.tar"),
                List.of("s-1.tar", "s-3.tar"),
                List.of("a.tar", "b.zip"))) {
            assertThat(Braces.expanded(Braces.joined(names))).isEqualTo(names);
        }
        assertThat(Braces.joined(List.of("s-008.tar", "s-009.tar"))).isEqualTo("s-{008..009}.tar");
    }

    @Test
    void missingShardsAreNamed() throws IOException {
        tar("a-0.tar", "k.txt", "0");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> Archives.expanded(temp.resolve("a-{0..2}.tar")))
                .withMessageContainingAll("2 of the 3", "a-1.tar");
    }

    @Test
    void bracesInANameOfAFileAreThatName() throws IOException {
        assertThat(Archives.expanded(tar("a-{0..2}.tar", "k.txt", "0"))).isEmpty();
    }

    @Test
    void aMemberIsReadWhereItLiesAndAnywhereInIt() throws IOException {
        Path root = Archives.open(tar("a.tar", "1.txt", "0123456789", "2.txt", "other"));
        try (SeekableByteChannel channel = Files.newByteChannel(root.resolve("1.txt"))) {
            ByteBuffer two = ByteBuffer.allocate(4);
            assertThat(channel.position(8).read(two)).isEqualTo(2);
            assertThat(channel.read(two)).isEqualTo(-1);
            assertThat(two.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {'8', '9'}));
            assertThat(channel.size()).isEqualTo(10);
        }
    }

    @Test
    void nothingIsWritten() throws IOException {
        Path root = Archives.open(tar("a.tar", "1.txt", "x"));
        assertThatThrownBy(() -> Files.writeString(root.resolve("1.txt"), "y"))
                .isInstanceOf(ReadOnlyFileSystemException.class);
        assertThatThrownBy(() -> Files.createDirectory(root.resolve("new")))
                .isInstanceOf(ReadOnlyFileSystemException.class);
        assertThatThrownBy(() -> Files.delete(root.resolve("1.txt"))).isInstanceOf(ReadOnlyFileSystemException.class);
    }

    @Test
    void manyThreadsReadAtOnceAndAnInterruptHitsOne() throws Exception {
        Path file = ArchiveFiles.zip(
                temp.resolve("a.zip"),
                ArchiveFiles.texts(IntStream.range(0, 200)
                        .boxed()
                        .flatMap(i -> java.util.stream.Stream.of(i + ".txt", ("text " + i).repeat(100)))
                        .toArray(String[]::new)),
                false);
        Path root = Archives.open(file);
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int n = 0; n < 2000; n++) {
                int i = n % 200;
                boolean interrupted = n % 7 == 0;
                results.add(pool.submit(() -> {
                    if (interrupted) {
                        Thread.currentThread().interrupt();
                    }
                    try {
                        return Files.readString(root.resolve(i + ".txt")).equals(("text " + i).repeat(100));
                    } catch (java.nio.channels.ClosedByInterruptException expected) {
                        return interrupted;
                    } finally {
                        Thread.interrupted();
                    }
                }));
            }
            for (Future<Boolean> result : results) {
                assertThat(result.get()).isTrue();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void anArchiveThatChangesIsNotReadAsBefore() throws IOException {
        Path file = tar("a.tar", "1.txt", "old");
        Path root = Archives.open(file);
        tar("a.tar", "1.txt", "new");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_800_000_000_000L));
        assertThatExceptionOfType(DamagedFile.class)
                .isThrownBy(() -> Files.readString(root.resolve("1.txt")))
                .withMessageContaining("has changed since");
        assertThat(Archives.open(file).resolve("1.txt")).hasContent("new");
    }
}
