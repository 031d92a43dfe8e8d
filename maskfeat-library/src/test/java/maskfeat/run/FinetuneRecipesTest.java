package maskfeat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import maskfeat.augment.Mix;
import maskfeat.augment.Normalize;
import maskfeat.augment.RandAugment;
import maskfeat.augment.Resize;
import maskfeat.data.StillImage;
import maskfeat.data.TimedClip;
import maskfeat.disk.DamagedFile;
import maskfeat.mask.Grid;
import maskfeat.model.Classifier;
import maskfeat.model.ClipSize;
import maskfeat.network.NetworkSpec;
import maskfeat.network.OpenedWeights;
import maskfeat.settings.Settings;
import maskfeat.torch.RandomTensors;
import maskfeat.train.AdamW;
import maskfeat.train.Schedule;
import maskfeat.weights.DType;
import maskfeat.weights.TensorEntry;
import maskfeat.weights.TensorReader;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FinetuneRecipesTest {
    @TempDir
    private Path folder;

    private static Run recipe(String name) {
        return Recipes.named(name);
    }

    static Stream<String> names() {
        return Recipes.of("finetune", "classify").stream();
    }

    @Test
    void everyNameStandsOnce() {
        assertThat(Recipes.BOOK.names()).doesNotHaveDuplicates();
        for (String command : Recipes.commands()) {
            assertThat(Recipes.of(command)).extracting(Recipes.BOOK::summary).doesNotHaveDuplicates();
        }
        assertThat(names()).allMatch(name -> name.endsWith("-ft")).hasSize(13);
        assertThat(Recipes.of("pretrain"))
                .hasSize(16)
                .noneMatch(name -> name.endsWith("-ft"))
                .contains(Recipes.DEFAULT);
        assertThat(Recipes.commands()).containsExactly("pretrain", "finetune");
    }

    /** SlowFast, configs/masked_ssl, with as many machines as the published batch has. */
    @ParameterizedTest
    @CsvSource({
        "in1k-vit-b-ft, 2048, 64, 8e-3, 4e-8, 4e-6, 100, 20, 0.65, , 0.1, 1",
        "in1k-vit-l-ft, 2048, 32, 8e-3, 8e-8, 8e-6, 50, 5, 0.75, , 0.1, 1",
        "k400-mvitv2-s-16x4-ft, 512, 16, 9.6e-3, 1.6e-5, 1.6e-5, 100, 20, 0.75, 5, 0.1, 2",
        "k400-mvitv2-l-16x4-ft, 256, 8, 9.6e-3, 1.6e-7, 1.6e-4, 75, 5, 0.875, 5, 0.2, 1",
        "k400-vit-b-16x4-videomae-ft, 768, 12, 7.5e-4, 1.5e-6, 1.5e-6, 75, 5, 0.75, , 0.1, 2",
    })
    void optimizationIsTheOfficialOne(
            String name,
            int step,
            int batch,
            double lr,
            double warmupLr,
            double endLr,
            int epochs,
            double warmupEpochs,
            double layerDecay,
            @Nullable Double clipNorm,
            double dropPath,
            int repeat) {
        Run finetune = recipe(name);
        assertThat(finetune.train().stepSize()).isEqualTo(step);
        assertThat(finetune.train().microBatch()).isEqualTo(batch);
        assertThat(finetune.train().epochs()).isEqualTo(epochs);
        assertThat(finetune.optim())
                .isEqualTo(new Run.Optim(
                        lr,
                        warmupLr,
                        endLr,
                        step,
                        warmupEpochs,
                        layerDecay,
                        0,
                        new AdamW.Config(0.9, 0.999, 1e-8, 0.05, clipNorm)));
        assertThat(finetune.model().dropPath()).isEqualTo(dropPath);
        assertThat(finetune.augment().repeat()).isEqualTo(repeat);
    }

    @ParameterizedTest
    @ValueSource(strings = {"in1k-vit-b-ft", "in1k-vit-l-ft", "k400-mvitv2-s-16x4-ft", "k400-mvitv2-l-16x4-ft"})
    void augmentationAndLossAreTheOfficialOnes(String name) {
        Run finetune = recipe(name);
        boolean images = name.startsWith("in1k");
        assertThat(finetune.augment())
                .isEqualTo(new Run.Augmentation(
                        new Cropping.Resized(0.08, 1, 0.75, 1.3333),
                        0.5,
                        new RandAugment(
                                2, images ? 9 : 7, 0.5, 0.5, images ? List.of(124, 116, 104) : List.of(128, 128, 128)),
                        finetune.augment().repeat()));
        assertThat(finetune.task())
                .isEqualTo(new ClassifyConfig(
                        new Classifier.Head(Classifier.Pooling.MEAN, 0),
                        new ClassifyConfig.Loss(0.1, ClassifyConfig.ClassWeights.NONE),
                        0.25,
                        new Mix(
                                0.8,
                                1,
                                0.5,
                                1,
                                images ? 0 : 2 * finetune.augment().repeat()),
                        ClassifyConfig.HeadStart.SMALL));
        assertThat(finetune.data().clip()).isEqualTo(images ? new StillImage() : new TimedClip(16, 4, 30));
        assertThat(finetune.data().side()).isEqualTo(224);
        assertThat(finetune.data().shortSide()).isEqualTo(256);
        assertThat(finetune.data().normalize()).isEqualTo(images ? Normalize.IMAGENET : Normalize.KINETICS);
        assertThat(finetune.data().resize()).isEqualTo(images ? Resize.Filter.BICUBIC : Resize.Filter.BILINEAR);
        assertThat(finetune.idle()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "in1k-vit-b-ft, 0, 4e-8, 1e-14",
        "in1k-vit-b-ft, 10, .00400002, 1e-9",
        "in1k-vit-b-ft, 20, .008, 1e-15",
        "in1k-vit-b-ft, 60, .004002, 1e-9",
        "in1k-vit-b-ft, 99.9, 4.0308e-6, 1e-10",
        "in1k-vit-l-ft, 0, 8e-8, 1e-14",
        "in1k-vit-l-ft, 5, .008, 1e-15",
        "in1k-vit-l-ft, 50, 8e-6, 1e-14",
        "k400-mvitv2-s-16x4-ft, 0, 1.6e-5, 1e-14",
        "k400-mvitv2-s-16x4-ft, 10, .004808, 1e-9",
        "k400-mvitv2-s-16x4-ft, 20, .0096, 1e-15",
        "k400-mvitv2-s-16x4-ft, 60, .004808, 1e-9",
        "k400-mvitv2-l-16x4-ft, 0, 1.6e-7, 1e-14",
        "k400-mvitv2-l-16x4-ft, 2.5, .00480008, 1e-10",
        "k400-mvitv2-l-16x4-ft, 5, .0096, 1e-15",
        "k400-mvitv2-l-16x4-ft, 40, .00488, 1e-9",
        "k400-mvitv2-l-16x4-ft, 75, 1.6e-4, 1e-14",
    })
    void theLearningRateIsTheOfficialOne(String name, double epoch, double expected, double offset) {
        Run finetune = recipe(name);
        Schedule schedule = finetune.optim().schedule(finetune.train());
        assertThat(schedule.at(epoch)).isCloseTo(expected, within(offset));
    }

    /** transformers' file of it has another epsilon, which is the weights' business. */
    @Test
    void weightsOfVideoMaeFindTheirRecipe() {
        NetworkSpec spec = Runs.spec(
                Runs.run("k400-vit-b-16x4-videomae-ft", "model.norm-epsilon=1e-12", "model.drop-path=0"),
                List.of("a", "b"));
        assertThat(Recipes.fitting("finetune", spec)).contains("k400-vit-b-16x4-videomae-ft");
    }

    @Test
    void theLearningRateFollowsTheSizeOfAStep() {
        Run half = Runs.run("k400-mvitv2-s-16x4-ft", "train.accumulate=16");
        assertThat(half.optim().schedule(half.train()).at(20)).isCloseTo(.0048, within(1e-15));
    }

    /** Time, rows and columns of the tokens that the head sees. */
    @ParameterizedTest
    @CsvSource({
        "in1k-vit-b-ft, 1, 14, 14, 12, 768",
        "in1k-vit-l-ft, 1, 14, 14, 24, 1024",
        "k400-mvitv2-s-16x4-ft, 8, 7, 7, 16, 96",
        "k400-mvitv2-l-16x4-ft, 8, 7, 7, 48, 144",
        "k400-mvitv2-l-40x3-312-ft, 20, 10, 10, 48, 144",
        "k400-mvitv2-l-40x3-352-ft, 20, 11, 11, 48, 144",
        "ssv2-mvitv2-s-16x4-ft, 8, 7, 7, 16, 96",
        "k400-vit-b-16x4-videomae-ft, 8, 14, 14, 12, 768",
    })
    void theNetworksAreThePublishedOnes(String name, int t, int h, int w, int depth, int dim) {
        Run finetune = recipe(name);
        ClipSize size =
                ClipSize.square(finetune.data().clip().frames(), finetune.data().side());
        assertThat(finetune.model().depth()).isEqualTo(depth);
        assertThat(finetune.model().grid(size, depth - 1)).isEqualTo(new Grid(t, h, w));
        assertThat(finetune.model().embedDim()).isEqualTo(dim);
    }

    @ParameterizedTest
    @ValueSource(strings = {"small-video-ft", "sample-video-ft", "sample-image-ft", "tiny-video-ft", "tiny-image-ft"})
    void theSmallOnesBuildAndGiveAScoreForEachClass(String name) {
        Run finetune = recipe(name);
        NetworkSpec spec = Runs.spec(finetune, List.of("a", "b", "c", "d", "e"));
        ClipSize size = spec.size();
        try (Classifier model = (Classifier) spec.build(0, new Device("cpu"));
                PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            assertThat(model.forward(RandomTensors.normal(1, 2, 3, size.frames(), size.height(), size.width()))
                            .shape())
                    .containsExactly(2, 5);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyRecipeComesBackFromItsYaml(String name) throws IOException {
        Run finetune = recipe(name);
        String yaml = Settings.of(RunFormat.FORMAT, name, finetune).yaml();
        Path file = Files.writeString(folder.resolve("run.yaml"), yaml);
        String other = name.equals("tiny-image-ft") ? "k400-mvitv2-s-16x4-ft" : "tiny-image-ft";
        assertThat(Recipes.BOOK.settings(other).file(file).value()).isEqualTo(finetune);
        assertThat(Settings.of(RunFormat.FORMAT, file).value()).isEqualTo(finetune);
    }

    @ParameterizedTest
    @MethodSource("names")
    void whatEveryRecipeMakesSaysWhatItIs(String name) throws IOException {
        NetworkSpec spec = Runs.spec(recipe(name), List.of("climbing a rope", "déjà vu, \"2\""));
        assertThat(OpenedWeights.saidBy(new TensorlessFile(spec, spec.shapes())))
                .contains(spec);
        // A claim without the tensors is not believed.
        assertThatExceptionOfType(DamagedFile.class)
                .isThrownBy(() -> OpenedWeights.saidBy(new TensorlessFile(spec, Map.of())))
                .withMessageContaining("says that it is for '")
                .withMessageContaining(", and has none; ");
    }

    /** The head of a file of weights, as large as the network may be. */
    private record TensorlessFile(NetworkSpec spec, Map<String, List<Long>> shapes) implements TensorReader {
        @Override
        public Path file() {
            return Path.of("model.safetensors");
        }

        @Override
        public SortedMap<String, TensorEntry> entries() {
            SortedMap<String, TensorEntry> entries = new TreeMap<>();
            shapes.forEach((name, shape) -> entries.put(name, new TensorEntry(name, DType.F32, shape)));
            return entries;
        }

        @Override
        public SortedMap<String, String> metadata() {
            return new TreeMap<>(spec.metadata());
        }

        @Override
        public void read(TensorEntry entry, long offset, ByteBuffer into) {
            throw new UnsupportedOperationException("only what the file says of itself is wanted");
        }

        @Override
        public void close() {}
    }

    /** A group that is cut would mix other samples than one process does. */
    @Test
    void ranksHaveWholeGroupsOfSamplesThatAreMixed() {
        Settings<Run> step = Runs.settings("tiny-video-ft", "train.batch=8", "train.accumulate=3");
        assertThat(Training.share(step.value(), 2, true)).isEqualTo(2);
        assertThat(Training.share(step.value(), 4, true)).isEqualTo(1);
        Run grouped = step.set("task.mix.group=4").value();
        assertThat(Training.share(grouped, 1, true)).isEqualTo(3);
        assertThat(Training.share(grouped, 2, true)).as("of 12, four at a time").isEqualTo(3);
        assertThat(Training.share(grouped, 6, true)).isEqualTo(1);
        assertThatThrownBy(() -> Training.share(grouped, 4, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "a step of 24 samples (train.batch times train.accumulate, in groups of task.mix.group 4) does"
                                + " not divide among 4 ranks; start 3 or 6 of them, or change train.batch or task.mix.group");
        assertThatThrownBy(() -> Training.share(grouped, 12, false))
                .hasMessageEndingWith("among 12 ranks; start 6 of them, for a run that goes on keeps its step");
    }

    @Test
    void ranksThatMixAmongFewerSaySo() {
        TaskConfig all = Recipes.named("tiny-video-ft").task();
        assertThat(all.amongRanks(8, 8)).isEmpty();
        assertThat(all.amongRanks(8, 4).orElseThrow())
                .startsWith("task.mix mixes the 4 samples of a rank among themselves, where one process mixes 8");
        assertThat(all.amongRanks(8, 1).orElseThrow()).startsWith("task.mix mixes nothing");
        assertThat(Recipes.named("tiny-image").task().amongRanks(8, 4)).isEmpty();
    }
}
