package maskfeat.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import maskfeat.disk.Content;
import maskfeat.disk.DamagedFile;
import maskfeat.disk.Disk;
import maskfeat.disk.NewerFile;
import maskfeat.weights.DType;
import maskfeat.weights.Safetensors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointsTest {
    /** As the real disk, without waiting for it: most tests here are of a process that dies, not of the power. */
    private static final Disk UNFORCED = new FaultyDisk((number, operation) -> {});

    @TempDir(factory = InMemory.class)
    Path temp;

    /** Thousands of small files: in memory where the system offers it, which is six times as fast. */
    static final class InMemory implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
            Path memory = Path.of("/dev/shm");
            return Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "checkpoints")
                    : Files.createTempDirectory("checkpoints");
        }
    }

    private Path root;
    private final List<String> notices = new ArrayList<>();

    @BeforeEach
    void root() {
        root = temp.resolve("checkpoints");
    }

    @Test
    void whatIsSavedIsThere() throws IOException {
        Checkpoints checkpoints = Checkpoints.open(root, 3, notices::add);
        assertThat(checkpoints.latest()).isEmpty();
        Checkpoint saved = checkpoints.save(1234, files(1234, "a"));
        assertThat(saved.folder()).isEqualTo(root.resolve("step-00001234"));
        assertThat(checkpoints.latest()).contains(saved);
        assertWhole(saved, 1234, "a");
        saved.checkAll();
        assertThat(root.resolve("LATEST")).hasContent("step-00001234");
        assertThat(names(root)).containsExactly("LATEST", "step-00001234");
        assertThat(names(saved.folder()))
                .containsExactly("MANIFEST.json", "model.safetensors", "optimizer.safetensors", "state.json");
        assertThat(notices).isEmpty();
    }

    @Test
    void theManifestReadsLikeThis() throws IOException {
        open(1).save(7, Map.of("state.json", text("123456789")));
        // CRC32C of "123456789" is the catalogue's check value.
        assertThat(root.resolve("step-00000007/MANIFEST.json")).content().startsWith("""
                        {
                          "format": 1,
                          "step": 7,
                          "files": {
                            "state.json": {"size": 9, "crc32c": "e3069283", "sha256": "15e2b0d3c33891eb\
                        b0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"}
                          },
                          "crc32c": "\
                        """);
    }

    /** The next format may hold anything, as long as the CRC32C of all before it is its last line. */
    @Test
    void aNewerFormatIsRefusedByNameAndNotPassedOverAsDamaged() throws IOException {
        Path folder = twoCheckpoints();
        String signed = "{\n  \"format\": 2,\n  \"files\": [\"a\", \"b\"]";
        CRC32C crc = new CRC32C();
        crc.update(signed.getBytes(UTF_8));
        String text = signed + ",\n  \"crc32c\": \"" + String.format("%08x", crc.getValue()) + "\"\n}\n";
        Files.writeString(folder.resolve("MANIFEST.json"), text);
        assertThatThrownBy(() -> open(2).latest())
                .isInstanceOf(NewerFile.class)
                .hasMessageContaining("MANIFEST.json has version 2 of its format; this program reads versions up to 1");
    }

    @Test
    void theNewestStay() throws IOException {
        Checkpoints checkpoints = open(2);
        for (long step : new long[] {5, 10, 99_999_999, 100_000_000}) {
            checkpoints.save(step, files(step, "a"));
        }
        assertThat(names(root)).containsExactly("LATEST", "step-100000000", "step-99999999");
        assertThat(checkpoints.latest().map(Checkpoint::step)).contains(100_000_000L);
        assertThatThrownBy(() -> open(0)).hasMessage("keep 0 checkpoints; at least 1 must stay");
    }

    @Test
    void savingAStepAgainReplacesIt() throws IOException {
        Checkpoints checkpoints = open(1);
        checkpoints.save(5, files(5, "first"));
        checkpoints.save(5, files(5, "second"));
        assertWhole(checkpoints.latest().orElseThrow(), 5, "second");
        assertThat(names(root)).containsExactly("LATEST", "step-00000005");
    }

    @Test
    void resumingFromBeforeADamagedOnePutsThatAside() throws IOException {
        open(1).save(500, files(500, "a"));
        open(2).save(1000, files(1000, "a"));
        Files.delete(root.resolve("step-00001000/model.safetensors"));
        Checkpoints checkpoints = open(1);
        assertWhole(checkpoints.latest().orElseThrow(), 500, "a");
        checkpoints.save(600, files(600, "b"));
        assertThat(names(root)).containsExactly("LATEST", "aside-step-00001000", "step-00000600");
        assertThat(notices)
                .containsExactly(
                        "checkpoint step-00001000 is damaged: model.safetensors is missing; using step-00000500 instead",
                        "checkpoint step-00001000 is later than step-00000600, which was saved now; it is kept as"
                                + " aside-step-00001000");
        assertWhole(open(1).latest().orElseThrow(), 600, "b");
    }

    @Test
    void lookingChangesNothing() throws IOException {
        assertThat(Checkpoints.latestIn(root, notices::add)).isEmpty();
        open(1).save(5, files(5, "a"));
        Files.createDirectory(root.resolve(".tmp-step-00000006"));
        assertThat(Checkpoints.latestIn(root, notices::add).map(Checkpoint::step))
                .contains(5L);
        assertThat(names(root)).contains(".tmp-step-00000006");
    }

    @Test
    void namesThatArePathsAreRefused() throws IOException {
        Checkpoints checkpoints = open(1);
        for (String name : List.of("../x", "a/b", "", ".", "..", ".hidden", "MANIFEST.json", "a\\b", "a\nb")) {
            assertThatThrownBy(() -> checkpoints.save(1, Map.of(name, text("x"))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a checkpoint's file cannot be named '" + name + "'");
        }
        assertThatThrownBy(() -> checkpoints.save(-1, Map.of())).hasMessage("step -1 of a checkpoint");
        assertThat(names(root)).isEmpty();
    }

    @Test
    void aWriterThatThrowsLeavesNothingBehind() throws IOException {
        Checkpoints checkpoints = open(1);
        checkpoints.save(1, files(1, "a"));
        assertThatThrownBy(() -> checkpoints.save(2, Map.of("model", out -> {
                    throw new IllegalStateException("no tensor");
                })))
                .hasMessage("no tensor");
        assertThat(names(root)).containsExactly("LATEST", "step-00000001");
    }

    @Test
    void theLocaleDoesNotShow() throws IOException {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertThat(String.format("%d", 5)).isNotEqualTo("5");
            open(1).save(5, files(5, "a"));
        } finally {
            Locale.setDefault(before);
        }
        assertWhole(open(1).latest().orElseThrow(), 5, "a");
        assertThat(names(root)).containsExactly("LATEST", "step-00000005");
    }

    // ---- killed at every operation -----------------------------------------------------------------------------

    enum Situation {
        FIRST,
        NEXT,
        SAME_STEP_AGAIN,
        THE_ONLY_ONE_AGAIN,
        AFTER_A_DAMAGED_ONE,
        KEEP_ONE
    }

    /** What was there before, and what is then saved. */
    private record Scene(Optional<Long> before, int keep, long step) {}

    private Scene prepare(Situation situation) throws IOException {
        switch (situation) {
            case FIRST -> {
                return new Scene(Optional.empty(), 2, 3);
            }
            case NEXT, SAME_STEP_AGAIN -> {
                open(2).save(1, files(1, "old"));
                open(2).save(2, files(2, "old"));
                return new Scene(Optional.of(2L), 2, situation == Situation.NEXT ? 3 : 2);
            }
            case THE_ONLY_ONE_AGAIN -> {
                open(1).save(2, files(2, "old"));
                return new Scene(Optional.of(2L), 1, 2);
            }
            case AFTER_A_DAMAGED_ONE -> {
                open(2).save(2, files(2, "old"));
                open(2).save(9, files(9, "old"));
                Files.write(root.resolve("step-00000009/state.json"), new byte[0]);
                return new Scene(Optional.of(2L), 1, 3);
            }
            case KEEP_ONE -> {
                open(1).save(2, files(2, "old"));
                return new Scene(Optional.of(2L), 1, 3);
            }
        }
        throw new AssertionError(situation);
    }

    @ParameterizedTest
    @EnumSource
    void killedAtAnyOperationThePreviousOrTheNewCheckpointIsWhole(Situation situation) throws IOException {
        boolean finished = false;
        int previous = 0;
        int renewed = 0;
        for (int n = 0; !finished; n++) {
            root = Files.createDirectory(temp.resolve("run" + n)).resolve("checkpoints");
            Scene scene = prepare(situation);
            FaultyDisk disk = new FaultyDisk(FaultyDisk.killAt(n));
            boolean returned = false;
            try {
                Checkpoints checkpoints = Checkpoints.open(root, scene.keep, notices::add, disk);
                checkpoints.save(scene.step, files(scene.step, "new"));
                returned = true;
                finished = disk.done.size() < n;
            } catch (FaultyDisk.Killed e) {
                assertThat(disk.done).hasSize(n);
            }
            // And killed again, anywhere while it tidies up.
            for (int again = n % 5; again >= 0; again--) {
                try {
                    Checkpoints.open(root, scene.keep, notices::add, new FaultyDisk(FaultyDisk.killAt(again)));
                } catch (FaultyDisk.Killed e) {
                    assertThat(e).isNotNull();
                }
            }

            Checkpoints reopened = open(scene.keep);
            Optional<Checkpoint> found = reopened.latest();
            if (isWhole(found, scene.step, "new")) {
                renewed++;
            } else {
                previous++;
                assertThat(returned).isFalse();
                assertThat(found.map(Checkpoint::step)).isEqualTo(scene.before);
                if (found.isPresent()) {
                    assertWhole(found.get(), scene.before.orElseThrow(), "old");
                }
            }
            assertThat(names(root)).noneMatch(name -> name.startsWith("."));
            assertWhole(reopened.save(10, files(10, "later")), 10, "later");
            assertWhole(open(1).latest().orElseThrow(), 10, "later");
        }
        assertThat(previous).isGreaterThan(10);
        assertThat(renewed).isGreaterThan(1);
    }

    // ---- faults that a process survives ------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource
    void aFailureAtAnyOperationIsToldAndHarmsNothing(FaultyDisk.Operation failing) throws IOException {
        int failures = 0;
        boolean finished = false;
        for (int n = 0; !finished; n++) {
            int fatal = n;
            root = Files.createDirectory(temp.resolve("run" + n)).resolve("checkpoints");
            open(1).save(1, files(1, "old"));
            int[] seen = {0};
            boolean[] broken = {false};
            FaultyDisk disk = new FaultyDisk((number, operation) -> {
                if (broken[0] && operation == failing && seen[0]++ == fatal) {
                    throw new IOException("No space left on device");
                }
            });
            Checkpoints checkpoints = Checkpoints.open(root, 1, notices::add, disk);
            notices.clear();
            broken[0] = true;
            try {
                checkpoints.save(2, files(2, "new"));
                // What fails after the checkpoint is safe is told, and no more than that.
                assertThat(notices).hasSize(seen[0] > fatal ? 1 : 0).allMatch(notice -> notice.contains("No space"));
                assertWhole(checkpoints.latest().orElseThrow(), 2, "new");
            } catch (SaveFailed e) {
                failures++;
                assertThat(e)
                        .hasMessageContaining("checkpoint step-00000002 was not saved in " + root)
                        .hasMessageContaining("No space left on device")
                        .hasMessageContaining(" bytes are free there and the last checkpoint took ");
                if (failing == FaultyDisk.Operation.WRITE || failing == FaultyDisk.Operation.FORCE) {
                    assertThat(e)
                            .hasMessageMatching(
                                    "(?s).*\\.tmp-step-00000002.[a-zA-Z]+\\.(json|safetensors): No space.*");
                }
                assertThat(names(root)).noneMatch(name -> name.startsWith("."));
                assertWhole(Checkpoint.open(root.resolve("step-00000001")), 1, "old");
                boolean onlyTheLastForceFailed = Files.exists(root.resolve("step-00000002"));
                assertThat(onlyTheLastForceFailed).isEqualTo(failing == FaultyDisk.Operation.FORCE_FOLDER && n == 1);
            }
            finished = seen[0] <= fatal;
            broken[0] = false;
            // The run goes on: the same object saves again once there is room.
            assertWhole(checkpoints.save(3, files(3, "later")), 3, "later");
            checkpoints.save(4, files(4, "later"));
            assertThat(names(root)).containsExactly("LATEST", "step-00000004");
        }
        assertThat(failures > 0).isEqualTo(failing != FaultyDisk.Operation.DELETE);
    }

    @Test
    void aDiskThatStaysFullLeavesTheOldCheckpointAndNoTemporaryFiles() throws IOException {
        open(1).save(1, files(1, "old"));
        boolean[] full = {true};
        for (int n = 0; n < 30; n++) {
            int fatal = n;
            int[] writes = {0};
            full[0] = true;
            Checkpoints checkpoints = Checkpoints.open(root, 1, notices::add, new FaultyDisk((number, operation) -> {
                boolean takesRoom = operation == FaultyDisk.Operation.WRITE
                        || operation == FaultyDisk.Operation.CREATE
                        || operation == FaultyDisk.Operation.CREATE_FOLDER;
                if (full[0] && takesRoom && writes[0]++ >= fatal) {
                    throw new IOException("No space left on device");
                }
            }));
            Throwable thrown = catchThrowable(() -> checkpoints.save(2, files(2, "new")));
            if (thrown == null) {
                assertWhole(checkpoints.latest().orElseThrow(), 2, "new");
                assertThat(n).isGreaterThan(10);
                return;
            }
            assertThat(thrown).isInstanceOf(SaveFailed.class);
            assertThat(names(root)).containsExactly("LATEST", "step-00000001");
            assertWhole(checkpoints.latest().orElseThrow(), 1, "old");
        }
        fail("the save never came through");
    }

    @Test
    void shortWritesAreGoneOnWith() throws IOException {
        Checkpoints checkpoints =
                Checkpoints.open(root, 1, notices::add, new FaultyDisk((number, operation) -> {}, true));
        assertWhole(checkpoints.save(2, files(2, "a")), 2, "a");
        assertWhole(open(1).latest().orElseThrow(), 2, "a");
    }

    @Test
    void aFolderThatVanishesIsNamed() throws IOException {
        Checkpoints checkpoints = open(1);
        Files.delete(root);
        assertThatThrownBy(() -> checkpoints.save(1, files(1, "a")))
                .isInstanceOf(SaveFailed.class)
                .hasMessageContaining("NoSuchFileException")
                .hasMessageContaining(root.toString())
                .hasMessageContaining("how much is free there is not known");
    }

    // ---- the power goes ----------------------------------------------------------------------------------------

    @ParameterizedTest
    @MethodSource("trials")
    void afterAPowerCutWhatWasSavedOrIsBeingSavedIsWhole(int seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Path run = Files.createDirectory(temp.resolve("run"));
        UnsyncedDisk disk = new UnsyncedDisk(run, random.nextInt(70));
        // The last that was saved, then those begun since; one of them must be there, whole.
        List<Saved> candidates = new ArrayList<>(List.of(Saved.NOTHING));
        for (int round = 0; round < 5; round++) {
            int keep = 1 + random.nextInt(2);
            try {
                Checkpoints checkpoints = Checkpoints.open(run.resolve("checkpoints"), keep, notices::add, disk);
                for (int version = 0; ; version++) {
                    long latest =
                            candidates.stream().mapToLong(Saved::step).max().orElseThrow();
                    Saved next = new Saved(Math.max(0, latest + random.nextInt(2)), round + "." + version);
                    candidates.add(next);
                    checkpoints.save(next.step(), files(next.step(), next.version()));
                    candidates.subList(0, candidates.size() - 1).clear();
                }
            } catch (FaultyDisk.Killed e) {
                if (random.nextBoolean()) {
                    disk.restart(random.nextInt(70));
                    continue;
                }
            }
            run = Files.createDirectory(temp.resolve("left" + round));
            disk.powerCut(run, random);
            disk = new UnsyncedDisk(run, random.nextInt(70));
            // Looked at in a copy, so that the next round starts from what the cut left.
            Path copy = Files.createDirectory(temp.resolve("copy" + round));
            disk.powerCut(copy, random);
            Optional<Checkpoint> found = Checkpoints.open(copy.resolve("checkpoints"), keep, notices::add, UNFORCED)
                    .latest();
            Saved survivor = Saved.NOTHING;
            for (Saved candidate : candidates) {
                if (isWhole(found, candidate.step(), candidate.version())) {
                    survivor = candidate;
                }
            }
            assertThat(candidates).contains(survivor);
            assertThat(found.isPresent()).isEqualTo(survivor != Saved.NOTHING);
            candidates = new ArrayList<>(List.of(survivor));
        }
        assertThat(notices).isEmpty();
    }

    /** The narrow case of the above: killed while it replaces its only checkpoint, killed again while it tidies up. */
    @Test
    void killedTwiceAndThenWithoutPowerTheOnlyCheckpointIsStillThere() throws IOException {
        SplittableRandom random = new SplittableRandom(7);
        boolean finished = false;
        for (int n = 0; !finished; n++) {
            for (int again = 0; again < 9; again++) {
                Path run = Files.createDirectory(temp.resolve(n + "-" + again));
                root = run.resolve("checkpoints");
                open(1).save(2, files(2, "old"));
                UnsyncedDisk disk = new UnsyncedDisk(run, n);
                try {
                    Checkpoints.open(root, 1, notices::add, disk).save(2, files(2, "new"));
                    finished = true;
                } catch (FaultyDisk.Killed first) {
                    disk.restart(again);
                    try {
                        Checkpoints.open(root, 1, notices::add, disk);
                    } catch (FaultyDisk.Killed second) {
                        assertThat(second).isNotSameAs(first);
                    }
                }
                root = Files.createDirectory(temp.resolve(n + "-" + again + "-left"));
                disk.powerCut(root, random);
                root = root.resolve("checkpoints");
                Optional<Checkpoint> found = open(1).latest();
                assertThat(isWhole(found, 2, "old") || isWhole(found, 2, "new")).isTrue();
            }
        }
        assertThat(notices).isEmpty();
    }

    private record Saved(long step, String version) {
        static final Saved NOTHING = new Saved(-1, "");
    }

    static IntStream trials() {
        return IntStream.range(0, 200);
    }

    // ---- damage ------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "optimizer.safetensors", "state.json", "MANIFEST.json"})
    void anyChangedByteIsFoundAndThePreviousCheckpointUsed(String name) throws IOException {
        Path file = twoCheckpoints().resolve(name);
        byte[] whole = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(name.hashCode());
        for (int trial = 0; trial < 100; trial++) {
            byte[] changed = whole.clone();
            changed[random.nextInt(whole.length)] ^= (byte) (1 + random.nextInt(255));
            assertFallsBack(file, changed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "optimizer.safetensors", "state.json", "MANIFEST.json"})
    void anyTruncationIsFoundAndThePreviousCheckpointUsed(String name) throws IOException {
        Path file = twoCheckpoints().resolve(name);
        byte[] whole = Files.readAllBytes(file);
        for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1, whole.length + 1}) {
            assertFallsBack(file, Arrays.copyOf(whole, length));
        }
        Files.delete(file);
        assertFallsBack(file);
        Files.createDirectory(file);
        assertFallsBack(file);
    }

    @Test
    void theReasonIsInTheNotice() throws IOException {
        Path folder = twoCheckpoints();
        Files.writeString(folder.resolve("state.json"), "x".repeat((int) Files.size(folder.resolve("state.json"))));
        open(2).latest();
        assertThat(notices.get(0))
                .matches(
                        "checkpoint step-00000002 is damaged: state.json has CRC32C [0-9a-f]{8} instead of [0-9a-f]{8};"
                                + " using step-00000001 instead");
        Files.delete(root.resolve("step-00000001/MANIFEST.json"));
        notices.clear();
        assertThat(open(2).latest()).isEmpty();
        assertThat(notices).hasSize(2).allMatch(notice -> notice.endsWith("; there is no older one that is whole"));
    }

    @Test
    void aRenamedCheckpointAndAHugeManifestAreDamage() throws IOException {
        Path folder = twoCheckpoints();
        Files.move(folder, root.resolve("step-00000077"));
        Files.createDirectory(root.resolve("step-00000088"));
        Files.write(root.resolve("step-00000088/MANIFEST.json"), new byte[(1 << 20) + 1]);
        assertThat(open(9).latest().map(Checkpoint::step)).contains(1L);
        assertThat(notices.get(0)).contains("step-00000088 is damaged: MANIFEST.json has 1048577 bytes");
        assertThat(notices.get(1)).contains("step-00000077 is damaged: MANIFEST.json is of step 2");
    }

    @Test
    void aForgedFileWithTheSameChecksumIsFoundByTheFullCheck() throws IOException {
        Path folder = twoCheckpoints();
        Checkpoint honest = Checkpoint.open(folder);
        // CRC is linear: adding the polynomial itself, 1 1EDC6F41, somewhere leaves it as it was.
        byte[] forged = Files.readAllBytes(honest.file("state.json"));
        long polynomial = 0x11EDC6F41L;
        for (int bit = 0; bit < 33; bit++) {
            if ((polynomial >> (32 - bit) & 1) == 1) {
                forged[bit / 8] ^= (byte) (1 << bit % 8);
            }
        }
        Files.write(honest.file("state.json"), forged);
        Checkpoint opened = Checkpoint.open(folder);
        assertThatThrownBy(opened::checkAll).isInstanceOf(DamagedFile.class).hasMessageContaining("has SHA-256");
    }

    @Test
    void anInterruptedLookStillFindsTheNewest() throws IOException {
        twoCheckpoints();
        Checkpoints checkpoints = open(2);
        Thread.currentThread().interrupt();
        Optional<Checkpoint> found = checkpoints.latest();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(found.map(Checkpoint::step)).contains(2L);
        assertThat(notices).isEmpty();
    }

    private Path twoCheckpoints() throws IOException {
        open(2).save(1, files(1, "a"));
        return open(2).save(2, files(2, "a")).folder();
    }

    private void assertFallsBack(Path file, byte[] content) throws IOException {
        Files.write(file, content);
        assertFallsBack(file);
    }

    private void assertFallsBack(Path file) throws IOException {
        notices.clear();
        assertWhole(open(2).latest().orElseThrow(), 1, "a");
        assertThat(notices).hasSize(1);
        assertThat(notices.get(0))
                .startsWith("checkpoint step-00000002 is damaged: " + file.getFileName() + " ")
                .endsWith("; using step-00000001 instead");
    }

    // ---- what is saved -----------------------------------------------------------------------------------------

    private Checkpoints open(int keep) throws IOException {
        return Checkpoints.open(root, keep, notices::add, UNFORCED);
    }

    private static Map<String, Content> files(long step, String version) {
        Map<String, Content> files = new TreeMap<>();
        bytes(step, version)
                .forEach((name, bytes) -> files.put(name, out -> {
                    int middle = bytes.length / 2;
                    out.write(ByteBuffer.wrap(bytes, 0, middle));
                    out.write(ByteBuffer.wrap(bytes, middle, bytes.length - middle));
                }));
        return files;
    }

    /** Different for each step and version, the same at each call. */
    private static Map<String, byte[]> bytes(long step, String version) {
        byte[] weights = new byte[80];
        new Random(step * 31 + version.hashCode()).nextBytes(weights);
        return Map.of(
                "model.safetensors", safetensors("blocks.0.norm1.weight", weights),
                "optimizer.safetensors", safetensors("exp_avg", weights),
                "state.json", ("{\"step\": " + step + ", \"version\": \"" + version + "\"}\n").getBytes(UTF_8));
    }

    private static byte[] safetensors(String name, byte[] data) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            Safetensors.content(
                            Map.of("format", "pt"),
                            List.of(Safetensors.Source.of(
                                    name, DType.F32, List.of(data.length / 4L), () -> ByteBuffer.wrap(data))))
                    .writeTo(Channels.newChannel(bytes));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return bytes.toByteArray();
    }

    private static Content text(String text) {
        return out -> out.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
    }

    private static boolean isWhole(Optional<Checkpoint> found, long step, String version) throws IOException {
        if (found.isEmpty() || found.get().step() != step) {
            return false;
        }
        for (Map.Entry<String, byte[]> file : bytes(step, version).entrySet()) {
            if (!Arrays.equals(Files.readAllBytes(found.get().file(file.getKey())), file.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static void assertWhole(Checkpoint found, long step, String version) throws IOException {
        assertThat(found.step()).isEqualTo(step);
        for (Map.Entry<String, byte[]> file : bytes(step, version).entrySet()) {
            assertThat(found.file(file.getKey())).hasBinaryContent(file.getValue());
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
