package maskfeat.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import maskfeat.data.Dataset;
import maskfeat.data.Item;
import maskfeat.data.TooManyBadFiles;
import maskfeat.disk.AtomicFile;
import maskfeat.media.Frames;
import maskfeat.network.NetworkSpec;
import maskfeat.nn.Layer;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.task.Classification;
import maskfeat.task.LinearProbe;
import maskfeat.torch.Devices;
import maskfeat.torch.Scopes;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import maskfeat.weights.TensorFile;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code task.head-start}: what the last layer begins with. */
class HeadStartTest {
    private static final String LAST = "head.projection.";

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void write() throws IOException {
        SampleSet.write(folder, SampleSet.Size.TINY.imagesOnly());
    }

    private Run run(String start) {
        return Runs.run("tiny-image-ft", "task.head-start=" + start, "data.path=" + folder.resolve("images"));
    }

    private static List<float[]> last(Training training) {
        List<float[]> values = new ArrayList<>();
        for (String name : List.of("weight", "bias")) {
            Tensor parameter =
                    requireNonNull(training.plan().network().parameters().get(LAST + name));
            values.add(Scopes.withoutGradients(() -> maskfeat.torch.Arrays.floats(parameter.clone())));
        }
        return values;
    }

    /** The middle of each picture. */
    private static List<Frames> middles(Run run, Dataset dataset) throws IOException {
        List<Frames> all = new ArrayList<>();
        for (Item item : dataset.items()) {
            all.add(run.data()
                    .input()
                    .crop(1)
                    .apply(dataset.readView(item, 0, 1), 0)
                    .frames());
        }
        return all;
    }

    @Test
    void probeIsWhatTheNetworkSaysBeforeItsFirstStep() throws Exception {
        Run run = run("probe");
        RunData data = RunData.open(run);
        try (Training training = Training.of(run, data)) {
            training.begin();
            Classification task = (Classification) training.plan().task();

            List<Frames> pictures = middles(run, data.train());
            float[][] features = task.features(pictures).toArray(float[][]::new);
            int[] labels = data.train().items().stream().mapToInt(Item::label).toArray();
            LinearProbe probe = LinearProbe.train(
                    features,
                    labels,
                    data.classes().size(),
                    LinearProbe.Config.defaults().choosing(LinearProbe.Best.LOSS),
                    run.seed(),
                    Devices.named("cpu"));
            float[][] expected = probe.scores(features);
            List<float[]> scores = task.scores(pictures);
            for (int i = 0; i < expected.length; i++) {
                assertThat(scores.get(i)).as("picture %d", i).containsExactly(expected[i], within(1e-4f));
            }
            assertThat(Arrays.stream(expected)
                            .mapToDouble(HeadStartTest::range)
                            .max()
                            .orElseThrow())
                    .as("the probe tells pictures apart")
                    .isGreaterThan(0.01);
        }
    }

    private static double range(float[] scores) {
        double most = 0;
        double least = 1;
        for (float score : scores) {
            most = Math.max(most, score);
            least = Math.min(least, score);
        }
        return most - least;
    }

    @Test
    void smallIsTheFirstValuesOfTheNetworkAndProbeTheSameEachTime() throws Exception {
        List<List<float[]>> begun = new ArrayList<>();
        for (String start : List.of("small", "small", "probe", "probe")) {
            Run run = run(start);
            try (Training training = Training.of(run, RunData.open(run))) {
                List<float[]> before = last(training);
                training.begin();
                List<float[]> after = last(training);
                assertThat(Arrays.equals(before.get(0), after.get(0))).as(start).isEqualTo(start.equals("small"));
                begun.add(after);
            }
        }
        for (int layer = 0; layer < 2; layer++) {
            assertThat(begun.get(1).get(layer)).containsExactly(begun.get(0).get(layer));
            assertThat(begun.get(3).get(layer)).containsExactly(begun.get(2).get(layer));
        }
    }

    @Test
    void aLastLayerForTheseClassesIsKept() throws Exception {
        Run run = run("probe");
        RunData data = RunData.open(run);
        NetworkSpec spec = Runs.spec(run, data.classes());
        Path file = folder.resolve("trained.safetensors");
        float[] trained;
        try (Layer network = spec.build(3, Devices.named("cpu"))) {
            AtomicFile.write(file, TensorFile.content(spec.metadata(), network.parameters()));
            trained = maskfeat.torch.Arrays.floats(
                    requireNonNull(network.parameters().get(LAST + "weight")).detach());
        }
        Run further = Runs.run(
                "tiny-image-ft", "task.head-start=probe", "data.path=" + folder.resolve("images"), "from=" + file);
        try (Training training = Training.of(further, data)) {
            training.begin();
            assertThat(last(training).get(0)).containsExactly(trained);
        }
    }

    /** The reading for the probe may take hours, and a signal must not wait for its end. */
    @Test
    void aStopWhileItReadsEndsTheRunWhichGoesOnAtTheBeginning() throws Exception {
        Settings<Run> settings = Runs.settings(
                "tiny-image-ft", "task.head-start=probe", "train.epochs=1", "data.path=" + folder.resolve("images"));
        Path out = folder.resolve("run");
        RunJob job = RunJob.begin(out, settings);
        try (RunFolder run = job.folder()) {
            RunJob.Watch stopping = new RunJob.Watch(List.of(), () -> true, (done, of) -> {}, "finetune");
            assertThat(job.run(run, stopping).ending()).isEqualTo(Trainer.Ending.STOPPED);
        }
        assertThat(out.resolve("checkpoints"))
                .satisfiesAnyOf(
                        none -> assertThat(none).doesNotExist(),
                        empty -> assertThat(empty).isEmptyDirectory());
        assertThat(RunJob.resume(out).run().ending()).isEqualTo(Trainer.Ending.DONE);
    }

    private List<Path> spoil(int count) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("images/train"))) {
            List<Path> spoilt =
                    files.filter(Files::isRegularFile).sorted().limit(count).toList();
            for (Path file : spoilt) {
                Files.write(file, new byte[] {(byte) 0x89, 'P', 'N', 'G', 1, 2, 3});
            }
            return spoilt;
        }
    }

    @Test
    void aPictureThatCannotBeReadIsLeftOutAndNamed() throws Exception {
        List<Path> spoilt = spoil(1);
        Run run = run("probe");
        List<Path> leftOut = new ArrayList<>();
        try (Training training = Training.of(
                run, RunData.open(run), List.of(), (file, reason) -> {}, (file, reason) -> leftOut.add(file))) {
            training.begin();
        }
        assertThat(leftOut).isEqualTo(spoilt);
    }

    @Test
    void tooManyOfThemEndTheRun() throws Exception {
        spoil(4);
        Run run = run("probe");
        try (Training training = Training.of(run, RunData.open(run))) {
            assertThatExceptionOfType(TooManyBadFiles.class).isThrownBy(training::begin);
        }
    }

    /** Files of version 6 and before say nothing of it. */
    @Test
    void anOlderFileBeginsNearZero() throws Exception {
        String today = Runs.settings("tiny-image-ft", "task.head-start=probe").yaml();
        assertThat(today).contains("head-start: probe");
        String before = today.lines()
                .filter(line -> !line.matches(" *(head-start|precision|recompute):.*"))
                .collect(Collectors.joining("\n", "", "\n"))
                .replaceFirst("^version: [0-9]+", "version: 6");
        Path file = Files.writeString(folder.resolve("run.yaml"), before);
        Run run = Settings.of(RunFormat.FORMAT, file).value();
        assertThat(((ClassifyConfig) run.task()).headStart()).isEqualTo(ClassifyConfig.HeadStart.SMALL);
    }
}
