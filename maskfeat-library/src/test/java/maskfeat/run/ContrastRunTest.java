package maskfeat.run;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import maskfeat.data.Sample;
import maskfeat.data.Samples;
import maskfeat.data.Seeds;
import maskfeat.data.TwoViews;
import maskfeat.mask.Grid;
import maskfeat.model.Contrast;
import maskfeat.model.Positions;
import maskfeat.network.OpenedWeights;
import maskfeat.network.Transfer;
import maskfeat.report.MetricsFile;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.settings.SettingsException;
import maskfeat.torch.Arrays;
import maskfeat.train.Checkpoints;
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

/** Contrastive learning as a run: its settings, its checkpoints, and what it leaves for other runs. */
class ContrastRunTest {
    @TempDir
    private static Path data = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void make() throws IOException {
        SampleSet.write(data.resolve("set"), SampleSet.Size.TINY.imagesOnly());
    }

    private static Settings<Run> settings(String... more) {
        Settings<Run> settings =
                Runs.settings("tiny-mocov3", "data.path=" + data.resolve("set/images/train"), "train.epochs=2");
        for (String assignment : more) {
            settings = settings.set(assignment);
        }
        return settings;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            train.accumulate=2 | train.accumulate is 2, and contrastive learning compares the images of a micro-batch only with each other
            train.accumulate=2 | set it to 1, and train.batch to 32 if memory allows
            train.batch=1 | train.batch is 1, and contrastive learning compares the images of a batch with each other
            data.clip.kind=timed data.clip.frames=2 | contrastive learning is of images, and data.clip has 2 frames; set data.clip.kind=image
            model.class-token=false | model.class-token is false; set it to true
            model.positions=sinusoid | model.positions is sinusoid, whose positions are in no file; set it to learned
            model.drop-path=0.1 | model.drop-path 0.1 would change queries and keys each in its own way; set it to 0
            model.dim=34 | model.dim 34 must be a multiple of 4
            augment.rand.ops=1 | augment.rand would do nothing
            augment.repeat=2 | augment.repeat is 2, and contrastive learning would take copies of one image for different images
            task.temperature=0 | temperature 0.0 must be above 0
            task.momentum=1 | momentum 1.0 must be at least 0 and below 1
            task.hidden=0 | hidden 0 and out 16 must be at least 1
            task.first.grey=2 | grey probability 2.0 must lie in 0 to 1
            task.first.jitter.hue=0.6 | jitter of hue 0.6 must lie in 0 to 0.5
            task.second.blur.max-sigma=0.05 | blur sigma 0.1 to 0.05 must be a range of pixels above 0
            """)
    void whatIsNotContrastiveLearningIsRefusedWithWhatWouldDo(String assignments, String message) {
        assertThatThrownBy(() -> settings(assignments.split(" ")).value())
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(message);
    }

    /** The setting is {@code learned}, since the positions stand in the weights; what it explains is what training does. */
    @Test
    void positionsStayTheSinesAndCosinesThatTheyBeganAs() throws Exception {
        Path place = folder.resolve("run");
        RunJob.begin(place, settings("train.epochs=1")).run();
        try (PointerScope scope = new PointerScope()) {
            Tensor positions =
                    requireNonNull(read(place.resolve("model.safetensors")).get("pos_embed"));
            assertThat(Arrays.floats(positions)).isEqualTo(Arrays.floats(Positions.sinusoids2d(Grid.of(4, 4), 32)));
        }
        assertThat(place.resolve("report.html")).content().contains("positions are fixed sines and cosines");
        assertThat(settings().explained().replaceAll("\\s+#\\s+", " "))
                .contains("In contrastive learning it is not: there it holds fixed sines and cosines");
    }

    @Test
    void publishedRecipesHaveTheOfficialNumbers() {
        Run small = Recipes.named("in1k-vit-s-mocov3");
        assertThat(small.optim().schedule(small.train()).at(40)).isEqualTo(1.5e-4 * 1024 / 256);
        assertThat(small.optim().schedule(small.train()).at(20)).isEqualTo(0.5 * 1.5e-4 * 1024 / 256);
        assertThat(small.model().attentionHeads()).hasValue(12);
        assertThat(small.task()).isEqualTo(ContrastConfig.defaults());
        Run base = Recipes.named("in1k-vit-b-mocov3");
        assertThat(base.optim().schedule(base.train()).at(300)).isZero();
        assertThat(base.optim().adamw().decayBiases()).isTrue();
        assertThat(base.optim().adamw().weightDecay()).isEqualTo(0.1);
    }

    private static RunJob.Watch stoppingAfter(int steps) {
        AtomicInteger asked = new AtomicInteger();
        return new RunJob.Watch(
                List.of(), () -> asked.incrementAndGet() >= steps, (done, of) -> {}, "maskfeat pretrain");
    }

    private static Trainer.Ending run(RunJob job, RunJob.Watch watch) throws IOException, InterruptedException {
        try (RunFolder place = job.folder()) {
            return job.run(place, watch).ending();
        }
    }

    private static Map<String, Tensor> read(Path file) throws IOException {
        return TensorFile.read(file);
    }

    /** Base and momentum encoder, running statistics and the optimizer: byte for byte. */
    @Test
    void aStoppedRunThatGoesOnLeavesTheSameBytesAsOneThatWasNot() throws Exception {
        Path whole = folder.resolve("whole");
        Path place = folder.resolve("stopped");
        assertThat(RunJob.begin(whole, settings()).run().ending()).isEqualTo(Trainer.Ending.DONE);
        assertThat(run(RunJob.begin(place, settings()), stoppingAfter(2))).isEqualTo(Trainer.Ending.STOPPED);
        assertThat(run(RunJob.resume(place), stoppingAfter(1))).isEqualTo(Trainer.Ending.STOPPED);
        assertThat(RunJob.resume(place).run().ending()).isEqualTo(Trainer.Ending.DONE);

        Path ofWhole = Checkpoints.latestIn(whole.resolve("checkpoints"), notice -> {})
                .orElseThrow()
                .folder();
        Path ofStopped = place.resolve("checkpoints").resolve(ofWhole.getFileName());
        for (String file : List.of("model.safetensors", "optimizer.safetensors", "task.safetensors")) {
            assertThat(ofStopped.resolve(file)).hasSameBinaryContentAs(ofWhole.resolve(file));
        }
        assertThat(place.resolve("model.safetensors")).hasSameBinaryContentAs(whole.resolve("model.safetensors"));
        try (PointerScope scope = new PointerScope()) {
            Map<String, Tensor> state = read(ofWhole.resolve("task.safetensors"));
            assertThat(state.keySet())
                    .contains(
                            "momentum_encoder.blocks.1.attn.qkv.weight",
                            "momentum_encoder.head.7.running_var",
                            "base_encoder.head.1.running_mean",
                            "predictor.4.num_batches_tracked");
            assertThat(requireNonNull(state.get("predictor.1.num_batches_tracked"))
                            .item_long())
                    .isEqualTo(2L * 6);
            Map<String, Tensor> optimizer = read(ofWhole.resolve("optimizer.safetensors"));
            assertThat(optimizer.keySet())
                    .contains("exp_avg.predictor.3.weight", "exp_avg.head.4.bias")
                    .doesNotContain("exp_avg.pos_embed", "exp_avg.patch_embed.proj.weight");
        }
    }

    @Test
    void metricsHaveChanceAndTheShareOfKeysThatAreFound() throws Exception {
        Path place = folder.resolve("run");
        RunJob.begin(place, settings()).run();
        Map<String, Double> last =
                MetricsFile.read(place.resolve("metrics.jsonl")).lastEntry().getValue();
        assertThat(last.get("train/baseline")).isCloseTo(4 * 0.2 * Math.log(16), within(1e-6));
        assertThat(last.get("train/key_top1")).isBetween(0.0, 100.0);
        assertThat(place.resolve("pictures/step-00000000.png")).isNotEmptyFile();
        assertThat(Files.readString(place.resolve("report.html"))).contains("What the network compared");
    }

    @Test
    void whatARunLeavesIsTheBackboneWithItsNormForOtherRuns() throws Exception {
        Path place = folder.resolve("run");
        RunJob.begin(place, settings()).run();
        try (PointerScope scope = new PointerScope()) {
            assertThat(read(place.resolve("model.safetensors")).keySet())
                    .contains("norm.weight", "pos_embed", "cls_token", "blocks.0.attn.qkv.bias")
                    .noneMatch(name -> name.startsWith("head.") || name.startsWith("predictor."));
        }
        Run finetune = Runs.run(
                "tiny-image-ft",
                "data.path=" + data.resolve("set/images/train"),
                "data.labels.hold-out=0.3",
                "train.epochs=1",
                "optim.warmup-epochs=0",
                "from=" + place);
        try (OpenedWeights weights = OpenedWeights.open(place)) {
            assertThat(Recipes.fitting("finetune", weights.spec())).contains("tiny-image-ft");
            finetune = finetune.adopting(weights.spec());
        }
        try (Training training = Training.of(finetune, RunData.open(finetune))) {
            Transfer transfer = training.begin();
            assertThat(transfer.loaded()).contains("pos_embed", "patch_embed.proj.weight", "blocks.1.mlp.fc2.bias");
            assertThat(transfer.ignored()).containsExactly("norm.bias", "norm.weight");
            assertThat(transfer.fresh())
                    .containsExactlyInAnyOrder(
                            "norm.weight", "norm.bias", "head.projection.weight", "head.projection.bias");
            try (RunFolder at = RunFolder.create(folder.resolve("finetuned"))) {
                training.train(at);
            }
        }
        assertThat(folder.resolve("finetuned/model.safetensors")).isNotEmptyFile();
    }

    /** Pre-training of the other kind may go on from it, and it from that. */
    @Test
    void bothKindsOfPretrainingBeginWithEachOthersBackbone() throws Exception {
        Path place = folder.resolve("run");
        RunJob.begin(place, settings("train.epochs=1", "optim.warmup-epochs=0")).run();
        Run masked = Runs.run(
                "tiny-image", "data.path=" + data.resolve("set/images/train"), "model.drop-path=0", "from=" + place);
        try (Training training = Training.of(masked, RunData.open(masked))) {
            assertThat(training.begin().fresh()).allMatch(name -> name.matches("pred_head\\..*|mask_token"));
        }
        Run again = settings("from=" + place).value();
        try (Training training = Training.of(again, RunData.open(again))) {
            Transfer transfer = training.begin();
            assertThat(transfer.loaded()).contains("norm.weight");
            assertThat(transfer.fresh()).isNotEmpty().allMatch(name -> name.matches("(head|predictor)\\..*"));
            Map<String, Tensor> base =
                    ((Contrast) training.plan().network()).encoder().parameters();
            Map<String, Tensor> state = training.plan().task().state();
            try (PointerScope scope = new PointerScope()) {
                base.forEach((name, tensor) -> assertThat(
                                Arrays.floats(requireNonNull(state.get("momentum_encoder." + name))))
                        .as(name)
                        .isEqualTo(Arrays.floats(tensor)));
            }
        }
    }

    @Test
    void viewsDifferFromEachOtherAndAreTheSameEachTime() throws Exception {
        Run run = settings().value();
        RunData opened = RunData.open(run);
        List<TwoViews> once = views(run, opened, 0);
        List<TwoViews> again = views(run, opened, 0);
        List<TwoViews> next = views(run, opened, 1);
        for (int i = 0; i < once.size(); i++) {
            assertThat(once.get(i).first().rgb())
                    .isEqualTo(again.get(i).first().rgb())
                    .isNotEqualTo(next.get(i).first().rgb())
                    .isNotEqualTo(once.get(i).second().rgb());
            assertThat(once.get(i).second().rgb())
                    .isEqualTo(again.get(i).second().rgb());
        }
    }

    private static List<TwoViews> views(Run run, RunData opened, long epoch) {
        try (Training training = Training.of(run, opened)) {
            ContrastPlan plan = (ContrastPlan) training.plan();
            Samples<TwoViews> samples =
                    new Samples<>(opened.train(), new Seeds(run.seed()), plan.maker(), training.badFiles());
            return IntStream.range(0, 8)
                    .mapToObj(i -> {
                        try {
                            Sample<TwoViews> sample = samples.get(epoch, i);
                            return sample.content();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .toList();
        }
    }

    @Test
    void recipesOfTheTaskAreFoundByItsName() {
        assertThat(Recipes.of("pretrain", "contrast"))
                .containsExactly("in1k-vit-s-mocov3", "in1k-vit-b-mocov3", "sample-mocov3", "tiny-mocov3");
        assertThat(Stream.of("sample-mocov3").map(name -> Recipes.named(name).model()))
                .containsExactly(Recipes.named("sample-image").model());
    }
}
