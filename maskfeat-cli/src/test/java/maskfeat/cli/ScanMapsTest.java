package maskfeat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import maskfeat.cli.TinyRuns.Ran;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code data scan --maps}. */
class ScanMapsTest {
    @TempDir
    private Path folder = Path.of("");

    private Path images = Path.of("");

    @BeforeEach
    void make() throws Exception {
        images = TinyRuns.images(folder.resolve("set"));
    }

    @Test
    void picturesWithoutMapsCannotBeUsed() throws Exception {
        Path maps = Files.createDirectories(folder.resolve("maps"));
        Path list = folder.resolve("good.txt");
        Ran ran = TinyRuns.run("data", "scan", images, "--maps", maps, "--maps-classes", "10", "--write-list", list);
        assertThat(ran.code()).isEqualTo(Exit.BAD_FILES);
        assertThat(ran.out()).contains("no map ", "has no map of classes", " 0 usable");
        assertThat(list).content().isBlank();
        assertThat(TinyRuns.run("data", "scan", images).code()).isZero();
    }

    @Test
    void whatMakesNoSenseIsRefused() throws Exception {
        Path maps = folder.resolve("maps");
        Ran gone = TinyRuns.run("data", "scan", images, "--maps", maps);
        assertThat(gone.code()).isEqualTo(Exit.INPUT);
        assertThat(gone.err()).contains(maps.toString(), "no such folder of maps");
        Ran alone = TinyRuns.run("data", "scan", images, "--maps-classes", "10");
        assertThat(alone.code()).isEqualTo(Exit.USAGE);
        assertThat(alone.err()).contains("--maps-classes would do nothing");
        Files.createDirectories(maps);
        Ran none = TinyRuns.run("data", "scan", images, "--maps", maps, "--maps-classes", "0");
        assertThat(none.code()).isEqualTo(Exit.USAGE);
        Ran videos = TinyRuns.run("data", "scan", images, "--maps", maps, "--as", "videos");
        assertThat(videos.code()).isEqualTo(Exit.USAGE);
        assertThat(videos.err()).contains("--as videos");
    }
}
