package maskfeat.boxes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import maskfeat.disk.DamagedFile;
import maskfeat.eval.Corners;
import maskfeat.eval.Tube;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** src/test/python/boxes_pickles.py made the files. */
@Timeout(120) // a guard against endless loops
class BoxPicklesTest {
    private static final int STEP = Integer.getInteger("fuzz", 0) > 0 ? 1 : 7;

    @TempDir
    Path folder;

    private static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(BoxPicklesTest.class.getResource("/boxes/" + name))
                    .toURI());
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

    @Test
    void tubesOfTheTruthAreThoseOfTheFile() throws IOException {
        TruthTubes truth = new TruthTubes();
        BoxFormats.named("gttubes").read(file("gttubes_2.pkl"), truth);
        List<List<Tube>> tubes = truth.of(new LabelMap(new TreeMap<>(Map.of(0, "walk", 1, "run"))));
        assertThat(tubes.get(0))
                .containsExactly(new Tube(
                        "walk/one",
                        List.of(1, 2),
                        List.of(new Corners(10, 20, 50, 100.5), new Corners(11, 20, 51, 100.25)),
                        Double.NaN));
        assertThat(tubes.get(1)).extracting(Tube::frames).containsExactly(List.of(2), List.of(3));
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

    /** A megabyte as the bytes of a hundred thousand arrays, and a list of a list of lists. */
    @Test
    void whatIsSaidAgainAndAgainCostsNoMoreThanTheFile() throws IOException {
        StringBuilder pickle = new StringBuilder("\u0080\u0002}q\u0000(U\u00010T");
        int size = 1 << 20;
        pickle.append("\u0000\u0000\u0010\u0000").append("a".repeat(size)).append("q\u0001u(");
        pickle.append("cnumpy\ndtype\nq\u0002U\u0002u1\u0085Rq\u0003");
        pickle.append("cnumpy.core.multiarray\n_reconstruct\nq\u0004cnumpy\nndarray\nq\u0005");
        pickle.append(
                "h\u0004h\u0005K\u0000\u0085U\u0001b\u0087R(K\u0001J\u0000\u0000\u0010\u0000\u0085h\u0003K\u0000h\u0001tb"
                        .repeat(100_000));
        pickle.append("1.");
        Path file = folder.resolve("again.pkl");
        Files.write(file, pickle.toString().getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> ReadRows.of(new ProposalPickleFormat(), file)).hasMessageContaining("has the key '0'");

        pickle.setLength(0);
        pickle.append("\u0080\u0002}(U\u0006labels]U\u0001aaU\u0007gttubes}U\u0001v}K\u0000](");
        pickle.append("](K\u0001K\u0001K\u0001K\u0001K\u0001eq\u0001").append("]q\u0002(");
        pickle.append("h\u0001".repeat(100_000))
                .append("e")
                .append("h\u0002".repeat(100_000))
                .append("esssu.");
        Files.write(file, pickle.toString().getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> new TubePickleFormat().read(file, row -> {}))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining("again");
    }

    static Stream<String> all() {
        return Stream.of("0", "1", "2", "3", "4", "5", "python2")
                .flatMap(protocol -> Stream.of("gttubes_" + protocol + ".pkl", "proposals_" + protocol + ".pkl"));
    }

    /**
     * Only the error meant for it, whichever byte is another and wherever the file ends: every seventh byte, and all of them
     * with {@code -Dfuzz=N}.
     */
    @ParameterizedTest
    @MethodSource("all")
    void aDamagedPickleIsReadOrRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(file(name));
        BoxFormat format = BoxFormats.of(file(name));
        Path damaged = folder.resolve("damaged.pkl");
        for (int at = 0; at < whole.length; at += STEP) {
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
