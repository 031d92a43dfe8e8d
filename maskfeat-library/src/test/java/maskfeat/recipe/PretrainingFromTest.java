package maskfeat.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import maskfeat.data.Dataset;
import maskfeat.disk.AtomicFile;
import maskfeat.model.Classifier;
import maskfeat.model.MaskFeat;
import maskfeat.nn.Layer;
import maskfeat.sample.SampleSet;
import maskfeat.settings.Settings;
import maskfeat.weights.TensorFile;
import maskfeat.weights.WeightsMismatch;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pre-training that goes on from weights. */
class PretrainingFromTest {
    @TempDir
    Path temp;

    private Path images;
    private Run run;

    @BeforeEach
    void make() throws IOException {
        SampleSet.write(temp.resolve("set"), SampleSet.Size.TINY.imagesOnly());
        images = temp.resolve("set/images/train");
        run = run();
    }

    private static Run run(String... assignments) {
        Recipe<Run> recipe = Objects.requireNonNull(Recipes.byName().get("tiny-image"));
        Settings<Run> settings = Settings.of(Run.class, recipe.name(), recipe.run());
        for (String assignment : assignments) {
            settings = settings.set(assignment);
        }
        return settings.value();
    }

    private Pretraining pretraining(Run of) throws IOException {
        return Pretraining.of(of, Dataset.open(images, of.data().clip()));
    }

    private Path weights(Run of) throws IOException {
        Blueprint blueprint = Blueprint.of(of);
        try (MaskFeat network = blueprint.buildModel(7, new Device("cpu"))) {
            return write(blueprint.metadata(), network);
        }
    }

    private Path write(Map<String, String> metadata, Layer network) throws IOException {
        Path file = temp.resolve("weights.safetensors");
        AtomicFile.write(file, TensorFile.content(metadata, network.parameters()));
        return file;
    }

    @Test
    void allWeightsOfTheSameNetworkAndTargetAreTakenOver() throws IOException {
        Path file = weights(run);

        try (Pretraining pretraining = pretraining(run);
                MaskFeat source = Blueprint.of(run).load(file, "cpu")) {
            Transfer transfer = pretraining.beginWith(file);

            assertThat(transfer.fresh()).isEmpty();
            assertThat(transfer.ignored()).isEmpty();
            Map<String, Tensor> values = pretraining.model().parameters();
            source.parameters()
                    .forEach((name, value) ->
                            assertThat(value.equal(values.get(name))).as(name).isTrue());
        }
    }

    @Test
    void headBeginsAnewForAnotherTarget() throws IOException {
        Path file = weights(run("target.bins=6"));

        try (Pretraining pretraining = pretraining(run)) {
            Transfer transfer = pretraining.beginWith(file);

            assertThat(transfer.fresh()).isNotEmpty().allMatch(name -> name.matches("pred_head\\..*|mask_token"));
            assertThat(transfer.loaded()).contains("cls_token", "blocks.1.mlp.fc2.weight");
        }
    }

    @Test
    void backboneOfAClassifierWillDo() throws IOException {
        Finetune finetune = Objects.requireNonNull(FinetuneRecipes.byName().get("tiny-image-ft"))
                .run();
        ClassifierBlueprint blueprint =
                new ClassifierBlueprint(finetune.input(), finetune.model(), Classifier.Head.mean(), List.of("a", "b"));
        Path file;
        try (Classifier network = blueprint.buildModel(3, new Device("cpu"))) {
            file = write(blueprint.metadata(), network);
        }

        try (Pretraining pretraining = pretraining(run)) {
            Transfer transfer = pretraining.beginWith(file);

            assertThat(transfer.ignored()).contains("norm.weight", "head.projection.bias");
            assertThat(transfer.fresh()).contains("mask_token");
        }
    }

    @Test
    void anotherNetworkIsRefused() throws IOException {
        Path file = weights(run("model.dim=48"));

        try (Pretraining pretraining = pretraining(run)) {
            assertThatExceptionOfType(WeightsMismatch.class).isThrownBy(() -> pretraining.beginWith(file));
        }
    }

    @Test
    void whatARunBeginsWithIsOneOfItsSettings() throws IOException {
        Path file = weights(run);

        assertThat(run("from=" + file).from()).isEqualTo(file.toString());
        assertThat(Stream.of("tiny-image", "tiny-video")
                        .filter(name -> {
                            try {
                                return Pretrained.open(file)
                                        .fits(Objects.requireNonNull(
                                                        Recipes.byName().get(name))
                                                .run());
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        })
                        .toList())
                .containsExactly("tiny-image");
    }

    /** The norm and classifier of a class token are nothing for the mean of the patches, whatever the classes. */
    @Test
    void headOfAnotherPoolingIsNotTakenOver() throws IOException {
        Finetune finetune = Objects.requireNonNull(FinetuneRecipes.byName().get("tiny-image-ft"))
                .run();
        for (Classifier.Pooling pooling : Classifier.Pooling.values()) {
            ClassifierBlueprint theirs = new ClassifierBlueprint(
                    finetune.input(), finetune.model(), new Classifier.Head(pooling, 0), List.of("a", "b"));
            ClassifierBlueprint ours = new ClassifierBlueprint(
                    finetune.input(), finetune.model(), Classifier.Head.mean(), List.of("a", "b"));
            try (Classifier source = theirs.buildModel(3, new Device("cpu"));
                    Classifier network = ours.buildModel(4, new Device("cpu"))) {
                Transfer transfer =
                        Pretrained.open(write(theirs.metadata(), source)).into(network, ours);

                assertThat(transfer.loaded().contains("head.projection.weight"))
                        .as(pooling.name())
                        .isEqualTo(pooling == Classifier.Pooling.MEAN);
                assertThat(transfer.fresh().isEmpty()).isEqualTo(pooling == Classifier.Pooling.MEAN);
            }
        }
    }

    @Test
    void fineTuningAdoptsTheColoursThatTheWeightsKnow() throws IOException {
        Pretrained weights = Pretrained.open(weights(run("data.normalize.mean=[0.5,0.5,0.5]")));
        Finetune finetune = Objects.requireNonNull(FinetuneRecipes.byName().get("tiny-image-ft"))
                .run();

        assertThat(finetune.data().normalize().mean()).isNotEqualTo(List.of(0.5f, 0.5f, 0.5f));
        assertThat(weights.adoptedBy(finetune).data().normalize().mean()).containsExactly(0.5f, 0.5f, 0.5f);
    }
}
