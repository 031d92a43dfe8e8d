package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import maskfeat.augment.HorizontalFlip;
import maskfeat.augment.Pipeline;
import maskfeat.augment.RandomResizedCrop;
import maskfeat.augment.Resize;
import maskfeat.mask.BlockMask;
import maskfeat.mask.Grid;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VideoLoaderTest {
    private static final Seeds SEEDS = new Seeds(4);
    private static final Grid GRID = Grid.of(4, 4);
    private static final int BATCH = 3;
    private static final int STEPS = 9;

    @TempDir
    static Path folder;

    private final List<Path> reported = Collections.synchronizedList(new ArrayList<>());

    @BeforeAll
    static void write() throws IOException {
        for (int i = 0; i < 6; i++) {
            VideoFiles.write(folder.resolve("a" + i + ".mp4"), 20 + 5 * i);
        }
        VideoFiles.frames(folder.resolve("frames"), 30, "%d.ppm");
        PictureFiles.bad(folder.resolve("b-text.mp4"));
        byte[] whole = Files.readAllBytes(folder.resolve("a0.mp4"));
        Files.write(folder.resolve("c-short.mp4"), Arrays.copyOf(whole, whole.length / 2));
    }

    private Loader<MaskedClip> loader(int threads, int ahead, long firstStep) throws IOException {
        Samples<MaskedClip> samples = samples();
        return new Loader<>(samples, Order.shuffled(SEEDS, samples.size()), BATCH, 1, threads, ahead, firstStep, STEPS);
    }

    private Samples<MaskedClip> samples() throws IOException {
        Dataset dataset = Dataset.open(folder, new TimedClip(4, 4, 30));
        return new Samples<>(
                dataset,
                SEEDS,
                new MaskedSamples(
                        Pipeline.of(
                                new RandomResizedCrop(0.5, 1, 0.75, 1.3333, 16, Resize.Filter.BICUBIC),
                                new HorizontalFlip(0.5)),
                        BlockMask.of(0.4),
                        GRID,
                        new RedOfTokens(GRID)),
                new BadFiles(dataset.size(), 0.5, Set.of(), (file, reason) -> reported.add(file)));
    }

    /** A run that is stopped interrupts its loader threads, anywhere; the clips they were at must not count as bad. */
    @Test
    void aClipThatIsBeingReadWhenTheLoaderIsClosedIsNoBadFile() throws Exception {
        Samples<MaskedClip> samples = samples();
        int cancelled = 0;
        for (int index = 0; index < samples.size(); index++) {
            Thread.currentThread().interrupt();
            try {
                samples.get(0, index); // frames in a folder are read to the end
            } catch (CancellationException expected) {
                cancelled++;
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
        }
        assertThat(cancelled).isGreaterThanOrEqualTo(6);
        assertThat(reported).isEmpty();
    }

    private static List<Object> content(Batch<MaskedClip> batch) {
        List<Object> content = new ArrayList<>(List.of(batch.step()));
        for (Sample<MaskedClip> sample : batch.samples()) {
            content.add(sample.index());
            content.add(sample.content().frames().count());
            content.add(Arrays.hashCode(sample.content().frames().rgb()));
            content.add(Arrays.toString(sample.content().hidden()));
        }
        return content;
    }

    private List<List<Object>> batches(int threads, int ahead, long firstStep) throws Exception {
        List<List<Object>> batches = new ArrayList<>();
        try (Loader<MaskedClip> loader = loader(threads, ahead, firstStep)) {
            for (long step = firstStep; step < STEPS; step++) {
                batches.add(content(loader.next()));
            }
        }
        return batches;
    }

    @ParameterizedTest
    @CsvSource({"2, 1", "3, 2", "5, 4"})
    void threadsChangeNothingWithUnreadableClipsAmongTheData(int threads, int ahead) throws Exception {
        List<List<Object>> alone = batches(1, 1, 0);
        assertThat(reported).containsExactlyInAnyOrder(folder.resolve("b-text.mp4"), folder.resolve("c-short.mp4"));
        assertThat(batches(threads, ahead, 0)).isEqualTo(alone);
        assertThat(batches(threads, ahead, 4)).isEqualTo(alone.subList(4, STEPS));
    }

    @Test
    void everyEpochDrawsOtherClipsOfAVideo() throws Exception {
        Dataset dataset = Dataset.open(folder, new StridedClip(2, 1));
        Set<Integer> starts = new java.util.HashSet<>();
        for (int epoch = 0; epoch < 20; epoch++) {
            starts.add(
                    VideoFiles.numbers(dataset.read(dataset.items().get(0), SEEDS.of(Seeds.Purpose.CLIP, epoch, 0)))[
                            0]);
        }
        assertThat(starts).hasSizeGreaterThan(5);
    }
}
