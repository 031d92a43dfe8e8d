package maskfeat.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of older versions are read as the program read them that wrote them. */
class FormatTest {
    @TempDir
    Path folder;

    /**
     * The third version of a run. The first had {@code batch} and {@code depths} at the root, the task's kind was not
     * written; the second had no {@code mlp-ratio}, no {@code clip-grad} and no {@code note}.
     */
    record Run(long seed, Task task, Train train) {}

    sealed interface Task {}

    @JsonTypeName("masked")
    record Masked(
            List<Integer> depths,
            @Added(in = 3, before = "4") double mlpRatio) implements Task {
        public static Masked defaults() {
            return new Masked(List.of(), 3);
        }
    }

    @JsonTypeName("classify")
    record Classify(int classes) implements Task {
        public static Classify defaults() {
            return new Classify(10);
        }
    }

    record Train(
            int batch,
            @Added(in = 3, before = "null") @Nullable Double clipGrad,
            @Added(in = 3, before = "{text: none, size: 7}") Note note) {
        Train {
            if (batch < 1) {
                throw new IllegalArgumentException("batch " + batch + " must be at least 1");
            }
        }
    }

    record Note(String text, int size) {}

    private static final Format<Run> FORMAT =
            new Format<>(Run.class, "run settings", 3, List.of(new Migration(1, file -> {
                file.move("depths", "task.depths");
                file.move("batch", "train.batch");
                file.add("task.kind", "masked");
                file.remove("colour");
                file.text("task.kind").filter("mask"::equals).ifPresent(old -> file.replace("task.kind", "masked"));
            })));

    private static final Run TODAY = new Run(7, new Masked(List.of(3, 5), 3), new Train(8, 0.02, new Note("a", 1)));

    @Test
    void theVersionComesFirstInWhatIsWritten() {
        assertThat(Settings.toJson(FORMAT, TODAY)).startsWith("{\"version\":3,\"seed\":7,");
        assertThat(Settings.of(FORMAT, "r", TODAY).json()).isEqualTo(Settings.toJson(FORMAT, TODAY));
        assertThat(Settings.of(FORMAT, "r", TODAY).yaml()).startsWith("version: 3\nseed: 7");
    }

    @Test
    void whatIsWrittenReadsTheSame() throws IOException {
        Path yaml = write("run.yaml", Settings.of(FORMAT, "r", TODAY).yaml());
        assertThat(Settings.of(FORMAT, yaml).value()).isEqualTo(TODAY);
        assertThat(Settings.fromJson(FORMAT, "s", Settings.toJson(FORMAT, TODAY)))
                .isEqualTo(TODAY);
    }

    @Test
    void aFileWithoutAVersionIsOfTheFirst() throws IOException {
        Path file = write("config.yaml", "seed: 1\nbatch: 2\ndepths: [4]\ncolour: red\n");

        assertThat(Settings.of(FORMAT, file).value())
                .isEqualTo(new Run(1, new Masked(List.of(4), 4), new Train(2, null, new Note("none", 7))));
    }

    @Test
    void keysThatWereAddedLaterTakeTheirEarlierValueAndSaySo() throws IOException {
        Path file = write("config.yaml", "version: 2\nseed: 1\ntask: {kind: masked, depths: []}\ntrain:\n  batch: 2\n");

        Settings<Run> settings = Settings.of(FORMAT, file);

        assertThat(settings.value().task()).isEqualTo(new Masked(List.of(), 4));
        assertThat(settings.origins().get("task.mlp-ratio")).hasToString("as in version 2");
        assertThat(settings.origins().get("train.note.size")).hasToString("as in version 2");
        assertThat(settings.origins().get("train.batch")).hasToString("config.yaml:5");
        assertThat(settings.yaml()).startsWith("version: 3\n").contains("  batch: 2          # config.yaml:5\n");
    }

    @Test
    void aKeyThatItsVersionHadMustBeThere() throws IOException {
        Path lacksAdded = write(
                "config.yaml",
                "version: 3\nseed: 1\ntask: {kind: masked, depths: []}\n"
                        + "train: {batch: 2, clip-grad: null, note: {text: a, size: 1}}\n");
        assertThatThrownBy(() -> Settings.of(FORMAT, lacksAdded))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("task.mlp-ratio: is missing")
                .hasMessageContaining("config.yaml");
        Path lacksOld = write("old.yaml", "batch: 2\ndepths: [4]\n");
        assertThatThrownBy(() -> Settings.of(FORMAT, lacksOld))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("seed: is missing")
                .hasMessageContaining("old.yaml");
        assertThatThrownBy(() -> Settings.of(FORMAT, write("none.yaml", "")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("got nothing");
    }

    @Test
    void newerVersionsAreRefusedByName() throws IOException {
        Path file = write("config.yaml", "version: 7\nfuture: 1\n");
        String message = "config.yaml is of version 7, and this program reads run settings up to version 3; take the"
                + " release that wrote it, or a newer one";
        assertThatThrownBy(() -> Settings.of(FORMAT, file)).hasMessageEndingWith(message);
        assertThatThrownBy(() -> Settings.of(FORMAT, "r", TODAY).file(file)).hasMessageEndingWith(message);
        assertThatThrownBy(() -> Settings.fromJson(FORMAT, "w.safetensors", "{\"version\":4}"))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("w.safetensors is of version 4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "'2'", "two", "2.0", "[2]", "", "99999999999"})
    void whatIsNoVersionIsRefusedWithItsPlace(String version) throws IOException {
        Path file = write("config.yaml", "seed: 1\nversion: " + version + "\n");
        assertThatThrownBy(() -> Settings.of(FORMAT, file))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("version: expected a whole number from 1, got ")
                .hasMessageContaining("config.yaml:2:");
    }

    @Test
    void theVersionIsNoSetting() {
        assertThatThrownBy(
                        () -> Settings.of(FORMAT, "r", TODAY).set("version=2").value())
                .hasMessageContaining("version: is not a setting");
    }

    @Test
    void changesComeOverACompleteFileAsOverARecipe() throws IOException {
        Path file = write("config.yaml", Settings.of(FORMAT, "r", TODAY).yaml());
        Settings<Run> settings = Settings.of(FORMAT, file).set("train.batch=9").flag("--seed", "seed", "2");

        assertThat(settings.value()).isEqualTo(new Run(2, TODAY.task(), new Train(9, 0.02, new Note("a", 1))));
        assertThat(settings.origins().get("train.batch")).hasToString("--set");
        assertThat(Settings.of(FORMAT, file).set("task.kind=classify").value().task())
                .isEqualTo(new Classify(10));
    }

    // --- Files that say a part

    @Test
    void aPartialFileWithoutAVersionIsOfToday() throws IOException {
        Path file = write("part.yaml", "train: {batch: 3}\n");
        assertThat(Settings.of(FORMAT, "r", TODAY).file(file).value().train().batch())
                .isEqualTo(3);
        assertThatThrownBy(() -> Settings.of(FORMAT, "r", TODAY)
                        .file(write("old.yaml", "batch: 3\n"))
                        .value())
                .hasMessageContaining("batch: is not a setting; did you mean train.batch?");
    }

    @Test
    void aPartialFileOfAnOlderVersionIsMigratedAndTheRestStays() throws IOException {
        Path file = write("part.yaml", "version: 1\nbatch: 3\n");
        Run run = Settings.of(FORMAT, "r", TODAY).file(file).value();
        assertThat(run.train()).isEqualTo(new Train(3, 0.02, new Note("a", 1)));
        assertThat(run.task()).isEqualTo(TODAY.task());
    }

    @Test
    void aPartialFileGetsNewKeysOnlyBesideOthers() throws IOException {
        Settings<Run> classifier = Settings.of(FORMAT, "r", new Run(1, new Classify(5), TODAY.train()));

        assertThat(classifier
                        .file(write("a.yaml", "version: 1\nseed: 3\n"))
                        .value()
                        .task())
                .isEqualTo(new Classify(5));
        assertThat(classifier
                        .file(write("b.yaml", "version: 1\ndepths: [1]\n"))
                        .value()
                        .task())
                .isEqualTo(new Masked(List.of(1), 3));
    }

    // --- Migrations

    @Test
    void whatWasMovedStillPointsIntoTheFile() throws IOException {
        Path file = write("config.yaml", "seed: 1\nbatch: many\ndepths: [4]\n");
        assertThatThrownBy(() -> Settings.of(FORMAT, file))
                .hasMessageContaining("train.batch: expected a whole number, got 'many'")
                .hasMessageContaining("config.yaml:2:8");
        Path refused = write("b.yaml", "seed: 1\nbatch: 0\ndepths: [4]\n");
        assertThatThrownBy(() -> Settings.of(FORMAT, refused))
                .hasMessageContaining("train.batch 0 must be at least 1")
                .hasMessageContaining("b.yaml:2:8");
    }

    @Test
    void aFileWithTheOldNameAndTheNewOneIsRefused() throws IOException {
        Path file = write("config.yaml", "seed: 1\nbatch: 2\ntrain: {batch: 3}\n");
        assertThatThrownBy(() -> Settings.of(FORMAT, file))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("batch: is called train.batch now, and the file has both")
                .hasMessageContaining("config.yaml:2:1");
        Path odd = write("odd.yaml", "seed: 1\nbatch: 2\ntrain: 5\n");
        assertThatThrownBy(() -> Settings.of(FORMAT, odd))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("train: expected a map of keys, got '5'");
    }

    @Test
    void valuesMayBeReplacedInTheirLine() throws IOException {
        Path file = write("config.yaml", "seed: 1\nbatch: 2\ntask: {kind: mask, depths: []}\n");
        Settings<Run> settings = Settings.of(FORMAT, file);
        assertThat(settings.value().task()).isEqualTo(new Masked(List.of(), 4));
        assertThat(settings.origins().get("task.kind")).hasToString("config.yaml:3");
    }

    @Test
    void migrationsRunOneAfterAnother() {
        Format<Note> format = new Format<>(
                Note.class,
                "notes",
                4,
                List.of(
                        new Migration(3, file -> file.move("b", "text")),
                        new Migration(1, file -> file.move("a", "b")),
                        new Migration(2, file -> file.add("size", "3"))));
        assertThat(Settings.fromJson(format, "n", "{\"a\":\"x\"}")).isEqualTo(new Note("x", 3));
        assertThat(Settings.fromJson(format, "n", "{\"version\":3,\"b\":\"x\",\"size\":1}"))
                .isEqualTo(new Note("x", 1));
        assertThatThrownBy(() -> Settings.fromJson(format, "n", "{\"version\":3,\"a\":\"x\",\"size\":1}"))
                .hasMessageContaining("a: is not a setting");
    }

    record Versioned(int version) {}

    record BadlyAdded(@Added(in = 2, before = "many") int count) {}

    @Test
    void badlyMadeFormatsFailAtOnce() {
        assertThatThrownBy(() -> new Format<>(Versioned.class, "v", 1, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'version'");
        assertThatThrownBy(() -> new Format<>(Note.class, "n", 2, List.of(new Migration(2, file -> {}))))
                .isInstanceOf(IllegalArgumentException.class);
        Format<BadlyAdded> badly = new Format<>(BadlyAdded.class, "b", 2, List.of());
        assertThatThrownBy(() -> Settings.fromJson(badly, "b", "{}"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("BadlyAdded")
                .hasMessageContaining("'many'");
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
