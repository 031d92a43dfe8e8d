package maskfeat.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import maskfeat.augment.HorizontalFlip;
import maskfeat.augment.Pipeline;
import maskfeat.augment.RandomErasing;
import maskfeat.augment.RandomResizedCrop;
import maskfeat.augment.Resize;
import maskfeat.mask.BlockMask;
import maskfeat.mask.Grid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplesTest {
    private static final Grid GRID = Grid.of(4, 4);
    private static final int SIDE = 16;
    private static final int COUNT = 10;

    @TempDir
    Path temp;

    private final List<Path> reported = Collections.synchronizedList(new ArrayList<>());

    private Samples<MaskedClip> samples(Path folder, double maxBadShare) throws IOException {
        ImageDataset dataset = ImageDataset.open(folder);
        return new Samples<>(
                dataset,
                new Seeds(1),
                new MaskedSamples(
                        Pipeline.of(
                                new RandomResizedCrop(0.5, 1, 0.75, 1.3333, SIDE, Resize.Filter.BICUBIC),
                                new HorizontalFlip(0.5)),
                        BlockMask.of(0.4),
                        GRID,
                        new RedOfTokens(GRID)),
                new BadFiles(dataset.size(), maxBadShare, Set.of(), (file, reason) -> reported.add(file)));
    }

    private Path good() throws IOException {
        return PictureFiles.folder(temp.resolve("images"), COUNT, 24);
    }

    private static List<Object> content(Sample<MaskedClip> sample) {
        return List.of(
                sample.index(),
                Arrays.hashCode(sample.content().frames().rgb()),
                Arrays.toString(sample.content().hidden()),
                Arrays.toString(sample.content().targets().get(0)));
    }

    private static Map<String, List<Object>> all(Samples<MaskedClip> samples) throws IOException {
        Map<String, List<Object>> all = new TreeMap<>();
        for (int epoch = 0; epoch < 3; epoch++) {
            for (int index = 0; index < samples.size(); index++) {
                all.put(epoch + "/" + index, content(samples.get(epoch, index)));
            }
        }
        return all;
    }

    @Test
    void aSampleIsTheItemCroppedHiddenAndItsTargets() throws IOException {
        Samples<MaskedClip> samples = samples(good(), 0);
        assertThat(samples.size()).isEqualTo(COUNT);
        assertThat(samples.get(0, 3).index()).isEqualTo(3);
        MaskedClip sample = samples.get(0, 3).content();
        assertThat(sample.frames().height()).isEqualTo(SIDE);
        assertThat(sample.hidden()).hasSize(GRID.size()).contains(true).contains(false);
        float[] expected =
                new RedOfTokens(GRID).of(sample.frames(), sample.hidden()).get(0);
        assertThat(sample.targets()).containsExactly(expected);
    }

    @Test
    void everySampleIsAFunctionOfEpochAndIndex() throws IOException {
        Path folder = good();
        Map<String, List<Object>> samples = all(samples(folder, 0));
        assertThat(all(samples(folder, 0))).isEqualTo(samples);
        assertThat(new HashSet<>(samples.values())).hasSize(samples.size());
    }

    @Test
    void aBadFileIsReplacedByTheSameFileEachTimeAndToldOnce() throws IOException {
        Path folder = good();
        Path bad = PictureFiles.bad(folder.resolve("004.png"));
        Map<String, List<Object>> samples = all(samples(folder, 0.1));
        assertThat(reported).containsExactly(bad);
        assertThat(all(samples(folder, 0.1))).isEqualTo(samples);
        assertThat(samples.values()).extracting(sample -> sample.get(0)).doesNotContain(4);
    }

    @Test
    void replacementsDifferByEpochAndTouchNothingElse() throws IOException {
        Path folder = good();
        Map<String, List<Object>> before = all(samples(folder, 0));
        PictureFiles.bad(folder.resolve("004.png"));
        Samples<MaskedClip> samples = samples(folder, 0.1);
        Map<String, List<Object>> after = all(samples);
        Set<Integer> replacements = new HashSet<>();
        for (int epoch = 0; epoch < 30; epoch++) {
            replacements.add(samples.get(epoch, 4).index());
        }
        assertThat(replacements).hasSizeGreaterThan(5);
        before.forEach((place, sample) -> {
            if (place.endsWith("/4")) {
                // The mask depends on the place in the epoch, not on the file that fills it.
                assertThat(after.get(place)).element(2).isEqualTo(sample.get(2));
            } else {
                assertThat(after.get(place)).isEqualTo(sample);
            }
        });
    }

    @Test
    void theMakerReceivesTheItemThatIsReadInPlaceOfABadOne() throws IOException {
        PictureFiles.bad(temp.resolve("classes/a/0.png"));
        PictureFiles.write(temp.resolve("classes/b/0.png"), 24, 24, 1);
        ImageDataset dataset = ImageDataset.open(temp.resolve("classes"));
        Samples<Item> samples = new Samples<>(
                dataset,
                new Seeds(1),
                (item, whole, draws) -> item,
                new BadFiles(dataset.size(), 0.5, Set.of(), (file, reason) -> {}));
        Sample<Item> sample = samples.get(0, 0);
        assertThat(sample.index()).isEqualTo(1);
        assertThat(sample.content()).isEqualTo(dataset.items().get(1));
        assertThat(sample.content().label()).isEqualTo(1);
    }

    @Test
    void whoReadsWhatInWhichOrderChangesNothing() throws Exception {
        Path folder = good();
        PictureFiles.bad(folder.resolve("002.png"));
        PictureFiles.bad(folder.resolve("007.jpg"));
        Map<String, List<Object>> expected = all(samples(folder, 0.2));
        reported.clear();
        Samples<MaskedClip> samples = samples(folder, 0.2);
        List<String> places = new ArrayList<>(expected.keySet());
        Collections.shuffle(places, new Random(5));
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<List<Object>>> work = new ArrayList<>();
            for (String place : places) {
                int slash = place.indexOf('/');
                long epoch = Long.parseLong(place.substring(0, slash));
                int index = Integer.parseInt(place.substring(slash + 1));
                work.add(() -> content(samples.get(epoch, index)));
            }
            List<Future<List<Object>>> done = threads.invokeAll(work);
            for (int i = 0; i < places.size(); i++) {
                assertThat(done.get(i).get()).as(places.get(i)).isEqualTo(expected.get(places.get(i)));
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(reported).containsExactlyInAnyOrder(folder.resolve("002.png"), folder.resolve("007.jpg"));
    }

    @Test
    void tooManyBadFilesEndIt() throws IOException {
        Path folder = good();
        for (int i : new int[] {1, 3, 5, 7}) {
            PictureFiles.bad(folder.resolve("00" + i + ".jpg"));
        }
        Samples<MaskedClip> samples = samples(folder, 0.2);
        assertThatExceptionOfType(TooManyBadFiles.class)
                .isThrownBy(() -> all(samples))
                .withMessageStartingWith("4 of 10 files cannot be read");
    }

    // ---- several of an item, and with labels -------------------------------------------------------------------

    @Test
    void theFirstCopyIsTheOnlyOneAndOthersDrawAnew() throws IOException {
        Samples<MaskedClip> samples = samples(good(), 0);
        Set<List<Object>> copies = new HashSet<>();
        for (int copy = 0; copy < 6; copy++) {
            List<Object> content = content(samples.get(1, 3, copy));
            assertThat(content(samples.get(1, 3, copy))).isEqualTo(content);
            copies.add(content);
        }
        assertThat(copies).hasSize(6).contains(content(samples.get(1, 3)));
    }

    @Test
    void copiesOfAnItemThatCannotBeReadAreReplacedEachByItself() throws IOException {
        Path folder = good();
        PictureFiles.bad(folder.resolve("004.png"));
        Samples<MaskedClip> samples = samples(folder, 0.1);
        Set<Integer> replacements = new HashSet<>();
        for (int copy = 0; copy < 20; copy++) {
            replacements.add(samples.get(0, 4, copy).index());
        }
        assertThat(replacements).hasSizeGreaterThan(3).doesNotContain(4);
    }

    @Test
    void labelledSamplesBringTheirLabelAndWhatIsErased() throws IOException {
        PictureFiles.write(temp.resolve("classes/a/0.png"), 24, 24, 1);
        PictureFiles.write(temp.resolve("classes/b/0.png"), 24, 24, 2);
        ImageDataset dataset = ImageDataset.open(temp.resolve("classes"));
        RandomResizedCrop crop = new RandomResizedCrop(0.5, 1, 0.75, 1.3333, SIDE, Resize.Filter.BICUBIC);
        Samples<LabelledClip> plain = new Samples<>(
                dataset,
                new Seeds(1),
                new LabelledSamples(crop, Optional.empty()),
                new BadFiles(2, 0, Set.of(), (f, r) -> {}));
        Samples<LabelledClip> erased = new Samples<>(
                dataset,
                new Seeds(1),
                new LabelledSamples(crop, Optional.of(RandomErasing.images(1))),
                new BadFiles(2, 0, Set.of(), (f, r) -> {}));
        for (int index = 0; index < 2; index++) {
            LabelledClip sample = plain.get(0, index).content();
            assertThat(sample.label()).isEqualTo(index);
            assertThat(sample.erased()).isEmpty();
            LabelledClip other = erased.get(0, index).content();
            assertThat(other.erased()).isPresent();
            assertThat(other.frames().rgb())
                    .as("erasing draws from a stream of its own")
                    .isEqualTo(sample.frames().rgb());
            assertThat(other.erased().orElseThrow().noise())
                    .isEqualTo(erased.get(0, index)
                            .content()
                            .erased()
                            .orElseThrow()
                            .noise())
                    .isNotEqualTo(erased.get(1, index)
                            .content()
                            .erased()
                            .orElseThrow()
                            .noise());
        }
    }

    @Test
    void withoutOneReadableFileItGivesUp() throws IOException {
        for (int i = 0; i < 3; i++) {
            PictureFiles.bad(temp.resolve("images/" + i + ".png"));
        }
        Samples<MaskedClip> samples = samples(temp.resolve("images"), 1);
        assertThatExceptionOfType(TooManyBadFiles.class)
                .isThrownBy(() -> samples.get(0, 0))
                .withMessageContaining("no readable file in 100 tries; 3 bad files");
    }
}
