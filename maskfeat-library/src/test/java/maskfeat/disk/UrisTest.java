package maskfeat.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrisTest {
    private final FileSystem elsewhere = Jimfs.newFileSystem(
            "uris",
            Configuration.unix().toBuilder().setWorkingDirectory("/here").build());

    @AfterEach
    void close() throws IOException {
        elsewhere.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/clips/a.mp4",
                "/",
                "/with space/a b.mp4",
                "/100%/50%20.mp4",
                "/what?/#1.mp4",
                "/Öffnen/動画.mp4",
                "/shards-{000..003}.tar",
                "/a&b=c;d+e@f:g!h/[1].mp4",
                "/quote\"s'/back\\slash|^`~.mp4"
            })
    void eachPathHasATextThatIsItAgain(String name) {
        Path path = elsewhere.getPath(name);
        String text = PathText.of(path);
        assertThat(text).startsWith("jimfs://uris/");
        assertThat(Uris.isUri(text)).isTrue();
        assertThat(PathText.path(text)).isEqualTo(path);
        assertThat(Uris.isElsewhere(path)).isTrue();
    }

    @Test
    void aFolderIsTheSameWithAndWithoutASlash() throws IOException {
        Path folder = Files.createDirectories(elsewhere.getPath("/clips/of it"));
        assertThat(PathText.of(folder)).isEqualTo("jimfs://uris/clips/of%20it/");
        assertThat(PathText.path("jimfs://uris/clips/of%20it/")).isEqualTo(folder);
        assertThat(PathText.path("jimfs://uris/clips/of it")).isEqualTo(folder);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "clips/a.mp4",
                "C:\\clips",
                "C:/clips",
                "12:30.mp4",
                "note: this.mp4",
                "x",
                "",
                "a:b",
                "tar!/x",
                "file:y.jpg",
                "jar:z.jpg",
                "jimfs:a/b.mp4"
            })
    void namesOnTheDiskStayThat(String text) {
        assertThat(Uris.isUri(text)).isFalse();
        assertThat(Uris.isElsewhere(PathText.path(text))).isFalse();
    }

    @Test
    void aUriOfTheDiskIsAPathOfIt(@TempDir Path folder) {
        assertThat(PathText.path(folder.resolve("a b").toUri().toString())).isEqualTo(folder.resolve("a b"));
        assertThat(Uris.isElsewhere(folder)).isFalse();
    }

    @Test
    void aProviderThatIsMissingIsNamedWithWhatIsThere() {
        assertThatThrownBy(() -> PathText.path("s3://bucket/clips"))
                .isInstanceOfSatisfying(
                        InvalidPathException.class,
                        e -> assertThat(e.getReason())
                                .contains("no provider of s3:", "file, jar, jimfs", "lib/", "MASKFEAT_LIB"));
    }

    @Test
    void theRefusalsOfProvidersAreWords() {
        assertThatThrownBy(() -> PathText.path("file://clips/a.mp4"))
                .isInstanceOfSatisfying(
                        InvalidPathException.class,
                        e -> assertThat(e.getReason())
                                .contains("it takes three slashes: file:///folder/name")
                                .doesNotContain("Exception"));
        assertThatThrownBy(() -> PathText.path("jar:file:///nowhere/a.zip!/b"))
                .isInstanceOfSatisfying(
                        InvalidPathException.class,
                        e -> assertThat(e.getReason()).isEqualTo("cannot be opened: there is no /nowhere/a.zip"));
    }

    @Test
    void aFileSystemThatIsNotThereIsRefusedInTheProvidersWords() {
        assertThatThrownBy(() -> PathText.path("jimfs://nobody/clips"))
                .isInstanceOfSatisfying(
                        InvalidPathException.class,
                        e -> assertThat(e.getReason()).contains("cannot be opened", "jimfs"));
    }

    @Test
    void theJdksZipFilesAreOpenedWhenTheyAreNamed(@TempDir Path folder) throws IOException {
        Path zip = folder.resolve("a b.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new ZipEntry("in it/x.txt"));
            out.write(1);
            out.closeEntry();
        }
        URI uri = URI.create("jar:" + zip.toUri() + "!/in%20it/x.txt");
        Path member = PathText.path(uri.toString());
        assertThat(Files.readAllBytes(member)).containsExactly(1);
        assertThat(PathText.path(PathText.of(member))).isEqualTo(member);
    }

    @Test
    void aNameInAnArchiveStandsAsItIs() {
        assertThat(PathText.path("jimfs://uris/my%20a.tar!/b%20c.jpg"))
                .isEqualTo(elsewhere.getPath("/my a.tar!/b%20c.jpg"));
    }

    @Test
    void listsNameUrisAndFilesBesideThem() {
        Path list = elsewhere.getPath("/data/list.txt");
        assertThat(PathText.listed(list, "clips/a.mp4")).isEqualTo(elsewhere.getPath("/data/clips/a.mp4"));
        assertThat(PathText.listed(list, "/clips/a.mp4")).isEqualTo(elsewhere.getPath("/clips/a.mp4"));
        assertThat(PathText.listed(Path.of("list.txt"), "jimfs://uris/clips/a.mp4"))
                .isEqualTo(elsewhere.getPath("/clips/a.mp4"));
    }

    @Test
    void namesInArchivesNeverLeadElsewhere(@TempDir Path folder) {
        Path inside = PathText.in(folder, "file:///etc/passwd");
        assertThat(inside.normalize()).startsWithRaw(folder);
        assertThat(PathText.in(folder, "jimfs://uris/clips").normalize()).startsWithRaw(folder);
    }

    @Test
    void whatAProviderListsAsRelativeIsAbsoluteWhereTheFolderIs() {
        Path folder = elsewhere.getPath("/here/clips");
        assertThat(Uris.in(folder, elsewhere.getPath("clips/a.mp4"))).isEqualTo(elsewhere.getPath("/here/clips/a.mp4"));
        assertThat(Uris.in(folder, folder.resolve("a.mp4"))).isEqualTo(folder.resolve("a.mp4"));
        assertThat(Uris.in(elsewhere.getPath("clips"), elsewhere.getPath("clips/a.mp4")))
                .isEqualTo(elsewhere.getPath("clips/a.mp4"));
    }

    @Test
    void allOfAFileSystemLiesInItsRoot() {
        Path root = elsewhere.getPath("/");
        Path clip = elsewhere.getPath("/clips/a.mp4");
        assertThat(Uris.liesIn(root, clip)).isTrue();
        assertThat(Uris.liesIn(root, Path.of("/clips/a.mp4"))).isFalse();
        assertThat(Uris.liesIn(elsewhere.getPath("/clips"), clip)).isTrue();
        assertThat(Uris.liesIn(elsewhere.getPath("/clip"), clip)).isFalse();
        assertThat(Uris.liesIn(Path.of("/"), clip)).isFalse();
    }

    @Test
    void whatIsWrittenIsRefusedElsewhere(@TempDir Path folder) {
        assertThat(Uris.requireDisk(folder, "a run")).isEqualTo(folder);
        assertThatThrownBy(() -> Uris.requireDisk(elsewhere.getPath("/runs"), "a run folder"))
                .isInstanceOf(InvalidPathException.class)
                .hasMessageContaining("a run folder must lie on a disk")
                .hasMessageContaining("jimfs://uris/runs");
    }
}
