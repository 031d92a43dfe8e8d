package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import maskfeat.disk.Content;
import maskfeat.disk.DamagedFile;
import maskfeat.settings.Settings;
import maskfeat.train.Checkpoint;
import maskfeat.train.Checkpoints;
import maskfeat.train.RunFolder;
import maskfeat.weights.WeightsMismatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose data or checkpoints are not what they were: nothing begins anew or goes on differently without a word. */
class LostRunTest {
    @TempDir
    private Path folder = Path.of("");

    private Path images = Path.of("");

    @BeforeEach
    void make() throws IOException {
        PatternData.write(folder.resolve("data"));
        images = folder.resolve("data/images/train");
    }

    private Settings<Run> settings(String... more) {
        Settings<Run> settings = Runs.settings("tiny-image", "model.dim=8", "model.heads=1", "train.epochs=3", "seed=5")
                .set("train.accumulate=1")
                .set("report.pictures-every=0")
                .set("data.path=" + images)
                .set("train.batch=6");
        for (String assignment : more) {
            settings = settings.set(assignment);
        }
        return settings;
    }

    private Path stoppedRun() throws IOException, InterruptedException {
        Path place = folder.resolve("run");
        AtomicInteger asked = new AtomicInteger();
        RunJob job = RunJob.begin(place, settings());
        try (RunFolder run = job.folder()) {
            job.run(run, new RunJob.Watch(List.of(), () -> asked.incrementAndGet() >= 3, (done, of) -> {}, ""));
        }
        return place;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(images)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    // ---- data --------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"added", "removed", "replaced", "renamed", "touched"})
    void dataThatChangedAreRefusedNamingWhatChangedUnlessTheyAreAccepted(String change) throws Exception {
        Path place = stoppedRun();
        Path first = files().get(0);
        Path other = first.resolveSibling("new.png");
        switch (change) {
            case "added" -> Files.copy(first, other);
            case "removed" -> Files.delete(first);
            case "replaced" -> Files.copy(files().get(7), first, StandardCopyOption.REPLACE_EXISTING);
            case "renamed" -> Files.move(first, other);
            default -> Files.setLastModifiedTime(first, FileTime.fromMillis(1_000_000));
        }
        String named = (change.equals("added") || change.equals("renamed") ? other : first)
                .getFileName()
                .toString();

        assertThatThrownBy(() -> RunJob.resume(place).folder())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("have changed", named, "--accept-changed-data");
        assertThat(place.resolve("SAVED")).exists();

        try {
            assertThat(RunJob.resume(place)
                            .acceptingChangedData()
                            .run()
                            .ending()
                            .name())
                    .isEqualTo("DONE");
        } catch (IllegalArgumentException otherSteps) {
            assertThat(otherSteps)
                    .hasMessageMatching(
                            "the data makes? \\d+ steps? an epoch.*"); // an item more or less may change their number
        }
    }

    @Test
    void dataThatWereCopiedAreTheSame() throws Exception {
        Path place = stoppedRun();
        Path copy = folder.resolve("elsewhere");
        for (Path file : files()) {
            Path to = copy.resolve(images.relativize(file).toString());
            Files.createDirectories(to.getParent());
            Files.copy(file, to);
            Files.setLastModifiedTime(to, FileTime.fromMillis(5_000_000));
        }
        RunJob moved = RunJob.resume(place, before -> before.set("data.path=" + copy), notice -> {});
        assertThat(moved.run().ending().name()).isEqualTo("DONE");
    }

    @Test
    void aRunOfAVersionThatDidNotWriteItsDataDownGoesOn() throws Exception {
        Path place = stoppedRun();
        Files.delete(place.resolve("data.tsv"));
        assertThat(RunJob.resume(place).run().ending().name()).isEqualTo("DONE");
    }

    @Test
    void aRecordOfANewerVersionIsRefused() throws Exception {
        Path place = stoppedRun();
        Files.writeString(place.resolve("data.tsv"), "# data of a run, version 2\n");
        assertThatThrownBy(() -> RunJob.resume(place).folder()).isInstanceOf(DamagedFile.class);
    }

    // ---- checkpoints -------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"gone", "empty", "damaged"})
    void aRunThatLostItsCheckpointsDoesNotBeginAnew(String how) throws Exception {
        Path place = stoppedRun();
        Path checkpoints = place.resolve("checkpoints");
        try (Stream<Path> all = Files.walk(checkpoints)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                if (how.equals("damaged")) {
                    if (path.endsWith("model.safetensors")) {
                        Files.writeString(path, "nonsense");
                    }
                } else if (how.equals("gone") || !path.equals(checkpoints)) {
                    Files.delete(path);
                }
            }
        }
        String before = Files.readString(place.resolve("metrics.jsonl"));

        assertThatThrownBy(() -> RunJob.resume(place).run())
                .isInstanceOf(DamagedFile.class)
                .hasMessageContainingAll("checkpoint", "begin a new run in another folder");
        assertThat(place.resolve("metrics.jsonl")).hasContent(before);
    }

    @Test
    void aRunThatWasKilledBeforeItsFirstCheckpointBeginsAtStepZero() throws Exception {
        Path place = folder.resolve("run");
        RunJob.begin(place, settings()).folder().close();
        assertThat(RunJob.resume(place).run().ending().name()).isEqualTo("DONE");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"step\" : \\d+|\"step\" : -1",
                "\"step\" : \\d+|\"step\" : 77",
                "\"step\" : \\d+|\"step\" : \"many\"",
                "\"stepsPerEpoch\" : \\d+|\"stepsPerEpoch\" : 0",
                "\"meterSums\" : \\{[^}]*}|\"meterSums\" : null",
                "\"meterSums\" : \\{[^}]*}|\"meterSums\" : {\"train/loss\" : null}",
                "\"generator\" : \"[^\"]*\"|\"generator\" : null",
                "\"generator\" : \"[^\"]*\"|\"generator\" : \"!!!\"",
                "\"generator\" : \"[^\"]*\"|\"generator\" : \"AAAA\"",
                "(?s).*|null",
                "(?s).*|[]",
                "(?s).*|{}",
                "(?s).*|not JSON"
            })
    void aStateThatCannotBeIsOneSentence(String pattern, String nonsense) throws Exception {
        Path place = stoppedRun();
        Checkpoint last =
                Checkpoints.latestIn(place.resolve("checkpoints"), notice -> {}).orElseThrow();
        Map<String, Content> files = new TreeMap<>();
        for (String name : last.files().keySet()) {
            files.put(name, Content.of(Files.readAllBytes(last.file(name))));
        }
        String state = Files.readString(last.file("state.json"));
        String changed = state.replaceFirst(pattern, java.util.regex.Matcher.quoteReplacement(nonsense));
        assertThat(changed).isNotEqualTo(state);
        files.put("state.json", Content.of(changed.getBytes(StandardCharsets.UTF_8)));
        Checkpoints.open(place.resolve("checkpoints"), 1, notice -> {}).save(last.step(), files);

        assertThatThrownBy(() -> RunJob.resume(place).run())
                .isInstanceOf(DamagedFile.class)
                .hasMessageContaining("state.json");
    }

    @Test
    void whatAKilledProcessWasWritingGoesAndLinksAreNotFollowed() throws Exception {
        Path place = stoppedRun();
        Path outside = Files.writeString(folder.resolve("outside"), "mine");
        Files.createSymbolicLink(place.resolve("RUNNING"), outside);
        Path left = place.resolve(".best.safetensors.01234567-89ab-cdef-0123-456789abcdef.tmp");
        Files.writeString(left, "half");
        Path inside = Files.createDirectories(place.resolve("checkpoints/.tmp-step-00000009/deep/deeper"));
        Files.writeString(inside.resolve("file"), "half");
        Files.createSymbolicLink(inside.resolve("link"), outside);

        assertThat(RunJob.resume(place).run().ending().name()).isEqualTo("DONE");

        assertThat(outside).hasContent("mine");
        assertThat(left).doesNotExist();
        assertThat(place.resolve("checkpoints/.tmp-step-00000009")).doesNotExist();
    }

    @Test
    void aFolderInWhichARunWasBeingMadeIsTakenOver() throws Exception {
        Path place = Files.createDirectories(folder.resolve("run"));
        Files.writeString(place.resolve(".lock"), "");
        Files.writeString(place.resolve("RUNNING"), "pid 1 on host, since then");
        Files.writeString(place.resolve(".config.yaml.01234567-89ab-cdef-0123-456789abcdef.tmp"), "half");
        assertThat(RunJob.begin(place, settings()).run().ending().name()).isEqualTo("DONE");
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.list(place)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        assertThat(names).noneMatch(name -> name.endsWith(".tmp"));
    }

    @Test
    void aRunThatCannotBeginLeavesNothing() throws Exception {
        Path before = folder.resolve("before");
        RunJob.begin(before, settings()).run();
        Path place = folder.resolve("run");
        assertThatThrownBy(() -> RunJob.begin(place, settings("from=" + before, "model.dim=16"))
                        .run())
                .isInstanceOf(WeightsMismatch.class);
        assertThat(place).doesNotExist();
    }
}
