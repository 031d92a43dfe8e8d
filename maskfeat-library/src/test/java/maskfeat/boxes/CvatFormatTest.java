package maskfeat.boxes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import maskfeat.disk.DamagedFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60) // a guard against entities without end
class CvatFormatTest {
    @TempDir
    Path folder;

    private static Path file() throws URISyntaxException {
        return Path.of(Objects.requireNonNull(CvatFormatTest.class.getResource("/boxes/cvat.xml"))
                .toURI());
    }

    @Test
    void boxesOfTracksAreReadAndThoseOutsideLeftOut() throws Exception {
        ReadRows read = ReadRows.of(file());
        assertThat(read.shown())
                .containsExactly(
                        "kitchen & hall.mp4 #0 10.50,20.00,110.25,220.00 PIXEL null person null 0",
                        "kitchen & hall.mp4 #1 11.50,20.00,111.25,220.00 PIXEL null person null 0",
                        "kitchen & hall.mp4 #1 1200.00,20.00,1300.00,220.00 PIXEL null child null 1");
        assertThat(read.videos.values())
                .containsExactly(new VideoFacts("kitchen & hall.mp4", 12, 1280, 720, Set.of("Train")));
        assertThat(Grouping.everything().read(List.of(file())).oddities().count(Oddity.OUTSIDE_FRAME))
                .isEqualTo(1);
    }

    @Test
    void anAttributeMayBeTheClassAndDrawnFramesTheOnlyOnes() throws Exception {
        assertThat(ReadRows.of(new CvatFormat("action", false), file()).rows)
                .extracting(BoxRow::className)
                .containsExactly("walk", "stand", null);
        assertThat(ReadRows.of(new CvatFormat("action", true), file()).rows)
                .extracting(BoxRow::className)
                .containsExactly("walk", null);
    }

    @Test
    void entitiesAreNotUnfoldedAndNothingOutsideIsRead() throws IOException {
        StringBuilder laughs =
                new StringBuilder("<?xml version=\"1.0\"?>\n<!DOCTYPE annotations [<!ENTITY a0 \"ha\">\n");
        for (int i = 1; i < 40; i++) {
            laughs.append("<!ENTITY a" + i + " \"" + ("&a" + (i - 1) + ";").repeat(10) + "\">\n");
        }
        Path secret = ReadRows.write(folder, "secret.txt", "secret");
        for (String text : List.of(
                laughs + "]>\n<annotations><meta><task><name>&a39;</name></task></meta></annotations>",
                "<!DOCTYPE annotations [<!ENTITY a SYSTEM \"" + secret.toUri()
                        + "\">]><annotations><meta><task><name>&a;</name></task></meta></annotations>",
                "<annotations><meta><task><name>&a;</name></task></meta></annotations>")) {
            Path file = ReadRows.write(folder, "evil.xml", text);
            assertThatThrownBy(() -> ReadRows.of(file))
                    .isInstanceOf(DamagedFile.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageNotContaining("secret ");
        }
    }

    @Test
    void aDamagedFileIsReadOrRefused() throws Exception {
        byte[] whole = Files.readAllBytes(file());
        Path damaged = folder.resolve("damaged.xml");
        BoxFormat format = new CvatFormat();
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= 0x15;
            for (byte[] bytes : List.of(changed, Arrays.copyOf(whole, at))) {
                Files.write(damaged, bytes);
                try {
                    ReadRows.of(format, damaged);
                } catch (DamagedFile meant) {
                    assertThat(meant).hasMessageContaining(damaged.toString());
                }
            }
        }
    }

    @Test
    void imagesInsteadOfVideoAreNamed() throws IOException {
        Path file = ReadRows.write(folder, "a.xml", "<annotations><image id=\"0\"/></annotations>");
        assertThatThrownBy(() -> ReadRows.of(file)).hasMessageContaining("export the task as 'CVAT for video 1.1'");
    }
}
