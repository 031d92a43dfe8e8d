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
import java.util.stream.Stream;
import maskfeat.disk.DamagedFile;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** src/test/python/boxes_pickles.py made the files. */
@Timeout(120) // a guard against endless loops
class BoxPicklesTest {
    @TempDir
    Path folder;

    private static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(BoxPicklesTest.class.getResource("/boxes/" + name)).toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2", "3", "4", "5", "python2"})
    void tubesOfEveryProtocolAndOfPython2AreRead(String protocol) throws IOException {
        Path file = file("gttubes_" + protocol + ".pkl");
        assertThat(BoxFormats.of(file).name()).isEqualTo("gttubes");
        ReadRows read = ReadRows.of(file);
        assertThat(read.labels).containsEntry(0, "walk").containsEntry(1, "run");
        assertThat(read.shown())
                .containsExactly(
                        "walk/one #1 10.0,20.0,50.0,100.5 PIXEL 0 walk null 0",
                        "walk/one #2 11.0,20.0,51.0,100.25 PIXEL 0 walk null 0",
                        "run/café #2 0.0,0.0,319.0,239.0 PIXEL 1 run null 0",
                        "run/café #3 1.5,2.5,3.5,4.5 PIXEL 1 run null 1");
        assertThat(read.videos.values())
                .containsExactlyInAnyOrder(
                        new VideoFacts("walk/one", 3, 320, 240, Set.of("train-1")),
                        new VideoFacts("run/café", 40, 320, 240, Set.of("test-1")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2", "3", "4", "5", "python2"})
    void proposalsOfEveryProtocolAndOfPython2AreRead(String protocol) throws IOException {
        Path file = file("proposals_" + protocol + ".pkl");
        assertThat(BoxFormats.of(file).name()).isEqualTo("mmaction-proposals");
        assertThat(ReadRows.of(file).shown())
                .containsExactly(
                        "abc 0902 0.1,0.2,0.5,0.75 FRACTION null null 0.95 null",
                        "abc 0902 0.0,0.0,1.0,1.0 FRACTION null null 0.5 null",
                        "d,e 1798 0.25,0.125,0.5,0.75 FRACTION null null 1.0 null");
    }

    @ParameterizedTest
    @CsvSource({
        "harm.pkl, 'names posix.system, which is no part of lists, dictionaries and arrays'",
        "objects.pkl, has an array of objects",
        "texts.pkl, has an array of elements 'U1'"
    })
    void whatIsNotNumbersIsRefusedByName(String name, String found) {
        assertThatThrownBy(() -> ReadRows.of(file(name)))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining(name)
                .hasMessageContaining(found);
    }

    static Stream<String> all() {
        return Stream.of("0", "1", "2", "3", "4", "5", "python2")
                .flatMap(protocol -> Stream.of("gttubes_" + protocol + ".pkl", "proposals_" + protocol + ".pkl"));
    }

    /** Only the error meant for it, whichever byte is another and wherever the file ends. */
    @ParameterizedTest
    @MethodSource("all")
    void aDamagedPickleIsReadOrRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(file(name));
        BoxFormat format = BoxFormats.of(file(name));
        Path damaged = folder.resolve("damaged.pkl");
        for (int at = 0; at < whole.length; at++) {
            Files.write(damaged, Arrays.copyOf(whole, at));
            assertThatThrownBy(() -> ReadRows.of(format, damaged)).isInstanceOf(DamagedFile.class);
            for (int flip : List.of(0x01, 0x80, 0xff)) {
                byte[] changed = whole.clone();
                changed[at] ^= (byte) flip;
                Files.write(damaged, changed);
                try {
                    ReadRows.of(format, damaged);
                } catch (DamagedFile meant) {
                    assertThat(meant).hasMessageContaining(damaged.toString());
                }
            }
        }
    }
}
