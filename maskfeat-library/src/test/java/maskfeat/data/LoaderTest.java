package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import maskfeat.augment.HorizontalFlip;
import maskfeat.augment.Pipeline;
import maskfeat.augment.RandomResizedCrop;
import maskfeat.augment.Resize;
import maskfeat.mask.BlockMask;
import maskfeat.mask.Grid;
import maskfeat.media.Frames;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoaderTest {
    private static final int COUNT = 11; // two left over in each epoch
    private static final int BATCH = 3;
    private static final int STEPS_PER_EPOCH = 3;
    private static final int STEPS = 3 * STEPS_PER_EPOCH;
    private static final Seeds SEEDS = new Seeds(9);

    @TempDir
    static Path shared;

    private Path folder;

    @BeforeEach
    void write() throws IOException {
        folder = shared.resolve("images");
        if (!folder.toFile().exists()) {
            PictureFiles.folder(folder, COUNT, 24);
        }
    }

    private Samples<MaskedClip> samples(MaskedSamples.Target target, double maxBadShare) throws IOException {
        ImageDataset dataset = ImageDataset.open(folder);
        return new Samples<>(
                dataset,
                SEEDS,
                new MaskedSamples(
                        Pipeline.of(
                                new RandomResizedCrop(0.5, 1, 0.75, 1.3333, 16, Resize.Filter.BICUBIC),
                                new HorizontalFlip(0.5)),
                        BlockMask.of(0.4),
                        Grid.of(4, 4),
                        target),
                new BadFiles(dataset.size(), maxBadShare, Set.of(), (file, reason) -> {}));
    }

    private Loader<MaskedClip> loader(MaskedSamples.Target target, int threads, int ahead, long firstStep)
            throws IOException {
        return new Loader<>(
                samples(target, 0), Order.shuffled(SEEDS, COUNT), BATCH, 1, threads, ahead, firstStep, STEPS);
    }

    private static List<Object> content(Batch<MaskedClip> batch) {
        List<Object> content = new ArrayList<>(List.of(batch.step(), batch.size()));
        for (Sample<MaskedClip> sample : batch.samples()) {
            content.add(sample.index());
            content.add(Arrays.hashCode(sample.content().frames().rgb()));
            content.add(Arrays.toString(sample.content().hidden()));
            content.add(Arrays.toString(sample.content().targets().get(0)));
        }
        return content;
    }

    private static List<List<Object>> rest(Loader<MaskedClip> loader, long firstStep) throws Exception {
        List<List<Object>> batches = new ArrayList<>();
        for (long step = firstStep; step < STEPS; step++) {
            batches.add(content(loader.next()));
        }
        return batches;
    }

    private List<List<Object>> all() throws Exception {
        try (Loader<MaskedClip> loader = loader(new RedOfTokens(Grid.of(4, 4)), 1, 1, 0)) {
            return rest(loader, 0);
        }
    }

    @Test
    void partsOfAStepAreTheWholeStepTogether() throws Exception {
        List<List<Object>> whole = all();
        List<Loader<MaskedClip>> parts = new ArrayList<>();
        try {
            for (int part = 0; part < BATCH; part++) {
                parts.add(new Loader<>(
                        samples(new RedOfTokens(Grid.of(4, 4)), 0),
                        Order.shuffled(SEEDS, COUNT),
                        BATCH,
                        1,
                        1,
                        1,
                        2,
                        0,
                        STEPS,
                        new Loader.Part(part, BATCH)));
            }
            for (long step = 0; step < STEPS; step++) {
                List<Sample<MaskedClip>> together = new ArrayList<>();
                for (Loader<MaskedClip> part : parts) {
                    together.addAll(part.next().samples());
                }
                assertThat(content(new Batch<>(step, together))).isEqualTo(whole.get((int) step));
            }
        } finally {
            parts.forEach(Loader::close);
        }
    }

    @Test
    void aStepThatDoesNotDivideIntoPartsIsRefused() throws Exception {
        Samples<MaskedClip> samples = samples(new RedOfTokens(Grid.of(4, 4)), 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Loader<>(
                        samples, Order.shuffled(SEEDS, COUNT), BATCH, 1, 1, 1, 1, 0, 1, new Loader.Part(0, 2)))
                .withMessageContaining("a step of 3 samples does not divide into 2 equal parts");
    }

    @Test
    void batchesAreTheSamplesOfEachEpochInItsOrder() throws Exception {
        Samples<MaskedClip> samples = samples(new RedOfTokens(Grid.of(4, 4)), 0);
        List<List<Object>> expected = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            int epoch = step / STEPS_PER_EPOCH;
            int[] order = Epoch.order(SEEDS, epoch, COUNT);
            List<Sample<MaskedClip>> batch = new ArrayList<>();
            for (int i = 0; i < BATCH; i++) {
                batch.add(samples.get(epoch, order[step % STEPS_PER_EPOCH * BATCH + i]));
            }
            expected.add(content(new Batch<>(step, batch)));
        }
        assertThat(all()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"1, 4", "2, 1", "2, 3", "5, 2", "5, 100"})
    void threadsAndHowFarAheadChangeNothing(int threads, int ahead) throws Exception {
        try (Loader<MaskedClip> loader = loader(new RedOfTokens(Grid.of(4, 4)), threads, ahead, 0)) {
            assertThat(rest(loader, 0)).isEqualTo(all());
        }
    }

    @Test
    void begunAtAnyStepItGivesTheBatchesOfThatStepOn() throws Exception {
        List<List<Object>> all = all();
        for (int first = 0; first < STEPS; first++) {
            try (Loader<MaskedClip> loader = loader(new RedOfTokens(Grid.of(4, 4)), 2, 2, first)) {
                assertThat(rest(loader, first)).isEqualTo(all.subList(first, STEPS));
            }
        }
    }

    @Test
    void anEpochTakesNoItemTwiceAndLeavesOthersOutEachTime() throws Exception {
        Set<Set<Integer>> epochs = new HashSet<>();
        try (Loader<MaskedClip> loader = loader(new RedOfTokens(Grid.of(4, 4)), 2, 2, 0)) {
            for (int epoch = 0; epoch < STEPS / STEPS_PER_EPOCH; epoch++) {
                List<Integer> taken = new ArrayList<>();
                for (int i = 0; i < STEPS_PER_EPOCH; i++) {
                    loader.next().samples().forEach(sample -> taken.add(sample.index()));
                }
                assertThat(taken).hasSize(BATCH * STEPS_PER_EPOCH).doesNotHaveDuplicates();
                epochs.add(new HashSet<>(taken));
            }
        }
        assertThat(epochs).hasSizeGreaterThan(1);
    }

    @Test
    void thereIsNoBatchAfterTheLastStep() throws Exception {
        try (Loader<MaskedClip> loader = loader(new RedOfTokens(Grid.of(4, 4)), 2, 5, STEPS - 1)) {
            assertThat(loader.next().step()).isEqualTo(STEPS - 1);
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(loader::next);
        }
        try (Loader<MaskedClip> loader = loader(new RedOfTokens(Grid.of(4, 4)), 2, 5, STEPS)) {
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(loader::next);
        }
    }

    @Test
    void itStaysNoFurtherAheadThanItWasTold() throws Exception {
        AtomicInteger made = new AtomicInteger();
        int ahead = 2;
        try (Loader<MaskedClip> loader = loader(new Each(made::incrementAndGet), 2, ahead, 0)) {
            assertThat(made).hasValue(0);
            for (int taken = 1; taken < STEPS; taken++) {
                loader.next();
                assertThat(made.get()).isBetween(taken * BATCH, (taken + ahead) * BATCH);
            }
        }
    }

    // ---- micro-batches -----------------------------------------------------------------------------------------

    private Loader<MaskedClip> inParts(Samples<MaskedClip> samples, int microBatches, int ahead, long firstStep) {
        return new Loader<>(
                samples, Order.shuffled(SEEDS, COUNT), 2 * BATCH, microBatches, 2, 2, ahead, firstStep, STEPS);
    }

    @ParameterizedTest
    @CsvSource({"2, 1", "3, 2", "6, 1", "6, 100"})
    void microBatchesTogetherAreTheStep(int microBatches, int ahead) throws Exception {
        Samples<MaskedClip> samples = samples(new RedOfTokens(Grid.of(4, 4)), 0);
        for (int first : new int[] {0, 2, STEPS - 1}) {
            try (Loader<MaskedClip> whole = inParts(samples, 1, 1, first);
                    Loader<MaskedClip> parts = inParts(samples, microBatches, ahead, first)) {
                for (int step = first; step < STEPS; step++) {
                    List<Sample<MaskedClip>> together = new ArrayList<>();
                    Batch<MaskedClip> expected = whole.next();
                    double weight = expected.contents().stream()
                            .mapToDouble(MaskedClip::hiddenCount)
                            .sum();
                    assertThat(whole.stepWeight()).isEmpty();
                    for (int i = 0; i < microBatches; i++) {
                        Batch<MaskedClip> part = parts.next();
                        assertThat(part.step()).isEqualTo(step);
                        assertThat(part.microBatch()).isEqualTo(i);
                        assertThat(part.size()).isEqualTo(2 * BATCH / microBatches);
                        assertThat(parts.stepWeight()).hasValue(weight);
                        together.addAll(part.samples());
                    }
                    assertThat(content(new Batch<>(step, together))).isEqualTo(content(expected));
                }
                assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(parts::next);
            }
        }
    }

    @Test
    void ofMicroBatchesItIsAheadByTheirNumberAndNotBySteps() throws Exception {
        AtomicInteger made = new AtomicInteger();
        int ahead = 4;
        try (Loader<MaskedClip> loader = inParts(samples(new Each(made::incrementAndGet), 0), 6, ahead, 0)) {
            for (int taken = 1; taken < 6 * STEPS - ahead; taken++) {
                loader.next();
                assertThat(made.get()).isBetween(taken, taken + ahead);
            }
        }
    }

    @Test
    void howFarAheadBoundsMemoryAndKeepsThreadsAtWork() {
        assertThat(Loader.microBatchesAhead(2, 1, 512, 8, true)).isEqualTo(2);
        assertThat(Loader.microBatchesAhead(2, 16, 32, 8, true)).isEqualTo(2);
        assertThat(Loader.microBatchesAhead(2, 64, 2, 8, true)).isEqualTo(8);
        assertThat(Loader.microBatchesAhead(2, 2, 1, 8, true)).isEqualTo(4);
        assertThat(Loader.microBatchesAhead(2, 16, 32, 8, false)).isEqualTo(32);
        assertThat(Loader.microBatchesAhead(Integer.MAX_VALUE, 16, 32, 8, false))
                .isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void aStepThatDoesNotDivideIntoMicroBatchesIsRefused() throws Exception {
        Samples<MaskedClip> samples = samples(new RedOfTokens(Grid.of(4, 4)), 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> inParts(samples, 4, 1, 0))
                .withMessage("a step of 6 samples does not divide into 4 micro-batches");
    }

    /** Does something for each sample. */
    private record Each(Runnable action) implements MaskedSamples.Target {
        @Override
        public List<float[]> of(Frames frames, boolean[] hidden) {
            action.run();
            return new RedOfTokens(Grid.of(4, 4)).of(frames, hidden);
        }
    }

    @Test
    void aMistakeInMakingASampleReachesTheConsumer() throws Exception {
        RuntimeException mistake = new IllegalArgumentException("a clip of 3 rows");
        try (Loader<MaskedClip> loader = loader(
                new Each(() -> {
                    throw mistake;
                }),
                2,
                2,
                0)) {
            assertThatIllegalStateException()
                    .isThrownBy(loader::next)
                    .withMessageContaining("a clip of 3 rows")
                    .withCause(mistake);
        }
    }

    @Test
    void anErrorReachesTheConsumerAsItIs() throws Exception {
        Error error = new OutOfMemoryError("pretended");
        try (Loader<MaskedClip> loader = loader(
                new Each(() -> {
                    throw error;
                }),
                2,
                2,
                0)) {
            assertThat(catchThrowable(loader::next)).isSameAs(error);
        }
    }

    @Test
    void tooManyBadFilesReachTheConsumer() throws Exception {
        folder = shared.resolve("bad");
        for (int i = 0; i < COUNT; i++) {
            PictureFiles.bad(folder.resolve(i + ".png"));
        }
        try (Loader<MaskedClip> loader = new Loader<>(
                samples(new RedOfTokens(Grid.of(4, 4)), 0.2), Order.shuffled(SEEDS, COUNT), BATCH, 1, 2, 2, 0, STEPS)) {
            assertThatExceptionOfType(TooManyBadFiles.class)
                    .isThrownBy(loader::next)
                    .withMessageMatching("\\d+ of 11 files cannot be read.*"); // the third, or one read meanwhile
        }
    }

    @Test
    void closingEndsItsThreadsEvenWhereTheyAreAtWork() throws Exception {
        Set<Thread> before = threads();
        CountDownLatch working = new CountDownLatch(2);
        CountDownLatch never = new CountDownLatch(1);
        Loader<MaskedClip> loader = loader(
                new Each(() -> {
                    working.countDown();
                    try {
                        never.await();
                    } catch (InterruptedException closed) {
                        throw new IllegalStateException("closed", closed);
                    }
                }),
                2,
                2,
                0);
        Thread consumer =
                new Thread(() -> assertThat(catchThrowable(loader::next)).isNotNull());
        consumer.start();
        working.await();
        Set<Thread> own = threads();
        own.removeAll(before);
        assertThat(own).hasSize(2);
        loader.close();
        for (Thread thread : own) {
            thread.join(60_000);
            assertThat(thread.isAlive()).isFalse();
        }
        consumer.interrupt();
        consumer.join(60_000);
        assertThat(consumer.isAlive()).isFalse();
    }

    private static Set<Thread> threads() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread -> !thread.getName().startsWith("loader-"));
        return threads;
    }

    @Test
    void anInterruptedConsumerStopsWaiting() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (Loader<MaskedClip> loader = loader(
                new Each(() -> {
                    try {
                        never.await();
                    } catch (InterruptedException closed) {
                        throw new IllegalStateException("closed", closed);
                    }
                }),
                1,
                1,
                0)) {
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(InterruptedException.class).isThrownBy(loader::next);
        }
    }

    // ---- several samples of an item ----------------------------------------------------------------------------

    private static final int COPIES = 2;

    private Loader<MaskedClip> copying(Order order, int threads, int ahead, long firstStep) throws IOException {
        Samples<MaskedClip> samples = samples(new RedOfTokens(Grid.of(4, 4)), 0);
        return new Loader<>(samples, order, 2 * BATCH, COPIES, threads, ahead, firstStep, STEPS);
    }

    @Test
    void copiesOfAnItemLieSideBySideAndDiffer() throws Exception {
        Samples<MaskedClip> samples = samples(new RedOfTokens(Grid.of(4, 4)), 0);
        try (Loader<MaskedClip> loader = copying(Order.shuffled(SEEDS, COUNT), 2, 2, 0)) {
            for (int step = 0; step < STEPS; step++) {
                int epoch = step / STEPS_PER_EPOCH;
                int[] order = Epoch.order(SEEDS, epoch, COUNT);
                List<Sample<MaskedClip>> expected = new ArrayList<>();
                for (int i = 0; i < BATCH; i++) {
                    int index = order[step % STEPS_PER_EPOCH * BATCH + i];
                    for (int copy = 0; copy < COPIES; copy++) {
                        expected.add(samples.get(epoch, index, copy));
                    }
                }
                Batch<MaskedClip> batch = loader.next();
                assertThat(content(batch)).isEqualTo(content(new Batch<>(step, expected)));
                for (int i = 0; i < batch.size(); i += COPIES) {
                    assertThat(content(new Batch<>(0, batch.samples().subList(i, i + 1))))
                            .isNotEqualTo(content(new Batch<>(0, batch.samples().subList(i + 1, i + 2))));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void threadsAndTheFirstStepChangeNoCopies(boolean balanced) throws Exception {
        int[] labels = new int[COUNT];
        labels[3] = 1; // one item of a class of its own: as often as the ten others together
        Order order = balanced ? Order.balanced(SEEDS, labels) : Order.shuffled(SEEDS, COUNT);
        List<List<Object>> all;
        try (Loader<MaskedClip> loader = copying(order, 1, 1, 0)) {
            all = rest(loader, 0);
        }
        for (int first = 0; first < STEPS; first++) {
            try (Loader<MaskedClip> loader = copying(order, 3, 3, first)) {
                assertThat(rest(loader, first)).isEqualTo(all.subList(first, STEPS));
            }
        }
    }

    @Test
    void anItemThatComesAgainInAnEpochIsAugmentedAnew() throws Exception {
        int[] labels = new int[COUNT];
        labels[3] = 1;
        Set<List<Object>> seen = new HashSet<>();
        int times = 0;
        try (Loader<MaskedClip> loader = copying(Order.balanced(SEEDS, labels), 2, 2, 0)) {
            for (int step = 0; step < STEPS_PER_EPOCH; step++) {
                for (Sample<MaskedClip> sample : loader.next().samples()) {
                    if (sample.index() == 3) {
                        seen.add(content(new Batch<>(0, List.of(sample))));
                        times++;
                    }
                }
            }
        }
        assertThat(times).isGreaterThan(2 * COPIES);
        assertThat(seen).hasSize(times);
    }

    @Test
    void aStepThatDoesNotDivideIntoCopiesIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loader.stepsPerEpoch(COUNT, 7, 2))
                .withMessageContaining("7 samples")
                .withMessageContaining("items of 2");
        assertThat(Loader.stepsPerEpoch(COUNT, 6, 2)).isEqualTo(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loader.stepsPerEpoch(2, 6, 2))
                .withMessageStartingWith("2 samples do not fill one step of 3");
    }

    @Test
    void tooLittleDataForOneStepIsRefusedWithBothNumbers() throws Exception {
        Samples<MaskedClip> samples = samples(new RedOfTokens(Grid.of(4, 4)), 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Loader<>(samples, Order.shuffled(SEEDS, COUNT), COUNT + 1, 1, 1, 1, 0, 1))
                .withMessageStartingWith("11 samples do not fill one step of 12; lower train.batch");
        assertThat(Loader.stepsPerEpoch(12, 12, 1)).isEqualTo(1);
        assertThat(Loader.stepsPerEpoch(23, 12, 1)).isEqualTo(1);
        assertThat(Loader.stepsPerEpoch(24, 12, 1)).isEqualTo(2);
    }
}
