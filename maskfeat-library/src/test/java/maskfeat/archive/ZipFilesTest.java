package maskfeat.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import maskfeat.disk.DamagedFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZipFilesTest {
    private static final String TEXT = "the same text over and over; ".repeat(1000);

    @TempDir
    Path temp;

    private Path zip(boolean stored, String... namesAndTexts) throws IOException {
        return ArchiveFiles.zip(temp.resolve("a.zip"), ArchiveFiles.texts(namesAndTexts), stored);
    }

    /** Changes a number of two bytes of the first member in the directory. */
    private static Path patched(Path zip, int field, int value) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(zip)).order(ByteOrder.LITTLE_ENDIAN);
        int directory = bytes.getInt(bytes.capacity() - 22 + 16);
        bytes.putShort(directory + field, (short) value);
        return Files.write(zip, bytes.array());
    }

    private static void assertRefused(Path member, String... saying) {
        assertThatExceptionOfType(DamagedFile.class)
                .isThrownBy(() -> Files.readAllBytes(member))
                .withMessageStartingWith(member.toString())
                .withMessageContainingAll(saying);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void membersAreFilesInFolders(boolean stored) throws IOException {
        Path root = Archives.open(zip(stored, "caf\u00e9/1.txt", TEXT, "b.txt", ""));
        assertThat(Files.readString(root.resolve("caf\u00e9/1.txt"))).isEqualTo(TEXT);
        assertThat(Files.size(root.resolve("caf\u00e9/1.txt"))).isEqualTo(TEXT.length());
        assertThat(root.resolve("b.txt")).isEmptyFile();
        assertThat(root.resolve("caf\u00e9")).isDirectory();
        assertThat(Archives.notices(root)).isEmpty();
    }

    @Test
    void moreMembersThanTheFirstFormatCountsAreRead() throws IOException {
        Map<String, byte[]> many = new LinkedHashMap<>();
        for (int i = 0; i < 70_000; i++) {
            many.put(i % 100 + "/" + i + ".txt", Integer.toString(i).getBytes(StandardCharsets.UTF_8));
        }
        Path root = Archives.open(ArchiveFiles.zip(temp.resolve("many.zip"), many, true));
        assertThat(root.resolve("99/69999.txt")).hasContent("69999");
        try (var entries = Files.list(root)) {
            assertThat(entries).hasSize(100);
        }
    }

    @Test
    void sizesThatNeedMoreThanFourBytesAreRead() throws IOException {
        byte[] plain = Files.readAllBytes(zip(true, "a.txt", "abc"));
        int directory = ByteBuffer.wrap(plain).order(ByteOrder.LITTLE_ENDIAN).getInt(plain.length - 6);
        ByteBuffer wide = ByteBuffer.allocate(plain.length + 28).order(ByteOrder.LITTLE_ENDIAN);
        int named = directory + 46 + "a.txt".length();
        wide.put(plain, 0, named);
        wide.putShort((short) 1).putShort((short) 24).putLong(3).putLong(3).putLong(0);
        wide.put(plain, named, plain.length - named);
        wide.putShort(directory + 30, (short) 28);
        for (int field : new int[] {20, 24, 42}) {
            wide.putInt(directory + field, -1);
        }
        wide.putInt(wide.capacity() - 10, wide.getInt(wide.capacity() - 10) + 28);
        Path root = Archives.open(Files.write(temp.resolve("wide.zip"), wide.array()));
        assertThat(root.resolve("a.txt")).hasContent("abc");
    }

    @Test
    void bytesBeforeTheArchiveDoNotMatter() throws IOException {
        byte[] plain = Files.readAllBytes(zip(false, "a.txt", TEXT));
        byte[] behind = Arrays.copyOf("PK\3\4 and more".getBytes(StandardCharsets.ISO_8859_1), plain.length + 100);
        System.arraycopy(plain, 0, behind, 100, plain.length);
        Path root = Archives.open(Files.write(temp.resolve("behind.zip"), behind));
        assertThat(Files.readString(root.resolve("a.txt"))).isEqualTo(TEXT);
    }

    @Test
    void encryptedMembersAreRefusedByName() throws IOException {
        Path root = Archives.open(patched(zip(false, "a.txt", TEXT, "b.txt", TEXT), 8, 1));
        assertRefused(root.resolve("a.txt"), "is encrypted");
        assertThat(Files.readString(root.resolve("b.txt"))).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @CsvSource({"12, bzip2", "93, Zstandard", "77, 77"})
    void otherCompressionIsRefusedByName(int method, String name) throws IOException {
        Path root = Archives.open(patched(zip(false, "a.txt", TEXT), 10, method));
        assertRefused(root.resolve("a.txt"), "method " + method, name, "zip -0");
    }

    @Test
    void whatCannotUnpackToItsSizeIsRefused() throws IOException {
        Path root = Archives.open(patched(zip(false, "a.txt", TEXT), 26, 0x7000));
        assertRefused(root.resolve("a.txt"), "cannot unpack to");
    }

    @Test
    void whatUnpacksToAnotherSizeOrContentIsRefused() throws IOException {
        Path longer = Archives.open(patched(zip(false, "a.txt", TEXT), 24, TEXT.length() + 1));
        assertRefused(longer.resolve("a.txt"), "unpacks to " + TEXT.length());
        Path shorter = Archives.open(patched(zip(false, "a.txt", TEXT), 24, TEXT.length() - 1));
        assertRefused(shorter.resolve("a.txt"), "checksum");
        Path other = Archives.open(patched(zip(false, "a.txt", TEXT), 16, 4711));
        assertRefused(other.resolve("a.txt"), "checksum");
    }

    @Test
    void aHeaderThatIsNotWhereItShouldBeIsRefused() throws IOException {
        Path root = Archives.open(patched(zip(true, "a.txt", "abc"), 42, 1));
        assertRefused(root.resolve("a.txt"), "is not where the directory");
    }

    @Test
    void aCutOffZipIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(zip(false, "a.txt", TEXT));
        Path cut = Files.write(temp.resolve("cut.zip"), Arrays.copyOf(whole, whole.length - 30));
        assertThatExceptionOfType(DamagedFile.class)
                .isThrownBy(() -> Archives.open(cut))
                .withMessageContainingAll("cut.zip", "is cut off");
    }

    @Test
    void namesThatLeadOutOfTheArchiveAreNotThere() throws IOException {
        Path root = Archives.open(zip(true, "../up.txt", "x", "/abs.txt", "x", "C:\\x.txt", "x", "good.txt", "x"));
        try (var entries = Files.list(root)) {
            assertThat(entries.map(root::relativize).map(Path::toString)).containsExactly("good.txt");
        }
        assertThat(Archives.skipped(root)).hasSize(3);
    }

    @Test
    void anEmptyZipIsAnEmptyFolder() throws IOException {
        Path root = Archives.open(zip(true));
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void damageOfAnyByteIsNoCrash() throws IOException {
        byte[] whole = Files.readAllBytes(zip(false, "a/1.txt", TEXT, "b.txt", "short"));
        for (int at = 0; at < whole.length; at++) {
            byte[] bad = whole.clone();
            bad[at] ^= (byte) 0xff;
            Path file = Files.write(temp.resolve("bad.zip"), bad);
            try {
                Path root = ArchiveFileSystem.of(file, Archive.open(file)).root();
                try (var all = Files.walk(root)) {
                    for (Path each : all.filter(Files::isRegularFile).toList()) {
                        Files.readAllBytes(each);
                    }
                }
            } catch (DamagedFile expected) {
                assertThat(expected).hasMessageContaining("bad.zip");
            }
        }
    }
}
