package maskfeat.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import maskfeat.data.TooManyBadFiles;
import maskfeat.disk.Content;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.torch.RankLost;
import maskfeat.torch.RankPlace;
import maskfeat.torch.RanksHere;
import maskfeat.train.Checkpoint;
import maskfeat.train.Checkpoints;
import maskfeat.train.RunFolder;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run of several ranks in its folder. They are threads here, so that nothing may draw from libtorch's one generator. */
class RanksRunTest {
    @TempDir
    private Path folder = Path.of("");

    private List<Path> files = List.of();

    @BeforeEach
    void write() throws IOException {
        SampleSet.write(folder.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        try (Stream<Path> all = Files.walk(folder.resolve("set/images/train"))) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private Settings<Run> settings(double share) {
        return settings("tiny-image", share);
    }

    private Settings<Run> settings(String recipe, double share) {
        return Recipes.BOOK
                .settings(recipe)
                .set("data.path=" + folder.resolve("set/images/train"))
                .set("data.max-bad-share=" + share)
                .set("train.epochs=2")
                .set("train.batch=6")
                .set("train.threads=1")
                .set("model.drop-path=0")
                .set("report.pictures-every=0");
    }

    /** Gives the messages of those that failed. */
    private static Optional<String> run(RankPlace rank, Path place, Settings<Run> settings) throws Exception {
        RunJob job;
        synchronized (RanksRunTest.class) {
            job = RunJob.begin(place, settings);
        }
        return run(rank, job);
    }

    private static Optional<String> run(RankPlace rank, RunJob job) throws Exception {
        job.among(rank);
        try {
            job.run();
            return Optional.empty();
        } catch (TooManyBadFiles | RankLost | IllegalArgumentException failed) {
            return Optional.of(String.valueOf(failed.getMessage()));
        }
    }

    @Test
    void filesThatAnyRankCannotReadAreNamedInTheRunFolderOnce() throws Exception {
        List<Path> bad = List.of(files.get(2), files.get(5), files.get(8), files.get(files.size() - 1));
        for (Path file : bad) {
            Files.writeString(file, "no picture");
        }
        Path place = folder.resolve("run");
        assertThat(RanksHere.places(2, rank -> run(rank, place, settings(0.5)))).containsOnly(Optional.empty());

        assertThat(new BadFilesLog(place.resolve("bad-files.jsonl")).entries())
                .extracting(BadFilesLog.Entry::file)
                .containsExactlyInAnyOrderElementsOf(bad);
    }

    @Test
    void badFilesOfAllRanksCountTogether() throws Exception {
        for (int i = 0; i < 6; i++) {
            Files.writeString(files.get(i), "no picture");
        }
        List<Optional<String>> failures =
                RanksHere.places(2, rank -> run(rank, folder.resolve("run"), settings(5.0 / files.size() + 1e-9)));

        assertThat(failures)
                .allSatisfy(each -> assertThat(each.orElseThrow())
                        .contains("6 of " + files.size() + " files cannot be read, more than the 5"));
    }

    @Test
    void twoGiveTheWeightsOfOne() throws Exception {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        RunJob.begin(one, settings(0.01)).run();
        assertThat(RanksHere.places(2, rank -> run(rank, two, settings(0.01)))).containsOnly(Optional.empty());

        largestDifferences(one.resolve("model.safetensors"), two.resolve("model.safetensors"))
                .forEach((name, largest) -> assertThat(largest).as(name).isLessThan(1e-6));
    }

    /** The loss that ends it is that of both. */
    @Test
    void twoEndEarlyWhereOneDoes() throws Exception {
        Settings<Run> early = settings(0.01)
                .set("train.epochs=30")
                .set("optim.lr=0.01")
                .set("task.target.kind=pixels")
                .set("train.until=0.95")
                .set("checkpoint.keep=1");
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        RunJob.begin(one, early).run();
        assertThat(RanksHere.places(2, rank -> run(rank, two, early))).containsOnly(Optional.empty());

        assertThat(RunResult.read(one.resolve("result.json")).facts().get("stopped early"))
                .startsWith("by train.until 0.95 after epoch ")
                .isEqualTo(RunResult.read(two.resolve("result.json")).facts().get("stopped early"));
        assertThat(two.resolve("DONE")).hasSameTextualContentAs(one.resolve("DONE"));
    }

    @Test
    void ranksOfDifferentRunsAreRefused() throws Exception {
        for (String other : List.of("optim.lr=0.5", "report.features-every=2")) {
            List<Optional<String>> failures = RanksHere.places(
                    2,
                    rank -> run(
                            rank,
                            folder.resolve("differs"),
                            rank.rank() == 0 ? settings(0.01) : settings(0.01).set(other)));
            assertThat(failures)
                    .allSatisfy(each -> assertThat(each.orElseThrow())
                            .contains("the ranks train different runs: " + other.split("=")[0] + " is ")
                            .contains(" on rank 0 and " + other.split("=")[1] + " on rank 1"));
            assertThat(folder.resolve("differs")).doesNotExist();
        }
    }

    /** Keys and batch norms are of all ranks. A run that two have begun goes on with three. */
    @Test
    void ranksThatContrastGiveTheNetworkMomentumEncoderAndStatisticsOfOne() throws Exception {
        Path one = folder.resolve("one");
        Path several = folder.resolve("several");
        Settings<Run> settings = settings("tiny-mocov3", 0.01).set("train.batch=12");
        RunJob.begin(one, settings).run();
        int steps = 4;
        RanksHere.places(2, rank -> {
            RunJob job;
            synchronized (RanksRunTest.class) {
                job = RunJob.begin(several, settings);
            }
            try (RunFolder place = job.among(rank).folder()) {
                AtomicInteger asked = new AtomicInteger();
                return job.run(
                        place,
                        new RunJob.Watch(List.of(), () -> asked.incrementAndGet() > steps, (done, of) -> {}, "a test"));
            }
        });
        assertThat(latest(several).step()).isBetween(1L, 8L);
        assertThat(several.resolve("model.safetensors")).doesNotExist();
        assertThat(RanksHere.places(3, rank -> {
                    RunJob job;
                    synchronized (RanksRunTest.class) {
                        job = RunJob.resume(several);
                    }
                    return run(rank, job);
                }))
                .containsOnly(Optional.empty());

        double farthest = 2 * latest(one).step() * settings.value().optim().lr();
        for (String file : List.of("model.safetensors", "task.safetensors")) {
            largestDifferences(latest(one).file(file), latest(several).file(file))
                    .forEach((name, largest) ->
                            assertThat(largest).as(name).isLessThan(isMovedByRounding(name) ? farthest : 1e-6));
        }
    }

    /**
     * The bias of the last norm and of keys, and the mean behind the first: a batch norm takes away what that bias adds, and softmax what
     * the others add. Their gradients are nothing but rounding, of which AdamW makes steps as large as any.
     */
    private static boolean isMovedByRounding(String name) {
        return Stream.of("", "base_encoder.", "momentum_encoder.")
                .anyMatch(part -> name.equals(part + "norm.bias")
                        || name.equals(part + "head.1.running_mean")
                        || name.matches(part + "blocks\\.\\d+\\.attn\\.qkv\\.bias"));
    }

    /** By the names of the tensors, which are the same in both; in units of the largest number of a tensor if that is above 1. */
    private static Map<String, Double> largestDifferences(Path one, Path other) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> first = TensorFile.read(one);
            Map<String, Tensor> second = TensorFile.read(other);
            assertThat(second.keySet()).isEqualTo(first.keySet()).isNotEmpty();
            Map<String, Double> largest = new TreeMap<>();
            first.forEach((name, tensor) -> largest.put(
                    name, largest(tensor.sub(requireNonNull(second.get(name)))) / Math.max(1, largest(tensor))));
            return largest;
        }
    }

    private static double largest(Tensor tensor) {
        return tensor.abs().max().item_double();
    }

    private static Checkpoint latest(Path run) throws IOException {
        return Checkpoints.latestIn(RunFolder.look(run).checkpoints(), damage -> {})
                .orElseThrow();
    }

    private RunJob ofRank(int rank, Path place) throws IOException {
        return RunJob.begin(place, settings(0.01)).among(new RankPlace(rank, 4, "127.0.0.1", 1, false, 0, "a test"));
    }

    @Test
    void theFirstThatIsLeftSavesAndBeginsAFolderWhereThatOfRank0IsNotToBeSeen() throws IOException {
        Path place = folder.resolve("elsewhere");
        List<RunJob> left = List.of(ofRank(1, place), ofRank(2, place), ofRank(3, place));
        Map<String, Content> files = Map.of("state.json", out -> out.write(ByteBuffer.wrap(new byte[3])));
        left.get(0).inherit(7, files);
        left.get(1).inherit(7, files);
        left.get(2).inherit(6, files);

        assertThat(left.get(0).savedInPlace()).contains(place.toRealPath());
        assertThat(left.get(1).savedInPlace()).isEmpty();
        assertThat(left.get(2).savedInPlace()).isEmpty();
        assertThat(place.resolve("checkpoints/LATEST")).content().contains("step-00000007");
        assertThat(place.resolve("checkpoints/step-00000006")).doesNotExist();
        assertThat(RunFolder.look(place).hasSaved()).isTrue();
        assertThat(RunJob.resume(place).settings().value())
                .isEqualTo(settings(0.01).value());
    }

    private static void refuses(RunJob job, int ranks, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> job.among(new RankPlace(0, ranks, "127.0.0.1", 1, false, 0, "a test")))
                .withMessage(message);
    }

    @Test
    void whereAStepDoesNotDivideTheNumbersOfRanksThatWouldDoAreNamed() throws Exception {
        Path place = folder.resolve("run");
        String eight = "a step of 8 samples (train.batch times train.accumulate) does not divide among ";
        Settings<Run> settings = settings(0.01).set("train.batch=8").set("train.accumulate=1");
        refuses(RunJob.begin(place, settings), 3, eight + "3 ranks; start 2 or 4 of them, or change train.batch");
        RunJob begun = RunJob.begin(place, settings);
        try (RunFolder made = begun.folder()) {
            begun.run(made, new RunJob.Watch(List.of(), () -> true, (done, of) -> {}, "a test"));
        }
        refuses(
                RunJob.resume(place),
                3,
                eight + "3 ranks; start 2 or 4 of them, for a run that goes on keeps its step");
        refuses(RunJob.resume(place), 9, eight + "9 ranks; start 8 of them, for a run that goes on keeps its step");
    }

    @Test
    void whatAnotherProcessHasIsNotWritten() throws IOException {
        Path place = folder.resolve("run");
        RunJob left = ofRank(1, place);
        try (RunFolder held = RunFolder.create(place)) {
            Files.writeString(held.settings(), "train: {}\n");
            left.inherit(7, Map.of());
            assertThat(held.checkpoints()).doesNotExist();
        }
        assertThat(left.savedInPlace()).isEmpty();
    }
}
