package maskfeat.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import maskfeat.data.Batch;
import maskfeat.data.Loader;
import maskfeat.data.Order;
import maskfeat.data.PictureFiles;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.disk.Content;
import maskfeat.disk.Disk;
import maskfeat.disk.NewerFile;
import maskfeat.torch.Arrays;
import maskfeat.train.Trainer.Ending;
import maskfeat.weights.TensorFile;
import maskfeat.weights.WeightsMismatch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A task with samples of its own type and with tensors beside its parameters. */
class TaskStateTest {
    private static final int BATCH = 4;
    private static final int STEPS_PER_EPOCH = 3;
    private static final int EPOCHS = 3;
    private static final int STEPS = STEPS_PER_EPOCH * EPOCHS;
    private static final Seeds SEEDS = new Seeds(2);
    private static final Disk UNFORCED = new FaultyDisk((number, operation) -> {});
    private static final Schedule SCHEDULE = new Schedule(1e-3, 1, new Schedule.Cosine(2e-2, 1e-4, 1, EPOCHS));

    @TempDir
    static Path shared;

    @TempDir
    Path temp;

    @BeforeAll
    static void write() throws IOException {
        PictureFiles.folder(shared.resolve("images"), BATCH * STEPS_PER_EPOCH + 1, 24);
    }

    /** The process is gone. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    private final class Run implements AutoCloseable, Listener {
        final TeacherTask task = new TeacherTask();
        final AdamW optimizer = new AdamW(task.parameters(), new AdamW.Config(0.9, 0.999, 1e-8, 0.05, 0.02));
        final Checkpoints checkpoints;
        final Trainer<TeacherTask.Colour> trainer;
        final List<float[]> students = new ArrayList<>();
        long stopAt = Long.MAX_VALUE;
        long killAt = Long.MAX_VALUE;

        Run(String name) throws IOException {
            Path folder = Files.createDirectories(temp.resolve(name));
            checkpoints = Checkpoints.open(folder.resolve("checkpoints"), 100, notice -> {}, UNFORCED);
            trainer = new Trainer<>(
                    task,
                    optimizer,
                    SCHEDULE,
                    new Trainer.Plan(STEPS_PER_EPOCH, EPOCHS, 2, 1, 2, Double.MAX_VALUE, 3),
                    checkpoints,
                    Map.of("format", "pt"),
                    folder.resolve("nonfinite"),
                    List.of(this),
                    this::stopRequested);
        }

        private boolean stopRequested() {
            return trainer.step() >= stopAt;
        }

        @Override
        public void step(StepReport report) {
            students.add(task.student());
            if (report.step() == killAt) {
                throw new Killed();
            }
        }

        Ending train() throws IOException, InterruptedException {
            Samples<TeacherTask.Colour> samples = TeacherTask.samples(shared.resolve("images"), SEEDS);
            return trainer.run(first ->
                    new Loader<>(samples, Order.shuffled(SEEDS, samples.size()), BATCH, 2, 1, 2, 2, first, STEPS));
        }

        Checkpoint latest() throws IOException {
            return checkpoints.latest().orElseThrow();
        }

        @Override
        public void close() {
            optimizer.close();
            task.close();
        }
    }

    @Test
    void theTeacherIsTheMovingAverageOfTheStudentAfterEachStep() throws Exception {
        try (Run run = new Run("run")) {
            float[] expected = run.task.teacher();
            assertThat(run.train()).isEqualTo(Ending.DONE);
            assertThat(run.task.followed).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
            for (float[] student : run.students) {
                for (int i = 0; i < expected.length; i++) {
                    expected[i] += 0.1f * (student[i] - expected[i]);
                }
            }
            assertThat(run.task.teacher()).containsExactly(expected, within(1e-6f));
            assertThat(run.task.teacher()).isNotEqualTo(run.task.student());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 4, 5, 7})
    void aRunThatIsStoppedOrKilledAndResumedEndsWithTheSameBytes(long at) throws Exception {
        try (Run whole = new Run("whole")) {
            whole.train();
            assertThat(whole.latest().files()).containsKey("task.safetensors").hasSize(4);
            for (boolean killed : new boolean[] {false, true}) {
                if (killed && at < 3) {
                    continue; // there is no checkpoint yet
                }
                try (Run first = new Run("first-" + killed);
                        Run second = new Run("second-" + killed)) {
                    if (killed) {
                        first.killAt = at;
                        assertThatExceptionOfType(Killed.class).isThrownBy(first::train);
                    } else {
                        first.stopAt = at;
                        assertThat(first.train()).isEqualTo(Ending.STOPPED);
                    }
                    second.trainer.resume(first.latest());
                    assertThat(second.train()).isEqualTo(Ending.DONE);
                    assertThat(second.latest().files()).isEqualTo(whole.latest().files());
                }
            }
        }
    }

    @Test
    void aStepThatIsNotFiniteIsNotFollowed() throws Exception {
        try (Run run = new Run("run")) {
            run.task.poisoned = 4;
            assertThat(run.train()).isEqualTo(Ending.DONE);
            assertThat(run.task.followed).containsExactly(0L, 1L, 2L, 3L, 5L, 6L, 7L, 8L);
        }
    }

    // ---- checkpoints that do not fit ---------------------------------------------------------------------------

    @Test
    void aCheckpointWithoutTheStateIsRefusedByName() throws Exception {
        try (Run run = new Run("run");
                Run other = new Run("other")) {
            run.train();
            Checkpoint lacking = without(run.latest(), "task.safetensors");
            float[] before = other.task.student();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> other.trainer.resume(lacking))
                    .withMessageStartingWith(
                            "step-00000009 has no task.safetensors, in which the task of this run keeps "
                                    + "teacher.weight; resume it with the task that it was begun with");
            assertThat(other.task.student()).isEqualTo(before);
        }
    }

    @Test
    void aCheckpointWithStateThatTheTaskDoesNotHaveIsRefusedByName() throws Exception {
        try (Run run = new Run("run");
                PointerScope scope = new PointerScope()) {
            run.train();
            Task<TeacherTask.Colour> stateless = new Stateless(run.task);
            TrainingState state = new TrainingState(stateless, run.optimizer, new Meter(), Map.of(), STEPS_PER_EPOCH);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> state.restore(run.latest()))
                    .withMessageStartingWith(
                            "step-00000009 has task.safetensors, and the task of this run has no state of its own");
            state.restore(without(run.latest(), "task.safetensors"));
            assertThat(state.step).isEqualTo(STEPS);
        }
    }

    private record Stateless(TeacherTask of) implements Task<TeacherTask.Colour> {
        @Override
        public Map<String, Tensor> parameters() {
            return of.parameters();
        }

        @Override
        public Outcome loss(Batch<TeacherTask.Colour> batch) {
            return of.loss(batch);
        }

        @Override
        public double weight(TeacherTask.Colour colour) {
            return 1;
        }
    }

    @Test
    void stateOfAnotherShapeIsRefusedByName() throws Exception {
        try (Run run = new Run("run");
                Run other = new Run("other");
                PointerScope scope = new PointerScope()) {
            run.train();
            Checkpoint wrong = with(
                    run.latest(),
                    "task.safetensors",
                    TensorFile.content(Map.of(), Map.of(TeacherTask.TEACHER, Arrays.tensor(new float[8], 2, 4))));
            assertThatExceptionOfType(WeightsMismatch.class)
                    .isThrownBy(() -> other.trainer.resume(wrong))
                    .withMessageContaining("teacher.weight [2, 4] instead of [2, 3]");
        }
    }

    // ---- versions of state.json --------------------------------------------------------------------------------

    @Test
    void aStateWithoutVersionAndWithTheKeyJudgedStillResumes() throws Exception {
        try (Run run = new Run("run");
                Run other = new Run("other")) {
            run.stopAt = 4;
            run.train();
            String json = Files.readString(run.latest().file("state.json"));
            assertThat(json).contains("\"version\" : 2").contains("\"validated\" : {");
            String old = json.replace("\"version\" : 2,", "").replace("\"validated\"", "\"judged\"");
            TrainingState state =
                    new TrainingState(other.task, other.optimizer, new Meter(), Map.of(), STEPS_PER_EPOCH);
            state.restore(
                    with(run.latest(), "state.json", text(old.replace("\"bestEpoch\" : 0", "\"bestEpoch\" : 1"))));
            assertThat(state.validated.bestEpoch()).isEqualTo(1);
            other.trainer.resume(with(run.latest(), "state.json", text(old)));
            assertThat(other.trainer.step()).isEqualTo(4);
        }
    }

    /** The sums of the epoch stood with the goal, and only where there was one. */
    @Test
    void aStateFromBeforeTheLossOfTheEpochWasKeptStillResumes() throws Exception {
        try (Run run = new Run("run");
                Run other = new Run("other")) {
            run.stopAt = 4;
            run.train();
            ObjectNode json = (ObjectNode)
                    JsonMapper.shared().readTree(Files.readString(run.latest().file("state.json")));
            assertThat(json.remove("epoch")).isNotNull();
            json.putObject("goal")
                    .put("loss", 1.5)
                    .put("baseline", 2.5)
                    .putObject("reached")
                    .put("epoch", 2)
                    .put("share", 0.6)
                    .put("last", 3)
                    .put("most", 9);
            TrainingState state =
                    new TrainingState(other.task, other.optimizer, new Meter(), Map.of(), STEPS_PER_EPOCH);
            state.goal = new LossGoal(0.7, 9);
            state.restore(with(run.latest(), "state.json", text(json.toString())));
            assertThat(state.goal.reached()).contains(new GoalReached(2, 0.6, 3, 9));
            assertThat(state.epoch.last()).isEmpty();
        }
    }

    @Test
    void aNewerStateIsRefusedByNameWhateverItHolds() throws Exception {
        try (Run run = new Run("run");
                Run other = new Run("other")) {
            run.train();
            Checkpoint newer = with(run.latest(), "state.json", text("{\"version\": 3, \"step\": {\"made\": 7}}"));
            assertThatExceptionOfType(NewerFile.class)
                    .isThrownBy(() -> other.trainer.resume(newer))
                    .withMessageContaining(
                            "state.json has version 3 of its format; this program reads versions up to 2");
        }
    }

    private static Content text(String text) {
        return out -> out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    private Checkpoint without(Checkpoint checkpoint, String name) throws IOException {
        Map<String, Content> files = files(checkpoint);
        files.remove(name);
        return saved(checkpoint.step(), files);
    }

    private Checkpoint with(Checkpoint checkpoint, String name, Content content) throws IOException {
        Map<String, Content> files = files(checkpoint);
        files.put(name, content);
        return saved(checkpoint.step(), files);
    }

    private static Map<String, Content> files(Checkpoint checkpoint) throws IOException {
        Map<String, Content> files = new TreeMap<>();
        for (String name : checkpoint.files().keySet()) {
            files.put(name, Content.of(checkpoint.file(name)));
        }
        return files;
    }

    private Checkpoint saved(long step, Map<String, Content> files) throws IOException {
        return Checkpoints.open(temp.resolve("changed"), 1, notice -> {}, UNFORCED)
                .save(step, files);
    }
}
