package maskfeat.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import maskfeat.data.Loader;
import maskfeat.data.MaskedClip;
import maskfeat.data.Order;
import maskfeat.data.PictureFiles;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.disk.Disk;
import maskfeat.eval.Metric;
import maskfeat.torch.Arrays;
import maskfeat.torch.Generators;
import maskfeat.train.ColourTask.Poison;
import maskfeat.train.Trainer.Ending;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Training with validation: which weights are kept, when it ends early, and that a resumed run gives the same bytes. */
class ValidatedTrainingTest {
    private static final int BATCH = 4;
    private static final int STEPS_PER_EPOCH = 3;
    private static final int EPOCHS = 5;
    private static final int STEPS = STEPS_PER_EPOCH * EPOCHS;
    private static final int MAX_NON_FINITE = 3;
    private static final int EVERY_EPOCH = STEPS_PER_EPOCH;
    private static final int AT_THE_END = 1000;
    private static final double DECAY = 0.7;
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

    private static Metric metric(String tag, boolean smallerIsBetter) {
        return Metric.of(tag, tag, smallerIsBetter ? Metric.Better.LOWER : Metric.Better.HIGHER, Metric.Unit.NUMBER);
    }

    /** When and by what. */
    private record Rule(int everyEpochs, boolean smallerIsBetter, int patience) {
        static final Rule PLAIN = new Rule(1, false, 0);
    }

    /** The process is gone. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** A run with all its parts in a folder of its own, and the events its listeners received. */
    private final class Run implements AutoCloseable, Validation.Scorer, Listener {
        final Path folder;
        final Rule rule;
        final ColourTask task = new ColourTask(1, 0.3);
        final AdamW optimizer = new AdamW(task.parameters(), new AdamW.Config(0.9, 0.999, 1e-8, 0.05, null));
        final @Nullable MovingAverage average;
        final Checkpoints checkpoints;
        final Trainer<MaskedClip> trainer;
        final List<String> events = new ArrayList<>();
        final Map<Integer, Map<String, List<Float>>> validated = new LinkedHashMap<>();

        /** By epoch; where there is none, the sum of the weights, which depends on every bit of training. */
        List<Double> script = List.of();

        int stopIn;
        int failIn;
        int killedAfter;

        Run(String name, Rule rule, int saveEvery, boolean averages) throws IOException {
            this(Files.createDirectories(temp.resolve(name)), rule, saveEvery, averages, STEPS_PER_EPOCH);
            Generators.seed(7);
        }

        private Run(Path folder, Rule rule, int saveEvery, boolean averages, int stepsPerEpoch) throws IOException {
            this.folder = folder;
            this.rule = rule;
            average = averages ? new MovingAverage(task.parameters(), DECAY) : null;
            checkpoints = Checkpoints.open(folder.resolve("checkpoints"), 100, events::add, UNFORCED);
            trainer = new Trainer<>(
                            task,
                            optimizer,
                            SCHEDULE,
                            new Trainer.Plan(stepsPerEpoch, EPOCHS, 1, 3, saveEvery, Double.MAX_VALUE, MAX_NON_FINITE),
                            checkpoints,
                            Map.of("format", "pt"),
                            folder.resolve("nonfinite"),
                            List.of(this),
                            () -> false)
                    .validatedBy(new Validation(
                            rule.everyEpochs, metric("val/x", rule.smallerIsBetter), rule.patience, best(), this));
            if (average != null) {
                trainer.averaging(average);
            }
        }

        /** Another process that continues in the same folder. */
        Run resumed(int saveEvery) throws IOException {
            Run next = new Run(folder, rule, saveEvery, average != null, STEPS_PER_EPOCH);
            try (PointerScope scope = new PointerScope()) {
                next.task
                        .parameters()
                        .values()
                        .forEach(parameter -> parameter.detach().zero_());
            }
            Generators.seed(99);
            next.script = script;
            next.trainer.resume(next.checkpoints.latest().orElseThrow());
            return next;
        }

        Ending train() throws IOException, InterruptedException {
            Samples<MaskedClip> samples = ColourTask.samples(shared.resolve("images"), SEEDS, 0);
            return trainer.run(first ->
                    new Loader<>(samples, Order.shuffled(SEEDS, samples.size()), BATCH, 1, 1, 2, first, STEPS));
        }

        Path best() {
            return folder.resolve("best.safetensors");
        }

        byte[] bestBytes() throws IOException {
            return Files.readAllBytes(best());
        }

        /** A file of the checkpoint of this epoch's end. */
        byte[] saved(int epoch, String file) throws IOException {
            return Files.readAllBytes(folder.resolve("checkpoints/step-%08d".formatted(epoch * STEPS_PER_EPOCH))
                    .resolve(file));
        }

        Map<String, List<Float>> parameters() {
            try (PointerScope scope = new PointerScope()) {
                Map<String, List<Float>> values = new LinkedHashMap<>();
                task.parameters().forEach((name, tensor) -> values.put(name, floats(tensor)));
                return values;
            }
        }

        @Override
        public Optional<Map<String, Double>> score(BooleanSupplier stopRequested) throws IOException {
            int epoch = (int) trainer.step() / STEPS_PER_EPOCH;
            try (PointerScope scope = new PointerScope()) {
                Tensor drawn = torch.rand(5); // whatever validation draws must not change training
                assertThat(drawn.numel()).isEqualTo(5);
            }
            if (epoch == stopIn) {
                return Optional.empty();
            }
            if (epoch == failIn) {
                throw new IOException("val/7.jpg is no image");
            }
            Map<String, List<Float>> weights = parameters();
            validated.put(epoch, weights);
            double sum = 0;
            for (List<Float> values : weights.values()) {
                for (float value : values) {
                    sum += value;
                }
            }
            return Optional.of(Map.of("val/x", script.isEmpty() ? sum : script.get(epoch - 1), "val/y", 0.0));
        }

        @Override
        public void step(StepReport report) {
            events.add("step " + report.step() + " " + report.loss());
        }

        @Override
        public void scores(long step, Map<String, Double> values) {
            events.add("scores " + step + " " + values.get("val/x"));
            if (step == (long) killedAfter * STEPS_PER_EPOCH) {
                throw new Killed();
            }
        }

        @Override
        public void saved(Path checkpoint, long step) {
            events.add("saved " + step);
        }

        @Override
        public void epoch(int epoch, long step) {
            events.add("epoch " + epoch);
        }

        @Override
        public void ended(long step, long steps) {
            events.add("ended " + step);
        }

        /** Losses and scores alone. */
        List<String> told() {
            return events.stream()
                    .filter(event -> event.startsWith("step") || event.startsWith("scores"))
                    .toList();
        }

        @Override
        public void close() {
            if (average != null) {
                average.close();
            }
            optimizer.close();
            task.close();
        }
    }

    private static void assertSameEnd(Run actual, Run expected) throws IOException {
        Checkpoint end = actual.checkpoints.latest().orElseThrow();
        Checkpoint wanted = expected.checkpoints.latest().orElseThrow();
        assertThat(end.step()).isEqualTo(wanted.step());
        assertThat(end.files()).isEqualTo(wanted.files());
        assertThat(actual.bestBytes()).isEqualTo(expected.bestBytes());
    }

    // ---- what is kept ------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource({"false, 2", "true, 4"})
    void ofEqualResultsTheFirstIsKept(boolean smallerIsBetter, int best) throws Exception {
        try (Run run = new Run("run", new Rule(1, smallerIsBetter, 0), EVERY_EPOCH, false)) {
            run.script = List.of(2.0, 3.0, 3.0, 0.0, 0.0);
            assertThat(run.train()).isEqualTo(Ending.DONE);
            assertThat(run.bestBytes())
                    .isEqualTo(run.saved(best, "model.safetensors"))
                    .isNotEqualTo(run.saved(best - 1, "model.safetensors"));
            for (int epoch = best; epoch <= EPOCHS; epoch++) {
                assertThat(run.saved(epoch, "best.safetensors")).isEqualTo(run.bestBytes());
            }
        }
    }

    @Test
    void scoresComeBeforeTheCheckpointAndTheEndOfTheEpoch() throws Exception {
        try (Run run = new Run("run", new Rule(2, false, 0), EVERY_EPOCH, false)) {
            run.script = List.of(1.0, 2.0, 3.0, 4.0, 5.0);
            run.train();
            assertThat(run.events.stream().map(event -> event.replaceAll("(step \\d+) .*", "$1")))
                    .containsExactly(
                            "step 3",
                            "saved 3",
                            "epoch 1",
                            "step 6",
                            "scores 6 2.0",
                            "saved 6",
                            "epoch 2",
                            "step 9",
                            "saved 9",
                            "epoch 3",
                            "step 12",
                            "scores 12 4.0",
                            "saved 12",
                            "epoch 4",
                            "step 15",
                            "scores 15 5.0",
                            "saved 15",
                            "epoch 5",
                            "ended 15");
        }
    }

    @Test
    void theAverageIsValidatedAndKeptWhileTheWeightsTrainOn() throws Exception {
        try (Run plain = new Run("plain", Rule.PLAIN, EVERY_EPOCH, false);
                Run averaged = new Run("averaged", Rule.PLAIN, EVERY_EPOCH, true)) {
            plain.script = List.of(1.0, 2.0, 3.0, 2.0, 1.0);
            averaged.script = plain.script;
            plain.train();
            Generators.seed(7);
            averaged.train();
            for (int epoch = 1; epoch <= EPOCHS; epoch++) {
                assertThat(averaged.saved(epoch, "model.safetensors"))
                        .isEqualTo(plain.saved(epoch, "model.safetensors"));
            }
            assertThat(averaged.bestBytes())
                    .isEqualTo(averaged.saved(3, "average.safetensors"))
                    .isNotEqualTo(averaged.saved(3, "model.safetensors"));
            assertThat(averaged.validated.get(1)).isNotEqualTo(plain.validated.get(1));
        }
    }

    @Test
    void theAverageMovesTowardsTheWeightsByItsFormula() throws Exception {
        try (Run run = new Run("run", new Rule(EPOCHS, false, 0), 1, true)) {
            Map<String, List<Float>> expected = run.parameters();
            run.train();
            for (int step = 0; step < STEPS; step++) {
                Map<String, List<Float>> weights =
                        tensors(run.folder.resolve("checkpoints/step-%08d/model.safetensors".formatted(step + 1)));
                double rate = 1 - Math.min(DECAY, (1.0 + step) / (10.0 + step));
                expected.forEach((name, average) -> {
                    List<Float> values = requireNonNull(weights.get(name));
                    for (int i = 0; i < values.size(); i++) {
                        average.set(i, (float) (average.get(i) + rate * (values.get(i) - average.get(i))));
                    }
                });
            }
            Map<String, List<Float>> validated = requireNonNull(run.validated.get(EPOCHS));
            expected.forEach((name, values) -> {
                for (int i = 0; i < values.size(); i++) {
                    assertThat(requireNonNull(validated.get(name)).get(i)).isCloseTo(values.get(i), within(1e-5f));
                }
            });
        }
    }

    private static Map<String, List<Float>> tensors(Path file) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Map<String, List<Float>> values = new LinkedHashMap<>();
            TensorFile.read(file).forEach((name, tensor) -> values.put(name, floats(tensor)));
            return values;
        }
    }

    private static List<Float> floats(Tensor tensor) {
        List<Float> floats = new ArrayList<>();
        for (float value : Arrays.floats(tensor)) {
            floats.add(value);
        }
        return floats;
    }

    // ---- when it ends ------------------------------------------------------------------------------------------

    @Test
    void trainingEndsWhenPatienceIsExhausted() throws Exception {
        try (Run run = new Run("run", new Rule(1, false, 2), AT_THE_END, true)) {
            run.script = List.of(1.0, 2.0, 2.0, 1.5, 9.0);
            assertThat(run.train()).isEqualTo(Ending.DONE);
            assertThat(run.trainer.step()).isEqualTo(4 * STEPS_PER_EPOCH);
            assertThat(run.events).endsWith("scores 12 1.5", "saved 12", "epoch 4", "ended 12");
            byte[] best = run.bestBytes();
            Files.delete(run.best());
            try (Run again = run.resumed(AT_THE_END)) {
                assertThat(again.train()).isEqualTo(Ending.DONE);
                assertThat(again.events).containsExactly("ended 12");
                assertThat(again.bestBytes()).isEqualTo(best);
            }
        }
    }

    @Test
    void aMissingMetricIsNamed() throws Exception {
        try (Run run = new Run("run", Rule.PLAIN, AT_THE_END, false)) {
            run.trainer.validatedBy(new Validation(1, metric("val/z", false), 0, run.best(), run));
            assertThat(catchThrowable(run::train))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("val/z")
                    .hasMessageContaining("val/x");
        }
    }

    // ---- stopped, killed, failed -------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(ints = {1, 3, EPOCHS})
    void aRunStoppedDuringValidationBeginsWithIt(int epoch) throws Exception {
        try (Run whole = new Run("whole", Rule.PLAIN, AT_THE_END, true);
                Run first = new Run("first", Rule.PLAIN, AT_THE_END, true)) {
            whole.train();
            Generators.seed(7);
            first.stopIn = epoch;
            assertThat(first.train()).isEqualTo(Ending.STOPPED);
            assertThat(first.trainer.step()).isEqualTo((long) epoch * STEPS_PER_EPOCH);
            try (Run second = first.resumed(AT_THE_END)) {
                second.stopIn = epoch; // and again
                assertThat(second.train()).isEqualTo(Ending.STOPPED);
                assertThat(second.events).containsExactly("ended " + epoch * STEPS_PER_EPOCH);
            }
            try (Run third = first.resumed(AT_THE_END)) {
                assertThat(third.train()).isEqualTo(Ending.DONE);
                assertThat(third.events.get(0)).startsWith("scores " + epoch * STEPS_PER_EPOCH);
                assertThat(third.events.get(1)).isEqualTo("saved " + epoch * STEPS_PER_EPOCH);
                List<String> told = new ArrayList<>(first.told());
                told.addAll(third.told());
                assertThat(told).isEqualTo(whole.told());
                assertSameEnd(third, whole);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"2, false", "4, false", "5, false", "2, true", "4, true", "5, true"})
    void aRunKilledBetweenValidationAndSavingEndsWithTheSameBytes(int epoch, boolean stoppedBefore) throws Exception {
        List<Double> script = List.of(1.0, 2.0, 1.0, 5.0, 6.0);
        try (Run whole = new Run("whole", Rule.PLAIN, AT_THE_END, true);
                Run first = new Run("first", Rule.PLAIN, EVERY_EPOCH, true)) {
            whole.script = script;
            whole.train();
            Generators.seed(7);
            first.script = script;
            if (stoppedBefore) {
                first.stopIn = epoch;
                assertThat(first.train()).isEqualTo(Ending.STOPPED);
            } else {
                first.killedAfter = epoch;
                assertThat(catchThrowable(first::train)).isInstanceOf(Killed.class);
                assertThat(first.parameters()).as("swapped back").isNotEqualTo(first.validated.get(epoch));
            }
            try (Run second = first.resumed(EVERY_EPOCH)) {
                second.killedAfter = epoch;
                assertThat(catchThrowable(second::train)).isInstanceOf(Killed.class);
            }
            try (Run third = first.resumed(AT_THE_END)) {
                assertThat(third.train()).isEqualTo(Ending.DONE);
                assertSameEnd(third, whole);
            }
        }
    }

    /** Killed after a later validation, then resumed from the checkpoint before it: the later result must be gone. */
    @Test
    void theBestWeightsAreThoseOfTheCheckpointThatIsResumed() throws Exception {
        try (Run run = new Run("run", Rule.PLAIN, EVERY_EPOCH, false)) {
            run.script = List.of(1.0, 2.0, 3.0, 4.0, 5.0);
            run.killedAfter = 4;
            assertThat(catchThrowable(run::train)).isInstanceOf(Killed.class);
            assertThat(run.bestBytes()).isNotEqualTo(run.saved(3, "best.safetensors"));
            try (Run next = run.resumed(EVERY_EPOCH)) {
                assertThat(next.bestBytes())
                        .isEqualTo(run.saved(3, "best.safetensors"))
                        .isEqualTo(run.saved(3, "model.safetensors"));
            }
        }
    }

    @Test
    void unreadableValidationDataCostsNoTraining() throws Exception {
        try (Run whole = new Run("whole", Rule.PLAIN, AT_THE_END, true);
                Run first = new Run("first", Rule.PLAIN, AT_THE_END, true)) {
            whole.train();
            Generators.seed(7);
            first.failIn = 3;
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(first::train)
                    .withMessage("val/7.jpg is no image");
            assertThat(first.events).endsWith("saved 9", "ended 9");
            try (Run second = first.resumed(AT_THE_END)) {
                second.failIn = 3; // not mended yet
                assertThatExceptionOfType(IOException.class).isThrownBy(second::train);
                assertThat(second.events).containsExactly("ended 9");
                assertThat(second.parameters()).isEqualTo(first.parameters()).isNotEmpty();
            }
            try (Run third = first.resumed(AT_THE_END)) {
                assertThat(third.train()).isEqualTo(Ending.DONE);
                assertSameEnd(third, whole);
            }
        }
    }

    @Test
    void dataOfAnotherSizeIsRefused() throws Exception {
        try (Run run = new Run("run", Rule.PLAIN, AT_THE_END, false)) {
            run.stopIn = 1;
            run.train();
            try (Run other = new Run(run.folder, Rule.PLAIN, AT_THE_END, false, STEPS_PER_EPOCH + 1)) {
                Map<String, List<Float>> before = other.parameters();
                assertThatIllegalArgumentException()
                        .isThrownBy(() ->
                                other.trainer.resume(other.checkpoints.latest().orElseThrow()))
                        .withMessageContaining("makes 4 steps an epoch")
                        .withMessageContaining("it made 3");
                assertThat(other.parameters()).isEqualTo(before);
            }
        }
    }

    // ---- steps that are not finite -----------------------------------------------------------------------------

    @Test
    void stepsThatAreTakenBackWereNotValidated() throws Exception {
        try (Run whole = new Run("whole", Rule.PLAIN, AT_THE_END, true);
                Run first = new Run("first", Rule.PLAIN, AT_THE_END, true)) {
            whole.train();
            Generators.seed(7);
            first.task.poison(Poison.BOTH, 5L, 6L, 7L); // the last step of epoch 2 and the first of epoch 3
            assertThatExceptionOfType(TrainingDiverged.class).isThrownBy(first::train);
            assertThat(first.events).noneMatch(event -> event.startsWith("scores 6"));
            try (Run second = first.resumed(AT_THE_END)) {
                assertThat(second.train()).isEqualTo(Ending.DONE);
                assertThat(second.told().stream().filter(event -> event.startsWith("scores 6")))
                        .hasSize(1);
                assertSameEnd(second, whole);
            }
        }
    }

    @Test
    void theLastEpochIsValidatedHoweverItEnds() throws Exception {
        try (Run run = new Run("run", Rule.PLAIN, AT_THE_END, false)) {
            run.task.poison(Poison.BOTH, 5L, STEPS - 1L);
            assertThat(run.train()).isEqualTo(Ending.DONE);
            assertThat(run.validated).containsOnlyKeys(1, 3, 4, 5);
        }
    }
}
