package maskfeat.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegularFileTest {
    @TempDir
    Path temp;

    @Test
    void filesAndLinksToThemPass() throws IOException {
        Path file = Files.writeString(temp.resolve("a"), "x");
        Path link = Files.createSymbolicLink(temp.resolve("b"), file);
        assertThat(RegularFile.require(file)).isEqualTo(file);
        assertThat(RegularFile.require(link)).isEqualTo(link);
        assertThat(RegularFile.special(file)).isEmpty();
        assertThat(RegularFile.special(temp)).isEmpty();
        assertThat(RegularFile.special(temp.resolve("c"))).isEmpty();
    }

    @Test
    void aPipeIsRefusedByName() throws IOException, InterruptedException {
        Path pipe = temp.resolve("p");
        assumeThat(Files.isExecutable(Path.of("/usr/bin/mkfifo"))).isTrue();
        assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString())
                        .start()
                        .waitFor())
                .isZero();
        refused(pipe, "is a pipe, and only regular files are opened");
        refused(Files.createSymbolicLink(temp.resolve("l"), pipe), "is a pipe");
    }

    @Test
    void aDeviceIsRefusedByName() {
        assumeThat(Files.exists(Path.of("/dev/zero"))).isTrue();
        refused(Path.of("/dev/zero"), "is a device");
    }

    @Test
    void aSocketIsRefusedByName() throws IOException {
        Path place = Files.createTempDirectory("s").resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(place));
            refused(place, "is a socket");
        } finally {
            Files.deleteIfExists(place);
            Files.delete(place.getParent());
        }
    }

    @Test
    void aFolderIsRefusedAndWhatIsMissingIsMissing() {
        refused(temp, "is a folder");
        assertThatExceptionOfType(NoSuchFileException.class)
                .isThrownBy(() -> RegularFile.require(temp.resolve("none")));
    }

    private static void refused(Path path, String what) {
        assertThatExceptionOfType(FileSystemException.class)
                .isThrownBy(() -> RegularFile.require(path))
                .withMessageContaining(path.toString())
                .withMessageContaining(what);
    }
}
