package maskfeat.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import maskfeat.data.Item;
import maskfeat.data.Loader;
import maskfeat.data.MaskedClip;
import maskfeat.data.Order;
import maskfeat.data.PictureFiles;
import maskfeat.data.SampleMaker;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.data.TooManyBadFiles;
import maskfeat.disk.Disk;
import maskfeat.media.Frames;
import maskfeat.torch.Arrays;
import maskfeat.torch.Generators;
import maskfeat.train.ColourTask.Poison;
import maskfeat.train.Trainer.Ending;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TrainerTest {
    private static final int BATCH = 4;
    private static final int STEPS_PER_EPOCH = 3;
    private static final int EPOCHS = 3;
    private static final int STEPS = STEPS_PER_EPOCH * EPOCHS;
    private static final int MAX_NON_FINITE = 3;
    private static final Seeds SEEDS = new Seeds(2);
    private static final Disk UNFORCED = new FaultyDisk((number, operation) -> {});
    private static final Schedule SCHEDULE = new Schedule(1e-3, 1, new Schedule.Cosine(2e-2, 1e-4, 1, EPOCHS));

    @TempDir
    static Path shared;

    @TempDir
    Path temp;

    private Path images;

    @BeforeEach
    void write() throws IOException {
        images = shared.resolve("images");
        if (!Files.exists(images)) {
            PictureFiles.folder(images, BATCH * STEPS_PER_EPOCH + 1, 24);
        }
    }

    /** A run with all its parts, and the events its listeners received. */
    private final class Run implements AutoCloseable {
        final Path folder;
        final ColourTask task;
        final AdamW optimizer;
        final Checkpoints checkpoints;
        final Trainer<MaskedClip> trainer;
        final List<String> events = new ArrayList<>();
        final List<StepReport> reports = new ArrayList<>();
        final List<StepReport> stopped = new ArrayList<>();
        final List<EpochLoss> epochs = new ArrayList<>();
        long stopAt = Long.MAX_VALUE;
        double maxBadShare;
        private final int microBatches;
        private UnaryOperator<SampleMaker<MaskedClip>> maker = UnaryOperator.identity();

        Run(String name, Trainer.Plan plan, double noise) throws IOException {
            folder = Files.createDirectories(temp.resolve(name));
            task = new ColourTask(1, noise);
            optimizer = new AdamW(task.parameters(), new AdamW.Config(0.9, 0.999, 1e-8, 0.05, 0.02));
            checkpoints = Checkpoints.open(folder.resolve("checkpoints"), 100, events::add, UNFORCED);
            trainer = trainer(plan);
            microBatches = plan.microBatches();
            Generators.seed(7);
        }

        private Trainer<MaskedClip> trainer(Trainer.Plan plan) {
            Listener first = new Recorder(this);
            Listener second = new Listener() {
                @Override
                public void started(long step, long steps) {
                    events.add("second");
                }
            };
            return new Trainer<>(
                    task,
                    optimizer,
                    SCHEDULE,
                    plan,
                    checkpoints,
                    Map.of("format", "pt"),
                    folder.resolve("nonfinite"),
                    List.of(first, second),
                    () -> trainer().step() >= stopAt);
        }

        private Trainer<MaskedClip> trainer() {
            return trainer;
        }

        /** Goes on where another run left off, with nothing of its own left. */
        Run resumed(Run from) throws IOException {
            try (PointerScope scope = new PointerScope()) {
                task.parameters()
                        .values()
                        .forEach(parameter -> parameter.detach().zero_());
            }
            Generators.seed(99);
            trainer.resume(from.checkpoints.latest().orElseThrow());
            return this;
        }

        Ending train() throws IOException, InterruptedException {
            Samples<MaskedClip> samples = ColourTask.samples(images, SEEDS, maxBadShare, maker);
            return trainer.run(first -> new Loader<>(
                    samples, Order.shuffled(SEEDS, samples.size()), BATCH, microBatches, 1, 2, 2, first, STEPS));
        }

        Map<String, float[]> parameters() {
            try (PointerScope scope = new PointerScope()) {
                Map<String, float[]> values = new LinkedHashMap<>();
                task.parameters().forEach((name, tensor) -> values.put(name, Arrays.floats(tensor)));
                return values;
            }
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

    private static final class Recorder implements Listener {
        private final Run run;

        Recorder(Run run) {
            this.run = run;
        }

        @Override
        public void started(long step, long steps) {
            run.events.add("started " + step + "/" + steps);
        }

        @Override
        public void step(StepReport report) {
            run.events.add("step " + report.step());
            run.reports.add(report);
        }

        @Override
        public void epoch(int epoch, long step) {
            run.events.add("epoch " + epoch + " at " + step);
        }

        @Override
        public void saved(Path checkpoint, long step) {
            assertThat(checkpoint.resolve("model.safetensors")).exists();
            run.events.add("saved " + step);
        }

        @Override
        public void epochLoss(EpochLoss mean) {
            run.epochs.add(mean);
        }

        @Override
        public void reached(GoalReached goal) {
            run.events.add("reached after " + goal.epoch() + ", last " + goal.last());
        }

        @Override
        public void stopped(StepReport since) {
            run.stopped.add(since);
        }

        @Override
        public void ended(long step, long steps) {
            run.events.add("ended " + step + "/" + steps);
        }
    }

    private static Trainer.Plan plan(int microBatches, int logEvery, long saveEvery) {
        return new Trainer.Plan(
                STEPS_PER_EPOCH, EPOCHS, microBatches, logEvery, saveEvery, Double.MAX_VALUE, MAX_NON_FINITE);
    }

    /** Without what the clock says. */
    private static StepReport timeless(StepReport r) {
        return new StepReport(
                r.step(),
                r.steps(),
                r.epoch(),
                r.epochs(),
                r.loss(),
                r.baseline(),
                r.learningRate(),
                r.gradNorm(),
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                r.extra());
    }

    private static List<StepReport> timeless(List<StepReport> reports) {
        return reports.stream().map(TrainerTest::timeless).toList();
    }

    /** Every byte but the manifest's, which is made of them. */
    private static void assertSameCheckpoint(Checkpoint actual, Checkpoint expected) throws IOException {
        assertThat(actual.step()).isEqualTo(expected.step());
        assertThat(actual.files().keySet()).isEqualTo(expected.files().keySet()).hasSize(3);
        for (String name : expected.files().keySet()) {
            assertThat(actual.file(name)).as(name).hasSameBinaryContentAs(expected.file(name));
        }
    }

    // ---- number of threads --------------------------------------------------------------------------------------

    /** On a clock by which steps are long and one thread is fastest. */
    private static final class Clock {
        private long now;
        private int threads = 2;
        private final List<Integer> used = new ArrayList<>();

        long now() {
            now += threads * 10_000_000_000L;
            return now;
        }

        ThreadChoice choice(List<String> notices) {
            return new ThreadChoice(
                    2,
                    count -> {
                        threads = count;
                        used.add(count);
                    },
                    notices::add,
                    this::now);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "1, 0.3", "2, 0.3"})
    void measuringThreadsChangesNothingThatIsTrained(int microBatches, double noise) throws Exception {
        try (Run plain = new Run("plain", plan(microBatches, 1, 100), noise);
                Run measured = new Run("measured", plan(microBatches, 1, 100), noise)) {
            Generators.seed(7);
            plain.train();
            Generators.seed(7);
            Clock clock = new Clock();
            List<String> notices = new ArrayList<>();
            measured.trainer.choosing(clock.choice(notices));
            measured.train();
            assertThat(clock.used).startsWith(2, 1, 1).endsWith(2);
            assertThat(notices).singleElement().asString().contains("going on with 1");
            assertThat(timeless(measured.reports)).isEqualTo(timeless(plain.reports));
            plain.parameters()
                    .forEach((name, values) ->
                            assertThat(measured.parameters().get(name)).as(name).containsExactly(values));
        }
    }

    @Test
    void aResumedRunBeginsWithTheThreadsThatWereChosen() throws Exception {
        try (Run first = new Run("first", plan(1, 1, 100), 0);
                Run second = new Run("second", plan(1, 1, 100), 0)) {
            first.trainer.choosing(new Clock().choice(new ArrayList<>()));
            first.stopAt = 6;
            assertThat(first.train()).isEqualTo(Ending.STOPPED);
            Clock clock = new Clock();
            second.trainer.choosing(clock.choice(new ArrayList<>()));
            second.resumed(first);
            assertThat(clock.used).containsExactly(1);
        }
    }

    // ---- listeners ---------------------------------------------------------------------------------------------

    @Test
    void listenersReceiveEventsInOrder() throws Exception {
        try (Run run = new Run("run", plan(1, 2, 4), 0)) {
            assertThat(run.train()).isEqualTo(Ending.DONE);
            assertThat(run.trainer.step()).isEqualTo(STEPS);
            assertThat(run.events)
                    .containsExactly(
                            "started 0/9",
                            "second",
                            "step 2",
                            "epoch 1 at 3",
                            "step 4",
                            "saved 4",
                            "step 6",
                            "epoch 2 at 6",
                            "step 8",
                            "saved 8",
                            "step 9",
                            "saved 9",
                            "epoch 3 at 9",
                            "ended 9/9");
        }
    }

    @Test
    void reportsHoldTheMeansSinceTheLastOne() throws Exception {
        try (Run run = new Run("run", plan(1, 4, 100), 0)) {
            run.train();
            assertThat(run.reports).extracting(StepReport::step).containsExactly(4L, 8L, 9L);
            int from = 0;
            for (StepReport report : run.reports) {
                int to = (int) report.step();
                double red = mean(run.task.reds.subList(from, to));
                assertThat(report.loss()).isEqualTo(mean(run.task.losses.subList(from, to)));
                assertThat(report.baseline()).isCloseTo(2 * red, within(1e-12));
                assertThat(report.extra()).containsOnlyKeys(ColourTask.RED);
                assertThat(report.extra().get(ColourTask.RED)).isCloseTo(red, within(1e-12));
                assertThat(report.steps()).isEqualTo(STEPS);
                assertThat(report.epochs()).isEqualTo(EPOCHS);
                assertThat(report.epoch()).isEqualTo(to / (double) STEPS_PER_EPOCH);
                assertThat(report.learningRate()).isEqualTo(SCHEDULE.at((to - 1) / (double) STEPS_PER_EPOCH));
                assertThat(report.samplesPerSecond()).isPositive();
                assertThat(report.stepSeconds()).isPositive();
                assertThat(report.secondsLeft())
                        .isCloseTo(report.stepSeconds() * (STEPS - to), within(0.5 * report.secondsLeft()));
                assertThat(report.dataShare()).isBetween(0.0, 1.0);
                from = to;
            }
        }
    }

    private static double mean(List<Double> values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.size();
    }

    @Test
    void theGradientNormIsTheMeanBeforeClipping() throws Exception {
        List<StepReport> each;
        try (Run run = new Run("each", plan(1, 1, 100), 0)) {
            run.train();
            each = List.copyOf(run.reports);
        }
        assertThat(each)
                .hasSize(STEPS)
                .allSatisfy(report -> assertThat(report.gradNorm()).isGreaterThan(0.02));
        try (Run run = new Run("all", plan(1, STEPS, 100), 0)) {
            run.train();
            assertThat(run.reports).hasSize(1);
            assertThat(run.reports.get(0).gradNorm())
                    .isEqualTo(mean(each.stream().map(StepReport::gradNorm).toList()));
            assertThat(run.reports.get(0).loss())
                    .isEqualTo(mean(each.stream().map(StepReport::loss).toList()));
        }
    }

    @Test
    void trainingLowersTheLoss() throws Exception {
        try (Run run = new Run("run", plan(1, 1, 100), 0)) {
            run.train();
            assertThat(run.task.losses.get(STEPS - 1)).isLessThan(run.task.losses.get(0));
        }
    }

    // ---- micro-batches -----------------------------------------------------------------------------------------

    /** Masks hide different numbers of tokens, so equal shares would not do. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void severalMicroBatchesMakeTheStepOfTheWhole(int microBatches) throws Exception {
        try (Run whole = new Run("whole", plan(1, 1, 100), 0);
                Run parts = new Run("parts", plan(microBatches, 1, 100), 0)) {
            whole.train();
            parts.train();
            assertThat(parts.task.losses).hasSize(STEPS * microBatches);
            assertThat(parts.task.hidden)
                    .as("hidden tokens of a part")
                    .anySatisfy(count -> assertThat(count).isNotEqualTo(parts.task.hidden.get(0)));
            whole.parameters()
                    .forEach((name, expected) -> assertThat(
                                    requireNonNull(parts.parameters().get(name)))
                            .as(name)
                            .containsExactly(expected, within(1e-6f)));
            for (int i = 0; i < STEPS; i++) {
                StepReport expected = whole.reports.get(i);
                StepReport actual = parts.reports.get(i);
                assertThat(actual.loss()).isCloseTo(expected.loss(), within(1e-6));
                assertThat(actual.gradNorm()).isCloseTo(expected.gradNorm(), within(1e-6));
                assertThat(actual.baseline()).isCloseTo(expected.baseline(), within(1e-6));
                assertThat(actual.extra().get(ColourTask.RED))
                        .isCloseTo(expected.extra().get(ColourTask.RED), within(1e-6));
            }
        }
    }

    /** What a step weighs is known from its masks, or else from its samples, all of which are then made first. */
    private static SampleMaker<MaskedClip> untold(SampleMaker<MaskedClip> maker) {
        return maker::make;
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 0.3", "4, 0", "4, 0.3"})
    void stepsWhoseSamplesAreAllMadeFirstAreTheSameToTheByte(int microBatches, double noise) throws Exception {
        try (Run one = new Run("one", plan(microBatches, 1, 4), noise);
                Run whole = new Run("whole", plan(microBatches, 1, 4), noise)) {
            Generators.seed(7);
            one.train();
            Generators.seed(7);
            whole.maker = TrainerTest::untold;
            whole.train();
            assertThat(one.task.samples).isEqualTo(whole.task.samples).hasSize(STEPS * microBatches);
            assertThat(one.task.losses).isEqualTo(whole.task.losses);
            assertThat(timeless(one.reports)).isEqualTo(timeless(whole.reports));
            assertSameCheckpoint(one.latest(), whole.latest());
        }
    }

    /** Those of the micro-batch before may be in use yet by a thread that made them. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void samplesThatWentThroughTheNetworkAreLetGo(boolean told) throws Exception {
        try (Run run = new Run("run", plan(BATCH, 1, 100), 0)) {
            List<WeakReference<Object>> frames = new ArrayList<>();
            List<Integer> alive = new ArrayList<>();
            run.task.watcher = batch -> {
                if (batch.step() == 1 && batch.microBatch() == BATCH - 1) {
                    alive.add(alive(frames));
                }
                batch.contents().forEach(clip -> frames.add(new WeakReference<>(clip.frames())));
            };
            run.maker = told ? UnaryOperator.identity() : TrainerTest::untold;
            run.train();
            assertThat(alive)
                    .singleElement()
                    .satisfies(count -> assertThat(count).isLessThanOrEqualTo(1));
        }
    }

    private static int alive(List<WeakReference<Object>> references) {
        int alive = references.size();
        for (int i = 0; i < 20 && alive > 0; i++) {
            System.gc();
            alive = (int) references.stream().filter(each -> each.get() != null).count();
        }
        return alive;
    }

    @Test
    void aMakerThatIsWrongAboutWhatASampleWeighsEndsTheRun() throws Exception {
        try (Run run = new Run("run", plan(2, 1, 100), 0)) {
            run.maker = maker -> new SampleMaker<>() {
                @Override
                public MaskedClip make(Item item, Frames whole, Seeds.Draws draws) throws IOException {
                    return maker.make(item, whole, draws);
                }

                @Override
                public OptionalDouble weight(Seeds.Draws draws) {
                    return OptionalDouble.of(3);
                }
            };
            assertThatIllegalStateException().isThrownBy(run::train).withMessageContaining("and 12.0 was said");
        }
    }

    @Test
    void aLoaderOfOtherMicroBatchesIsRefused() throws Exception {
        try (Run run = new Run("run", plan(2, 1, 100), 0)) {
            Samples<MaskedClip> samples = ColourTask.samples(images, SEEDS, 0);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> run.trainer.run(first -> new Loader<>(
                            samples, Order.shuffled(SEEDS, samples.size()), BATCH, 4, 1, 2, 2, first, STEPS)))
                    .withMessageContaining("in 4 micro-batches, and the plan has 2");
        }
    }

    /** As a file that cannot be read may end a run in the middle of a step. */
    @Test
    void aStepWhoseLastSampleCannotBeMadeLeavesNothing() throws Exception {
        try (Run whole = new Run("whole", plan(4, 1, 4), 0.3);
                Run broken = new Run("broken", plan(4, 1, 4), 0.3)) {
            Generators.seed(7);
            whole.train();
            Generators.seed(7);
            int bad = requireNonNull(whole.task.samples.get(4 * 2 - 1)).get(0);
            AtomicBoolean fails = new AtomicBoolean(true);
            broken.maker = maker -> new SampleMaker<>() {
                @Override
                public MaskedClip make(Item item, Frames whole, Seeds.Draws draws) throws IOException {
                    if (fails.get() && draws.epoch() == 0 && draws.index() == bad) {
                        throw new IllegalArgumentException("no such sample");
                    }
                    return maker.make(item, whole, draws);
                }

                @Override
                public OptionalDouble weight(Seeds.Draws draws) {
                    return maker.weight(draws);
                }
            };
            assertThatIllegalStateException().isThrownBy(broken::train).withMessageContaining("no such sample");
            assertThat(broken.task.samples).hasSize(7);
            assertThat(broken.trainer.step()).isEqualTo(1);
            fails.set(false);
            broken.train();
            assertSameCheckpoint(broken.latest(), whole.latest());
        }
    }

    @Test
    void theFileOfAStepThatWasNotFiniteNamesTheSamplesOfAllMicroBatches() throws Exception {
        try (Run run = new Run("run", plan(4, 1, 100), 0)) {
            run.task.poison(Poison.BOTH, 2L);
            run.train();
            JsonNode file = JsonMapper.shared().readTree(run.folder.resolve("nonfinite/step-2.json"));
            List<Integer> named = new ArrayList<>();
            file.path("samples").forEach(index -> named.add(index.asInt()));
            List<Integer> seen = new ArrayList<>();
            run.task.samples.subList(8, 12).forEach(seen::addAll);
            assertThat(named).isEqualTo(seen).hasSize(BATCH);
        }
    }

    // ---- stop and resume ---------------------------------------------------------------------------------------

    /** What was not reported yet is told at a stop, and reported again when the run goes on. */
    @Test
    void aStopTellsOfTheStepsSinceTheLastReport() throws Exception {
        try (Run each = new Run("each", plan(1, 1, 100), 0);
                Run run = new Run("run", plan(1, 4, 100), 0);
                Run early = new Run("early", plan(1, 4, 100), 0)) {
            each.train();
            assertThat(each.stopped).isEmpty();
            run.stopAt = 6;
            run.train();
            StepReport since = run.stopped.get(0);
            assertThat(run.stopped).hasSize(1);
            assertThat(since.step()).isEqualTo(6);
            assertThat(since.loss())
                    .isEqualTo((each.reports.get(4).loss() + each.reports.get(5).loss()) / 2);
            assertThat(since.learningRate()).isEqualTo(each.reports.get(5).learningRate());
            early.stopAt = 4;
            early.train();
            assertThat(early.stopped.get(0).loss()).isNaN();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 6, 8})
    void aRunStoppedAnywhereAndResumedEndsWithTheSameBytes(long stopAt) throws Exception {
        try (Run whole = new Run("whole", plan(2, 4, 4), 0.3);
                Run first = new Run("first", plan(2, 4, 4), 0.3)) {
            whole.train();
            Generators.seed(7);
            first.stopAt = stopAt;
            assertThat(first.train()).isEqualTo(Ending.STOPPED);
            assertThat(first.trainer.step()).isEqualTo(stopAt);
            assertThat(first.latest().step()).isEqualTo(stopAt);
            assertThat(first.events).endsWith("ended " + stopAt + "/9");
            try (Run second = new Run("second", plan(2, 4, 4), 0.3).resumed(first)) {
                assertThat(second.trainer.step()).isEqualTo(stopAt);
                assertThat(second.train()).isEqualTo(Ending.DONE);
                assertSameCheckpoint(second.latest(), whole.latest());
                List<StepReport> reports = new ArrayList<>(first.reports);
                reports.addAll(second.reports);
                assertThat(timeless(reports)).isEqualTo(timeless(whole.reports));
                assertThat(second.events.get(0)).isEqualTo("started " + stopAt + "/9");
            }
        }
    }

    @Test
    void aStopAfterTheLastStepIsTheEnd() throws Exception {
        try (Run run = new Run("run", plan(1, 1, 100), 0)) {
            run.stopAt = STEPS;
            assertThat(run.train()).isEqualTo(Ending.DONE);
            assertThat(run.events).containsOnlyOnce("saved 9");
        }
    }

    @Test
    void aFinishedRunResumedDoesNothing() throws Exception {
        try (Run run = new Run("run", plan(1, 1, 100), 0)) {
            run.train();
            try (Run again = new Run("again", plan(1, 1, 100), 0).resumed(run)) {
                assertThat(again.train()).isEqualTo(Ending.DONE);
                assertThat(again.events).containsExactly("started 9/9", "second", "ended 9/9");
            }
        }
    }

    @Test
    void savesWhenTheTimeIsUp() throws Exception {
        Trainer.Plan always = new Trainer.Plan(STEPS_PER_EPOCH, EPOCHS, 1, 100, 100, 0, MAX_NON_FINITE);
        try (Run run = new Run("run", always, 0)) {
            run.train();
            assertThat(run.events)
                    .filteredOn(event -> event.startsWith("saved"))
                    .hasSize(STEPS);
        }
    }

    @Test
    void aFailureIsThrownAndListenersLearnThatTrainingEnded() throws Exception {
        images = shared.resolve("bad");
        for (int i = 0; i < BATCH * STEPS_PER_EPOCH; i++) {
            PictureFiles.bad(images.resolve(i + ".png"));
        }
        try (Run run = new Run("run", plan(1, 1, 100), 0)) {
            assertThatExceptionOfType(TooManyBadFiles.class).isThrownBy(run::train);
            assertThat(run.events).containsExactly("started 0/9", "second", "ended 0/9");
        }
    }

    /** Also of an epoch that is trained in two parts, and of one that was whole before. */
    @ParameterizedTest
    @ValueSource(longs = {2, 3, 4, 8})
    void listenersAreToldTheMeanLossOfEachEpoch(long stopAt) throws Exception {
        try (Run whole = new Run("whole", plan(1, 1, 100), 0.1);
                Run first = new Run("first", plan(1, 1, 100), 0.1);
                Run second = new Run("second", plan(1, 1, 100), 0.1)) {
            Generators.seed(7);
            whole.train();
            assertThat(whole.epochs).extracting(EpochLoss::epoch).containsExactly(1, 2, 3);
            for (EpochLoss mean : whole.epochs) {
                List<StepReport> steps =
                        whole.reports.subList((mean.epoch() - 1) * STEPS_PER_EPOCH, mean.epoch() * STEPS_PER_EPOCH);
                assertThat(mean.loss())
                        .isCloseTo(
                                steps.stream()
                                        .mapToDouble(StepReport::loss)
                                        .average()
                                        .orElseThrow(),
                                within(1e-12));
                assertThat(requireNonNull(mean.baseline()))
                        .isCloseTo(
                                steps.stream()
                                        .mapToDouble(StepReport::baseline)
                                        .average()
                                        .orElseThrow(),
                                within(1e-12));
            }
            Generators.seed(7);
            first.stopAt = stopAt;
            first.train();
            second.resumed(first).train();
            int before = (int) (stopAt / STEPS_PER_EPOCH);
            assertThat(first.epochs).isEqualTo(whole.epochs.subList(0, before));
            assertThat(second.epochs).isEqualTo(whole.epochs.subList(Math.max(0, before - 1), EPOCHS));
        }
    }

    // ---- ending early by the loss ------------------------------------------------------------------------------

    /** One that the first epoch of a run reaches. */
    private double shareOfTheFirstEpoch(double noise) throws Exception {
        try (Run run = new Run("measured", plan(1, 1, 100), noise)) {
            run.train();
            List<StepReport> first = run.reports.subList(0, STEPS_PER_EPOCH);
            double loss = first.stream().mapToDouble(StepReport::loss).sum();
            return loss / first.stream().mapToDouble(StepReport::baseline).sum();
        }
    }

    @Test
    void endsOneEpochAfterTheFirstWhoseLossIsLowEnoughWithTheRateAtItsEnd() throws Exception {
        double share = shareOfTheFirstEpoch(0);
        try (Run run = new Run("run", plan(1, 1, 2), 0);
                Run seldom = new Run("seldom", plan(1, 4, 100), 0)) {
            run.trainer.until(share * 1.001);
            assertThat(run.train()).isEqualTo(Ending.DONE);
            assertThat(run.trainer.step()).isEqualTo(6);
            assertThat(run.events)
                    .containsExactly(
                            "started 0/9",
                            "second",
                            "step 1",
                            "step 2",
                            "saved 2",
                            "reached after 1, last 2",
                            "step 3",
                            "epoch 1 at 3",
                            "step 4",
                            "saved 4",
                            "step 5",
                            "step 6",
                            "saved 6",
                            "epoch 2 at 6",
                            "ended 6/6");
            double from = SCHEDULE.at(1);
            double end = SCHEDULE.at(EPOCHS);
            assertThat(run.reports.stream()
                            .mapToDouble(StepReport::learningRate)
                            .toArray())
                    .containsExactly(
                            new double[] {
                                SCHEDULE.at(0),
                                SCHEDULE.at(1 / 3.0),
                                SCHEDULE.at(2 / 3.0),
                                from + (end - from) / 3,
                                from + (end - from) * 2 / 3,
                                end
                            },
                            within(1e-12));
            assertThat(run.reports).extracting(StepReport::steps).containsExactly(9L, 9L, 6L, 6L, 6L, 6L);
            assertThat(run.reports).extracting(StepReport::epochs).containsExactly(3, 3, 2, 2, 2, 2);
            assertThat(run.reports.get(5).secondsLeft()).isZero();

            seldom.trainer.until(share * 1.001);
            Generators.seed(7);
            seldom.train();
            assertThat(seldom.reports).extracting(StepReport::step).containsExactly(4L, 6L);
        }
    }

    @Test
    void aLossThatStaysTooHighChangesNothing() throws Exception {
        double share = shareOfTheFirstEpoch(0.3);
        try (Run plain = new Run("plain", plan(1, 1, 100), 0.3);
                Run run = new Run("run", plan(1, 1, 100), 0.3)) {
            Generators.seed(7);
            plain.train();
            Generators.seed(7);
            run.trainer.until(share / 1000);
            assertThat(run.train()).isEqualTo(Ending.DONE);
            assertThat(timeless(run.reports)).isEqualTo(timeless(plain.reports));
            assertThat(run.events).isEqualTo(plain.events).contains("epoch 3 at 9");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aRunThatEndsEarlyEndsWithTheSameBytesWhereverItIsStopped(long stopAt) throws Exception {
        double share = shareOfTheFirstEpoch(0.1) * 1.2;
        try (Run whole = new Run("whole", plan(2, 4, 4), 0.1);
                Run first = new Run("first", plan(2, 4, 4), 0.1);
                Run second = new Run("second", plan(2, 4, 4), 0.1)) {
            Generators.seed(7);
            whole.trainer.until(share);
            whole.train();
            assertThat(whole.trainer.step()).isEqualTo(6);
            Generators.seed(7);
            first.trainer.until(share);
            first.stopAt = stopAt;
            assertThat(first.train()).isEqualTo(Ending.STOPPED);
            second.trainer.until(share);
            second.resumed(first);
            assertThat(second.train()).isEqualTo(Ending.DONE);
            assertSameCheckpoint(second.latest(), whole.latest());
            List<StepReport> reports = new ArrayList<>(first.reports);
            reports.addAll(second.reports);
            assertThat(timeless(reports)).isEqualTo(timeless(whole.reports));
            if (stopAt < 3) {
                assertThat(second.events).startsWith("started " + stopAt + "/9").contains("reached after 1, last 2");
            } else {
                assertThat(second.events).startsWith("reached after 1, last 2", "started " + stopAt + "/6");
            }
        }
    }

    /** The steps that reached it were taken back. */
    @Test
    void aRunThatDivergesOverTheEndOfAnEpochLooksAtItAgain() throws Exception {
        double share = shareOfTheFirstEpoch(0) * 1.2;
        try (Run whole = new Run("whole", plan(1, 1, 100), 0);
                Run run = new Run("run", plan(1, 1, 100), 0)) {
            whole.trainer.until(share);
            whole.train();
            Generators.seed(7);
            run.trainer.until(share);
            run.task.poison(Poison.BOTH, 2L, 3L, 4L);
            assertThatExceptionOfType(TrainingDiverged.class).isThrownBy(run::train);
            assertThat(run.events).contains("reached after 1, last 2");
            assertThat(run.trainer.step()).isEqualTo(2);
            try (Run again = new Run("again", plan(1, 1, 100), 0)) {
                again.trainer.until(share);
                again.resumed(run);
                assertThat(again.train()).isEqualTo(Ending.DONE);
                assertThat(again.events).startsWith("started 2/9").contains("reached after 1, last 2");
                assertSameCheckpoint(again.latest(), whole.latest());
            }
        }
    }

    // ---- steps that are not finite -----------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(Poison.class)
    void aNonFiniteStepIsSkippedNamedAndCounted(Poison poison) throws Exception {
        try (Run before = new Run("before", plan(1, 1, 100), 0);
                Run run = new Run("run", plan(1, 2, 100), 0)) {
            before.stopAt = 4;
            before.train();
            run.task.poison(poison, 4L);
            run.stopAt = 5;
            assertThat(run.train()).isEqualTo(Ending.STOPPED);
            Map<String, float[]> expected = before.parameters();
            run.parameters()
                    .forEach((name, values) ->
                            assertThat(values).as(name).isEqualTo(requireNonNull(expected.get(name))));
            run.stopAt = Long.MAX_VALUE;
            assertThat(run.train()).isEqualTo(Ending.DONE);

            assertThat(run.reports).extracting(StepReport::step).containsExactly(2L, 4L, 6L, 8L, 9L);
            assertThat(run.reports.get(1).extra()).doesNotContainKey("train/nonfinite_steps");
            assertThat(run.reports.get(2).extra()).containsEntry("train/nonfinite_steps", 1.0);
            assertThat(run.reports.get(4).extra()).containsEntry("train/nonfinite_steps", 1.0);
            assertThat(run.reports.get(2).loss()).isEqualTo(run.task.losses.get(5)); // that of step 4 is left out
            assertThat(run.reports.get(2).extra().get(ColourTask.RED)).isEqualTo(run.task.reds.get(5));

            JsonNode replay = JsonMapper.shared()
                    .readTree(run.folder.resolve("nonfinite/step-4.json").toFile());
            assertThat(replay.get("step").asLong()).isEqualTo(4);
            assertThat(replay.get("epoch").asLong()).isEqualTo(1);
            assertThat(replay.get("learning-rate").asDouble()).isEqualTo(SCHEDULE.at(4.0 / STEPS_PER_EPOCH));
            List<Integer> named = new ArrayList<>();
            replay.get("samples").forEach(sample -> named.add(sample.asInt()));
            assertThat(named).isEqualTo(run.task.samples.get(4));
            boolean finite =
                    Double.isFinite(Double.parseDouble(replay.get("loss").asString()))
                            && Double.isFinite(
                                    Double.parseDouble(replay.get("grad-norm").asString()));
            assertThat(finite).isFalse();
        }
    }

    @Test
    void aReportOfNothingButSkippedStepsHasNoMeans() throws Exception {
        try (Run run = new Run("run", plan(1, 1, 100), 0)) {
            run.task.poison(Poison.BOTH, 4L);
            run.train();
            assertThat(run.reports).hasSize(STEPS);
            assertThat(run.reports.get(4).loss()).isNaN();
            assertThat(run.reports.get(4).gradNorm()).isNaN();
            assertThat(run.reports.get(5).loss()).isEqualTo(run.task.losses.get(5));
        }
    }

    @Test
    void nonFiniteStepsThatAreNotInARowDoNotEndTheRun() throws Exception {
        try (Run run = new Run("run", plan(1, 1, 100), 0)) {
            run.task.poison(Poison.BOTH, 0L, 1L, 3L, 4L, 6L, 8L);
            assertThat(run.train()).isEqualTo(Ending.DONE);
            assertThat(run.reports.get(STEPS - 1).extra()).containsEntry("train/nonfinite_steps", 6.0);
            assertThat(run.folder.resolve("nonfinite")).isDirectoryContaining("glob:**step-8.json");
        }
    }

    @ParameterizedTest
    @EnumSource(Poison.class)
    void tooManyNonFiniteStepsInARowEndTheRunAsItWasBeforeTheFirst(Poison poison) throws Exception {
        try (Run whole = new Run("whole", plan(1, 4, 100), 0.3);
                Run before = new Run("before", plan(1, 4, 100), 0.3);
                Run run = new Run("run", plan(1, 4, 5), 0.3)) {
            Generators.seed(7);
            whole.train();
            Generators.seed(7);
            before.stopAt = 3;
            before.train();
            Generators.seed(7);
            run.task.poison(poison, 3L, 4L, 5L); // a checkpoint and a report fall into it

            assertThatExceptionOfType(TrainingDiverged.class)
                    .isThrownBy(run::train)
                    .withMessageContaining("not finite for 3 steps in a row, from step 3 at learning rate")
                    .withMessageContaining("weights are as before step 3")
                    .withMessageContaining(
                            run.folder.resolve("nonfinite/step-5.json").toString());

            assertThat(run.folder.resolve("nonfinite/step-3.json")).exists();
            assertThat(run.folder.resolve("nonfinite/step-5.json")).exists();
            assertThat(run.events).contains("saved 5").endsWith("saved 3", "ended 3/9");
            assertSameCheckpoint(run.latest(), before.latest());
            try (Run again = new Run("again", plan(1, 4, 100), 0.3).resumed(run)) {
                again.train();
                assertSameCheckpoint(again.latest(), whole.latest());
                assertThat(timeless(again.reports)).isEqualTo(timeless(whole.reports));
            }
        }
    }

    @Test
    void aStopBetweenNonFiniteStepsKeepsTheCount() throws Exception {
        try (Run first = new Run("first", plan(1, 1, 100), 0)) {
            first.task.poison(Poison.BOTH, 3L, 4L, 5L);
            first.stopAt = 5;
            assertThat(first.train()).isEqualTo(Ending.STOPPED);
            try (Run second = new Run("second", plan(1, 1, 100), 0).resumed(first)) {
                second.task.poison(Poison.BOTH, 3L, 4L, 5L);
                assertThatExceptionOfType(TrainingDiverged.class)
                        .isThrownBy(second::train)
                        .withMessageContaining("3 steps in a row, from step 3");
                assertThat(second.latest().step()).isEqualTo(3);
            }
        }
    }
}
