package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import maskfeat.golden.GoldenDir;
import maskfeat.infer.Inference;
import maskfeat.model.Vit;
import maskfeat.report.MetricsFile;
import maskfeat.settings.Settings;
import maskfeat.torch.Arrays;
import maskfeat.train.RunFolder;
import maskfeat.train.Trainer;
import maskfeat.weights.TensorFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** VideoMAE's backbone is pre-trained with MaskFeat, fine-tuned, and goes on where it was stopped. */
class VideoMaeTrainingTest {
    @TempDir
    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void make() throws IOException {
        PatternData.write(data);
    }

    private static Settings<Run> video(Settings<Run> recipe, int patch, double mlpRatio) {
        return recipe.set("model.kind=vit")
                .set("model.patch=" + patch)
                .set("model.cube-frames=2")
                .set("model.dim=16")
                .set("model.depth=2")
                .set("model.heads=2")
                .set("model.mlp-ratio=" + mlpRatio)
                .set("model.class-token=false")
                .set("model.positions=sinusoid");
    }

    private static Settings<Run> pretraining(int epochs) {
        return video(Recipes.BOOK.settings("tiny-video"), 8, 4)
                .set("data.path=" + data.resolve("clips"))
                .set("train.batch=4")
                .set("train.accumulate=1")
                .set("train.epochs=" + epochs)
                .set("optim.lr=3e-3")
                .set("optim.warmup-epochs=0")
                .set("report.pictures-every=0");
    }

    private static Map<String, float[]> weights(Path run) throws IOException {
        try (PointerScope scope = new PointerScope()) {
            Map<String, float[]> values = new TreeMap<>();
            for (Map.Entry<String, Tensor> tensor :
                    TensorFile.read(run.resolve("model.safetensors")).entrySet()) {
                values.put(tensor.getKey(), Arrays.floats(tensor.getValue()));
            }
            return values;
        }
    }

    @Test
    void learnsToPredictWhatIsHidden() throws Exception {
        Path place = folder.resolve("run");
        RunJob.begin(place, pretraining(20)).run();
        SortedMap<Long, Map<String, Double>> rows = MetricsFile.read(place.resolve("metrics.jsonl"));
        List<Double> losses =
                rows.values().stream().map(row -> row.get("train/loss")).toList();
        int third = losses.size() / 3;
        double first =
                losses.subList(0, third).stream().mapToDouble(x -> x).average().orElseThrow();
        double last = losses.subList(losses.size() - third, losses.size()).stream()
                .mapToDouble(x -> x)
                .average()
                .orElseThrow();
        assertThat(last).isLessThan(0.9 * first);
        assertThat(weights(place)).doesNotContainKeys("cls_token", "pos_embed").containsKey("mask_token");
    }

    @Test
    void aStoppedRunThatGoesOnGivesTheSameWeights() throws Exception {
        RunJob.begin(folder.resolve("whole"), pretraining(2)).run();
        Path place = folder.resolve("stopped");
        AtomicInteger asked = new AtomicInteger();
        RunJob job = RunJob.begin(place, pretraining(2));
        try (RunFolder run = job.folder()) {
            RunJob.Watch watch = new RunJob.Watch(
                    List.of(), () -> asked.incrementAndGet() >= 2, (done, of) -> {}, "maskfeat pretrain --out here");
            assertThat(job.run(run, watch).ending()).isEqualTo(Trainer.Ending.STOPPED);
        }
        assertThat(RunJob.resume(place).run().ending()).isEqualTo(Trainer.Ending.DONE);
        assertThat(weights(place)).usingRecursiveComparison().isEqualTo(weights(folder.resolve("whole")));
    }

    /** Of other frames and another size than the weights': positions are computed for them, and nothing is resized. */
    @ParameterizedTest
    @CsvSource({
        "pretraining-first-16/model.safetensors",
        "classes-mean-8/model.safetensors",
        "official-pretraining/model.pth"
    })
    void weightsOfVideoMaeAreFineTuned(String file) throws Exception {
        Path from = GoldenDir.resource("/videomae").resolve(file);
        Path labelled = labelled();
        Path place = folder.resolve("run");
        Settings<Run> settings = video(Recipes.BOOK.settings("tiny-video-ft"), 4, 3)
                .set("from=" + from)
                .set("data.path=" + labelled)
                .set("data.labels.validation=" + labelled)
                .set("data.side=24")
                .set("data.short-side=24")
                .set("train.epochs=1")
                .set("optim.warmup-epochs=0");
        RunJob.begin(place, settings).run();
        try (Inference network = Inference.open(place, "cpu")) {
            assertThat(network.classes()).containsExactly("rings", "stripes");
            assertThat(network.scores(data.resolve("clips/0"))).hasSize(2).doesNotContain(Float.NaN);
            assertThat(((Vit.Config) network.spec().backbone()).positions()).isEqualTo(Vit.PositionKind.SINUSOID);
        }
    }

    private Path labelled() throws IOException {
        for (int i = 0; i < 8; i++) {
            Path clip = folder.resolve("labelled")
                    .resolve(i % 2 == 0 ? "rings" : "stripes")
                    .resolve("clip" + i);
            Files.createDirectories(clip);
            try (Stream<Path> frames = Files.list(data.resolve("clips/" + i))) {
                for (Path frame : frames.toList()) {
                    Files.copy(frame, clip.resolve(frame.getFileName()));
                }
            }
        }
        return folder.resolve("labelled");
    }
}
