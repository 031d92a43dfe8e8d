package maskfeat.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import maskfeat.archive.ArchiveFiles.Tar;
import maskfeat.disk.DamagedFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarFilesTest {
    private static final String LONG = "folder/".repeat(40) + "\u00e9.txt";

    @TempDir
    Path temp;

    private final Tar tar = new Tar();

    private Path open() throws IOException {
        return Archives.open(tar.write(temp.resolve("a.tar")));
    }

    private static List<String> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .toList();
        }
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void membersAreFilesInFolders() throws IOException {
        tar.member("./cat/", '5', new byte[0])
                .file("./cat/2.txt", "two")
                .file("./cat/1.txt", "one")
                .file("dog/1.txt", "");
        Path root = open();
        assertThat(files(root)).containsExactly("cat/1.txt", "cat/2.txt", "dog/1.txt");
        assertThat(root.resolve("cat")).isDirectory();
        assertThat(root.resolve("cat/1.txt")).hasContent("one");
        assertThat(root.resolve("cat/2.txt")).hasContent("two");
        assertThat(root.resolve("dog/1.txt")).isEmptyFile();
        assertThat(root.resolve("dog/2.txt")).doesNotExist();
        assertThat(Files.getLastModifiedTime(root.resolve("cat/1.txt")).toMillis())
                .isEqualTo(1_700_000_000_000L);
        assertThat(Archives.notices(root)).isEmpty();
    }

    @Test
    void longNamesOfAllKindsAreRead() throws IOException {
        String prefixed = "folder/".repeat(17) + "x".repeat(90);
        tar.file(prefixed, "ustar")
                .member("././@LongLink", 'L', text(LONG + "\0"))
                .file("cut", "gnu")
                .pax('x', "path", "pax/" + LONG, "mtime", "1234567890.5")
                .file("cut", "pax")
                .file("after", "none");
        Path root = open();
        assertThat(root.resolve(prefixed)).hasContent("ustar");
        assertThat(root.resolve(LONG)).hasContent("gnu");
        assertThat(root.resolve("pax/" + LONG)).hasContent("pax");
        assertThat(Files.getLastModifiedTime(root.resolve("pax/" + LONG)).toMillis())
                .isEqualTo(1_234_567_890_500L);
        assertThat(root.resolve("after")).hasContent("none");
    }

    @Test
    void sizesThatNeedMoreThanDigitsAreRead() throws IOException {
        byte[] binary = Tar.header("binary.txt", '0', 0);
        Arrays.fill(binary, 124, 136, (byte) 0);
        binary[124] = (byte) 0x80;
        binary[135] = 3;
        byte[] paxed = Tar.header("paxed.txt", '0', 0);
        byte[] data = Arrays.copyOf(text("abc"), 512);
        tar.raw(Tar.summed(binary))
                .raw(data)
                .pax('x', "size", "2")
                .raw(paxed)
                .raw(data)
                .file("after.txt", "x");
        Path root = open();
        assertThat(root.resolve("binary.txt")).hasContent("abc");
        assertThat(root.resolve("paxed.txt")).hasContent("ab");
        assertThat(root.resolve("after.txt")).hasContent("x");
    }

    @Test
    void aCutOffTarGivesWhatIsWhole() throws IOException {
        tar.file("1.txt", "one").file("2.txt", "x".repeat(2000));
        byte[] cut = Arrays.copyOf(tar.bytes(), tar.header(1) + 512 + 700);
        Path root = Archives.open(Files.write(temp.resolve("cut.tar"), cut));
        assertThat(root.resolve("1.txt")).hasContent("one");
        assertThatExceptionOfType(DamagedFile.class)
                .isThrownBy(() -> Files.readAllBytes(root.resolve("2.txt")))
                .withMessageContainingAll("cut.tar!/2.txt", "is cut off", "700");
        assertThat(Archives.notices(root)).singleElement().asString().contains("cut.tar is cut off", "2000", "700");
        assertThat(Archives.damage(root)).hasSize(1);
    }

    @Test
    void aTarWithoutItsEndIsSaidToBeCutOff() throws IOException {
        Path root = Archives.open(
                Files.write(temp.resolve("a.tar"), tar.file("1.txt", "one").bytes()));
        assertThat(root.resolve("1.txt")).hasContent("one");
        assertThat(Archives.notices(root)).singleElement().asString().contains("cut off, or was not finished");
    }

    @Test
    void aDamagedHeaderEndsWhatIsRead() throws IOException {
        tar.file("1.txt", "one").file("2.txt", "two").file("3.txt", "three");
        byte[] bytes = tar.bytes();
        bytes[tar.header(1) + 1] ^= 1;
        Path root = Archives.open(Files.write(temp.resolve("a.tar"), bytes));
        assertThat(files(root)).containsExactly("1.txt");
        assertThat(Archives.notices(root)).singleElement().asString().contains("at byte 1024", "checksum");
    }

    @Test
    void anotherTarBehindTheEndIsSaid() throws IOException {
        tar.file("1.txt", "one").raw(new byte[1024]).file("2.txt", "two");
        Path root = open();
        assertThat(files(root)).containsExactly("1.txt");
        assertThat(Archives.notices(root)).singleElement().asString().contains("more behind its end");
    }

    @Test
    void namesThatLeadOutOfTheArchiveAreNotThere() throws IOException {
        tar.file("../../up.txt", "x")
                .file("/etc/passwd", "x")
                .file("a/../../b.txt", "x")
                .file("good.txt", "x");
        Path root = open();
        assertThat(files(root)).containsExactly("good.txt");
        assertThat(Archives.skipped(root).values())
                .hasSize(3)
                .anySatisfy(why -> assertThat(why).contains("../../up.txt", "leads out"))
                .anySatisfy(why -> assertThat(why).contains("/etc/passwd", "absolute"));
        assertThat(Archives.notices(root)).singleElement().asString().contains("passes over 3 members", "../../up.txt");
        assertThat(root.resolve("../../../etc/passwd")).doesNotExist();
    }

    @Test
    void linksAndDevicesAreNoFiles() throws IOException {
        tar.member("link.jpg", '2', new byte[0])
                .pax('x', "linkpath", "none.jpg")
                .member("hard.jpg", '1', new byte[0])
                .member("null", '3', new byte[0])
                .member("pipe", '6', new byte[0]);
        Path root = open();
        assertThat(files(root)).isEmpty();
        assertThat(Archives.special(root.resolve("link.jpg"))).get().asString().contains("link.jpg is a link");
        assertThat(Archives.special(root.resolve("pipe"))).get().asString().contains("a device or a pipe");
        assertThatExceptionOfType(DamagedFile.class).isThrownBy(() -> Files.readAllBytes(root.resolve("hard.jpg")));
    }

    @Test
    void anotherNameOfAMemberIsThatMember() throws IOException {
        tar.file("a.txt", "one").pax('x', "linkpath", "./a.txt").member("b.txt", '1', new byte[0]);
        assertThat(open().resolve("b.txt")).hasContent("one");
    }

    @Test
    void theMapOfAMemberWithHolesIsPassedOver() throws IOException {
        byte[] header = Tar.header("holes.bin", 'S', 1);
        header[482] = 1;
        byte[] map = new byte[512];
        map[504] = 1;
        tar.raw(Tar.summed(header))
                .raw(map)
                .raw(new byte[512])
                .raw(new byte[512])
                .file("after.txt", "x");
        assertThat(open().resolve("after.txt")).hasContent("x");
    }

    @Test
    void sparseMembersAreRefusedByName() throws IOException {
        tar.member("old.bin", 'S', text("x"))
                .pax('x', "GNU.sparse.major", "1", "GNU.sparse.name", "new.bin")
                .file("GNUSparseFile.0/new.bin", "x");
        Path root = open();
        for (String name : List.of("old.bin", "GNUSparseFile.0/new.bin")) {
            assertThatExceptionOfType(DamagedFile.class)
                    .isThrownBy(() -> Files.readAllBytes(root.resolve(name)))
                    .withMessageContaining("sparse");
        }
    }

    @Test
    void ofSeveralMembersOfANameTheLastCountsAndItIsSaid() throws IOException {
        Path root =
                Archives.open(tar.file("a.txt", "old").file("./a.txt", "new").write(temp.resolve("a.tar")));
        assertThat(root.resolve("a.txt")).hasContent("new");
        assertThat(Archives.notices(root)).singleElement().asString().contains("'a.txt' more than once");
    }

    @Test
    void whatIsNoTarIsRefused() throws IOException {
        Path text = Files.writeString(temp.resolve("a.tar"), "Dear reader, ".repeat(100));
        assertThatExceptionOfType(DamagedFile.class)
                .isThrownBy(() -> Archives.open(text))
                .withMessageContainingAll("a.tar", "neither a zip nor a tar");
        Path empty = Files.write(temp.resolve("b.tar"), new byte[0]);
        assertThatExceptionOfType(DamagedFile.class)
                .isThrownBy(() -> Archives.open(empty))
                .withMessageContaining("is empty");
    }
}
