package maskfeat.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import maskfeat.augment.Box;
import maskfeat.augment.Cutout;
import maskfeat.data.DatasetException;
import maskfeat.data.Item;
import maskfeat.data.Scan;
import maskfeat.disk.DamagedFile;
import maskfeat.feature.LabelCrop;
import maskfeat.feature.LabelMaps;
import maskfeat.golden.GoldenDir;
import maskfeat.media.Frames;
import maskfeat.media.JpegWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Token Labeling's files, which the script label_maps.py wrote with PyTorch. */
class LabelMapFilesTest {
    private static final int CLASSES = 60;
    private static final int SIDE = 18;
    private static final int KEPT = 5;

    @TempDir
    private Path folder = Path.of("");

    private LabelMapFiles files(int classes) {
        return new LabelMapFiles(new LabelMaps(folder, classes, LabelMaps.Axes.PICTURE));
    }

    private Item item(String map) throws IOException {
        Files.createDirectories(folder.resolve("n01440764"));
        Files.copy(GoldenDir.resource("/label-maps").resolve(map), folder.resolve("n01440764/n01440764_10026.pt"));
        return new Item(Path.of("train/n01440764/n01440764_10026.small.JPEG"), Item.UNLABELLED);
    }

    /** Both containers, and a view of a larger tensor: each cell has the scores and classes of the script's formula. */
    @ParameterizedTest
    @ValueSource(strings = {"map.pt", "view.pt"})
    void aMapHasTheScoresThatPyTorchWrote(String name) throws IOException {
        Item item = item(name);
        files(CLASSES).check(Path.of("train"), List.of(item));
        // With as many tokens as cells, each token is at the centre of one.
        LabelCrop whole = LabelCrop.of(
                files(CLASSES).read(item), new Cutout(Box.whole(36, 54), false), 36, 54, LabelMaps.Axes.PICTURE);
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                float[] scores = new float[CLASSES];
                whole.scores(row, SIDE, column, SIDE, scores, 0);
                float[] expected = new float[CLASSES];
                for (int k = 0; k < KEPT; k++) {
                    expected[(7 * k + row + 2 * column) % CLASSES] = (k * SIDE * SIDE + row * SIDE + column) / 8f;
                }
                assertThat(scores).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dictionary.pt | instead of a tensor",
                "scores.pt | holds a tensor [5, 18, 18] of F16, and a map of classes is [2, kept, rows, columns]",
                "fraction.pt | has 3.5 for the number of a class",
                "twice.pt | twice in row 0, column 0",
                "infinite.pt | has the score Infinity in row 3, column 4",
            })
    void whatIsNoMapIsRefusedByItsName(String name, String why) throws IOException {
        Item item = item(name);
        assertThatThrownBy(() -> files(CLASSES).check(Path.of("train"), List.of(item)))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContainingAll("n01440764_10026.pt", why);
    }

    @Test
    void aClassThatIsNotThereIsRefused() throws IOException {
        Item item = item("map.pt");
        assertThatCode(() -> files(CLASSES).read(item)).doesNotThrowAnyException();
        assertThatThrownBy(() -> files(50).read(item))
                .hasMessageContainingAll("n01440764_10026.pt", "class 50", "there are 50 classes", "maps.classes");
    }

    /** A pickle that would run a command is a file as any other: its name is refused. */
    @Test
    void nothingInAFileIsExecuted() throws IOException {
        Files.createDirectories(folder.resolve("a"));
        Files.copy(GoldenDir.path().resolve("dvae/MALICIOUS_encoder.pkl"), folder.resolve("a/b.pt"));
        assertThatThrownBy(() -> files(CLASSES).read(new Item(Path.of("a/b.png"), 0)))
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining("posix.system");
    }

    @Test
    void picturesWithoutMapsAreRefusedTogether() throws IOException {
        Item there = item("map.pt");
        Item missing = new Item(Path.of("train/n02/x.png"), Item.UNLABELLED);
        assertThatThrownBy(() -> files(CLASSES).check(Path.of("train"), List.of(there, missing, missing)))
                .isInstanceOf(DatasetException.class)
                .hasMessageContainingAll(
                        "2 of 3 images",
                        "x.png",
                        folder.resolve("n02").resolve("x.pt").toString(),
                        "task.target.maps.folder");
    }

    /** The verdict is that of the picture, which no run could take. */
    @Test
    void aScanLooksAtMapsToo() throws Exception {
        Path pictures = folder.resolve("pictures/n01440764");
        Files.createDirectories(pictures);
        byte[] jpeg = JpegWriter.bytes(new Frames(1, 16, 16, new byte[16 * 16 * 3]), 90);
        for (String name : List.of("n01440764_10026.jpg", "bad.jpg", "many.jpg", "shape.jpg", "none.jpg")) {
            Files.write(pictures.resolve(name), jpeg);
        }
        Files.writeString(pictures.resolve("no.jpg"), "no picture");
        Files.writeString(pictures.resolve("notes.txt"), "notes");
        item("map.pt");
        Path maps = folder.resolve("n01440764");
        Files.writeString(maps.resolve("bad.pt"), "no map");
        Files.copy(GoldenDir.resource("/label-maps").resolve("twice.pt"), maps.resolve("many.pt"));
        Files.copy(GoldenDir.resource("/label-maps").resolve("scores.pt"), maps.resolve("shape.pt"));
        Scan scan = Scan.of(folder.resolve("pictures"), Scan.As.AUTO, Duration.ofSeconds(60));
        scan.checkMaps(files(CLASSES)::check);
        Map<String, Scan.Finding> found = new HashMap<>();
        scan.run(2, finding -> found.put(finding.item().file().getFileName().toString(), finding));
        assertThat(found).hasSize(7);
        found.forEach((name, finding) -> {
            String[] expected = switch (name) {
                case "n01440764_10026.jpg" -> new String[] {"ok", ""};
                case "bad.jpg" -> new String[] {"bad map", "bad.pt"};
                case "many.jpg" -> new String[] {"bad map", "twice"};
                case "shape.jpg" -> new String[] {"bad map", "[2, kept, rows, columns]"};
                case "none.jpg" ->
                    new String[] {"no map", maps.resolve("none.pt").toString()};
                case "no.jpg" -> new String[] {"not an image", "no.jpg"};
                default -> new String[] {"passed over", "notes.txt"};
            };
            assertThat(finding.verdict()).as(name).isEqualTo(expected[0]);
            assertThat(finding.reason()).as(name).contains(expected[1]);
            assertThat(finding.usable()).as(name).isEqualTo(expected[0].equals("ok"));
            assertThat(finding.usableInPart()).as(name).isFalse();
        });
        Scan videos = Scan.of(folder.resolve("pictures"), Scan.As.VIDEOS, Duration.ofSeconds(60));
        assertThatThrownBy(() -> videos.checkMaps(files(CLASSES)::check)).hasMessageContaining("--as videos");
    }
}
