package maskfeat.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Pictures of many kinds against the pixels that other programs read, which src/test/python wrote beside them. */
class StillsTest {
    private static final Path FOLDER = folder();

    private final ImageReader reader = new ImageReader();

    private static Path folder() {
        try {
            return Path.of(Objects.requireNonNull(StillsTest.class.getResource("/stills"))
                    .toURI());
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }

    static List<String> pictures() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".png") && !name.endsWith(".txt"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void thePixelsAreThoseOfTheOtherProgram(String name) throws Exception {
        Frames ours = reader.read(FOLDER.resolve(name));
        Frames theirs = reader.read(FOLDER.resolve(name + ".png"));
        assertThat(List.of(ours.width(), ours.height())).isEqualTo(List.of(theirs.width(), theirs.height()));
        int largest = 0;
        for (int i = 0; i < ours.rgb().length; i++) {
            largest = Math.max(largest, Math.abs((ours.rgb()[i] & 0xff) - (theirs.rgb()[i] & 0xff)));
        }
        assertThat(largest).as("largest difference").isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "grid_turned.heic",
        "alpha.heic",
        "pillow_420.avif",
        "lossless_alpha_slope.webp",
        "lossy_alpha_holes.webp"
    })
    void aCutFileIsNotReadAndNothingElseHappens(String name) throws Exception {
        byte[] whole = Files.readAllBytes(FOLDER.resolve(name));
        for (int length = 12; length < whole.length; length += 1 + length / 9) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> reader.read(MediaSource.of(name, cut)))
                    .as(length + " bytes")
                    .isInstanceOf(UnreadableFile.class)
                    .hasMessageContaining(name);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "grid_turned.heic",
        "alpha.heic",
        "pillow_alpha_420.avif",
        "lossless_alpha_noise.webp",
        "lossy_alpha_holes.webp"
    })
    void damageIsRefusedOrChangesPixelsAlone(String name) throws Exception {
        byte[] whole = Files.readAllBytes(FOLDER.resolve(name));
        Random random = new Random(7);
        for (int trial = 0; trial < 300; trial++) {
            byte[] broken = whole.clone();
            for (int i = 0; i <= trial % 3; i++) {
                broken[12 + random.nextInt(whole.length - 12)] = (byte) random.nextInt(256);
            }
            try {
                reader.read(MediaSource.of(name, broken));
            } catch (UnreadableFile refused) {
                assertThat(refused).hasMessageContaining(name);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"grid_turned.heic, grid, iovl, kind 'iovl'", "full_709.heic, hvc1, vvc1, kind 'vvc1'"})
    void whatIsNotReadIsNamed(String name, String kind, String other, String named) throws Exception {
        byte[] file = Files.readAllBytes(FOLDER.resolve(name));
        String text = new String(file, StandardCharsets.ISO_8859_1).replace(kind, other);
        assertThatThrownBy(() -> reader.read(MediaSource.of(name, text.getBytes(StandardCharsets.ISO_8859_1))))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageContaining(named)
                .extracting(bad -> ((UnreadableFile) bad).verdict())
                .isEqualTo(UnreadableFile.Verdict.UNSUPPORTED);
    }

    @Test
    void aGridThatDeclaresMoreThanIsAllowedIsRefusedBeforeItsTilesAreDecoded() throws Exception {
        ImageReader strict = new ImageReader(new ImageReader.Limits(64 * 64, 1 << 20));
        assertThatThrownBy(() -> strict.read(FOLDER.resolve("grid_turned.heic")))
                .isInstanceOf(UnreadableFile.class)
                .hasMessageContaining("100 x 110");
    }

    /** Read without its transparency it would be another picture. */
    @Test
    void transparencyOfSingleTilesIsRefusedByName() {
        Path file = FOLDER.resolveSibling("stills-refused").resolve("transparency_of_a_tile.avif");
        assertThatThrownBy(() -> reader.read(MediaSource.of(file)))
                .hasMessageContaining("tiles are transparent one by one");
    }
}
